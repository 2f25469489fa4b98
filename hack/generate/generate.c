#include "hack/generate/generate.h"

#include <string.h>

#include "hack/generate/api_page.h"
#include "hack/generate/client.h"
#include "hack/generate/lifecycle_page.h"
#include "hack/generate/parameters_page.h"
#include "hack/generate/routes_page.h"
#include "hack/generate/syncsets_client.h"
#include "operator/controllers.h"
#include "operator/flags.h"
#include "operator/role.h"
#include "operator/settings.h"
#include "pkg/base/buf.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"
#include "rp/env/env.h"
#include "rp/syncsets/types/swagger.h"

#define NOTE GENERATED_NOTE
#define TABLE_BEGIN "<!-- controllers:begin -->\n"
#define TABLE_END "<!-- controllers:end -->\n"

/* ---- roles ---- */

static int make_role(enum operator_role role, char **ret)
{
    cleanup_json json *objects = operator_role_give_objects(role);
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&out, "# " NOTE "\n");
    for (size_t i = 0; i < json_len(objects); i++) {
        cleanup_free char *text = yaml_give_text(json_at(objects, i));
        buf_addf(&out, "---\n%s", text);
    }
    *ret = buf_give(&out);
    return 0;
}

static int make_master_role(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    return make_role(ROLE_MASTER, ret);
}

static int make_worker_role(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    return make_role(ROLE_WORKER, ret);
}

/* ---- reference pages ---- */

static void add_flag(struct buf *out, const struct flag_info *info)
{
    buf_addf(out, "| `%s` | %s%s%s | %s |\n", info->key, *info->stamped ? "`" : "",
             *info->stamped ? info->stamped : "absent", *info->stamped ? "`" : "", info->doc);
}

static int make_flags_page(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&out,
             "# Operator flags\n\n<!-- " NOTE " -->\n\n"
             "Keys of `spec.operatorflags` in the resource `clusters.aro.openshift.io/cluster`, a "
             "map of strings. A switch\nis on only when its key is there and says `true`, in any "
             "letter case. The resource provider stamps a new cluster\nwith the values below; a "
             "flag that is newer than a cluster is absent there.\n\n"
             "| flag | stamped | what it does |\n|---|---|---|\n");
    for (int i = 0; i < FLAG_COUNT; i++)
        add_flag(&out, flag_info((enum operator_flag)i));
    buf_adds(&out,
             "\n## Flags without a reader\n\n"
             "Controllers of other versions of the operator read these; this one has none that "
             "does. They are stamped all the\nsame, so that a newer operator finds them.\n\n"
             "| flag | stamped | what it does |\n|---|---|---|\n");
    for (size_t i = 0; i < other_flags_len; i++)
        add_flag(&out, &other_flags[i]);
    *ret = buf_give(&out);
    return 0;
}

static void add_settings(struct buf *out, const struct setting *settings, size_t len)
{
    buf_adds(out, "| variable | default | from | to | what it is |\n|---|---:|---:|---:|---|\n");
    for (size_t i = 0; i < len; i++) {
        const struct setting *s = &settings[i];
        buf_addf(out, "| `%s` | %lld | %lld | %lld | %s |\n", s->env_name, (long long)s->dflt,
                 (long long)s->min, (long long)s->max, s->doc);
    }
}

static int make_settings_page(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&out, "# Settings of the operator\n\n<!-- " NOTE " -->\n\n"
                   "Environment variables of `aro operator`, in milliseconds. A value outside the "
                   "bounds ends the start with an error.\n\n");
    add_settings(&out, operator_settings, SETTING_COUNT);
    *ret = buf_give(&out);
    return 0;
}

static const char *give_need(unsigned need)
{
    switch (need & (NEED_DEV | NEED_PROD)) {
    case NEED_DEV | NEED_PROD:
        return "always";
    case NEED_DEV:
        return need & NOT_PROD ? "development only" : "development";
    case NEED_PROD:
        return "production";
    default:
        return need & NOT_PROD ? "never in production" : "";
    }
}

static void add_code(struct buf *out, const char *text)
{
    if (*text)
        buf_addf(out, "`%s`", text);
}

static void add_variable(struct buf *out, const struct rp_variable_info *v)
{
    buf_addf(out, "| `%s`", v->name);
    if (*v->aliases)
        buf_addf(out, ", `%s`", v->aliases);
    buf_adds(out, " | ");
    add_code(out, v->dflt);
    buf_adds(out, " | ");
    add_code(out, *v->dflt_development ? v->dflt_development : v->dflt);
    buf_addf(out, " | %s | %s%s |\n", give_need(v->need), v->type == VAR_SECRET ? "(secret) " : "",
             v->doc);
}

