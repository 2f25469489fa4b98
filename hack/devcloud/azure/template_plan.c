#include "hack/devcloud/azure/template_plan.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define COUNT_MAX 800

/* ---- identities ---- */

bool plan_names(const json *item, const char *text)
{
    const char *id = json_path_str(item, "id");
    cleanup_free char *relative = xasprintf("/providers/%s", text);
    return str_eq_nocase(text, json_path_str(item, "name")) || str_eq_nocase(text, id) ||
           (id && strchr(text, '/') && str_ends_nocase(id, relative));
}

json *plan_find(const json *plan, const char *text)
{
    for (size_t i = 0; i < json_len(plan); i++)
        if (plan_names(json_at(plan, i), text))
            return json_at(plan, i);
    return NULL;
}

/* Where the resource goes, without "/providers/...": its own scope, another group, the deployment's. Owned. */
static int give_scope(const struct template_scope *s, const json *source, char **ret,
                      struct error **err)
{
    cleanup_free char *group = NULL, *subscription = NULL;
    if (json_get(source, "scope"))
        return template_evaluate_str(s, json_get(source, "scope"), ret, err);
    if (json_get(source, "resourceGroup") &&
        template_evaluate_str(s, json_get(source, "resourceGroup"), &group, err) < 0)
        return -1;
    if (json_get(source, "subscriptionId") &&
        template_evaluate_str(s, json_get(source, "subscriptionId"), &subscription, err) < 0)
        return -1;
    const char *in = group ? group : s->group;
    cleanup_free char *base =
        subscription ? xasprintf("/subscriptions/%s", subscription) : xstrdup(s->subscription);
    *ret = in ? xasprintf("%s/resourceGroups/%s", base, in) : xstrdup(base);
    return 0;
}

/* scope/providers/NS/t1/n1/t2/n2: one name for each part of the type behind the namespace. */
static int give_id(const char *scope, const char *type, const char *name, char **ret,
                   struct error **err)
{
    cleanup_strv struct strv types = STRV_INIT, names = STRV_INIT;
    strv_split(&types, type, "/", false);
    strv_split(&names, name, "/", false);
    if (types.len < 2 || names.len + 1 != types.len)
        return error_set(err, ERR_INVALID,
                         "The template resource '%s' for type '%s' has incorrect segment lengths. "
                         "A nested resource type must have identical number of segments as its "
                         "resource name",
                         name, type);
    if (str_eq_nocase(type, "Microsoft.Resources/resourceGroups")) {
        *ret = xasprintf("%s/resourceGroups/%s", scope, name);
        return 0;
    }
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_addf(&b, "%s/providers/%s", scope, types.v[0]);
    for (size_t i = 0; i < names.len; i++)
        buf_addf(&b, "/%s/%s", types.v[i + 1], names.v[i]);
    *ret = buf_give(&b);
    return 0;
}

/* ---- resources ---- */

static int add_all(const struct template_scope *s, const json *list, const json *parent, json *plan,
                   struct error **err);

static int is_wanted(const struct template_scope *s, const json *source, bool *ret,
                     struct error **err)
{
    cleanup_json json *condition = NULL;
    *ret = true;
    if (!json_get(source, "condition"))
        return 0;
    if (template_evaluate(s, json_get(source, "condition"), &condition, err) < 0)
        return error_wrap(err, "condition");
    if (json_kind(condition) != JSON_BOOL)
        return error_set(err, ERR_INVALID, "condition: neither true nor false");
    *ret = json_bool(condition, true);
    return 0;
}

static char *give_child(const json *parent, const char *member, const char *text)
{
    return parent ? xasprintf("%s/%s", json_path_str(parent, member), text) : xstrdup(text);
}

