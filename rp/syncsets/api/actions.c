/* POST .../{name}:action */
#include <inttypes.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"
#include "rp/syncsets/store/rollout.h"
#include "rp/syncsets/types/operations.h"

#define PAUSE_ANNOTATION "hive.openshift.io/syncset-pause"
#define TRIES 5

static void annotate(json *object, bool paused)
{
    json *metadata = json_get(object, "metadata");
    json *annotations = json_get(metadata, "annotations");
    if (!annotations)
        json_put(metadata, "annotations", annotations = json_new_object());
    if (paused)
        json_put(annotations, PAUSE_ANNOTATION, json_new_str("true"));
    else
        (void)json_del(annotations, PAUSE_ANNOTATION);
}

static int set_paused(struct sets_request *r, bool paused, struct error **err)
{
    for (int try = 1;; try++) {
        cleanup_json json *object = NULL, *made = NULL;
        long long version = 0;
        if (sets_get(r->ctx, r->api->store, r->type, r->nspace, r->name, &object, err) < 0)
            return -1;
        (void)str_to_int(json_path_str(object, "metadata.resourceVersion"), 0, INT64_MAX, &version);
        annotate(object, paused);
        const struct sets_write w = { .type = r->type,
                                      .nspace = r->nspace,
                                      .name = r->name,
                                      .object = object,
                                      .if_version = version,
                                      .actor = r->who };
        struct error *why = NULL;
        if (sets_replace(r->ctx, r->api->store, &w, NULL, &made, &why) == 0) {
            sets_reply_object(r->call, 200, made);
            return 0;
        }
        if (!error_is(why, ERR_CONFLICT) || try == TRIES)
            return error_move(err, &why);
        error_free(why);
    }
}

static int pause_it(struct sets_request *r, struct error **err)
{
    return set_paused(r, true, err);
}

static int resume(struct sets_request *r, struct error **err)
{
    cleanup_json json *object = NULL;
    if (!r->type->is_set)
        return set_paused(r, false, err);
    if (sets_rollout_resume(r->ctx, r->api->store, r->type, r->nspace, r->name, r->who, err) < 0 ||
        sets_get(r->ctx, r->api->store, r->type, r->nspace, r->name, &object, err) < 0)
        return -1;
    sets_reply_object(r->call, 200, object);
    return 0;
}

static int mark(struct sets_request *r, bool unquarantine, struct error **err)
{
    cleanup_json json *object = NULL;
    if (sets_mark(r->ctx, r->api->store, r->nspace, r->name, unquarantine, r->who, err) < 0 ||
        sets_get(r->ctx, r->api->store, r->type, r->nspace, r->name, &object, err) < 0)
        return -1;
    sets_reply_object(r->call, 202, object);
    return 0;
}

static int resync(struct sets_request *r, struct error **err)
{
    return mark(r, false, err);
}

static int requeue(struct sets_request *r, struct error **err)
{
    return mark(r, true, err);
}

/* ---- how sets stand ---- */

static int status(struct sets_request *r, struct error **err)
{
    cleanup_standing struct sets_standing s = { 0 };
    if (sets_stand(r->ctx, r->api->store, r->type, r->nspace, r->name, SET_STATUS_FAILING_MAX, &s,
                   err) < 0)
        return -1;
    int64_t pending = s.matched - s.applied - s.failing;
    cleanup_json json *reply = json_make(
        "{'name':%s,'generation':%ld,'matched':%ld,'applied':%ld,'failing':%ld,'pending':%ld,"
        "'failingClusters':%j}",
        r->name, s.generation, s.matched, s.applied, s.failing, pending > 0 ? pending : 0,
        take(s.failing_clusters));
    if (!r->type->global)
        json_put(reply, "namespace", json_new_str(r->nspace));
    sets_reply_object(r->call, 200, reply);
    return 0;
}

/* ---- the table ---- */

static const struct {
    const char *name;
    enum sets_role role;
    sets_verb run;
} actions[] = {
    { "pause", ROLE_EDITOR, pause_it }, { "resume", ROLE_EDITOR, resume },
    { "resync", ROLE_EDITOR, resync },  { "requeue", ROLE_EDITOR, requeue },
    { "status", ROLE_VIEWER, status },  { "preview", ROLE_VIEWER, sets_action_preview },
};

int sets_verb_action(struct sets_request *r, struct error **err)
{
    const struct api_operation *op = api_operation_find(r->type, r->action);
    for (size_t i = 0; op && i < ARRAY_LEN(actions); i++) {
        if (!str_eq(actions[i].name, r->action))
            continue;
        if (!str_eq(http_call_method(r->call), op->method))
            return error_set(err, ERR_METHOD, ":%s is asked for with %s", r->action, op->method);
        if (sets_request_allow(r, actions[i].role, r->nspace, err) < 0)
            return -1;
        return actions[i].run(r, err);
    }
    return error_set(err, ERR_NOT_FOUND, "%s have no action '%.80s'", r->type->plural, r->action);
}
