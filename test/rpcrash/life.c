/*
 * A client sends one request after another for its cluster, each change with a number in the tags. A change that was
 * acknowledged stands in the document from then on; one whose answer was lost may stand there, and is followed by others until
 * one is acknowledged or is seen to have come true.
 */
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "test/rpcrash/rp_crash.h"

#define TAG "openShiftCluster.tags.n"

struct life {
    struct world *w;
    const char *subscription;
    char *name, *path, *key;
    char *document_id;      /* NULL: not yet seen */
    long long sent;         /* the number of the last change */
    long long seen;         /* the least that may stand in the document */
    bool installed, broken; /* broken: a fault ends it */
};

enum verb { VERB_CREATE, VERB_UPDATE, VERB_DELETE };

static bool is_terminal(const char *state)
{
    return str_eq(state, "Succeeded") || str_eq(state, "Failed");
}

static void life_init(struct life *l, struct world *w, const char *subscription)
{
    static const char *const kinds[] = { "good", "good", "good", NAME_BAD, "good", NAME_POISON };
    size_t n = atomic_fetch_add(&w->lives, 1);
    *l = (struct life){ .w = w,
                        .subscription = subscription,
                        .name = xasprintf("%s%zu", kinds[n % ARRAY_LEN(kinds)], n) };
    l->path = xasprintf("/subscriptions/%s/resourceGroups/crash/providers/"
                        "Microsoft.RedHatOpenShift/openShiftClusters/%s",
                        subscription, l->name);
    l->key = str_give_lower(l->path);
}

static void life_release(struct life *l)
{
    free(l->name);
    free(l->path);
    free(l->key);
    free(l->document_id);
}

static void life_break(struct life *l, const char *what)
{
    world_fault(l->w, "%s: %s", l->name, what);
    l->broken = true;
}

/* ---- what the document says ---- */

static bool read_document(struct life *l, struct document *ret)
{
    if (!check_read_cluster(l->w, l->key, ret))
        return false;
    const char *text = json_path_str(ret->tree, TAG);
    long long n = -1;
    if (!text || !str_to_int(text, l->seen, l->sent, &n)) {
        cleanup_free char *what = xasprintf("its document has change %s, not one of %lld to %lld",
                                            text ? text : "none", l->seen, l->sent);
        life_break(l, what);
    }
    if (n > l->seen)
        l->seen = n;
    if (!l->document_id)
        l->document_id = xstrdup(json_path_str(ret->tree, "id"));
    return true;
}

/* Until nothing runs. false: the cluster is not there. */
static bool await_quiet(struct life *l, struct document *ret)
{
    for (;; world_pause(l->w)) {
        document_release(ret);
        if (!read_document(l, ret))
            return false;
        if (l->broken || is_terminal(json_path_str(ret->tree, PROPERTIES "provisioningState")))
            return true;
    }
}

/* ---- requests ---- */

static char *give_subnet(const struct life *l, const char *name)
{
    return xasprintf("/subscriptions/%s/resourceGroups/net/providers/Microsoft.Network/"
                     "virtualNetworks/vnet/subnets/%s",
                     l->subscription, name);
}

static char *give_body(const struct life *l, enum verb verb)
{
    cleanup_free char *n = xasprintf("%lld", l->sent);
    if (verb != VERB_CREATE) {
        cleanup_json json *patch = json_make("{'tags':{'n':%s}}", n);
        return json_give_text(patch);
    }
    cleanup_free char *group =
        xasprintf("/subscriptions/%s/resourceGroups/managed-%s", l->subscription, l->name);
    cleanup_free char *master = give_subnet(l, "master"), *worker = give_subnet(l, "worker");
    char client[UUID_LEN + 1];
    rng_uuid(l->w->ctx->rng, client);
    cleanup_json json *body = json_make(
        "{'location':'eastus','tags':{'n':%s},'properties':{'clusterProfile':{'domain':'example',"
        "'resourceGroupId':%s},'servicePrincipalProfile':{'clientId':%s,'clientSecret':'verysecret'"
        "},'networkProfile':{'podCidr':'10.128.0.0/14','serviceCidr':'172.30.0.0/16'},"
        "'masterProfile':{'vmSize':'Standard_D8s_v3','subnetId':%s},'workerProfiles':[{'name':"
        "'worker','vmSize':'Standard_D2s_v3','diskSizeGB':128,'subnetId':%s,'count':3}],"
        "'apiserverProfile':{'visibility':'Public'},'ingressProfiles':[{'name':'default',"
        "'visibility':'Public'}]}}",
        n, group, client, master, worker);
    return json_give_text(body);
}

static void send_verb(struct life *l, enum verb verb, struct reply *ret)
{
    static const char *const methods[] = { "PUT", "PATCH", "DELETE" };
    cleanup_free char *body = NULL;
    if (verb != VERB_DELETE) {
        l->sent++;
        body = give_body(l, verb);
    }
    client_send(l->w, methods[verb], l->path, body, ret);
    if (ret->answer == ANSWER_UNKNOWN)
        atomic_fetch_add(&l->w->unknown, 1);
}

