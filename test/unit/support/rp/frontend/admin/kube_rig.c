#include "test/unit/support/rp/frontend/admin/kube_rig.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

#define SERVER "https://api.test:6443"

static const char kubeconfig[] =
    "{\"apiVersion\":\"v1\",\"kind\":\"Config\",\"current-context\":\"x\",\"clusters\":[{\"name\":"
    "\"c\",\"cluster\":{\"server\":\"" SERVER "\"}}],\"users\":[{\"name\":\"u\",\"user\":{"
    "\"token\":\"t0\"}}],\"contexts\":[{\"name\":\"x\",\"context\":{\"cluster\":\"c\",\"user\":"
    "\"u\"}}]}";

static int keep_kubeconfig(json *tree, void *arg, struct error **err)
{
    struct clusters *c = arg;
    cleanup_secret struct secret *plain = secret_new(kubeconfig, strlen(kubeconfig));
    return database_put_sealed(&c->ctx, c->db, tree, "openShiftCluster.properties.aroSREKubeconfig",
                               plain, err);
}

void kube_rig_init(struct kube_rig *r, const struct script_step *steps, size_t len)
{
    *r = (struct kube_rig){ 0 };
    fake_env_init(&r->env);
    scripted_transport_init(&r->server, steps, len);
    r->clients = (struct admin_clients){ .transport = &r->server.base, .env = &r->env.base };
    admin_rig_begin(&r->c);
    r->c.front.cfg.more_arg = &r->clients;
    admin_rig_serve(&r->c);
    clusters_create(&r->c);
    clusters_patch(&r->c, keep_kubeconfig, &r->c);
}

void kube_rig_release(struct kube_rig *r)
{
    clusters_release(&r->c);
    scripted_transport_release(&r->server);
    fake_env_release(&r->env);
}

void kube_rig_asked(struct kube_rig *r, const char *want)
{
    cleanup_buf struct buf got = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < r->server.requests.len; i++) {
        const char *text = r->server.requests.v[i];
        const char *url = strstr(text, SERVER), *body = strstr(text, "\n\n");
        assert_non_null(url);
        assert_non_null(strstr(text, "Authorization: Bearer t0"));
        buf_addf(&got, "%.*s%.*s %s\n", (int)(url - text), text,
                 (int)strcspn(url + strlen(SERVER), "\n"), url + strlen(SERVER),
                 body ? body + 2 : "");
    }
    assert_string_equal(buf_str(&got), want);
}
