/* Functions of templates that know the deployment: parameters, identities and contents of resources. */
#include <string.h>

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/template.h"
#include "hack/devcloud/azure/template_plan.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define FUNCTION(name) \
    static int name(const struct template_scope *s, json *const *args, size_t len, json **ret, \
                    struct error **err)
#define UNUSED_SCOPE ((void)s, (void)len)
/* Parameters and variables that use themselves would go on for ever. */
#define DEPTH_MAX 32
#define ZONES 3

/* ---- what the template was given ---- */

/* A member in any letter case; NULL: absent. */
static json *find_nocase(const json *object, const char *name)
{
    for (struct json_iter it = json_each(object); json_next(&it);)
        if (str_eq_nocase(it.key, name))
            return it.value;
    return NULL;
}

static int evaluate_deeper(const struct template_scope *s, const json *value, json **ret,
                           struct error **err)
{
    struct template_scope inner = *s;
    if (++inner.depth > DEPTH_MAX)
        return error_set(err, ERR_INVALID, "parameters or variables use themselves");
    return template_evaluate(&inner, value, ret, err);
}

FUNCTION(do_parameters)
{
    (void)len;
    const char *name;
    if (template_need_str("parameters", args[0], &name, err) < 0)
        return -1;
    json *declared = find_nocase(json_get(s->template, "parameters"), name);
    for (struct json_iter it = json_each(s->parameters); json_next(&it);)
        if (declared && str_eq_nocase(it.key, name)) {
            *ret = json_ref(it.value);
            return 0;
        }
    if (!declared)
        return error_set(err, ERR_INVALID, "The template parameter '%s' is not found", name);
    if (!json_has(declared, "defaultValue"))
        return error_set(err, ERR_INVALID,
                         "The value for the template parameter '%s' is not provided", name);
    return evaluate_deeper(s, json_get(declared, "defaultValue"), ret, err);
}

FUNCTION(do_variables)
{
    (void)len;
    const char *name;
    if (template_need_str("variables", args[0], &name, err) < 0)
        return -1;
    json *value = find_nocase(json_get(s->template, "variables"), name);
    if (!value)
        return error_set(err, ERR_INVALID, "The template variable '%s' is not found", name);
    return evaluate_deeper(s, value, ret, err);
}

FUNCTION(do_copy_index)
{
    const char *loop = len > 0 ? json_str(args[0]) : NULL;
    const json *offset_arg = loop ? (len > 1 ? args[1] : NULL) : len > 0 ? args[0] : NULL;
    int64_t offset = 0;
    if (offset_arg && template_need_int("copyIndex", offset_arg, &offset, err) < 0)
        return -1;
    for (size_t i = json_len(s->copies); i-- > 0;) {
        const json *copy = json_at(s->copies, i);
        if (!loop || str_eq_nocase(loop, json_path_str(copy, "name"))) {
            *ret = json_new_int(json_path_int(copy, "index", 0) + offset);
            return 0;
        }
    }
    return error_set(err, ERR_INVALID,
                     "The template function 'copyIndex' is not expected at this location");
}

/* ---- identities ---- */

/* prefix + "/providers/NS/t1/n1/t2/n2" from the arguments that begin with the type. */
static int join_id(const char *function, const char *prefix, json *const *args, size_t len,
                   json **ret, struct error **err)
{
    cleanup_strv struct strv type = STRV_INIT;
    strv_split(&type, json_str(args[0]), "/", false);
    if (len != type.len)
        return error_set(err, ERR_INVALID,
                         "The template language function '%s' was given %zu names for the type "
                         "'%s'",
                         function, len - 1, json_str(args[0]));
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&b, "%s/providers/%s", prefix, type.v[0]);
    for (size_t i = 1; i < len; i++) {
        const char *name;
        if (template_need_str(function, args[i], &name, err) < 0)
            return -1;
        buf_addf(&b, "/%s/%s", type.v[i], name);
    }
    *ret = json_new_str(buf_str(&b));
    return 0;
}

/* The first argument that is a type: it alone has a slash. */
static size_t find_type(json *const *args, size_t len)
{
    size_t i = 0;
    while (i < len && !(json_str(args[i]) && strchr(json_str(args[i]), '/')))
        i++;
    return i;
}

FUNCTION(do_resource_id)
{
    size_t at = find_type(args, len);
    if (at == len || at > 2)
        return error_set(err, ERR_INVALID,
                         "The template language function 'resourceId' was given no resource type");
    const char *group = at > 0 ? json_str(args[at - 1]) : s->group;
    cleanup_free char *subscription =
        at > 1 ? xasprintf("/subscriptions/%s", json_str(args[0])) : xstrdup(s->subscription);
    cleanup_free char *prefix =
        group ? xasprintf("%s/resourceGroups/%s", subscription, group) : xstrdup(subscription);
    return join_id("resourceId", prefix, args + at, len - at, ret, err);
}

FUNCTION(do_subscription_resource_id)
{
    size_t at = find_type(args, len);
    if (at == len || at > 1)
        return error_set(err, ERR_INVALID,
                         "The template language function 'subscriptionResourceId' was given no "
                         "resource type");
    cleanup_free char *prefix =
        at > 0 ? xasprintf("/subscriptions/%s", json_str(args[0])) : xstrdup(s->subscription);
    return join_id("subscriptionResourceId", prefix, args + at, len - at, ret, err);
}