static int make_rp_settings_page(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&out,
             "# Settings of the resource provider\n\n<!-- " NOTE " -->\n\n"
             "Environment variables of `aro rp`. Everything that is wrong with them ends the "
             "start with one error.\nA second name is an older one, and counts when the first "
             "is not set.\n\n"
             "| variable | default | default in development | needed in | what it is |\n"
             "|---|---|---|---|---|\n");
    for (size_t i = 0; i < ENV_VARIABLES; i++)
        add_variable(&out, &rp_variables[i]);
    buf_adds(&out, "\n## Features\n\nNames for `RP_FEATURES`.\n\n"
                   "| feature | on in development | what it does |\n|---|---|---|\n");
    for (int i = 0; i < FEATURES; i++) {
        const struct rp_feature_info *f = rp_feature_info((enum rp_feature)i);
        buf_addf(&out, "| `%s` | %s | %s |\n", f->name, f->in_development ? "yes" : "no", f->doc);
    }
    buf_adds(&out, "\n## Intervals\n\nAll in milliseconds.\n\n");
    add_settings(&out, rp_intervals, INTERVALS);
    buf_adds(&out, "\n## Limits\n\n");
    add_settings(&out, rp_limits, LIMITS);
    *ret = buf_give(&out);
    return 0;
}

/* ---- the readme's list of controllers ---- */

static void add_controller(struct buf *out, const struct controller_desc *desc)
{
    const struct flag_info *flag = flag_info(desc->flag);
    const char *roles = desc->roles == ROLE_MASTER                   ? "master"
                        : desc->roles == ROLE_WORKER                 ? "worker"
                        : desc->roles == (ROLE_MASTER | ROLE_WORKER) ? "master, worker"
                                                                     : "none";
    buf_addf(out, "| %s | %s | %s | %s%s%s |\n", desc->name, desc->doc, roles, flag ? "`" : "",
             flag ? flag->key : "always on", flag ? "`" : "");
}

static int make_readme(const char *old, char **ret, struct error **err)
{
    const char *begin = strstr(old, TABLE_BEGIN);
    const char *end = begin ? strstr(begin, TABLE_END) : NULL;
    if (!end)
        return error_set(err, ERR_INVALID, "the lines %.*s and %.*s are missing",
                         (int)strlen(TABLE_BEGIN) - 1, TABLE_BEGIN, (int)strlen(TABLE_END) - 1,
                         TABLE_END);
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    buf_add(&out, old, (size_t)(begin - old) + strlen(TABLE_BEGIN));
    buf_adds(&out, "| controller | what it does | runs as | flag |\n|---|---|---|---|\n");
    for (size_t i = 0; i < operator_controllers_len; i++)
        add_controller(&out, operator_controllers[i]);
    buf_adds(&out, end);
    *ret = buf_give(&out);
    return 0;
}

static int make_syncsets_2(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    *ret = sets_swagger_give(SWAGGER_2_JSON);
    return 0;
}

static int make_syncsets_2_yaml(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    *ret = sets_swagger_give(SWAGGER_2_YAML);
    return 0;
}

static int make_syncsets_3(const char *old, char **ret, struct error **err)
{
    (void)old;
    (void)err;
    *ret = sets_swagger_give(SWAGGER_3_JSON);
    return 0;
}

const struct generated_file generated_files[] = {
    { "staticresources/operator/master/role.yaml", .make = make_master_role },
    { "staticresources/operator/worker/role.yaml", .make = make_worker_role },
    { "docs/reference/operator-flags.md", .make = make_flags_page },
    { "docs/reference/settings.md", .make = make_settings_page },
    { "docs/reference/api-fields.md", .give = api_page_give },
    { "docs/reference/rp-settings.md", .make = make_rp_settings_page },
    { "docs/reference/rp-routes.md", .give = routes_page_give },
    { "docs/cluster-parameters.md", .give = parameters_page_give },
    { "docs/reference/cluster-creation.md", .give = lifecycle_page_give_creation },
    { "docs/reference/cluster-update.md", .give = lifecycle_page_give_update },
    { "docs/reference/cluster-admin-update.md", .give = lifecycle_page_give_admin_update },
    { "docs/reference/cluster-deletion.md", .give = lifecycle_page_give_deletion },
    { "README.md", .make = make_readme },
    { "pkg/syncsets/operations.h", .make = syncsets_make_header },
    { "pkg/syncsets/operations.c", .make = syncsets_make_source },
    { "swagger/syncsets/swagger.json", .make = make_syncsets_2 },
    { "swagger/syncsets/swagger.yaml", .make = make_syncsets_2_yaml },
    { "swagger/syncsets/openapi.json", .make = make_syncsets_3 },
    { "pkg/client/resources.h", .make = client_make_header },
    { "pkg/client/resources.c", .make = client_make_source },
};
const size_t generated_files_len = ARRAY_LEN(generated_files);

int generated_file_make(const struct generated_file *file, const char *old, char **ret,
                        struct error **err)
{
    if (file->make)
        return file->make(old, ret, err);
    *ret = file->give(NOTE);
    return 0;
}
