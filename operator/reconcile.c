#include <stdarg.h>
#include <string.h>

#include "operator/controller.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ---- what controllers call ---- */

int reconcile_progress(struct reconcile *rc, const char *message, struct error **err)
{
    return conditions_write_base(rc->sv, rc->ctx, rc->self->name, message, NULL, err);
}

int reconcile_check(struct reconcile *rc, const char *type, const char *status, const char *reason,
                    const char *message, struct error **err)
{
    struct condition c = { type, status, reason, message };
    return conditions_write_check(rc->sv, rc->ctx, &c, err);
}

void reconcile_event(struct reconcile *rc, const char *reason, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *message = xvasprintf(fmt, ap);
    va_end(ap);
    log_info(rc->ctx->log, "%s", message);
    if (rc->sv->events)
        event_record(rc->sv->events, rc->cluster, "Normal", reason, "%s", message);
}

int reconcile_need(struct reconcile *rc, const char *path, const char **ret, struct error **err)
{
    if (json_need_str(rc->cluster, path, ret, err) < 0)
        return error_wrap(err, "reading Cluster " CLUSTER_NAME);
    return 0;
}

int reconcile_get(struct reconcile *rc, const struct kube_ref *ref, json **ret, struct error **err)
{
    struct error *e = NULL;
    if (kube_get(rc->kube, rc->ctx, ref, ret, &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    *ret = NULL;
    return 0;
}

/* The Cluster resource owns it: who deletes that resource, or its definition, deletes the Secret, too. */
int reconcile_get_service_secret(struct reconcile *rc, const struct opctx *ctx, json **ret,
                                 struct error **err)
{
    struct error *e = NULL;
    if (kube_get(rc->kube, ctx, KUBE_REF(&GVR_SECRETS, OPERATOR_NAMESPACE, OPERATOR_SECRET), ret,
                 &e) == 0)
        return 0;
    if (!error_is(e, ERR_NOT_FOUND))
        return error_move(err, &e);
    error_free(e);
    return error_set(err, ERR_NOT_FOUND,
                     "Secret " OPERATOR_NAMESPACE "/" OPERATOR_SECRET
                     " is missing (it goes with the Cluster resource that owns it); deploying the "
                     "operator again restores it");
}

json *reconcile_give_owner(const struct reconcile *rc)
{
    return json_make("{'apiVersion':'aro.openshift.io/v1alpha1','kind':'Cluster','name':%s,"
                     "'uid':%s,'controller':true,'blockOwnerDeletion':true}",
                     CLUSTER_NAME, json_path_str(rc->cluster, "metadata.uid"));
}

static void informer_config_of(const struct watch *w, char *field, size_t field_len, char *label,
                               size_t label_len, struct informer_config *ret)
{
    *ret = (struct informer_config){
        .gvr = w->gvr, .nspace = w->nspace, .projection = w->projection, .optional = w->optional
    };
    if (w->name) {
        snprintf(field, field_len, "metadata.name=%s", w->name);
        ret->field_selector = field;
    }
    if (w->label_key) {
        snprintf(label, label_len, w->label_value ? "%s=%s" : "%s%s", w->label_key,
                 w->label_value ? w->label_value : "");
        ret->label_selector = label;
    }
}

struct informer *watch_informer(struct services *sv, const struct watch *w)
{
    char field[300], label[300];
    struct informer_config cfg;
    informer_config_of(w, field, sizeof(field), label, sizeof(label), &cfg);
    return kube_cache_informer(sv->cache, &cfg);
}

static void append_tree(void *arg, struct kube_object *o)
{
    json_append(arg, kube_object_give_json(o));
}

json *reconcile_give_list(struct reconcile *rc, const struct watch *w)
{
    json *list = json_new_array();
    informer_each(watch_informer(rc->sv, w), NULL, append_tree, list);
    return list;
}

/* ---- one run ---- */

/* The Cluster from the cache: every controller of a process shares its one watch. */
static json *give_cluster(struct services *sv)
{
    const struct watch w = WATCH_CLUSTER;
    cleanup_kube_object struct kube_object *o =
        informer_get(watch_informer(sv, &w), NULL, CLUSTER_NAME);
    return o ? kube_object_give_json(o) : NULL;
}

static int tell_success(struct reconcile *rc, struct error **err)
{
    if (!rc->self->has_conditions)
        return 0;
    return conditions_write_base(rc->sv, rc->ctx, rc->self->name, NULL, NULL, err);
}

/* Trouble with writing the conditions must not hide the failure that they were to tell. */
static void tell_failure(struct reconcile *rc, const struct error *failure)
{
    if (!rc->self->has_conditions || error_is(failure, ERR_CANCELLED))
        return;
    cleanup_error struct error *e = NULL;
    if (conditions_write_base(rc->sv, rc->ctx, rc->self->name, NULL, error_text(failure), &e) < 0)
        log_warning(rc->ctx->log, "%s", error_text(e));
}

static int run_disabled(struct reconcile *rc, struct error **err)
{
    log_debug(rc->ctx->log, "controller is disabled");
    if (tell_success(rc, err) < 0)
        return -1;
    return rc->self->disabled ? rc->self->disabled(rc, err) : 0;
}

int operator_reconcile_once(const struct controller_desc *desc, struct services *sv,
                            const struct opctx *ctx, const char *key, struct result *ret,
                            struct error **err)
{
    cleanup_json json *cluster = give_cluster(sv);
    if (!cluster) {
        log_debug(ctx->log, "there is no Cluster " CLUSTER_NAME " yet");
        return 0; /* its appearance is an event */
    }
    struct reconcile rc = {
        .self = desc, .sv = sv, .kube = sv->kube, .ctx = ctx, .key = key, .cluster = cluster
    };
    if (!flag_is_on(cluster, desc->flag))
        return run_disabled(&rc, err);

    struct error *e = NULL;
    if (desc->reconcile(&rc, ret, &e) < 0) {
        tell_failure(&rc, e);
        return error_move(err, &e);
    }
    /* Conditions that could not be written are a reason to run again: nothing else would bring them. */
    if (tell_success(&rc, err) < 0)
        return -1;
    if (desc->periodic && ret->requeue_after_ms == 0)
        ret->requeue_after_ms = sv->settings[SETTING_CHECK_INTERVAL_MS];
    return 0;
}

/* ---- descriptor to pkg/controller ---- */

struct operator_controller {
    const struct controller_desc *desc;
    struct services *sv;
    struct source **sources;
    size_t sources_len;
    struct controller *runtime;
    bool is_failing; /* of its one worker */
};

/* Without a condition of its own a controller has only this place for people to see that it fails: once, not at every
 * retry, of which there may be many. */
static void record_turn(struct operator_controller *c, const struct error *outcome)
{
    if (c->desc->has_conditions || c->desc->is_check || !c->sv->events ||
        error_is(outcome, ERR_CANCELLED) || error_is(outcome, ERR_CONFLICT) ||
        c->is_failing == (outcome != NULL))
        return;
    cleanup_json json *cluster = give_cluster(c->sv);
    if (!cluster)
        return;
    c->is_failing = outcome != NULL;
    cleanup_free char *reason = xasprintf("%s%s", c->desc->name, outcome ? "Failed" : "Recovered");
    event_record(c->sv->events, cluster, outcome ? "Warning" : "Normal", reason, "%s",
                 outcome ? error_text(outcome) : "it works again");
}

int operator_controller_step(struct operator_controller *c, const struct opctx *ctx,
                             const char *key, struct result *ret, struct error **err)
{
    struct error *e = NULL;
    int rcode = operator_reconcile_once(c->desc, c->sv, ctx, key, ret, &e);
    record_turn(c, e);
    return rcode < 0 ? error_move(err, &e) : 0;
}

static int run_key(void *arg, const struct opctx *ctx, const char *key, struct result *ret,
                   struct error **err)
{
    return operator_controller_step(arg, ctx, key, ret, err);
}

static bool has_lost_condition(const struct controller_desc *desc, const json *before,
                               const json *now)
{
    for (size_t i = 0; i < ARRAY_LEN(desc->checks); i++)
        if (desc->checks[i] && condition_was_erased(before, now, desc->checks[i]))
            return true;
    return desc->has_conditions && conditions_base_were_erased(before, now, desc->name);
}

/* A status is nobody's wish, so its changes are no reason to run; but what was erased from it would be
 * missing until the next reason. */
static bool concerns(const struct predicate *p, const struct informer_event *e)
{
    if (predicate_generation_changed(p, e))
        return true;
    if (!predicate_resource_version_changed(p, e))
        return false;
    cleanup_json json *before = kube_object_give_json(e->old_obj);
    cleanup_json json *now = kube_object_give_json(e->new_obj);
    return has_lost_condition(p->arg, before, now);
}

static bool name_ends(const struct predicate *p, const struct informer_event *e)
{
    const struct kube_object *o = e->new_obj ? e->new_obj : e->old_obj;
    return o && str_ends(kube_object_name(o), p->arg);
}

static struct source *source_of(const struct controller_desc *desc, struct services *sv,
                                const struct watch *w)
{
    bool is_cluster = w->gvr == &GVR_CLUSTERS;
    struct predicate predicates[2];
    size_t len = 0;
    if (w->only_generation)
        predicates[len++] =
            (struct predicate){ .test = is_cluster ? concerns : predicate_generation_changed,
                                .arg = desc };
    if (w->name_suffix)
        predicates[len++] = (struct predicate){ .test = name_ends, .arg = w->name_suffix };
    struct kube_source_config cfg = {
        .informer = watch_informer(sv, w),
        .map = w->wake == WAKE_OBJECT  ? WATCH_SELF
               : w->wake == WAKE_OWNER ? WATCH_OWNER
                                       : WATCH_FIXED,
        .owner_group = GVR_CLUSTERS.group,
        .owner_kind = GVR_CLUSTERS.kind,
        .fixed_key = CLUSTER_NAME,
        .predicates = predicates,
        .predicates_len = len,
    };
    struct source *s = kube_source_new(&cfg);
    s->optional = w->optional;
    return s;
}

int operator_controller_new(const struct controller_desc *desc, struct services *sv,
                            struct operator_controller **ret, struct error **err)
{
    if (desc->watches_len == 0)
        return error_set(err, ERR_INTERNAL, "controller %s watches nothing", desc->name);

    struct operator_controller *c = xnew(struct operator_controller);
    c->desc = desc;
    c->sv = sv;
    c->sources = xcalloc(desc->watches_len, sizeof(*c->sources));
    for (size_t i = 0; i < desc->watches_len; i++)
        c->sources[c->sources_len++] = source_of(desc, sv, &desc->watches[i]);

    struct controller_config cfg = {
        .name = desc->name,
        .reconcile = run_key,
        .arg = c,
        .sources = c->sources,
        .sources_len = c->sources_len,
        .sync_timeout_ms = -1, /* an API server that is away is waited for; readiness tells */
        .clock = sv->clock,
        .rng = sv->rng,
        .metrics = sv->metrics,
        .log = sv->log,
    };
    c->runtime = controller_new(&cfg);
    *ret = c;
    return 0;
}

int operator_controller_warm_up(struct operator_controller *c, const struct opctx *ctx,
                                struct error **err)
{
    return controller_warm_up(c->runtime, ctx, err);
}

int operator_controller_run(struct operator_controller *c, const struct opctx *ctx,
                            struct error **err)
{
    return controller_run(c->runtime, ctx, err);
}

void operator_controller_retry_now(struct operator_controller *c)
{
    workqueue_retry_now(controller_queue(c->runtime));
}

void operator_controller_free(struct operator_controller *c)
{
    if (!c)
        return;
    controller_free(c->runtime);
    for (size_t i = 0; i < c->sources_len; i++)
        kube_source_free(c->sources[i]);
    free(c->sources);
    free(c);
}
