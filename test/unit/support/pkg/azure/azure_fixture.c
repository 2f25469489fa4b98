#include "test/unit/support/pkg/azure/azure_fixture.h"

static char tenant[] = "tenant", client[] = "app";
static const char *const hidden[] = { "User-Agent", "x-ms-client-request-id",
                                      "x-ms-return-client-request-id", NULL };

void azure_fixture_init(struct azure_fixture *f, const struct script_step *steps, size_t len)
{
    fake_clock_init(&f->clock);
    f->clock.auto_advance = true;
    fake_rng_init(&f->rng, 1);
    scripted_transport_init(&f->transport, steps, len);
    f->transport.hidden = hidden;
    f->secret = secret_new("s&cret", 6);
    f->credential = (struct azure_credential){ .type = AZURE_CLIENT_SECRET,
                                               .tenant_id = tenant,
                                               .client_id = client,
                                               .client_secret = f->secret };
    f->ctx = opctx_root(&f->clock.base, &f->rng.base, NULL, NULL);
    const struct azure_cloud *cloud = azure_cloud_find("AzurePublicCloud");
    struct azure_tokens_config tokens = { &f->transport.base, cloud, &f->credential, &f->clock.base,
                                          &f->rng.base };
    f->tokens = azure_tokens_new(&tokens);
    struct arm_config arm = {
        .transport = &f->transport.base,
        .tokens = f->tokens,
        .cloud = cloud,
        .user_agent = "test",
        .clock = &f->clock.base,
        .rng = &f->rng.base,
    };
    f->arm = arm_new(&arm);
}

void azure_fixture_finish(struct azure_fixture *f)
{
    scripted_transport_check(&f->transport);
    arm_free(f->arm);
    azure_tokens_free(f->tokens);
    secret_unref(f->secret);
    scripted_transport_release(&f->transport);
    fake_clock_release(&f->clock);
}
