#include "hack/devcloud/cluster/write.h"

#include <string.h>

#include "hack/devcloud/cluster/admission.h"
#include "hack/devcloud/cluster/crd.h"
#include "hack/devcloud/cluster/crd_cleanup.h"
#include "hack/devcloud/cluster/decode.h"
#include "hack/devcloud/cluster/managed.h"
#include "hack/devcloud/cluster/meta.h"
#include "hack/devcloud/cluster/remove.h"
#include "hack/devcloud/cluster/schema_validate.h"
#include "hack/devcloud/cluster/strategy.h"
#include "pkg/base/mem.h"

#define RENAMES_MAX 8

json *write_give_tree(const struct op *op, const struct record *r)
{
    json *tree = record_give_tree(r);
    json_put(tree, "apiVersion", json_new_str(op->api_version));
    json_put(tree, "kind", json_new_str(op->r->kind));
    return tree;
}

/* 1.22 and later do not let a write own what it cannot change. */
static bool resets_before_owning(const struct op *op)
{
    return cluster_has(op->c, 22);
}

static bool has_status(const struct op *op)
{
    return resource_has_subresource(op->r, "status");
}

static void own(const struct op *op, const json *live, json *obj)
{
    struct managed_op m = { .schema = op->r->schema,
                            .manager = op->manager,
                            .api_version = op->api_version,
                            .wall_ns = clock_wall_ns(op->c->cfg.clock) };
    if (cluster_has(op->c, 22))
        m.subresource = op->rq->subresource;
    cleanup_json json *blank = live ? NULL : decode_give_blank(op);
    managed_update(&m, live, blank, obj);
}

static int validate(const struct op *op, const json *obj, const json *old, struct error **err)
{
    const struct strategy *s = strategy_of(op->r->collection);
    struct fail_object o = op_object(op, json_path_str(obj, "metadata.name"));
    struct invalid faults = { NULL };
    meta_validate(op, obj, old, &faults);
    if (op->r->custom)
        schema_validate(op->r->schema, obj, &faults);
    if (s->validate && !op->rq->subresource)
        s->validate(op, obj, old, &faults);
    int rc = invalid_check(&faults, &o, err);
    invalid_release(&faults);
    return rc;
}

/* What follows from a change of a definition. */
static void after_commit(const struct op *op)
{
    if (str_eq(op->r->collection, CRD_COLLECTION) && !op->dry_run)
        cluster_reload_kinds(op->c);
}

/* ---- creating ---- */

static void reset_status(const struct op *op, json *obj)
{
    const struct strategy *s = strategy_of(op->r->collection);
    if (!has_status(op) || s->keeps_status_on_create)
        return;
    json_del(obj, "status");
    if (!op->r->custom) {
        cleanup_json json *blank = decode_give_blank(op);
        if (json_get(blank, "status"))
            json_put(obj, "status", json_give_copy(json_get(blank, "status")));
    }
}

static int commit_new(const struct op *op, json *obj, json **ret, struct error **err)
{
    for (int tries = 0;; tries++) {
        cleanup_record struct record *r = NULL;
        cleanup_error struct error *why = NULL;
        if (state_put(op->c->state, op->r->collection, obj, NULL, &r, &why) == 0) {
            *ret = write_give_tree(op, r);
            return 0;
        }
        if (tries == RENAMES_MAX || !meta_rename(op, obj)) {
            struct fail_object o = op_object(op, json_path_str(obj, "metadata.name"));
            return fail_exists(err, &o);
        }
    }
}

static int commit_create(const struct op *op, json *obj, json **ret, struct error **err)
{
    if (!op->dry_run)
        return commit_new(op, obj, ret, err);
    const char *name = json_path_str(obj, "metadata.name");
    cleanup_record struct record *there =
        state_get(op->c->state, op->r->collection, op_nspace(op), name);
    struct fail_object o = op_object(op, name);
    if (there)
        return fail_exists(err, &o);
    *ret = json_ref(obj);
    return 0;
}

int write_create(const struct op *op, json *obj, bool owned, json **ret, struct error **err)
{
    const struct strategy *s = strategy_of(op->r->collection);
    cleanup_json json *mine = obj;
    (void)mine; /* only releases */
    if (decode_normalise(op, obj, err) < 0 || meta_begin(op, obj, err) < 0)
        return -1;
    if (!owned && resets_before_owning(op))
        reset_status(op, obj);
    if (!owned)
        own(op, NULL, obj);
    meta_stamp(op, obj);
    if (!op->internal && admission_create(op, obj, err) < 0)
        return -1;
    reset_status(op, obj);
    if ((s->create && s->create(op, obj, err) < 0) || validate(op, obj, NULL, err) < 0)
        return -1;
    if (commit_create(op, obj, ret, err) < 0)
        return -1;
    after_commit(op);
    return 0;
}

