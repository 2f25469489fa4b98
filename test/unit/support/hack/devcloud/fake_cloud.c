#include "test/unit/support/hack/devcloud/fake_cloud.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/hack/devcloud/trees.h"
#include "test/unit/support/test.h"

static struct fake_cloud *lock(struct cloud *base)
{
    struct fake_cloud *c = container_of(base, struct fake_cloud, base);
    pthread_mutex_lock(&c->mu);
    return c;
}

static void unlock(struct fake_cloud *c)
{
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->mu);
}

static void append_log(struct cloud *base, const char *machine_id, const char *text)
{
    struct fake_cloud *c = lock(base);
    (void)machine_id;
    buf_adds(&c->log, text);
    unlock(c);
}

static enum cloud_machine look(struct cloud *base, const char *id, struct strv *ret_addresses)
{
    struct fake_cloud *c = lock(base);
    const json *known = json_get(c->machines, id);
    bool runs = json_path_bool(known, "runs", false);
    if (known && ret_addresses)
        strv_add(ret_addresses, "10.0.0.9");
    unlock(c);
    return !known ? CLOUD_ABSENT : runs ? CLOUD_RUNS : CLOUD_STOPPED;
}

static char *give_custom_data(struct cloud *base, const char *id)
{
    struct fake_cloud *c = lock(base);
    const char *text = json_path_str(json_get(c->machines, id), "custom");
    char *copy = text ? xstrdup(text) : NULL;
    unlock(c);
    return copy;
}

static json *give_copy(struct cloud *base, size_t offset)
{
    struct fake_cloud *c = lock(base);
    json *copy = json_give_copy(*(json **)((char *)c + offset));
    unlock(c);
    return copy;
}

static json *give_frontends(struct cloud *base, const char *group_id)
{
    (void)group_id;
    return give_copy(base, offsetof(struct fake_cloud, frontends));
}

static json *give_endpoints(struct cloud *base, const char *group_id)
{
    (void)group_id;
    return give_copy(base, offsetof(struct fake_cloud, endpoints));
}

static json *give_settings(struct cloud *base, const char *infra)
{
    (void)infra;
    return give_copy(base, offsetof(struct fake_cloud, settings));
}

static int make_machine(struct cloud *base, const struct machine_wish *wish, struct error **err)
{
    struct fake_cloud *c = lock(base);
    cleanup_free char *id =
        xasprintf("%s/providers/Microsoft.Compute/virtualMachines/%s", wish->group_id, wish->name);
    int rcode = 0;
    if (c->refusal) {
        rcode = error_set(err, ERR_CONFLICT, "refused");
        error_code(err, c->refusal);
    } else {
        json_put(c->machines, id,
                 json_make("{'runs':true,'size':%s,'subnet':%s,'pool':%s,'disk':%d}", wish->size,
                           wish->subnet_id, wish->pool_id, wish->disk_gb));
    }
    unlock(c);
    return rcode;
}

static void unmake_machine(struct cloud *base, const char *id)
{
    struct fake_cloud *c = lock(base);
    json_del(c->machines, id);
    unlock(c);
}

static int ask(struct cloud *base, const char *method, const char *path, const char *api_version,
               const json *body, json **ret_body)
{
    struct fake_cloud *c = lock(base);
    assert_non_null(api_version);
    if (strcmp(method, "PUT") == 0)
        json_put(c->resources, path, json_give_copy(body));
    json *found = json_give_copy(json_get(c->resources, path));
    unlock(c);
    *ret_body = found;
    return found ? 200 : 404;
}

void fake_cloud_init(struct fake_cloud *c)
{
    *c = (struct fake_cloud){ .base = { append_log, look, give_custom_data, give_frontends,
                                        give_endpoints, make_machine, unmake_machine, ask,
                                        give_settings },
                              .log = BUF_INIT(BUF_UNBOUNDED),
                              .resources = json_new_object(),
                              .machines = json_new_object() };
    mutex_init(&c->mu);
    pthread_cond_init(&c->changed, NULL);
    for (int i = 0; i < 3; i++) {
        cleanup_free char *id = xasprintf(BOOT_MACHINES BOOT_INFRA "-master-%d", i);
        json_put(c->machines, id, json_make("{'runs':true}"));
    }
}

void fake_cloud_release(struct fake_cloud *c)
{
    buf_release(&c->log);
    json_free(c->settings);
    json_free(c->frontends);
    json_free(c->endpoints);
    json_free(c->resources);
    json_free(c->machines);
    free(c->refusal);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->mu);
}

void fake_cloud_set(struct fake_cloud *c, json **which, const char *loose)
{
    pthread_mutex_lock(&c->mu);
    json_free(*which);
    *which = loose_tree(loose);
    unlock(c);
}

void fake_cloud_await(struct fake_cloud *c, const char *text)
{
    pthread_mutex_lock(&c->mu);
    while (!strstr(buf_str(&c->log), text))
        pthread_cond_wait(&c->changed, &c->mu);
    pthread_mutex_unlock(&c->mu);
}

size_t fake_cloud_machines(struct fake_cloud *c)
{
    pthread_mutex_lock(&c->mu);
    size_t len = json_len(c->machines);
    pthread_mutex_unlock(&c->mu);
    return len;
}

bool fake_cloud_has_machine(struct fake_cloud *c, const char *name)
{
    cleanup_free char *id = xasprintf(BOOT_MACHINES "%s", name);
    pthread_mutex_lock(&c->mu);
    bool has = json_has(c->machines, id);
    pthread_mutex_unlock(&c->mu);
    return has;
}
