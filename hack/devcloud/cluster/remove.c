#include "hack/devcloud/cluster/remove.h"

#include <string.h>

#include "hack/devcloud/cluster/admission.h"
#include "hack/devcloud/cluster/crd.h"
#include "hack/devcloud/cluster/crd_cleanup.h"
#include "hack/devcloud/cluster/decode.h"
#include "hack/devcloud/cluster/meta.h"
#include "hack/devcloud/cluster/read.h"
#include "hack/devcloud/cluster/reply.h"
#include "hack/devcloud/cluster/write.h"
#include "pkg/base/mem.h"

#define FOREGROUND "foregroundDeletion"
#define ORPHAN "orphan"

/* DeleteOptions: of the body, else of the query. */
struct options {
    json *body;
    int64_t grace_s; /* -1: not given */
    const char *policy, *uid, *version;
    bool dry_run;
};

static void options_release(struct options *o)
{
    json_free(o->body);
}
#define cleanup_options CLEANUP_WITH(options_release)

static int check_options(const struct options *o, struct error **err)
{
    struct fail_object of = { "meta.k8s.io", "", "DeleteOptions", "" };
    struct invalid faults = { NULL };
    const json *orphan = json_get(o->body, "orphanDependents");
    const json *dry = json_get(o->body, "dryRun");
    cleanup_json json *policy = json_new_str(o->policy);
    if (o->policy && orphan)
        invalid_value(&faults, "propagationPolicy", policy,
                      "orphanDependents and deletionPropagation cannot be both set");
    else if (o->policy && !str_eq(o->policy, "Foreground") && !str_eq(o->policy, "Background") &&
             !str_eq(o->policy, "Orphan"))
        invalid_unsupported(&faults, "propagationPolicy", policy,
                            "\"Foreground\", \"Background\", \"Orphan\", \"nil\"");
    for (size_t i = 0; i < json_len(dry); i++)
        if (!str_eq(json_str(json_at(dry, i)), "All")) {
            cleanup_free char *text =
                xasprintf("Unsupported value: []string{\"%s\"}: supported values: \"All\"",
                          json_str(json_at(dry, i)));
            invalid_other(&faults, "FieldValueNotSupported", "dryRun", text);
        }
    int rc = invalid_check(&faults, &of, err);
    invalid_release(&faults);
    return rc;
}

static int give_query_options(const struct op *op, json **ret, struct error **err)
{
    const char *policy = api_query(op->rq, "propagationPolicy");
    const char *dry = api_query(op->rq, "dryRun");
    int64_t grace;
    if (api_query_int(op->rq, "gracePeriodSeconds", -1, &grace, err) < 0)
        return -1;
    *ret = json_new_object();
    if (grace >= 0)
        json_put(*ret, "gracePeriodSeconds", json_new_int(grace));
    if (policy)
        json_put(*ret, "propagationPolicy", json_new_str(policy));
    if (dry && *dry)
        json_put(*ret, "dryRun", json_make("[%s]", dry));
    if (api_query(op->rq, "orphanDependents"))
        json_put(*ret, "orphanDependents",
                 json_new_bool(api_query_true(op->rq, "orphanDependents")));
    return 0;
}

/* The server tells what its decoder says, without a reason. */
static int give_body_options(const struct op *op, json **ret, struct error **err)
{
    cleanup_error struct error *why = NULL;
    if (decode_body_of(op, "meta.v1.DeleteOptions", ret, &why) < 0)
        return error_get_status(why) == 415
                   ? error_move(err, &why)
                   : fail_with(err, 500, NULL, NULL, "%s", error_text(why));
    const char *kind = json_path_str(*ret, "kind"), *version = json_path_str(*ret, "apiVersion");
    if (kind && *kind && !str_eq(kind, "DeleteOptions"))
        return fail_with(err, 500, NULL, NULL, "no kind \"%s\" is registered for version \"%s\"",
                         kind, version ? version : "");
    return 0;
}

static int read_options(const struct op *op, struct options *o, struct error **err)
{
    int rc = op->rq->body_len ? give_body_options(op, &o->body, err)
                              : give_query_options(op, &o->body, err);
    if (rc < 0)
        return -1;
    o->grace_s = json_path_int(o->body, "gracePeriodSeconds", -1);
    o->policy = json_path_str(o->body, "propagationPolicy");
    o->uid = json_path_str(o->body, "preconditions.uid");
    o->version = json_path_str(o->body, "preconditions.resourceVersion");
    o->dry_run = json_len(json_get(o->body, "dryRun"));
    if (check_options(o, err) < 0)
        return -1;
    if (!o->policy && json_path_bool(o->body, "orphanDependents", false))
        o->policy = "Orphan";
    return 0;
}

