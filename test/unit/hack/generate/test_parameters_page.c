#include <string.h>

#include "hack/generate/parameters_page.h"
#include "pkg/api/model.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/cluster/install_config.h"
#include "rp/cluster/names.h"
#include "rp/cluster/tables.h"
#include "rp/cluster/template_values.h"
#include "test/unit/support/rp/cluster/cluster_rig.h"
#include "test/unit/support/test.h"

#define SUBNET(group, vnet, name) \
    "/subscriptions/s/resourceGroups/" group "/providers/Microsoft.Network/virtualNetworks/" vnet \
    "/subnets/" name
#define SET(subscription, group, name) \
    "/subscriptions/" subscription "/resourceGroups/" group \
    "/providers/Microsoft.Compute/diskEncryptionSets/" name

/* clang-format off */
static const char properties[] =
    "{'clusterProfile':{'domain':'here','resourceGroupId':'/subscriptions/s/resourceGroups/g',"
    "'version':'4.14.16','fipsValidatedModules':'Disabled'},"
    "'servicePrincipalProfile':{'clientId':'c','clientSecret':'s'},"
    "'networkProfile':{'podCidr':'10.128.0.0/14','serviceCidr':'172.30.0.0/16',"
    "'outboundType':'Loadbalancer'},"
    "'masterProfile':{'vmSize':'Standard_D8s_v3','encryptionAtHost':'Disabled',"
    "'subnetId':'" SUBNET("n", "v", "m") "','diskEncryptionSetId':'" SET("s", "k", "d") "'},"
    "'workerProfiles':[{'name':'worker','vmSize':'Standard_D4s_v3','diskSizeGB':128,'count':3,"
    "'encryptionAtHost':'Disabled',"
    "'subnetId':'" SUBNET("n", "v", "w") "','diskEncryptionSetId':'" SET("s", "k", "d") "'}],"
    "'apiserverProfile':{'visibility':'Private'},"
    "'ingressProfiles':[{'name':'default','visibility':'Private'}]}";
/* clang-format on */

/* Another value of each field that installer or templates see. */
static struct other {
    const char *field, *value; /* JSON */
} others[] = {
    { "location", "'westeurope'" },
    { "properties.clusterProfile.domain", "'there.example.org'" },
    { "properties.clusterProfile.resourceGroupId", "'/subscriptions/s/resourceGroups/other'" },
    { "properties.clusterProfile.version", "'4.15.1'" },
    { "properties.clusterProfile.fipsValidatedModules", "'Enabled'" },
    { "properties.servicePrincipalProfile.clientId", "'other'" },
    { "properties.networkProfile.podCidr", "'10.132.0.0/14'" },
    { "properties.networkProfile.serviceCidr", "'172.31.0.0/16'" },
    { "properties.networkProfile.outboundType", "'UserDefinedRouting'" },
    { "properties.masterProfile.subnetId", "'" SUBNET("n2", "v2", "m2") "'" },
    { "properties.workerProfiles[].subnetId", "'" SUBNET("n", "v", "w2") "'" },
    { "properties.masterProfile.vmSize", "'Standard_D16s_v3'" },
    { "properties.masterProfile.encryptionAtHost", "'Enabled'" },
    { "properties.masterProfile.diskEncryptionSetId", "''" },
    { "properties.workerProfiles[].diskEncryptionSetId", "''" },
    { "properties.workerProfiles[].vmSize", "'Standard_D8s_v3'" },
    { "properties.workerProfiles[].encryptionAtHost", "'Enabled'" },
    { "properties.workerProfiles[].diskSizeGB", "256" },
    { "properties.workerProfiles[].count", "5" },
    { "properties.apiserverProfile.visibility", "'Public'" },
    { "properties.ingressProfiles[].visibility", "'Public'" },
};

/* ---- what a document makes ---- */

