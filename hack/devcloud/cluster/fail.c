#include "hack/devcloud/cluster/fail.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static int fail_va(struct error **err, int status, const char *reason, json *details,
                   const char *fmt, va_list ap)
{
    cleanup_free char *text = xvasprintf(fmt, ap);
    cleanup_json json *owned = details;
    (void)error_set(err, err_kind_from_http_status(status), "%s", text);
    error_code(err, reason);
    error_status(err, status);
    if (owned) {
        cleanup_free char *body = json_give_text(owned);
        error_body(err, body);
    }
    return -1;
}

int fail_with(struct error **err, int status, const char *reason, json *details, const char *fmt,
              ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)fail_va(err, status, reason, details, fmt, ap);
    va_end(ap);
    return -1;
}

int fail_bad_request(struct error **err, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    (void)fail_va(err, 400, "BadRequest", NULL, fmt, ap);
    va_end(ap);
    return -1;
}

static json *give_details(const struct fail_object *o)
{
    json *details = json_new_object();
    if (o->name && *o->name)
        json_put(details, "name", json_new_str(o->name));
    if (o->group && *o->group)
        json_put(details, "group", json_new_str(o->group));
    json_put(details, "kind", json_new_str(o->resource));
    return details;
}

static char *give_qualified(const char *name, const char *group)
{
    return group && *group ? xasprintf("%s.%s", name, group) : xstrdup(name);
}

int fail_not_found(struct error **err, const struct fail_object *o)
{
    cleanup_free char *what = give_qualified(o->resource, o->group);
    return fail_with(err, 404, "NotFound", give_details(o), "%s \"%s\" not found", what, o->name);
}

int fail_exists(struct error **err, const struct fail_object *o)
{
    cleanup_free char *what = give_qualified(o->resource, o->group);
    return fail_with(err, 409, "AlreadyExists", give_details(o), "%s \"%s\" already exists", what,
                     o->name);
}

int fail_conflict(struct error **err, const struct fail_object *o, const char *why)
{
    cleanup_free char *what = give_qualified(o->resource, o->group);
    return fail_with(err, 409, "Conflict", give_details(o),
                     "Operation cannot be fulfilled on %s \"%s\": %s", what, o->name, why);
}

int fail_forbidden(struct error **err, const struct fail_object *o, const char *why)
{
    cleanup_free char *what = give_qualified(o->resource, o->group);
    if (!o->name || !*o->name)
        return fail_with(err, 403, "Forbidden", give_details(o), "%s is forbidden: %s", what, why);
    return fail_with(err, 403, "Forbidden", give_details(o), "%s \"%s\" is forbidden: %s", what,
                     o->name, why);
}

int fail_method(struct error **err, const struct fail_object *o, const char *verb)
{
    (void)o;
    (void)verb;
    return fail_with(err, 405, "MethodNotAllowed", json_new_object(),
                     "the server does not allow this method on the requested resource");
}

int fail_expired(struct error **err, const char *why)
{
    return fail_with(err, 410, "Expired", NULL, "%s", why);
}

/* ---- field errors ---- */

void invalid_release(struct invalid *v)
{
    json_free(v->causes);
    v->causes = NULL;
}

static void add_cause(struct invalid *v, const char *reason, const char *field, const char *message)
{
    if (!v->causes)
        v->causes = json_new_array();
    json_append(v->causes,
                json_make("{'reason':%s,'message':%s,'field':%s}", reason, message, field));
}

void invalid_required(struct invalid *v, const char *field, const char *why)
{
    cleanup_free char *text = xasprintf("Required value%s%s", why ? ": " : "", why ? why : "");
    add_cause(v, "FieldValueRequired", field, text);
}

void invalid_value(struct invalid *v, const char *field, const json *value, const char *fmt, ...)
{
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *why = xvasprintf(fmt, ap);
    va_end(ap);
    cleanup_free char *shown = json_give_text(value);
    cleanup_free char *text = xasprintf("Invalid value: %s: %s", shown, why);
    add_cause(v, "FieldValueInvalid", field, text);
}

void invalid_forbidden(struct invalid *v, const char *field, const char *why)
{
    cleanup_free char *text = xasprintf("Forbidden: %s", why);
    add_cause(v, "FieldValueForbidden", field, text);
}

void invalid_unsupported(struct invalid *v, const char *field, const json *value,
                         const char *supported)
{
    cleanup_free char *shown = json_give_text(value);
    cleanup_free char *text =
        xasprintf("Unsupported value: %s: supported values: %s", shown, supported);
    add_cause(v, "FieldValueNotSupported", field, text);
}

void invalid_duplicate(struct invalid *v, const char *field, const json *value)
{
    cleanup_free char *shown = json_give_text(value);
    cleanup_free char *text = xasprintf("Duplicate value: %s", shown);
    add_cause(v, "FieldValueDuplicate", field, text);
}

void invalid_other(struct invalid *v, const char *reason, const char *field, const char *message)
{
    add_cause(v, reason, field, message);
}

static char *give_summary(const json *causes)
{
    cleanup_strv struct strv parts = STRV_INIT;
    for (size_t i = 0; i < json_len(causes); i++) {
        const char *field = json_path_str(json_at(causes, i), "field");
        cleanup_free char *part =
            xasprintf("%s: %s", field, json_path_str(json_at(causes, i), "message"));
        strv_add_unique(&parts, part);
    }
    cleanup_free char *joined = strv_give_joined(&parts, ", ");
    return parts.len == 1 ? take(joined) : xasprintf("[%s]", joined);
}

int invalid_check(const struct invalid *v, const struct fail_object *o, struct error **err)
{
    if (!v->causes)
        return 0;
    cleanup_free char *what = give_qualified(o->kind, o->group);
    cleanup_free char *summary = give_summary(v->causes);
    struct fail_object by_kind = { .group = o->group, .resource = o->kind, .name = o->name };
    json *details = give_details(&by_kind);
    json_put(details, "causes", json_give_copy(v->causes));
    return fail_with(err, 422, "Invalid", details, "%s \"%s\" is invalid: %s", what,
                     o->name ? o->name : "", summary);
}

/* ---- Status ---- */

json *fail_give_status(const struct error *e)
{
    json *status = json_make("{'kind':'Status','apiVersion':'v1','metadata':{},"
                             "'status':'Failure','message':%s}",
                             error_text(e));
    json *details = NULL;
    const char *body = error_get_body(e);
    if (error_get_code(e))
        json_put(status, "reason", json_new_str(error_get_code(e)));
    if (body && json_parse(body, strlen(body), &details, NULL) == 0)
        json_put(status, "details", details);
    json_put(status, "code", json_new_int(error_get_status(e)));
    return status;
}

json *fail_give_success(json *details)
{
    json *status = json_make("{'kind':'Status','apiVersion':'v1','metadata':{},"
                             "'status':'Success'}");
    if (details)
        json_put(status, "details", details);
    return status;
}