FUNCTION(do_extension_resource_id)
{
    (void)s;
    const char *base, *type;
    if (template_need_str("extensionResourceId", args[0], &base, err) < 0 ||
        template_need_str("extensionResourceId", args[1], &type, err) < 0)
        return -1;
    return join_id("extensionResourceId", base, args + 1, len - 1, ret, err);
}

static int read_object(const struct template_scope *s, const char *path, json **ret,
                       struct error **err)
{
    cleanup_answer struct sim_answer answer = { 0 };
    arm_ask(s->sim, s->application, "GET", path, "2019-07-01", NULL, &answer);
    if (answer.status != 200)
        return error_set(err, ERR_INVALID, "%s was not found", path);
    *ret = take(answer.body);
    return 0;
}

FUNCTION(do_resource_group)
{
    (void)len;
    (void)args;
    if (!s->group)
        return error_set(err, ERR_INVALID,
                         "The template function 'resourceGroup' is not expected at this location");
    cleanup_free char *path = xasprintf("%s/resourceGroups/%s", s->subscription, s->group);
    return read_object(s, path, ret, err);
}

FUNCTION(do_subscription)
{
    (void)len;
    (void)args;
    return read_object(s, s->subscription, ret, err);
}

FUNCTION(do_deployment)
{
    (void)len;
    (void)args;
    (void)err;
    *ret = json_make("{'name':%s,'properties':{}}", s->deployment);
    return 0;
}

FUNCTION(do_pick_zones)
{
    (void)s;
    int64_t count = 1, offset = 0;
    if ((len > 3 && template_need_int("pickZones", args[3], &count, err) < 0) ||
        (len > 4 && template_need_int("pickZones", args[4], &offset, err) < 0))
        return -1;
    if (count < 0 || offset < 0 || count > ZONES || offset > ZONES - count)
        return error_set(err, ERR_INVALID, "pickZones: there are %d zones", ZONES);
    *ret = json_new_array();
    for (int64_t i = 0; i < count; i++) {
        cleanup_free char *zone = xasprintf("%lld", (long long)offset + i + 1);
        json_append(*ret, json_new_str(zone));
    }
    return 0;
}

/* ---- contents ---- */

/* Path and version of what an argument means: a full ID, or a resource of this template. */
static int find_resource(const struct template_scope *s, const char *text, const json *version_arg,
                         char **ret_path, char **ret_version, struct error **err)
{
    const json *item = plan_find(s->plan, text);
    const char *version = json_str(version_arg);
    if (!item && text[0] != '/')
        return error_set(err, ERR_INVALID, "The resource '%s' is not defined in the template",
                         text);
    if (!version)
        version = json_path_str(item, "version");
    if (!version)
        return error_set(err, ERR_INVALID,
                         "The api-version of '%s', which is not in the template, is missing", text);
    *ret_path = xstrdup(item ? json_path_str(item, "id") : text);
    *ret_version = xstrdup(version);
    return 0;
}

static int fail_read(const struct sim_answer *answer, const char *path, struct error **err)
{
    const char *code = json_path_str(answer->body, "error.code");
    const char *message = json_path_str(answer->body, "error.message");
    int rcode = error_set(err, ERR_NOT_FOUND, "%s", message ? message : path);
    error_code(err, code ? code : "ResourceNotFound");
    error_status(err, answer->status);
    return rcode;
}

FUNCTION(do_reference)
{
    const char *text;
    cleanup_free char *path = NULL, *version = NULL;
    if (template_need_str("reference", args[0], &text, err) < 0 ||
        find_resource(s, text, len > 1 ? args[1] : NULL, &path, &version, err) < 0)
        return -1;
    cleanup_answer struct sim_answer answer = { 0 };
    arm_ask(s->sim, s->application, "GET", path, version, NULL, &answer);
    if (answer.status != 200)
        return fail_read(&answer, path, err);
    bool full = len > 2 && str_eq_nocase(json_str(args[2]), "Full");
    *ret = full ? take(answer.body) : json_ref(json_get(answer.body, "properties"));
    return 0;
}

/* list*(): its name, behind the arguments, is the action. */
FUNCTION(do_list)
{
    const char *text;
    cleanup_free char *path = NULL, *version = NULL;
    if (template_need_str("list", args[0], &text, err) < 0 ||
        find_resource(s, text, args[1], &path, &version, err) < 0)
        return -1;
    cleanup_free char *action = xasprintf("%s/%s", path, json_str(args[len]));
    cleanup_answer struct sim_answer answer = { 0 };
    arm_ask(s->sim, s->application, "POST", action, version, len > 2 ? args[2] : NULL, &answer);
    if (answer.status != 200)
        return fail_read(&answer, action, err);
    *ret = take(answer.body);
    return 0;
}

const struct template_function template_arm_functions[] = {
    { "copyIndex", 0, 2, false, do_copy_index },
    { "deployment", 0, 0, false, do_deployment },
    { "extensionResourceId", 3, TEMPLATE_ANY, false, do_extension_resource_id },
    { "list", 2, 3, true, do_list },
    { "parameters", 1, 1, false, do_parameters },
    { "pickZones", 3, 5, false, do_pick_zones },
    { "reference", 1, 3, true, do_reference },
    { "resourceGroup", 0, 0, false, do_resource_group },
    { "resourceId", 2, TEMPLATE_ANY, false, do_resource_id },
    { "subscription", 0, 0, false, do_subscription },
    { "subscriptionResourceId", 2, TEMPLATE_ANY, false, do_subscription_resource_id },
    { "variables", 1, 1, false, do_variables },
    { 0 },
};
