/* Connections of a private link service, one by one: seen, approved or rejected, and cut by the service's owner. */
#include <string.h>

#include "hack/devcloud/azure/network_kinds.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define TYPE NETWORK_PLS_TYPE "/privateEndpointConnections"

struct search {
    const char *service, *name;
    struct network_connection found;
};

static bool look(void *arg, const struct network_connection *one)
{
    struct search *s = arg;
    if (!str_eq_nocase(one->service, s->service) ||
        !str_eq_nocase(json_path_str(one->link, "name"), s->name))
        return true;
    s->found = *one;
    return false;
}

static bool has_word(const char *status)
{
    static const char *const words[] = { "Approved", "Rejected", "Pending" };
    for (size_t i = 0; status && i < ARRAY_LEN(words); i++)
        if (str_eq_nocase(words[i], status))
            return true;
    return false;
}

static void put(struct sim_call *c, const json *service, const struct network_connection *found)
{
    json *wanted = json_path(c->body, "properties.privateLinkServiceConnectionState");
    const char *status = json_path_str(wanted, "status");
    const char *text = json_path_str(wanted, "description");
    if (!has_word(status)) {
        sim_reply_error(c, 400, "InvalidRequestFormat",
                        "Cannot parse the request: the status of a connection is Approved, "
                        "Rejected or Pending.");
        return;
    }
    (void)json_path_put(found->connection, "properties.privateLinkServiceConnectionState",
                        json_make("{'status':%s,'description':%s,'actionsRequired':'None'}", status,
                                  text ? text : ""),
                        NULL);
    cleanup_json json *view = network_give_connection(service, found);
    sim_reply(c, 200, view);
}

/* The endpoint stays, and leads nowhere. */
static void cut(struct sim_call *c, const struct network_connection *found)
{
    cleanup_free char *key = str_give_lower(found->service);
    (void)json_path_put(found->connection, "properties.privateLinkServiceConnectionState",
                        json_make("{'status':'Disconnected','description':'Deleted state',"
                                  "'actionsRequired':'None'}"),
                        NULL);
    json_del(json_path(found->endpoint, "inside.links"), key);
    sim_reply(c, 200, NULL);
}

static void serve_one(struct sim_call *c, const struct arm_id *id, const json *service)
{
    struct search s = { .service = json_path_str(service, "id"), .name = arm_id_name(id) };
    network_each_connection(c->sim, look, &s);
    if (!s.found.link && sim_is(c, "DELETE")) {
        sim_reply(c, 204, NULL);
    } else if (!s.found.link) {
        sim_reply_error(c, 404, "NotFound", "Resource %s not found.", c->path);
    } else if (sim_is(c, "GET")) {
        cleanup_json json *view = network_give_connection(service, &s.found);
        sim_reply(c, 200, view);
    } else if (sim_is(c, "PUT")) {
        put(c, service, &s.found);
    } else if (sim_is(c, "DELETE")) {
        cut(c, &s.found);
    } else {
        arm_refuse_method(c);
    }
}

bool network_connections_serve(struct sim_call *c)
{
    cleanup_arm_id struct arm_id id = { 0 };
    if (!arm_id_init(c->path, &id) || !arm_id_is_type(&id, TYPE))
        return false;
    cleanup_free char *parent = arm_id_give_parent(c->path);
    const json *service = resource_get(c->sim, parent);
    if (!service)
        resource_refuse_absent(c, &id);
    else if (!id.is_list)
        serve_one(c, &id, service);
    else if (sim_is(c, "GET"))
        sim_reply_list(c, network_give_connections(c->sim, service));
    else
        arm_refuse_method(c);
    return true;
}
