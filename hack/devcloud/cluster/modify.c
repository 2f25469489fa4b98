#include "hack/devcloud/cluster/modify.h"

#include <string.h>

#include "hack/devcloud/cluster/authorize.h"
#include "hack/devcloud/cluster/decode.h"
#include "hack/devcloud/cluster/managed.h"
#include "hack/devcloud/cluster/patch_json.h"
#include "hack/devcloud/cluster/patch_strategic.h"
#include "hack/devcloud/cluster/reply.h"
#include "hack/devcloud/cluster/schema_fill.h"
#include "hack/devcloud/cluster/schema_validate.h"
#include "hack/devcloud/cluster/typed.h"
#include "hack/devcloud/cluster/write.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"

/* ---- options ---- */

static void check_manager(const char *manager, struct invalid *out)
{
    cleanup_json json *shown = json_new_str(manager);
    if (strlen(manager) > 128)
        invalid_other(out, "FieldValueTooLong", "fieldManager",
                      "Too long: must have at most 128 bytes");
    for (size_t i = 0; manager[i]; i++)
        if ((unsigned char)manager[i] < 0x20 || manager[i] == 0x7f) {
            invalid_value(out, "fieldManager", shown, "invalid character U+%04X (at position %zu)",
                          (unsigned)(unsigned char)manager[i], i);
            return;
        }
}

int modify_check_options(const struct op *op, const char *kind, struct error **err)
{
    struct fail_object o = { "meta.k8s.io", "", kind, "" };
    struct invalid faults = { NULL };
    const char *dry = api_query(op->rq, "dryRun"), *manager = api_query(op->rq, "fieldManager");
    const char *validation = api_query(op->rq, "fieldValidation");
    if (dry && *dry && !str_eq(dry, "All")) {
        cleanup_free char *text =
            xasprintf("Unsupported value: []string{\"%s\"}: supported values: \"All\"", dry);
        invalid_other(&faults, "FieldValueNotSupported", "dryRun", text);
    }
    if (manager)
        check_manager(manager, &faults);
    cleanup_json json *shown = json_new_str(validation);
    if (validation && *validation && cluster_has(op->c, 25) && !str_eq(validation, "Ignore") &&
        !str_eq(validation, "Warn") && !str_eq(validation, "Strict"))
        invalid_unsupported(&faults, "fieldValidation", shown,
                            "\"\", \"Ignore\", \"Strict\", \"Warn\"");
    if (str_eq(kind, "PatchOptions")) {
        bool apply = media_is(op->rq->content_type, "application/apply-patch+yaml");
        if (apply && (!manager || !*manager))
            invalid_required(&faults, "fieldManager", "is required for apply patch");
        if (!apply && api_query(op->rq, "force"))
            invalid_forbidden(&faults, "force", "may not be specified for non-apply patch");
    }
    int rc = invalid_check(&faults, &o, err);
    invalid_release(&faults);
    return rc;
}

/* ---- create, update ---- */

int modify_create(const struct op *op, struct error **err)
{
    cleanup_json json *obj = NULL, *result = NULL;
    if (modify_check_options(op, "CreateOptions", err) < 0 || decode_body(op, &obj, err) < 0 ||
        decode_check_kind(op, obj, err) < 0 || write_create(op, take(obj), false, &result, err) < 0)
        return -1;
    reply_object(op, 201, result);
    return 0;
}

static int take_body(const struct op *op, const json *live, void *arg, json **ret,
                     struct error **err)
{
    (void)op;
    (void)live;
    (void)err;
    *ret = json_give_copy(arg);
    return 0;
}

int modify_update(const struct op *op, struct error **err)
{
    cleanup_json json *obj = NULL, *result = NULL;
    if (modify_check_options(op, "UpdateOptions", err) < 0 || decode_body(op, &obj, err) < 0 ||
        decode_check_kind(op, obj, err) < 0)
        return -1;
    struct write_change change = { .make = take_body, .arg = obj };
    if (write_update(op, &change, &result, err) < 0)
        return -1;
    reply_object(op, 200, result);
    return 0;
}

/* ---- patch ---- */

int modify_patch_type(const struct op *op, enum patch_type *ret, struct error **err)
{
    static const char *const types[] = {
        [PATCH_JSON] = "application/json-patch+json",
        [PATCH_MERGE] = "application/merge-patch+json",
        [PATCH_STRATEGIC] = "application/strategic-merge-patch+json",
        [PATCH_APPLY] = "application/apply-patch+yaml",
    };
    for (size_t i = 0; i < ARRAY_LEN(types); i++)
        if (media_is(op->rq->content_type, types[i]) && !(i == PATCH_STRATEGIC && op->r->custom)) {
            *ret = (enum patch_type)i;
            return 0;
        }
    if (op->r->custom)
        return fail_with(err, 415, "UnsupportedMediaType", NULL,
                         "the body of the request was in an unknown format - accepted media types "
                         "include: application/json-patch+json, application/merge-patch+json, "
                         "application/apply-patch+yaml");
    return fail_with(err, 415, "UnsupportedMediaType", json_new_object(),
                     "415: Unsupported Media Type");
}