static int check_preconditions(const struct op *op, const struct options *o, const json *live,
                               struct error **err)
{
    const char *uid = json_path_str(live, "metadata.uid");
    const char *version = json_path_str(live, "metadata.resourceVersion");
    struct fail_object of = op_object(op, json_path_str(live, "metadata.name"));
    cleanup_free char *why = NULL;
    of.resource = op->r->kind;
    if (o->uid && !str_eq(o->uid, uid))
        why = xasprintf("the UID in the precondition (%s) does not match the UID in record (%s). "
                        "The object might have been deleted and then recreated",
                        o->uid, uid);
    else if (o->version && !str_eq(o->version, version))
        why = xasprintf("the ResourceVersion in the precondition (%s) does not match the "
                        "ResourceVersion in record (%s). The object might have been modified",
                        o->version, version);
    return why ? fail_conflict(err, &of, why) : 0;
}

/* ---- what a deletion makes of an object ---- */

static bool is_pod(const struct op *op)
{
    return str_eq(op->r->collection, "/pods");
}

static int64_t grace_of(const struct op *op, const struct options *o, const json *live)
{
    const char *node = json_path_str(live, "spec.nodeName");
    const char *phase = json_path_str(live, "status.phase");
    if (!is_pod(op) || !node || !*node || str_eq(phase, "Succeeded") || str_eq(phase, "Failed"))
        return 0;
    return o->grace_s >= 0 ? o->grace_s
                           : json_path_int(live, "spec.terminationGracePeriodSeconds", 30);
}

static void set_finalizers(const struct options *o, json *obj)
{
    if (!o->policy)
        return;
    bool foreground = str_eq(o->policy, "Foreground"), orphan = str_eq(o->policy, "Orphan");
    if (foreground)
        meta_add_finalizer(obj, FOREGROUND);
    else
        meta_remove_finalizer(obj, FOREGROUND);
    if (orphan)
        meta_add_finalizer(obj, ORPHAN);
    else
        meta_remove_finalizer(obj, ORPHAN);
}

static void mark_deleted(const struct op *op, json *obj, int64_t grace)
{
    json *m = json_get(obj, "metadata");
    char at[TIME_TEXT_MAX];
    time_rfc3339(clock_wall_ns(op->c->cfg.clock) + grace * NS_PER_S, at);
    json_put(m, "deletionTimestamp", json_new_str(at));
    if (str_eq(op->r->collection, CRD_COLLECTION))
        return;
    if (str_eq(op->r->collection, "/namespaces"))
        (void)json_set_str(obj, "status.phase", "Terminating", NULL);
    else
        json_put(m, "deletionGracePeriodSeconds", json_new_int(grace));
    int64_t generation = json_path_int(m, "generation", 0);
    if (generation > 0)
        json_put(m, "generation", json_new_int(generation + 1));
}

bool remove_is_due(const struct op *op, const json *obj)
{
    if (!meta_is_deleting(obj) || meta_finalizers_len(obj))
        return false;
    if (str_eq(op->r->collection, "/namespaces"))
        return json_len(json_path(obj, "spec.finalizers")) == 0;
    return json_path_int(obj, "metadata.deletionGracePeriodSeconds", 0) == 0;
}

static void change(const struct op *op, const struct options *o, json *obj)
{
    int64_t grace = grace_of(op, o, obj);
    set_finalizers(o, obj);
    if (!meta_is_deleting(obj)) {
        mark_deleted(op, obj, grace);
        if (str_eq(op->r->collection, CRD_COLLECTION))
            crd_cleanup_begin(op->c, obj);
        return;
    }
    /* Asked again: only a shorter grace counts. */
    int64_t left = json_path_int(obj, "metadata.deletionGracePeriodSeconds", 0);
    if (is_pod(op) && o->grace_s >= 0 && grace < left) {
        int64_t generation = json_path_int(obj, "metadata.generation", 0);
        mark_deleted(op, obj, grace);
        if (generation > 0)
            json_put(json_get(obj, "metadata"), "generation", json_new_int(generation));
    }
}

