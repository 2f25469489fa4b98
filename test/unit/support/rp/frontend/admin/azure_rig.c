#include "test/unit/support/rp/frontend/admin/azure_rig.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

#define SERVER "https://management.azure.com"

static int run(struct admin_azure *a, const struct opctx *ctx, const char *tenant_id,
               int (*fn)(struct arm *arm, void *arg, struct error **err), void *arg,
               struct error **err)
{
    struct azure_rig *r = container_of(a, struct azure_rig, azure);
    (void)ctx;
    r->other_tenant |= !str_eq(tenant_id, "t");
    return fn(r->arm, arg, err);
}

void azure_rig_init(struct azure_rig *r, const struct script_step *steps, size_t len)
{
    *r = (struct azure_rig){ .azure = { run } };
    scripted_transport_init(&r->server, steps, len);
    const struct arm_config cfg = { .transport = &r->server.base,
                                    .cloud = azure_cloud_find("AzurePublicCloud"),
                                    .user_agent = "test",
                                    .clock = clock_system(),
                                    .rng = rng_system() };
    r->arm = arm_new(&cfg);
    r->clients = (struct admin_clients){ .azure = &r->azure };
    admin_rig_begin(&r->c);
    r->c.front.cfg.more_arg = &r->clients;
    admin_rig_serve(&r->c);
    clusters_create(&r->c);
}

void azure_rig_release(struct azure_rig *r)
{
    clusters_release(&r->c);
    arm_free(r->arm);
    scripted_transport_release(&r->server);
}

void azure_rig_asked(struct azure_rig *r, const char *want)
{
    cleanup_buf struct buf got = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < r->server.requests.len; i++) {
        const char *text = r->server.requests.v[i], *url = strstr(text, SERVER);
        assert_non_null(url);
        buf_addf(&got, "%.*s%.*s\n", (int)(url - text), text,
                 (int)strcspn(url + strlen(SERVER), "\n"), url + strlen(SERVER));
    }
    assert_string_equal(buf_str(&got), want);
    assert_false(r->other_tenant);
}
