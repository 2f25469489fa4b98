/* validate_rig.h - rows of static validation: a request that is right but for one or two edits. */
#ifndef TEST_UNIT_PKG_API_VALIDATE_RIG_H
#define TEST_UNIT_PKG_API_VALIDATE_RIG_H

#include "test/unit/pkg/api/api_rig.h"

#define RIG_SUBSCRIPTION "11111111-2222-3333-4444-555555555555"
#define RIG_GROUPS "/subscriptions/" RIG_SUBSCRIPTION "/resourceGroups/"
#define RIG_ID RIG_GROUPS "rg/providers/Microsoft.RedHatOpenShift/openShiftClusters/cluster"
#define RIG_VNET RIG_GROUPS "net/providers/Microsoft.Network/virtualNetworks/vnet"

/* value NULL takes the path away; otherwise JSON as for rig_give_json. path NULL: no edit. */
struct rule_edit {
    const char *path, *value;
};
struct rule_case {
    const char *name, *letters; /* of versions; NULL: all but admin */
    struct rule_edit edits[3];
    const char *target, *message; /* message NULL: the request is right */
    const char *code;             /* NULL: InvalidParameter */
    bool is_update;               /* edits are of a request; the base is right */
    bool is_identity;             /* with managed identities instead of a service principal */
    bool small_workers;
    int architecture_version; /* 0 stands for the usual one, 1; -1 for V1 */
};

#define RIG_IDENTITY(name) \
    RIG_GROUPS "rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/" name

static inline void rig_use_identities(json *body)
{
    (void)json_path_del(body, "properties.servicePrincipalProfile");
    json_put(body, "identity",
             rig_give_json("{'type':'UserAssigned','userAssignedIdentities':{'" RIG_IDENTITY(
                 "cluster") "':{}}}"));
    json_put(json_get(body, "properties"), "platformWorkloadIdentityProfile",
             rig_give_json("{'platformWorkloadIdentities':{"
                           "'ingress':{'resourceId':'" RIG_IDENTITY(
                               "ingress") "'},"
                                          "'machine-api':{'resourceId':'" RIG_IDENTITY(
                                              "machine-api") "'}}}"));
}

static inline json *rig_give_request(const struct api_version *v, bool is_identity)
{
    cleanup_json json *body = rig_give_fixture("create");
    json *ext = json_new_object();
    if (is_identity)
        rig_use_identities(body);
    cleanup_free char *text = json_give_text(body);
    assert_int_equal(api_cluster_decode(v, text, strlen(text), ext, NULL), 0);
    return ext;
}

static inline void rig_edit(json *ext, const struct rule_edit *e)
{
    if (!e->path)
        return;
    if (!e->value) {
        assert_true(json_path_del(ext, e->path));
        return;
    }
    json *value = strcmp(e->value, "null") == 0 ? NULL : rig_give_json(e->value);
    assert_int_equal(json_path_put(ext, e->path, value, NULL), 0);
}

static inline void rig_check_rule_in(const struct rule_case *c, char letter)
{
    const struct api_version *v = rig_version(letter);
    const struct api_rules rules = {
        .location = "eastus",
        .domain = "eastus.aroapp.io",
        .resource_id = RIG_ID,
        .require_d2s_workers = c->small_workers,
        .architecture_version = c->architecture_version < 0 ? 0 : 1,
    };
    cleanup_json json *ext = rig_give_request(v, c->is_identity);
    cleanup_json json *base = c->is_update ? json_give_copy(ext) : NULL;
    cleanup_error struct error *err = NULL;
    for (size_t i = 0; i < ARRAY_LEN(c->edits); i++)
        rig_edit(ext, &c->edits[i]);

    int rc = api_cluster_validate(v, ext, base, &rules, &err);

    if (!c->message) {
        if (rc < 0)
            fail_msg("%s: %s", api_version_name(v), error_text(err));
        return;
    }
    if (rc == 0)
        fail_msg("%s: not refused", api_version_name(v));
    assert_string_equal(error_text(err), c->message);
    rig_assert_refused(&err, c->code ? c->code : "InvalidParameter", c->target);
}

/* A cmocka case: *state is a struct rule_case. */
static inline void rig_check_rule(void **state)
{
    const struct rule_case *c = *state;
    for (const char *l = c->letters ? c->letters : "ABCDEFGHIJK"; *l; l++)
        rig_check_rule_in(c, *l);
}

#endif
