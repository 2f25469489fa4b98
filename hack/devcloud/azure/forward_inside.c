/*
 * What the simulator itself wants of the resource provider: the clusters of templates, and those of groups that are deleted.
 * It cannot wait with the lock held. So the first question gets 102 and is kept; the front door asks the provider between
 * requests; the same question asked again gets the answer, once.
 */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/forward.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static bool has_state(const json *question, const char *state)
{
    return str_eq(json_path_str(question, "state"), state);
}

/* Keeps the question unless it is there. With forget nobody wants the answer: what it means is seen by forward_index.c. */
static void want(struct azure_sim *sim, const char *method, const char *path, const char *version,
                 const char *application, const json *body, bool forget)
{
    cleanup_free char *lower = str_give_lower(path);
    cleanup_free char *key = xasprintf("%s %s%s", method, lower, forget ? " and forget" : "");
    if (!json_get(sim->asked, key))
        json_put(sim->asked, key,
                 json_make("{'state':'wanted','method':%s,'path':%s,'version':%s,'application':%s,"
                           "'forget':%b,'body':%j}",
                           method, path, version, application, forget,
                           body ? json_give_copy(body) : NULL));
}

void forward_ask_inside(struct sim_call *c)
{
    cleanup_free char *path = str_give_lower(c->path);
    cleanup_free char *key = xasprintf("%s %s", c->method, path);
    json *question = json_get(c->sim->asked, key);
    if (question && has_state(question, "answered")) {
        sim_reply(c, (int)json_path_int(question, "status", 500), json_get(question, "reply"));
        json_del(c->sim->asked, key);
        return;
    }
    want(c->sim, c->method, c->path, c->api_version, c->caller_id, c->body, false);
    sim_reply(c, FORWARD_NOT_YET, NULL);
}

/* The question as a request that can be sent; the answer goes where the call says. */
static void prepare(struct azure_sim *sim, const json *question, struct sim_call *c)
{
    const char *application = json_path_str(question, "application");
    json *body = json_get(question, "body");
    c->sim = sim;
    c->host = "localhost";
    c->method = json_path_str(question, "method");
    c->path = xstrdup(json_path_str(question, "path"));
    c->api_version = xstrdup(json_path_str(question, "version"));
    c->caller_id = xstrdup(application);
    c->caller = application ? json_get(json_get(sim->state, "applications"), application) : NULL;
    c->body = body ? json_give_copy(body) : NULL;
    forward_prepare(c);
}

static void release(struct sim_call *c)
{
    free(c->path);
    free(c->api_version);
    free(c->caller_id);
    json_free(c->body);
}

/* The key of a question that nobody asks yet; NULL: none. Owned. */
static char *give_wanted(const struct azure_sim *sim)
{
    for (struct json_iter it = json_each(sim->asked); json_next(&it);)
        if (has_state(it.value, "wanted"))
            return xstrdup(it.key);
    return NULL;
}

static bool ask_one(struct azure_sim *sim, const struct opctx *ctx)
{
    struct sim_answer answer = { 0 };
    struct sim_call c = { .answer = &answer };
    pthread_mutex_lock(&sim->mu);
    cleanup_free char *key = give_wanted(sim);
    json *question = key ? json_ref(json_get(sim->asked, key)) : NULL;
    if (question) {
        json_put(question, "state", json_new_str("asking"));
        prepare(sim, question, &c);
    }
    pthread_mutex_unlock(&sim->mu);
    if (!question)
        return false;
    if (c.forward)
        forward_run(&c, ctx);
    pthread_mutex_lock(&sim->mu);
    json_put(question, "status", json_new_int(answer.status));
    json_put(question, "reply", take(answer.body));
    json_put(question, "state", json_new_str("answered"));
    if (json_path_bool(question, "forget", false))
        json_del(sim->asked, key);
    json_free(question);
    release(&c);
    pthread_mutex_unlock(&sim->mu);
    return true;
}

void forward_run_inside(struct azure_sim *sim, const struct opctx *ctx)
{
    while (ask_one(sim, ctx))
        continue;
}

/* ---- groups ---- */

/* One step towards the resource's end: deletion, then looking whether it is over. */
static void drain_one(struct azure_sim *sim, const json *entry)
{
    const char *version = json_path_str(entry, "apiVersion");
    const char *by = json_path_str(entry, "systemData.createdBy");
    want(sim, json_get(entry, "deletedBy") ? "GET" : "DELETE", json_path_str(entry, "id"),
         version ? version : "2022-04-01", by && *by ? by : NULL, NULL, true);
}

bool forward_drain(struct azure_sim *sim, const char *key)
{
    cleanup_free char *prefix = xasprintf("%s/providers/" RP_NAMESPACE "/", key);
    cleanup_free char *lower = str_give_lower(prefix);
    json *resources = json_get(sim->state, "resources");
    bool drained = true;
    for (struct json_iter it = json_each(resources); json_next(&it);)
        if (str_starts(it.key, lower)) {
            drain_one(sim, it.value);
            drained = false;
        }
    return drained;
}
