#include "test/unit/support/rp/validate/validate_rig.h"

#include <string.h>

#include "test/unit/support/test.h"

static char tenant[] = "tenant";
static char client_ids[WHO_COUNT][16] = { [WHO_CLUSTER] = "app", [WHO_PROVIDER] = "first-party" };
static const char *const agents[WHO_COUNT] = {
    [WHO_CLUSTER] = "cluster", [WHO_PROVIDER] = "provider"
};
static const char *const hidden[] = { "x-ms-client-request-id", "x-ms-return-client-request-id",
                                      NULL };

static void make_clients(struct validate_rig *r, enum who who)
{
    const struct azure_cloud *cloud = azure_cloud_find("AzurePublicCloud");
    r->credentials[who] = (struct azure_credential){ .type = AZURE_CLIENT_SECRET,
                                                     .tenant_id = tenant,
                                                     .client_id = client_ids[who],
                                                     .client_secret = r->secret };
    const struct azure_tokens_config tokens = { &r->transport.base, cloud, &r->credentials[who],
                                                &r->clock.base, &r->rng.base };
    r->tokens[who] = azure_tokens_new(&tokens);
    const struct arm_config arm = { .transport = &r->transport.base,
                                    .cloud = cloud,
                                    .user_agent = agents[who],
                                    .clock = &r->clock.base,
                                    .rng = &r->rng.base };
    r->arms[who] = arm_new(&arm);
}

static struct dynamic_principal principal(const struct validate_rig *r, enum who who)
{
    return (struct dynamic_principal){ r->arms[who], r->tokens[who], client_ids[who] };
}

void validate_rig_open(struct validate_rig *r, const char *properties,
                       const struct script_step *script, size_t len)
{
    memset(r, 0, sizeof(*r));
    fake_clock_init(&r->clock);
    r->clock.auto_advance = true;
    fake_rng_init(&r->rng, 1);
    scripted_transport_init(&r->transport, script, len);
    r->transport.hidden = hidden;
    r->secret = secret_new("secret", 6);
    r->ctx = opctx_root(&r->clock.base, &r->rng.base, NULL, NULL);
    for (unsigned who = 0; who < WHO_COUNT; who++)
        make_clients(r, who);
    cleanup_json json *more = json_make(properties);
    json *base = json_make(
        "{'architectureVersion':1,'provisioningState':'Creating','infraId':'x-abcde',"
        "'clusterProfile':{'resourceGroupId':'" GROUP "'},'servicePrincipalProfile':{'clientId':"
        "'app'},'networkProfile':{'podCidr':'10.128.0.0/14','serviceCidr':'172.30.0.0/16'},"
        "'masterProfile':{'subnetId':'" MASTERS "','vmSize':'Standard_D8s_v3'},'workerProfiles':"
        "[{'subnetId':'" WORKERS "','vmSize':'Standard_D4s_v3','count':3}]}");
    r->cluster = json_make("{'location':'EastUS','properties':%j}", json_give_merged(base, more));
    r->cfg = (struct dynamic_validation){
        .cluster = r->cluster,
        .subscription_id = "s",
        .cloud = azure_cloud_find("AzurePublicCloud"),
        .provider = principal(r, WHO_PROVIDER),
        .service = principal(r, WHO_CLUSTER),
        .intervals = { 10000, 30000, 10000, 30000 },
    };
    assert_int_equal(validation_init(&r->v, &r->cfg, &r->ctx, NULL), 0);
}

void validate_rig_close(struct validate_rig *r)
{
    validation_release(&r->v);
    scripted_transport_check(&r->transport);
    for (unsigned who = 0; who < WHO_COUNT; who++) {
        arm_free(r->arms[who]);
        azure_tokens_free(r->tokens[who]);
    }
    secret_unref(r->secret);
    json_free(r->cluster);
    scripted_transport_release(&r->transport);
    fake_clock_release(&r->clock);
}

static void assert_text(const char *is, const char *want)
{
    if (want)
        assert_string_equal(is, want);
    else
        assert_null(is);
}

void validate_rig_assert(int result, const struct error *err, const struct refusal *want)
{
    if (!want->text) {
        if (result < 0)
            fail_msg("%s", error_text(err));
        return;
    }
    assert_int_equal(result, -1);
    assert_string_equal(error_text(err), want->text);
    assert_text(error_get_code(err), want->code);
    assert_text(error_get_target(err), want->target);
    assert_true(error_is(err, ERR_INVALID));
}
