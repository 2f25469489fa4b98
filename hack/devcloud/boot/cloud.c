#include "hack/devcloud/boot/cloud.h"

#include "hack/devcloud/azure/sim.h"
#include "hack/devcloud/boot/settings.h"
#include "pkg/base/mem.h"

struct real {
    struct cloud base;
    struct azure_sim *sim;
};

static struct azure_sim *sim_of(struct cloud *c)
{
    return container_of(c, struct real, base)->sim;
}

static void append_log(struct cloud *c, const char *machine_id, const char *text)
{
    machines_append_log(sim_of(c), machine_id, text);
}

static enum cloud_machine look(struct cloud *c, const char *machine_id, struct strv *ret_addresses)
{
    cleanup_machine struct azure_machine *m = machines_give_one(sim_of(c), machine_id);
    for (size_t i = 0; m && ret_addresses && i < m->addresses.len; i++)
        strv_add(ret_addresses, m->addresses.v[i]);
    return !m ? CLOUD_ABSENT : m->runs ? CLOUD_RUNS : CLOUD_STOPPED;
}

static char *give_custom_data(struct cloud *c, const char *machine_id)
{
    cleanup_machine struct azure_machine *m = machines_give_one(sim_of(c), machine_id);
    return m && m->custom_data ? xstrndup(m->custom_data, m->custom_data_len) : NULL;
}

static json *give_frontends(struct cloud *c, const char *group_id)
{
    return machines_give_frontends(sim_of(c), group_id);
}

static json *give_endpoints(struct cloud *c, const char *group_id)
{
    return machines_give_endpoints(sim_of(c), group_id);
}

static int make_machine(struct cloud *c, const struct machine_wish *wish, struct error **err)
{
    return machines_make(sim_of(c), wish, err);
}

static void unmake_machine(struct cloud *c, const char *machine_id)
{
    machines_unmake(sim_of(c), machine_id);
}

static int ask(struct cloud *c, const char *method, const char *path, const char *api_version,
               const json *body, json **ret_body)
{
    return machines_ask(sim_of(c), method, path, api_version, body, ret_body);
}

static json *give_settings(struct cloud *c, const char *infra)
{
    struct azure_sim *sim = sim_of(c);
    pthread_mutex_lock(&sim->mu);
    json *settings = settings_give(json_get(sim->state, "clusters"), infra);
    pthread_mutex_unlock(&sim->mu);
    return settings;
}

struct cloud *cloud_new(struct azure_sim *sim)
{
    struct real *r = xnew(struct real);
    *r =
        (struct real){ .base = { append_log, look, give_custom_data, give_frontends, give_endpoints,
                                 make_machine, unmake_machine, ask, give_settings },
                       .sim = sim };
    return &r->base;
}

void cloud_free(struct cloud *c)
{
    if (c)
        free(container_of(c, struct real, base));
}
