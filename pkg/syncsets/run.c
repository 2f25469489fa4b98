/* Operations of the generated table as calls. */
#include <inttypes.h>
#include <stdio.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/syncsets/client_impl.h"

static bool takes(const struct syncsets_operation *op, const char *param)
{
    for (size_t i = 0; i < OPERATION_PARAMS_MAX && op->params[i]; i++)
        if (str_eq(op->params[i], param))
            return true;
    return false;
}

static int check(const struct syncsets_operation *op, const char *name, const char *value,
                 struct error **err)
{
    if (!value || takes(op, name))
        return 0;
    return error_set(err, ERR_INVALID, "%s takes no %s", op->id, name);
}

static const char *give_number(int64_t n, char *buffer, size_t size)
{
    if (n <= 0)
        return NULL;
    (void)snprintf(buffer, size, "%" PRId64, n);
    return buffer;
}

static const char *flag(bool on)
{
    return on ? "true" : NULL;
}

/* A patch is a list of changes, or a tree to merge. */
static const char *media_of(const struct syncsets_call *call)
{
    if (!str_eq(call->method, "PATCH"))
        return NULL;
    return json_is_array(call->body) ? "application/json-patch+json"
                                     : "application/merge-patch+json";
}

int syncsets_prepare(const struct syncsets_operation *op, const struct syncsets_subject *subject,
                     const struct syncsets_options *opt, bool watches,
                     struct syncsets_numbers *numbers, struct syncsets_call *ret,
                     struct error **err)
{
    static const struct syncsets_options none = { 0 };
    const struct syncsets_options *o = opt ? opt : &none;
    const struct syncsets_param query[] = {
        { "labelSelector", o->label_selector },
        { "fieldSelector", o->field_selector },
        { "watch", flag(watches) },
        { "limit", give_number(o->limit, numbers->limit, sizeof(numbers->limit)) },
        { "continue", o->continue_token },
        { "resourceVersion", o->resource_version },
        { "allowWatchBookmarks", flag(o->bookmarks) },
        { "timeoutSeconds", give_number(o->timeout_s, numbers->timeout, sizeof(numbers->timeout)) },
        { "upsert", flag(o->upsert) },
        { "uid", o->uid },
        { "orphan", flag(o->orphan) },
        { "cleanup", o->cleanup ? "sync" : NULL },
    };
    struct syncsets_call call = { .method = op->method,
                                  .plural = op->plural,
                                  .action = op->action,
                                  .nspace = subject->nspace,
                                  .name = subject->name,
                                  .body = subject->body,
                                  .if_match = o->if_match,
                                  .idempotency_key = o->idempotency_key };
    call.media_type = media_of(&call);
    size_t n = 0;
    for (size_t i = 0; i < ARRAY_LEN(query); i++) {
        if (check(op, query[i].name, query[i].value, err) < 0)
            return -1;
        if (query[i].value)
            call.query[n++] = query[i];
    }
    if (check(op, "If-Match", o->if_match, err) < 0 ||
        check(op, "Idempotency-Key", o->idempotency_key, err) < 0)
        return -1;
    *ret = call;
    return 0;
}

int syncsets_run(struct syncsets *c, const struct opctx *ctx, const struct syncsets_operation *op,
                 const struct syncsets_subject *subject, const struct syncsets_options *opt,
                 json **ret, struct error **err)
{
    struct syncsets_numbers numbers;
    struct syncsets_call call;
    if (syncsets_prepare(op, subject, opt, false, &numbers, &call, err) < 0)
        return -1;
    return syncsets_send(c, ctx, &call, ret, NULL, err);
}