/* A failed patch: malformed is 400, one that does not fit is 422. */
static int fail_patch(struct error *why, struct error **err)
{
    if (error_is(why, ERR_UNPROCESSABLE))
        return fail_with(err, 422, "Invalid", json_new_object(),
                         "the server rejected our request due to an error in our request");
    if (error_is(why, ERR_INTERNAL))
        return fail_with(err, 500, NULL, NULL, "%s", error_text(why));
    if (error_is(why, ERR_TOO_LARGE))
        return fail_with(err, 413, "RequestEntityTooLarge", NULL, "%s", error_text(why));
    return fail_bad_request(err, "%s", error_text(why));
}

int modify_give_patched(const struct op *op, enum patch_type type, const struct schema *schema,
                        const json *live, json **ret, struct error **err)
{
    cleanup_json json *patch = NULL;
    cleanup_error struct error *why = NULL;
    if (json_parse(op->rq->body, op->rq->body_len, &patch, &why) < 0)
        return type == PATCH_MERGE ? fail_with(err, 500, NULL, NULL, "Invalid JSON Patch")
                                   : fail_bad_request(err, "%s", error_text(why));
    if (type == PATCH_JSON && !patch) { /* null: nothing to do */
        *ret = json_give_copy(live);
    } else if (type == PATCH_JSON) {
        if (patch_json_give(live, patch, !cluster_has(op->c, 22), ret, &why) < 0)
            return fail_patch(why, err);
    } else if (type == PATCH_MERGE) {
        if (!json_is_object(patch) && !json_is_array(patch))
            return fail_with(err, 500, NULL, NULL, "Invalid JSON Patch");
        *ret = json_give_merged(json_give_copy(live), patch);
    } else if (patch && !json_is_object(patch)) {
        return fail_bad_request(err,
                                "json: cannot unmarshal %s into Go value of type "
                                "map[string]interface {}",
                                json_kind_name(json_kind(patch)));
    } else if (patch_strategic_give(schema, live, patch, ret, &why) < 0) {
        return fail_patch(why, err);
    }
    if (json_is_object(*ret))
        return 0;
    json_free(*ret);
    *ret = NULL;
    return fail_with(err, 422, "Invalid", NULL, " \"\" is invalid: patch: not an object");
}

static int make_patched(const struct op *op, const json *live, void *arg, json **ret,
                        struct error **err)
{
    const enum patch_type *type = arg;
    cleanup_json json *obj = NULL;
    if (modify_give_patched(op, *type, op->r->schema, live, &obj, err) < 0)
        return -1;
    if (!str_eq(json_path_str(obj, "kind"), op->r->kind) ||
        !str_eq(json_path_str(obj, "apiVersion"), op->api_version))
        return fail_with(err, 422, "Invalid", NULL,
                         " \"\" is invalid: patch: Invalid value: apiVersion and kind must be %s, "
                         "%s",
                         op->api_version, op->r->kind);
    *ret = take(obj);
    return 0;
}

/* ---- apply ---- */

struct applying {
    json *config;
    bool created;
};

static struct managed_op managed_op_of(const struct op *op)
{
    return (struct managed_op){ .schema = op->r->schema,
                                .manager = op->manager,
                                .api_version = op->api_version,
                                .subresource = cluster_has(op->c, 22) ? op->rq->subresource : NULL,
                                .wall_ns = clock_wall_ns(op->c->cfg.clock),
                                .force = api_query_true(op->rq, "force") };
}

static int make_applied(const struct op *op, const json *live, void *arg, json **ret,
                        struct error **err)
{
    const struct applying *a = arg;
    struct managed_op m = managed_op_of(op);
    cleanup_json json *blank = decode_give_blank(op);
    m.blank = blank;
    const char *version = json_path_str(a->config, "metadata.resourceVersion");
    cleanup_error struct error *why = NULL;
    json *result = NULL;
    if (managed_apply(&m, live, a->config, &result, &why) < 0) {
        if (error_get_code(why))
            return error_move(err, &why);
        return fail_with(err, 500, NULL, NULL, "failed to create typed patch object: %s",
                         error_text(why));
    }
    if (version)
        json_put(json_get(result, "metadata"), "resourceVersion", json_new_str(version));
    else
        json_del(json_get(result, "metadata"), "resourceVersion");
    if (!version && json_path_str(live, "metadata.resourceVersion"))
        json_put(json_get(result, "metadata"), "resourceVersion",
                 json_new_str(json_path_str(live, "metadata.resourceVersion")));
    *ret = result;
    return 0;
}