static json *give_config(const struct cluster *c)
{
    struct strv none = STRV_INIT;
    static const char pull_secret[] = "{\"auths\":{}}";
    cleanup_free char *domain = name_give_domain(c);
    cleanup_secret struct secret *secret = secret_new(pull_secret, strlen(pull_secret));
    const struct install_config_inputs in = {
        .layout = INSTALLER_V2,
        .cluster = json_path(c->doc, "openShiftCluster"),
        .domain = domain,
        .master_zones = &none,
        .worker_zones = &none,
        .pull_secret = secret,
        .ssh_key = "ssh-rsa AAAA",
        .image = { "p", "o", "s", "v" },
        .registry = "registry.example",
    };
    json *config = NULL;
    cleanup_error struct error *err = NULL;
    if (install_config_make(&in, &config, &err) < 0)
        fail_msg("%s", error_text(err));
    return config;
}

/* Of all templates together. */
static json *give_values(const struct cluster *c)
{
    struct strv none = STRV_INIT;
    const struct template_base base = { .storage_subnets = &none };
    const struct template_machines machines = { &none, "p", "o", "s", "v", 1024, "{}" };
    json *values = template_give_base_values(c, &base);
    cleanup_json json *more = template_give_machine_values(c, &machines);
    for (struct json_iter it = json_each(more); json_next(&it);)
        json_put(values, it.key, it.value ? json_ref(it.value) : NULL);
    return values;
}

/* ---- differences ---- */

/* A line "PATH=VALUE" for each value that is not an object or list. */
static void flatten(const json *tree, const char *path, struct strv *ret)
{
    for (struct json_iter it = json_each(tree); json_next(&it);) {
        cleanup_free char *below = xasprintf("%s%s%s", path, *path ? "." : "", it.key);
        flatten(it.value, below, ret);
    }
    for (size_t i = 0; i < (json_is_array(tree) ? json_len(tree) : 0); i++) {
        cleanup_free char *below = xasprintf("%s[%zu]", path, i);
        flatten(json_at(tree, i), below, ret);
    }
    if (json_is_object(tree) || json_is_array(tree))
        return;
    cleanup_free char *text = json_give_text(tree);
    strv_addf(ret, "%s=%s", path, text);
}

static void add_missing(const struct strv *from, const struct strv *in, bool tops, struct strv *ret)
{
    for (size_t i = 0; i < from->len; i++)
        if (!strv_has(in, from->v[i])) {
            cleanup_free char *path = xstrndup(from->v[i], strcspn(from->v[i], tops ? "=[." : "="));
            strv_add_unique(ret, path);
        }
}

/* Paths of what differs, or only their first names; sorted. The trees are consumed. */
static char *give_difference(json *a, json *b, bool tops)
{
    cleanup_strv struct strv left = STRV_INIT, right = STRV_INIT, paths = STRV_INIT;
    flatten(a, "", &left);
    flatten(b, "", &right);
    add_missing(&left, &right, tops, &paths);
    add_missing(&right, &left, tops, &paths);
    strv_sort(&paths);
    json_free(a);
    json_free(b);
    return strv_give_joined(&paths, " ");
}

static char *give_sorted(const char *words)
{
    cleanup_strv struct strv list = STRV_INIT;
    strv_split(&list, words, " ", false);
    strv_sort(&list);
    return strv_give_joined(&list, " ");
}

/* ---- tests ---- */

static const struct parameter *find_by_field(const char *field)
{
    for (size_t i = 0; i < parameters_len; i++)
        if (str_eq(parameters[i].field, field))
            return &parameters[i];
    fail_msg("%s: no parameter has this field", field);
    return NULL;
}

static char *give_path(const char *field)
{
    const char *list = strstr(field, "[]");
    return list ? xasprintf("openShiftCluster.%.*s[0]%s", (int)(list - field), field, list + 2)
                : xasprintf("openShiftCluster.%s", field);
}

static void change(struct cluster *c, const struct other *o)
{
    cleanup_free char *path = give_path(o->field);
    cleanup_free char *text = xasprintf("{'v':%s}", o->value);
    cleanup_json json *value = json_make(text);
    assert_int_equal(json_path_put(c->doc, path, json_ref(json_get(value, "v")), NULL), 0);
}

