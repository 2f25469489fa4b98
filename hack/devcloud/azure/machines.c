#include "hack/devcloud/azure/machines.h"

#include <string.h>

#include "hack/devcloud/azure/compute.h"
#include "hack/devcloud/azure/machine_room.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/thread.h"

#define TICK_NS (50 * NS_PER_MS)
#define LOG_MAX ((size_t)64 << 10)

struct event {
    enum machine_event what;
    struct azure_machine *machine;
    struct event *next;
};

/* One watcher, its thread, and what it has not heard yet. */
struct machine_room {
    struct machine_watcher watcher;
    pthread_t thread;
    pthread_cond_t wake;
    struct event *first, **end;
    bool stopping; /* guarded by the simulator's lock, as all but the thread */
};

/* ---- machines ---- */

void azure_machine_free(struct azure_machine *m)
{
    if (!m)
        return;
    if (m->custom_data)
        secret_wipe(m->custom_data, m->custom_data_len);
    free(m->custom_data);
    free(m->id);
    free(m->name);
    free(m->group_id);
    free(m->size);
    free(m->zone);
    strv_release(&m->addresses);
    free(m);
}

static void add_addresses(struct azure_sim *sim, const json *object, struct strv *ret)
{
    json *nics = json_path(object, "properties.networkProfile.networkInterfaces");
    for (size_t i = 0; json_is_array(nics) && i < json_len(nics); i++) {
        const json *nic = resource_get(sim, json_path_str(json_at(nics, i), "id"));
        json *configs = json_path(nic, "properties.ipConfigurations");
        for (size_t k = 0; json_is_array(configs) && k < json_len(configs); k++) {
            const char *address = json_path_str(json_at(configs, k), "properties.privateIPAddress");
            if (address)
                strv_add(ret, address);
        }
    }
}

static struct azure_machine *give_machine(struct azure_sim *sim, const json *object)
{
    struct azure_machine *m = xnew(struct azure_machine);
    const char *id = json_path_str(object, "id"), *group_end = strstr(id, "/providers/");
    const char *data = json_path_str(object, "inside.customData");
    m->id = xstrdup(id);
    m->name = xstrdup(json_path_str(object, "name"));
    m->group_id = group_end ? xstrndup(id, (size_t)(group_end - id)) : xstrdup("");
    m->size = xstrdup(json_path_str(object, "properties.hardwareProfile.vmSize"));
    m->zone = xstrdup(json_path_str(object, "zones[0]"));
    m->runs = str_eq(json_path_str(object, "inside.power"), "running");
    if (data)
        (void)base64_parse(data, strlen(data), &m->custom_data, &m->custom_data_len, NULL);
    add_addresses(sim, object, &m->addresses);
    return m;
}

static json *find_machine(struct azure_sim *sim, const char *id)
{
    json *object = resource_get(sim, id);
    return object && resource_is_type(object, MACHINE_TYPE) ? object : NULL;
}

/* ---- events ---- */

void machine_room_tell(struct azure_sim *sim, enum machine_event what, const json *object)
{
    struct machine_room *room = sim->room;
    if (!room)
        return;
    struct event *e = xnew(struct event);
    e->what = what;
    e->machine = give_machine(sim, object);
    *room->end = e;
    room->end = &e->next;
    pthread_cond_signal(&room->wake);
}

static void tell_all(struct azure_sim *sim)
{
    for (struct json_iter it = json_each(resource_table(sim)); json_next(&it);)
        if (resource_is_type(it.value, MACHINE_TYPE) &&
            json_path_bool(it.value, "inside.provisioned", false))
            machine_room_tell(sim, MACHINE_PROVISIONED, it.value);
}

static struct event *take_event(struct machine_room *room)
{
    struct event *e = room->first;
    if (!e)
        return NULL;
    room->first = e->next;
    if (!room->first)
        room->end = &room->first;
    return e;
}

