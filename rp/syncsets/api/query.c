/*
 * Which parameters the query of a request may have.
 *
 * What would be passed over is refused: with a selector that is not understood a list, and a deletion even more so, is of far
 * more than its caller meant.
 */
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"
#include "rp/syncsets/api/impl.h"
#include "rp/syncsets/types/operations.h"

/* What clients of Kubernetes add by themselves. The first few change nothing here. */
static const struct {
    const char *name, *method; /* method NULL: any */
} usual[] = {
    { "pretty", NULL },
    { "timeout", NULL },
    { "fieldManager", NULL },
    { "fieldValidation", NULL },
    { "dryRun", NULL },
    { "propagationPolicy", "DELETE" },
    { "gracePeriodSeconds", "DELETE" },
    { "resourceVersion", "GET" },
    { "resourceVersionMatch", "GET" },
    { "sendInitialEvents", "GET" },
};

/* But with these values they would. */
static const struct {
    const char *name, *value; /* NULL: any */
    const char *why;
} refused[] = {
    { "dryRun", NULL, "nothing can be tried without being done" },
    { "propagationPolicy", "Orphan", "say orphan=true to leave in clusters what a set put there" },
    { "resourceVersionMatch", "Exact", "what was can be watched, but not listed" },
};

/* Not of actions. */
static bool is_here(const struct api_operation *op, const struct sets_request *r)
{
    enum api_place place = r->name                         ? API_AT_OBJECT
                           : r->nspace && !r->type->global ? API_AT_NAMESPACE
                                                           : API_AT_LIST;
    bool here =
        op->place == place || (r->type->global && !r->name && op->place == API_AT_NAMESPACE);
    return here && !op->action && api_operation_applies(op, r->type);
}

/* NULL: there is none, as its verb will say. */
static const struct api_operation *find_operation(const struct sets_request *r)
{
    const char *method = http_call_method(r->call);
    if (str_eq(method, "HEAD"))
        method = "GET";
    if (r->action)
        return api_operation_find(r->type, r->action);
    for (size_t i = 0; i < api_operations_len; i++)
        if (is_here(&api_operations[i], r) && str_eq(api_operations[i].method, method))
            return &api_operations[i];
    return NULL;
}

static void add_method(struct strv *methods, const char *method)
{
    strv_add_unique(methods, method);
    if (str_eq(method, "GET"))
        strv_add_unique(methods, "HEAD");
}

char *sets_request_give_allowed(const struct sets_request *r)
{
    cleanup_strv struct strv methods = STRV_INIT;
    const struct api_operation *action = r->action ? api_operation_find(r->type, r->action) : NULL;
    if (action)
        add_method(&methods, action->method);
    for (size_t i = 0; !r->action && i < api_operations_len; i++)
        if (is_here(&api_operations[i], r))
            add_method(&methods, api_operations[i].method);
    return methods.len ? strv_give_joined(&methods, ", ") : NULL;
}

static void add_known(const struct api_operation *op, struct strv *known)
{
    for (size_t i = 0; i < API_PARAMS_MAX && op->params[i]; i++)
        if (!api_param_is_header(op->params[i]))
            strv_add(known, op->params[i]);
    for (size_t i = 0; i < ARRAY_LEN(usual); i++)
        if (!usual[i].method || str_eq(usual[i].method, op->method))
            strv_add_unique(known, usual[i].name);
}

static int check_value(const struct sets_request *r, const char *name, struct error **err)
{
    cleanup_free char *value = NULL;
    if (sets_request_text(r, name, &value, err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(refused); i++)
        if (str_eq(refused[i].name, name) && value && *value &&
            (!refused[i].value || str_eq(refused[i].value, value)))
            return error_set(err, ERR_INVALID, "%s=%.80s: %s", name, value, refused[i].why);
    return 0;
}

int sets_request_check_query(const struct sets_request *r, struct error **err)
{
    const struct api_operation *op = find_operation(r);
    const char *query = http_call_query(r->call);
    cleanup_free char *broken = NULL;
    cleanup_strv struct strv known = STRV_INIT, seen = STRV_INIT;
    if (!op || !query)
        return 0;
    if (!query_is_sound(query, &broken))
        return error_set(err, ERR_INVALID, "the query's parameter '%.80s' is malformed", broken);
    add_known(op, &known);
    for (char *name; (name = query_give_name(&query));) {
        strv_take(&seen, name);
        if (!strv_has(&known, name)) {
            cleanup_free char *all = strv_give_joined(&known, ", ");
            return error_set(err, ERR_INVALID,
                             "the query's parameter '%.80s' is not known here: there are %s", name,
                             all);
        }
        if (check_value(r, name, err) < 0)
            return -1;
    }
    int64_t version; /* what a list or an object is, is not older than any; but a mistake is one */
    if (sets_request_int(r, "resourceVersion", 0, INT64_MAX, 0, &version, err) < 0)
        return -1;
    strv_sort(&seen);
    for (size_t i = 1; i < seen.len; i++)
        if (str_eq(seen.v[i - 1], seen.v[i]))
            return error_set(err, ERR_INVALID, "the query has %s more than once", seen.v[i]);
    return 0;
}
