/* Routes of Microsoft Graph v1.0, and the one of its predecessor that is still asked for. */
#include <string.h>

#include "hack/devcloud/azure/graph.h"
#include "hack/devcloud/azure/odata.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define CONTEXT "https://graph.microsoft.com/v1.0/$metadata#"

static const char *const collections[] = {
    [GRAPH_APPLICATION] = "applications",
    [GRAPH_PRINCIPAL] = "servicePrincipals",
};

/* A service principal is there only when the application has one; an application always, with an ID at last. */
static bool exists(const struct sim_call *c, enum graph_kind kind, json *application)
{
    char id[UUID_LEN + 1];
    rng_uuid(c->sim->cfg.rng, id);
    if (!json_path_str(application, "id"))
        json_put(application, "id", json_new_str(id));
    return kind == GRAPH_APPLICATION || json_path_str(application, "objectId");
}

static void reply_list(struct sim_call *c, const char *what, json *values)
{
    cleanup_free char *context = xasprintf(CONTEXT "%s", what);
    cleanup_json json *body = json_make("{'@odata.context':%s,'value':%j}", context, values);
    sim_reply(c, 200, body);
}

static void list(struct sim_call *c, enum graph_kind kind)
{
    cleanup_odata struct odata filter = { 0 };
    if (!odata_init(c, &filter))
        return;
    json *values = json_new_array();
    for (struct json_iter it = json_each(graph_applications(c->sim)); json_next(&it);) {
        if (!exists(c, kind, it.value))
            continue;
        cleanup_json json *view = graph_give_view(c->sim, kind, it.key, it.value);
        if (odata_matches(&filter, view))
            json_append(values, json_ref(view));
    }
    reply_list(c, collections[kind], values);
}

static void remove_one(struct sim_call *c, enum graph_kind kind, const char *app_id,
                       json *application)
{
    if (kind == GRAPH_APPLICATION)
        json_del(graph_applications(c->sim), app_id);
    else
        json_del(application, "objectId");
    sim_reply(c, 204, NULL);
}

static void change_one(struct sim_call *c, json *application)
{
    static const char *const open[] = { "displayName", "identifierUris" };
    for (size_t i = 0; i < ARRAY_LEN(open); i++)
        if (json_get(c->body, open[i]))
            json_put(application, open[i], json_give_copy(json_get(c->body, open[i])));
    sim_reply(c, 204, NULL);
}

static void serve_one(struct sim_call *c, enum graph_kind kind, const char *id, const char *action)
{
    const char *app_id = NULL;
    json *application = graph_find(c->sim, kind, id, &app_id);
    cleanup_json json *view =
        application ? graph_give_view(c->sim, kind, app_id, application) : NULL;
    bool post = sim_is(c, "POST"), get = sim_is(c, "GET");
    if (!application)
        graph_refuse_absent(c, id);
    else if (!action && get)
        sim_reply(c, 200, view);
    else if (!action && sim_is(c, "PATCH"))
        change_one(c, application);
    else if (!action && sim_is(c, "DELETE"))
        remove_one(c, kind, app_id, application);
    else if (post && str_eq_nocase(action, "addPassword"))
        graph_add_password(c, application);
    else if (post && str_eq_nocase(action, "removePassword"))
        graph_remove_password(c, application);
    else if (get && action)
        reply_list(c, "directoryObjects", json_new_array()); /* owners and the like */
    else
        graph_refuse(c, 405, "Request_BadRequest", "The method is not supported here.");
}

static bool has_text(const json *list, const char *text)
{
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        if (str_eq_nocase(json_str(json_at(list, i)), text))
            return true;
    return false;
}

static void get_by_ids(struct sim_call *c)
{
    json *ids = json_get(c->body, "ids"), *values = json_new_array();
    for (struct json_iter it = json_each(graph_applications(c->sim)); json_next(&it);) {
        const char *oid = json_path_str(it.value, "objectId");
        if (!oid || !has_text(ids, oid))
            continue;
        json *view = graph_give_view(c->sim, GRAPH_PRINCIPAL, it.key, it.value);
        json_put(view, "@odata.type", json_new_str("#microsoft.graph.servicePrincipal"));
        json_append(values, view);
    }
    reply_list(c, "directoryObjects", values);
}

static void give_organization(struct sim_call *c)
{
    reply_list(c, "organization",
               json_make("[{'id':%s,'displayName':'devcloud','verifiedDomains':[{'name':"
                         "'devcloud.example','isDefault':true}]}]",
                         json_path_str(c->sim->state, "tenant")));
}

/* path: behind "/v1.0". */
static void serve(struct sim_call *c, const struct strv *path)
{
    const char *first = path->len > 0 ? path->v[0] : "";
    /* applications(appId='X') is one segment */
    const char *paren = strchr(first, '(');
    cleanup_free char *name = xstrndup(first, paren ? (size_t)(paren - first) : strlen(first));
    size_t kind = 0;
    while (kind < ARRAY_LEN(collections) && !str_eq_nocase(collections[kind], name))
        kind++;
    size_t at = paren ? 0 : 1;
    if (kind < ARRAY_LEN(collections) && path->len > at)
        serve_one(c, (enum graph_kind)kind, paren ? paren : path->v[1],
                  path->len > at + 1 ? path->v[at + 1] : NULL);
    else if (kind < ARRAY_LEN(collections) && sim_is(c, "GET"))
        list(c, (enum graph_kind)kind);
    else if (kind == GRAPH_APPLICATION && sim_is(c, "POST"))
        graph_create_application(c);
    else if (kind == GRAPH_PRINCIPAL && sim_is(c, "POST"))
        graph_create_principal(c);
    else if (str_eq_nocase(first, "directoryObjects") && path->len == 2 && sim_is(c, "POST"))
        get_by_ids(c);
    else if (str_eq_nocase(first, "organization") && sim_is(c, "GET"))
        give_organization(c);
    else
        graph_refuse(c, 400, "BadRequest", "Resource not found for the segment.");
}

/* AAD Graph: /TENANT/servicePrincipalsByAppId/APPID/objectId */
static void serve_old(struct sim_call *c, const char *app_id)
{
    json *application = json_get(graph_applications(c->sim), app_id);
    const char *oid = json_path_str(application, "objectId");
    cleanup_json json *body =
        oid ? json_make("{'odata.metadata':'https://graph.windows.net/$metadata#Edm.String',"
                        "'value':%s}",
                        oid)
            : json_make("{'odata.error':{'code':'Request_ResourceNotFound','message':{'lang':'en',"
                        "'value':'The service principal does not exist.'}}}");
    sim_reply(c, oid ? 200 : 404, body);
}

bool graph_serve(struct sim_call *c)
{
    bool old = str_matches_nocase("/*/servicePrincipalsByAppId/*/objectId", c->path);
    if (!old && !str_starts(c->path, "/v1.0/"))
        return false;
    cleanup_strv struct strv path = STRV_INIT;
    strv_split(&path, old ? c->path : c->path + strlen("/v1.0"), "/", false);
    c->caller = directory_authenticate(c, SERVICE_GRAPH);
    if (!c->caller)
        return true;
    if (old)
        serve_old(c, path.v[2]);
    else
        serve(c, &path);
    return true;
}