/* The kind must be the resource's, the name that of the URL, and no field may be unknown. */
static int read_config(const struct op *op, json **ret, struct error **err)
{
    cleanup_json json *config = NULL;
    cleanup_error struct error *why = NULL;
    cleanup_strv struct strv dropped = STRV_INIT;
    if (yaml_parse(op->rq->body, op->rq->body_len, &config, &why) < 0 || !json_is_object(config))
        return fail_bad_request(err, "error decoding YAML: %s",
                                why ? error_text(why) : "not an object");
    json *m = json_get(config, "metadata");
    if (json_len(json_get(m, "managedFields")))
        return fail_bad_request(err, "metadata.managedFields must be nil");
    const char *name = json_path_str(m, "name");
    if (name && *name && !str_eq(name, op->rq->name))
        return fail_bad_request(
            err, "the name of the object (%s) does not match the name on the URL (%s)", name,
            op->rq->name);
    if (!str_eq(json_path_str(config, "apiVersion"), op->api_version) ||
        !str_eq(json_path_str(config, "kind"), op->r->kind))
        return fail_bad_request(err,
                                "Incorrect version specified in apply patch. Specified patch "
                                "version: %s, expected: %s",
                                json_path_str(config, "apiVersion"), op->api_version);
    const struct schema *schema =
        op->r->custom ? catalog_type(op->c->catalog, "meta.v1.ObjectMeta") : op->r->schema;
    if (schema_check_types(schema, op->r->custom ? m : config, &why) < 0)
        return fail_with(err, 500, NULL, NULL, "failed to create typed patch object: %s",
                         error_text(why));
    json_del(m, "managedFields");
    cleanup_json json *pruned = json_give_copy(config);
    schema_prune(op->r->schema, pruned, &dropped);
    if (dropped.len)
        return fail_with(err, 500, NULL, NULL,
                         "failed to create typed patch object: .%s: field not declared in schema",
                         dropped.v[0]);
    *ret = take(config);
    return 0;
}

static int apply_new(const struct op *op, struct applying *a, json **ret, struct error **err)
{
    cleanup_json json *start = json_make("{'apiVersion':%s,'kind':%s,'metadata':{'name':%s}}",
                                         op->api_version, op->r->kind, op->rq->name);
    json *obj = NULL;
    struct access access = { .verb = "create",
                             .group = op->r->group,
                             .resource = op->r->plural,
                             .nspace = op_nspace(op),
                             .name = op->rq->name };
    if (!authorize(op->c, &op->rq->user, &access, NULL))
        return authorize_fail(&op->rq->user, &access, err);
    if (op->r->namespaced)
        json_put(json_get(start, "metadata"), "namespace", json_new_str(op_nspace(op)));
    if (make_applied(op, start, a, &obj, err) < 0)
        return -1;
    a->created = true;
    return write_create(op, obj, true, ret, err);
}

static int apply(const struct op *op, struct error **err)
{
    cleanup_json json *config = NULL, *result = NULL;
    if (read_config(op, &config, err) < 0)
        return -1;
    struct applying a = { config, false };
    struct write_change change = { .make = make_applied, .arg = &a, .owned = true };
    cleanup_error struct error *why = NULL;
    int rc = write_update(op, &change, &result, &why);
    if (rc < 0 && error_is(why, ERR_NOT_FOUND) && !op->rq->subresource) {
        error_clear(&why);
        rc = apply_new(op, &a, &result, &why);
        /* Somebody else created it meanwhile: lay over that. */
        if (rc < 0 && error_is(why, ERR_EXISTS)) {
            error_clear(&why);
            a.created = false;
            rc = write_update(op, &change, &result, &why);
        }
    }
    if (rc < 0)
        return error_move(err, &why);
    reply_object(op, a.created ? 201 : 200, result);
    return 0;
}

int modify_patch(const struct op *op, struct error **err)
{
    enum patch_type type;
    cleanup_json json *result = NULL;
    if (modify_patch_type(op, &type, err) < 0 || modify_check_options(op, "PatchOptions", err) < 0)
        return -1;
    if (type == PATCH_APPLY)
        return apply(op, err);
    struct write_change change = { .make = make_patched, .arg = &type };
    if (write_update(op, &change, &result, err) < 0)
        return -1;
    reply_object(op, 200, result);
    return 0;
}