static void another_value_changes_what_the_page_says(void **state)
{
    const struct other *o = *state;
    const struct parameter *p = find_by_field(o->field);
    cleanup_free char *config = give_sorted(p->config);
    cleanup_free char *values = give_sorted(p->values);
    cleanup_cluster_rig struct cluster_rig r;
    cluster_rig_open(&r, properties, NULL, 0);
    json *config_before = give_config(r.c);
    json *values_before = give_values(r.c);

    change(r.c, o);

    cleanup_free char *in_config = give_difference(config_before, give_config(r.c), false);
    cleanup_free char *in_values = give_difference(values_before, give_values(r.c), true);
    assert_string_equal(in_config, config);
    assert_string_equal(in_values, values);
}

static const struct api_field *find_field(const struct api_type *t, const char *path)
{
    size_t len = strcspn(path, ".[");
    for (size_t i = 0; i < t->len; i++) {
        const struct api_field *f = &t->fields[i];
        if (strlen(f->name) != len || strncmp(f->name, path, len) != 0)
            continue;
        path += len;
        path += str_starts(path, "[]") ? 2 : 0;
        return *path ? find_field(f->type, path + 1) : f;
    }
    return NULL;
}

static void every_field_is_one_of_the_api(void **state)
{
    (void)state;
    for (size_t i = 0; i < parameters_len; i++)
        if (*parameters[i].field && !find_field(&cluster_type, parameters[i].field))
            fail_msg("%s: the API has no field %s", parameters[i].option, parameters[i].field);
}

static bool is_step(const char *name)
{
    for (int layout = 0; layout < 2; layout++)
        for (int phase = 0; phase < INSTALL_PHASES; phase++)
            for (size_t i = 0; i < install_tables[layout][phase].len; i++)
                if (str_eq(install_tables[layout][phase].v[i].step.name, name))
                    return true;
    return false;
}

static void every_step_is_one_of_a_creation(void **state)
{
    (void)state;
    for (size_t i = 0; i < parameters_len; i++) {
        cleanup_strv struct strv steps = STRV_INIT;
        strv_split(&steps, parameters[i].steps, " ", false);
        for (size_t j = 0; j < steps.len; j++)
            if (!is_step(steps.v[j]))
                fail_msg("%s: no creation has a step %s", parameters[i].option, steps.v[j]);
    }
}

/* Those of the pull secret are made from more than the document. */
static void what_has_effects_is_tried(void **state)
{
    (void)state;
    for (size_t i = 0; i < parameters_len; i++) {
        const struct parameter *p = &parameters[i];
        bool is_tried = str_eq(p->option, "--pull-secret") || (!*p->config && !*p->values);
        for (size_t j = 0; j < ARRAY_LEN(others); j++)
            is_tried |= str_eq(others[j].field, p->field);
        if (!is_tried)
            fail_msg("%s: no test changes %s", p->option, p->field);
    }
}

static void the_page_has_a_row_for_each(void **state)
{
    (void)state;
    cleanup_free char *page = parameters_page_give("a note");
    assert_non_null(strstr(page, "\n<!-- a note -->\n"));
    assert_non_null(strstr(page, "\n| `--pod-cidr` | `properties.networkProfile.podCidr` | "
                                 "`networking.clusterNetwork[0].cidr` |  | `validateResources`, "
                                 "`ensureGraph` | "));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(others) + 4] = {
        CASE("every field is one of the API", every_field_is_one_of_the_api),
        CASE("every step is one of a creation", every_step_is_one_of_a_creation),
        CASE("what has effects is tried", what_has_effects_is_tried),
        CASE("the page has a row for each", the_page_has_a_row_for_each),
    };
    for (size_t i = 0; i < ARRAY_LEN(others); i++)
        tests[4 + i] = (struct CMUnitTest)CASE_OF(
            others[i].field, another_value_changes_what_the_page_says, &others[i]);
    return RUN_CASES("parameters_page", tests);
}