/* It is acknowledged: it stands in the document, now and ever after. */
static void check_acknowledged(struct life *l, enum verb verb)
{
    cleanup_document struct document d = { 0 };
    if (verb != VERB_DELETE)
        l->seen = l->sent;
    bool there = read_document(l, &d);
    if (!there && verb != VERB_DELETE)
        life_break(l, "its change was acknowledged, and it is not there");
    if (there && verb == VERB_DELETE && !l->broken &&
        str_eq(json_path_str(d.tree, PROPERTIES "provisioningState"), "Succeeded"))
        life_break(l, "its deletion was acknowledged, and it is as before");
}

/* The status once it is terminal; owned. NULL: broken. */
static char *give_told_end(struct life *l, const char *operation)
{
    cleanup_free char *path =
        xasprintf("/subscriptions/%s/providers/Microsoft.RedHatOpenShift/locations/eastus/"
                  "operationsstatus/%s",
                  l->subscription, operation);
    for (;; world_pause(l->w)) {
        struct reply r = { 0 };
        cleanup_json json *tree = NULL;
        client_send(l->w, "GET", path, NULL, &r);
        if (r.answer == ANSWER_DONE)
            (void)json_parse_object(r.text, strlen(r.text), &tree, NULL);
        else if (r.answer == ANSWER_REFUSED)
            life_break(l, "an operation that was acknowledged is not known");
        char *status = xstrdup(json_path_str(tree, "status"));
        reply_release(&r);
        if (l->broken || is_terminal(status))
            return status;
        free(status);
    }
}

static void await_end(struct life *l, const char *operation)
{
    cleanup_document struct document d = { 0 }, record = { 0 };
    cleanup_free char *status = give_told_end(l, operation);
    if (l->broken)
        return;
    bool there = read_document(l, &d);
    check_read_record(l->w, operation, &record);
    check_ended(l->w, l->name, there ? d.tree : NULL, record.tree, status);
    atomic_fetch_add(str_eq(status, "Succeeded") ? &l->w->succeeded : &l->w->failed, 1);
}

/* After an answer that was lost, or a refusal that may come of one. Whether the wish came true. */
static bool came_true(struct life *l, enum verb verb, long long first)
{
    cleanup_document struct document d = { 0 };
    bool there = await_quiet(l, &d);
    if (!there && verb == VERB_UPDATE)
        life_break(l, "it is gone, and nobody asked for that");
    if (verb == VERB_DELETE)
        return !there;
    return there && l->seen >= first;
}

static void check_refusal(struct life *l, const struct reply *r, bool doubtful)
{
    if (r->answer != ANSWER_REFUSED || doubtful)
        return;
    cleanup_free char *what = xasprintf("was refused with %d: %s", r->status, r->text);
    life_break(l, what);
}

static void perform(struct life *l, enum verb verb)
{
    long long first = l->sent + 1;
    for (bool doubtful = false; !l->broken;) {
        struct reply r = { 0 };
        send_verb(l, verb, &r);
        check_refusal(l, &r, doubtful);
        bool acknowledged = r.answer == ANSWER_DONE && r.operation;
        if (acknowledged) {
            check_acknowledged(l, verb);
            if (!l->broken)
                await_end(l, r.operation);
        }
        doubtful = r.answer == ANSWER_UNKNOWN;
        reply_release(&r);
        if (l->broken || (acknowledged && verb != VERB_DELETE) || came_true(l, verb, first))
            return;
        atomic_fetch_add(&l->w->retries, 1);
    }
}

/* ---- the whole ---- */

static bool succeeded(struct life *l)
{
    cleanup_document struct document d = { 0 };
    return !l->broken && read_document(l, &d) &&
           str_eq(json_path_str(d.tree, PROPERTIES "provisioningState"), "Succeeded");
}

static void live(struct life *l)
{
    perform(l, VERB_CREATE);
    l->installed = succeeded(l);
    for (uint64_t i = rng_below(l->w->ctx->rng, 3); i > 0 && succeeded(l); i--)
        perform(l, VERB_UPDATE);
    perform(l, VERB_DELETE);
    if (!l->broken && l->document_id)
        check_billing(l->w, l->name, l->document_id, l->installed);
}

void life_run(struct world *w)
{
    while (atomic_load(&w->more)) {
        struct life l;
        life_init(&l, w, w->subscription);
        live(&l);
        life_release(&l);
    }
}

struct life *life_begin(struct world *w, const char *subscription)
{
    struct life *l = xnew(struct life);
    struct reply r = { 0 };
    life_init(l, w, subscription);
    perform(l, VERB_CREATE);
    l->installed = succeeded(l);
    if (l->installed)
        send_verb(l, VERB_UPDATE, &r);
    reply_release(&r);
    return l;
}

void life_end_gone(struct life *l)
{
    cleanup_document struct document d = { 0 };
    if (check_read_cluster(l->w, l->key, &d))
        world_fault(l->w, "%s: its subscription is gone, and it is there", l->name);
    else if (!l->broken && l->document_id)
        check_billing(l->w, l->name, l->document_id, l->installed);
    life_release(l);
    free(l);
}
