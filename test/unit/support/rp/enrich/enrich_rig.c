#include "test/unit/support/rp/enrich/enrich_rig.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

#define KUBECONFIG \
    "{\"apiVersion\":\"v1\",\"kind\":\"Config\",\"clusters\":[{\"name\":\"c\",\"cluster\":{" \
    "\"server\":\"https://api.test:6443\"}}],\"users\":[{\"name\":\"u\",\"user\":{\"token\":" \
    "\"t\"}}],\"contexts\":[{\"name\":\"x\",\"context\":{\"cluster\":\"c\",\"user\":\"u\"}}]," \
    "\"current-context\":\"x\"}"

static int send_locked(struct http_transport *t, const struct opctx *ctx,
                       const struct http_request *req, struct http_response *ret,
                       struct error **err)
{
    struct enrich_rig *r = container_of(t, struct enrich_rig, transport);
    pthread_mutex_lock(&r->mu);
    int rcode = http_send(&r->inside.transport, ctx, req, ret, err);
    pthread_mutex_unlock(&r->mu);
    return rcode;
}

void enrich_rig_open(struct enrich_rig *r, const char *properties)
{
    cleanup_secret struct secret *config = secret_new(KUBECONFIG, strlen(KUBECONFIG));
    memset(r, 0, sizeof(*r));
    r->transport.send = send_locked;
    pthread_mutex_init(&r->mu, NULL);
    database_rig_open(&r->db);
    fake_cluster_init(&r->inside);
    r->cfg = (struct enrich_config){ .db = r->db.db,
                                     .transport = &r->transport,
                                     .env = &r->inside.env.base };
    r->cluster = json_make("{'id':%s,'properties':%j}", ENRICH_ID, rig_tree(properties));
    assert_int_equal(database_put_sealed(&r->db.ctx, r->db.db, r->cluster,
                                         "properties.aroServiceKubeconfig", config, NULL),
                     0);
}

void enrich_rig_close(struct enrich_rig *r)
{
    json_free(r->cluster);
    fake_cluster_release(&r->inside);
    database_rig_close(&r->db);
    pthread_mutex_destroy(&r->mu);
}

int enrich_rig_run(struct enrich_rig *r, const struct enrich_task *task, struct error **err)
{
    cleanup_json json *found = NULL;
    if (task->fetch(r->inside.kube, &r->inside.ctx, &found, err) < 0)
        return -1;
    return task->apply(&r->cfg, &r->db.ctx, r->cluster, found, err);
}

void enrich_rig_is(const struct enrich_rig *r, const char *path, const char *want)
{
    cleanup_free char *full = xasprintf("properties.%s", path);
    cleanup_json json *wrapped = json_make("{'it':%j}", json_ref(json_path(r->cluster, full)));
    cleanup_free char *quoted = xasprintf("{'it':%s}", want);
    rig_assert_tree(wrapped, quoted);
}