/* ---- doing it ---- */

static void answer_gone(const struct op *op, const json *before, const json *obj)
{
    if (op->r->returns_deleted) {
        reply_object(op, 200, is_pod(op) ? obj : before);
        return;
    }
    json *details = json_make("{'name':%s}", json_path_str(before, "metadata.name"));
    if (*op->r->group)
        json_put(details, "group", json_new_str(op->r->group));
    json_put(details, "kind", json_new_str(op->r->plural));
    json_put(details, "uid", json_new_str(json_path_str(before, "metadata.uid")));
    cleanup_json json *status = fail_give_success(details);
    reply_tree(op->reply, &op->media, 200, status);
}

/* Removes what nothing holds. A pod is marked first and then removed, which watches see. */
static int drop(const struct op *op, const struct options *o, const struct record *before,
                const json *live, json *obj, bool answered, struct error **err)
{
    cleanup_record struct record *marked = NULL, *after = NULL;
    if (!o->dry_run && is_pod(op)) {
        cleanup_json json *stored = json_give_copy(obj);
        if (state_put(op->c->state, op->r->collection, stored, before, &marked, err) < 0)
            return -1;
        before = marked;
        json_put(json_get(obj, "metadata"), "resourceVersion",
                 json_give_copy(json_path(stored, "metadata.resourceVersion")));
    }
    if (!o->dry_run && state_delete(op->c->state, before, &after, err) < 0)
        return -1;
    if (answered)
        answer_gone(op, live, obj);
    return 0;
}

/* One try on one record. A lost race is ERR_CONFLICT without reason. */
static int try_remove(const struct op *op, const struct options *o, const struct record *before,
                      bool answered, struct error **err)
{
    cleanup_json json *live = write_give_tree(op, before), *obj = json_give_copy(live);
    cleanup_record struct record *after = NULL;
    if (check_preconditions(op, o, live, err) < 0)
        return -1;
    change(op, o, obj);
    if (remove_is_due(op, obj))
        return drop(op, o, before, live, obj, answered, err);
    bool same = json_equal(live, obj);
    if (!same && !o->dry_run) {
        cleanup_json json *stored = json_give_copy(obj);
        if (state_put(op->c->state, op->r->collection, stored, before, &after, err) < 0)
            return -1;
    }
    if (answered && after)
        reply_record(op, 200, after);
    else if (answered)
        reply_object(op, 200, obj);
    return 0;
}

static int remove_named(const struct op *op, const struct options *o, const char *nspace,
                        const char *name, bool answered, struct error **err)
{
    struct fail_object of = op_object(op, name);
    for (;;) {
        cleanup_error struct error *why = NULL;
        cleanup_record struct record *before =
            state_get(op->c->state, op->r->collection, nspace, name);
        if (!before)
            return fail_not_found(err, &of);
        if (try_remove(op, o, before, answered, &why) == 0)
            break;
        if (!error_is(why, ERR_CONFLICT) || error_get_code(why))
            return error_move(err, &why);
    }
    if (!o->dry_run)
        crd_cleanup_go_on(op->c, op->r);
    return 0;
}

int remove_one(const struct op *op, struct error **err)
{
    cleanup_options struct options o = { 0 };
    if (read_options(op, &o, err) < 0 || admission_delete(op, err) < 0)
        return -1;
    return remove_named(op, &o, op_nspace(op), op->rq->name, true, err);
}

int remove_collection(const struct op *op, struct error **err)
{
    cleanup_options struct options o = { 0 };
    cleanup_selection struct selection selection = { NULL, NULL };
    cleanup_record_list struct record_list all = { 0 };
    if (read_options(op, &o, err) < 0 || selection_parse(op, &selection, err) < 0 ||
        state_list(op->c->state, op->r->collection, op->rq->nspace, 0, &all, err) < 0)
        return -1;
    const struct record **chosen = xcalloc(all.len + 1, sizeof(*chosen));
    struct list_page page = { .v = chosen, .revision = all.revision };
    for (size_t i = 0; i < all.len; i++) {
        cleanup_error struct error *why = NULL;
        if (!selection_matches(&selection, all.v[i]))
            continue;
        chosen[page.len++] = all.v[i];
        (void)remove_named(op, &o, all.v[i]->nspace, all.v[i]->name, false, &why);
    }
    reply_list(op, &page);
    free(chosen);
    return 0;
}