static int add_one(const struct template_scope *s, const json *source, const json *parent,
                   json *plan, struct error **err)
{
    cleanup_free char *own_name = NULL, *own_type = NULL, *version = NULL, *scope = NULL;
    cleanup_free char *id = NULL;
    bool wanted;
    if (template_evaluate_str(s, json_get(source, "type"), &own_type, err) < 0 ||
        template_evaluate_str(s, json_get(source, "name"), &own_name, err) < 0 ||
        template_evaluate_str(s, json_get(source, "apiVersion"), &version, err) < 0)
        return error_wrap(err, "type, name and apiVersion of a resource");
    cleanup_free char *type = give_child(parent, "type", own_type);
    cleanup_free char *name = give_child(parent, "name", own_name);
    if (give_scope(s, source, &scope, err) < 0 || give_id(scope, type, name, &id, err) < 0 ||
        is_wanted(s, source, &wanted, err) < 0)
        return error_wrap(err, "resource '%s'", name);
    for (size_t i = 0; i < json_len(plan); i++)
        if (str_eq_nocase(json_path_str(json_at(plan, i), "id"), id))
            return error_set(err, ERR_INVALID,
                             "The resource '%s' is defined multiple times in a template", id);
    json *item = json_make("{'name':%s,'type':%s,'id':%s,'version':%s,'source':%j,'after':[],"
                           "'skipped':%b}",
                           name, type, id, version, json_give_copy(source), !wanted);
    json_append(plan, item);
    if (s->copies)
        json_put(item, "copies", json_give_copy(s->copies));
    if (json_path_str(source, "copy.name"))
        json_put(item, "loop", json_new_str(json_path_str(source, "copy.name")));
    return add_all(s, json_get(source, "resources"), item, plan, err);
}

static int add_loop(const struct template_scope *s, const json *source, const json *parent,
                    json *plan, struct error **err)
{
    cleanup_json json *count = NULL;
    int64_t n;
    const char *name = json_path_str(source, "copy.name");
    if (!name)
        return error_set(err, ERR_INVALID, "a copy of resources has no name");
    if (template_evaluate(s, json_path(source, "copy.count"), &count, err) < 0 ||
        template_need_int("copy", count, &n, err) < 0)
        return error_wrap(err, "copy '%s'", name);
    if (n < 0 || n > COUNT_MAX)
        return error_set(err, ERR_INVALID, "copy '%s': the count is not within 0 and %d", name,
                         COUNT_MAX);
    for (int64_t i = 0; i < n; i++) {
        cleanup_json json *copies = s->copies ? json_give_copy(s->copies) : json_new_array();
        json_append(copies, json_make("{'name':%s,'index':%ld}", name, i));
        struct template_scope inner = *s;
        inner.copies = copies;
        if (add_one(&inner, source, parent, plan, err) < 0)
            return -1;
    }
    return 0;
}

static int add_all(const struct template_scope *s, const json *list, const json *parent, json *plan,
                   struct error **err)
{
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++) {
        const json *source = json_at(list, i);
        if (!json_is_object(source))
            return error_set(err, ERR_INVALID, "resources[%zu]: not an object", i);
        bool loop = json_is_object(json_get(source, "copy"));
        int rcode =
            loop ? add_loop(s, source, parent, plan, err) : add_one(s, source, parent, plan, err);
        if (rcode < 0)
            return -1;
    }
    if (json_len(plan) > COUNT_MAX)
        return error_set(err, ERR_INVALID, "The template has more than %d resources", COUNT_MAX);
    return 0;
}

/* ---- the whole ---- */

int plan_build(const struct template_scope *s, json **ret, struct error **err)
{
    static const char *const parts[] = { "parameters", "variables", "resources", "outputs" };
    const char *text;
    if (json_need_str(s->template, "$schema", &text, err) < 0 ||
        json_need_str(s->template, "contentVersion", &text, err) < 0)
        return -1;
    if (!json_is_array(json_get(s->template, "resources")))
        return error_set(err, ERR_INVALID, "resources: missing or not an array");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++)
        if (template_check(json_get(s->template, parts[i]), err) < 0)
            return -1;
    cleanup_json json *plan = json_new_array();
    struct template_scope planned = *s;
    planned.plan = plan;
    if (add_all(&planned, json_get(s->template, "resources"), NULL, plan, err) < 0 ||
        plan_order(&planned, plan, err) < 0)
        return -1;
    *ret = take(plan);
    return 0;
}
