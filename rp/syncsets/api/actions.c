/* POST .../{name}:action */
#include <inttypes.h>
#include <stdlib.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/api/impl.h"

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
    return set_paused(r, false, err);
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

static const struct {
    const char *name;
    enum api_type_id type;
    sets_verb run;
} actions[] = {
    { "pause", TYPE_CLUSTERS, pause_it },
    { "resume", TYPE_CLUSTERS, resume },
    { "resync", TYPE_CLUSTERS, resync },
    { "requeue", TYPE_CLUSTERS, requeue },
};

int sets_verb_action(struct sets_request *r, struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(actions); i++) {
        if (!str_eq(actions[i].name, r->action) || actions[i].type != r->type->id)
            continue;
        if (!str_eq(http_call_method(r->call), "POST"))
            return error_set(err, ERR_METHOD, ":%s is asked for with POST", r->action);
        if (sets_request_allow(r, ROLE_EDITOR, r->nspace, err) < 0)
            return -1;
        return actions[i].run(r, err);
    }
    return error_set(err, ERR_NOT_FOUND, "%s have no action '%.80s'", r->type->plural, r->action);
}