static void event_free(struct event *e)
{
    azure_machine_free(e->machine);
    free(e);
}

/* Time passes here even if nobody asks the simulator anything. */
static void run(void *arg)
{
    struct azure_sim *sim = arg;
    const struct clock *clock = sim->cfg.clock;
    pthread_mutex_lock(&sim->mu);
    struct machine_room *room = sim->room;
    while (!room->stopping) {
        operations_advance(sim);
        struct event *e = take_event(room);
        if (!e) {
            (void)clock_wait(clock, &room->wake, &sim->mu, clock_mono_ns(clock) + TICK_NS);
            continue;
        }
        pthread_mutex_unlock(&sim->mu);
        room->watcher.changed(room->watcher.arg, e->what, e->machine);
        event_free(e);
        pthread_mutex_lock(&sim->mu);
    }
    pthread_mutex_unlock(&sim->mu);
}

static void room_free(struct machine_room *room)
{
    for (struct event *e; (e = take_event(room));)
        event_free(e);
    pthread_cond_destroy(&room->wake);
    free(room);
}

int machines_watch(struct azure_sim *a, const struct machine_watcher *w, struct error **err)
{
    struct machine_room *room = xnew(struct machine_room);
    room->watcher = *w;
    room->end = &room->first;
    clock_cond_init(&room->wake);
    pthread_mutex_lock(&a->mu);
    int rcode = a->room ? error_set(err, ERR_EXISTS, "the machines are watched already") : 0;
    if (rcode == 0) {
        a->room = room;
        tell_all(a);
        rcode = thread_start(&room->thread, "machines", run, a, err);
        if (rcode < 0)
            a->room = NULL;
    }
    pthread_mutex_unlock(&a->mu);
    if (rcode < 0)
        room_free(room);
    return rcode;
}

void machines_unwatch(struct azure_sim *a)
{
    pthread_mutex_lock(&a->mu);
    struct machine_room *room = a->room;
    if (room) {
        room->stopping = true;
        pthread_cond_signal(&room->wake);
    }
    pthread_mutex_unlock(&a->mu);
    if (!room)
        return;
    pthread_join(room->thread, NULL);
    pthread_mutex_lock(&a->mu);
    a->room = NULL;
    pthread_mutex_unlock(&a->mu);
    room_free(room);
}

/* ---- asking ---- */

struct azure_machine *machines_give_one(struct azure_sim *a, const char *id)
{
    pthread_mutex_lock(&a->mu);
    operations_advance(a);
    const json *object = find_machine(a, id);
    struct azure_machine *m = object ? give_machine(a, object) : NULL;
    pthread_mutex_unlock(&a->mu);
    return m;
}

void machines_list(struct azure_sim *a, const char *group_id, struct strv *ret)
{
    cleanup_free char *prefix = xasprintf("%s/", group_id);
    cleanup_free char *below = str_give_lower(prefix);
    pthread_mutex_lock(&a->mu);
    operations_advance(a);
    for (struct json_iter it = json_each(resource_table(a)); json_next(&it);)
        if (str_starts(it.key, below) && resource_is_type(it.value, MACHINE_TYPE))
            strv_add(ret, json_path_str(it.value, "id"));
    pthread_mutex_unlock(&a->mu);
}

void machines_append_log(struct azure_sim *a, const char *id, const char *text)
{
    pthread_mutex_lock(&a->mu);
    json *object = find_machine(a, id);
    if (object) {
        const char *had = json_path_str(object, "inside.serial");
        cleanup_free char *whole = xasprintf("%s%s", had ? had : "", text);
        size_t len = strlen(whole), from = len > LOG_MAX ? len - LOG_MAX : 0;
        while (from > 0 && (whole[from] & 0xc0) == 0x80) /* not into the middle of a character */
            from++;
        json_put(resource_inside(object), "serial", json_new_str(whole + from));
    }
    pthread_mutex_unlock(&a->mu);
}
