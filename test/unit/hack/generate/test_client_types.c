#include "test/unit/hack/generate/client_lines.h"

#define DECLARES client_add_type_declarations
#define TABLES client_add_type_tables

static struct line_case cases[] = {
    { "a text", DECLARES, "    const char *pod_cidr;\n", NULL },
    { "an enumeration", DECLARES, "    enum aro_outbound_type outbound_type;\n", NULL },
    { "a secret of requests", DECLARES, "    struct secret *client_secret;\n", NULL },
    { "a secret of replies", DECLARES, "    struct secret *kubeadmin_password;\n", NULL },
    { "an integer", DECLARES, "    struct aro_int disk_size_gb;\n", NULL },
    { "an object", DECLARES, "    const struct aro_network_profile *network_profile;\n", NULL },
    { "a list", DECLARES,
      "    const struct aro_worker_profile *worker_profiles;\n    size_t worker_profiles_len;\n",
      NULL },
    { "a map of texts", DECLARES, "    const struct aro_text_entry *tags;\n    size_t tags_len;\n",
      NULL },
    { "a map of objects", DECLARES,
      "    const struct aro_user_assigned_identity_entry *user_assigned_identities;\n", NULL },
    { "entries", DECLARES,
      "struct aro_user_assigned_identity_entry {\n    const char *key;\n"
      "    const struct aro_user_assigned_identity *value;\n};\n",
      NULL },
    { "an error in an error", DECLARES, "    const struct aro_cloud_error_body *details;\n", NULL },
    { "the versions of a member", DECLARES,
      "    /* How traffic leaves the cluster. (since 2023-04-01) */\n", NULL },
    { "the versions of a value", DECLARES,
      "    /* the operation was canceled (since 2023-11-22) */\n", NULL },
    { "nothing that only admin has", DECLARES, NULL, "mtu" },
    { "no value that only admin has", DECLARES, NULL, "MAINTENANCE" },
    { "a row of a text", TABLES,
      "    { \"podCidr\", CLIENT_TEXT, .versions = V_PUBLIC, .offset = offsetof(struct "
      "aro_network_profile, "
      "pod_cidr) },\n",
      NULL },
    { "what is always read-only", DECLARES,
      "    /* The client ID of the identity. (since 2024-08-12-preview) Read-only. */\n", NULL },
    { "what is read-only in newer versions", DECLARES,
      "    /* The IP of the ingress. Read-only since 2023-11-22. */\n", NULL },
    { "a row of a list", TABLES,
      "    { \"effectiveOutboundIps\", CLIENT_LIST, .versions = V_G | V_FROM(V_I), .offset = "
      "offsetof(struct aro_load_balancer_profile, effective_outbound_ips), .read_only = V_G | "
      "V_FROM(V_I), .len_offset = offsetof(struct "
      "aro_load_balancer_profile, effective_outbound_ips_len), .type = &effective_outbound_ip_type "
      "},\n",
      NULL },
    { "values in their order", TABLES,
      "static const struct client_enum_value visibility_values[] = {\n    { \"Private\", V_PUBLIC "
      "},\n    { \"Public\", V_PUBLIC },\n};\n",
      NULL },
};

static void definitions_have_types(void **state)
{
    (void)state;
    assert_ptr_equal(client_type_of("OpenShiftCluster"), &cluster_type);
    assert_ptr_equal(client_type_of("OpenShiftClusterUpdate"), &cluster_type);
    assert_ptr_equal(client_type_of("OpenShiftClusterList"), &cluster_type);
    assert_ptr_equal(client_type_of("OpenShiftClusterCredentials"), &credentials_type);
    assert_null(client_type_of("Moon"));
    assert_null(client_type_of(NULL));
    for (size_t i = 0; i < swagger_operations_len; i++)
        assert_int_equal(client_type_of(swagger_operations[i].reply) != NULL,
                         swagger_operations[i].reply != NULL);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("definitions have types", definitions_have_types),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 1] = (struct CMUnitTest)CASE_OF(cases[i].name, check_lines, &cases[i]);
    return RUN_CASES("client_types", tests);
}