/* ---- updating ---- */

static void put_part(json *obj, const json *from, const char *key)
{
    if (json_has(from, key))
        json_put(obj, key, json_give_copy(json_get(from, key)));
    else
        json_del(obj, key);
}

/* The part that the request may not touch comes from the live object. */
static void restrict_part(const struct op *op, json *obj, const json *live)
{
    if (!str_eq(op->rq->subresource, "status")) {
        if (has_status(op) && !op->rq->subresource)
            put_part(obj, live, "status");
        return;
    }
    cleanup_json json *status = json_give_copy(json_get(obj, "status"));
    cleanup_json json *managed = json_give_copy(json_path(obj, "metadata.managedFields"));
    bool given = json_has(obj, "status");
    for (struct json_iter it = json_each(obj); json_next(&it);)
        json_del(obj, it.key);
    for (struct json_iter it = json_each(live); json_next(&it);)
        json_put(obj, it.key, json_give_copy(it.value));
    if (given)
        json_put(obj, "status", take(status));
    else
        json_del(obj, "status");
    if (managed)
        json_put(json_get(obj, "metadata"), "managedFields", take(managed));
    else
        json_del(json_get(obj, "metadata"), "managedFields");
}

/* Everything but metadata and status counts as specification. */
static bool counts(const struct op *op, const json *obj, const json *live)
{
    cleanup_json json *a = json_give_copy(obj), *b = json_give_copy(live);
    json_del(a, "metadata");
    json_del(b, "metadata");
    if (has_status(op) || !op->r->custom) {
        json_del(a, "status");
        json_del(b, "status");
    }
    if (str_eq(op->r->collection, "apps/deployments") &&
        !json_equal(json_path(obj, "metadata.annotations"),
                    json_path(live, "metadata.annotations")))
        return true;
    return !json_equal(a, b);
}

static void count_generation(const struct op *op, json *obj, const json *live)
{
    int64_t n = json_path_int(live, "metadata.generation", 0);
    if (op->r->counts_generation && !op->rq->subresource && counts(op, obj, live))
        json_put(json_get(obj, "metadata"), "generation", json_new_int(n + 1));
}

/* Turns what the request asks for into what is stored. obj is changed in place. */
static int prepare(const struct op *op, json *obj, const json *live, bool owned, struct error **err)
{
    const struct strategy *s = strategy_of(op->r->collection);
    if (decode_normalise(op, obj, err) < 0 || meta_check_update(op, obj, live, err) < 0)
        return -1;
    meta_carry(obj, live);
    if (resets_before_owning(op))
        restrict_part(op, obj, live);
    if (!owned)
        own(op, live, obj);
    restrict_part(op, obj, live);
    if (!op->internal && admission_update(op, obj, live, err) < 0)
        return -1;
    if (s->update && !op->rq->subresource && s->update(op, obj, live, err) < 0)
        return -1;
    count_generation(op, obj, live);
    return validate(op, obj, live, err);
}

static int commit_change(const struct op *op, json *obj, const struct record *before, json **ret,
                         struct error **err)
{
    cleanup_record struct record *r = NULL;
    if (remove_is_due(op, obj)) { /* the last finalizer went */
        cleanup_json json *answer = json_give_copy(obj);
        if (!op->dry_run && state_delete(op->c->state, before, &r, err) < 0)
            return -1;
        crd_cleanup_go_on(op->c, op->r);
        *ret = take(answer);
        return 0;
    }
    if (op->dry_run) {
        *ret = json_ref(obj);
        return 0;
    }
    if (state_put(op->c->state, op->r->collection, obj, before, &r, err) < 0)
        return -1;
    *ret = write_give_tree(op, r);
    return 0;
}

static int try_update(const struct op *op, const struct write_change *change, json **ret,
                      struct error **err)
{
    struct fail_object o = op_object(op, NULL);
    cleanup_json json *obj = NULL;
    cleanup_record struct record *before =
        state_get(op->c->state, op->r->collection, op_nspace(op), op->rq->name);
    if (!before)
        return fail_not_found(err, &o);
    cleanup_json json *live = write_give_tree(op, before);
    if (change->make(op, live, change->arg, &obj, err) < 0 ||
        prepare(op, obj, live, change->owned, err) < 0)
        return -1;
    if (json_equal(obj, live)) {
        *ret = take(live);
        return 0;
    }
    return commit_change(op, obj, before, ret, err);
}

int write_update(const struct op *op, const struct write_change *change, json **ret,
                 struct error **err)
{
    for (;;) {
        cleanup_error struct error *why = NULL;
        if (try_update(op, change, ret, &why) == 0) {
            after_commit(op);
            return 0;
        }
        /* Only the state itself reports a conflict without reason: somebody else was faster. */
        if (!error_is(why, ERR_CONFLICT) || error_get_code(why))
            return error_move(err, &why);
    }
}
