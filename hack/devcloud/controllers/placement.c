#include "hack/devcloud/controllers/placement.h"

#include "pkg/base/strv.h"

#define REQUIRED "affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution"

/* ---- node selector and affinity ---- */

static bool is_among(const json *values, const char *text)
{
    for (size_t i = 0; text && i < json_len(values); i++)
        if (str_eq(json_str(json_at(values, i)), text))
            return true;
    return false;
}

static bool compares(const json *values, const char *text, bool greater)
{
    long long have, limit;
    const char *bound = json_str(json_at(values, 0));
    if (!text || !bound || !str_to_int(text, INT64_MIN, INT64_MAX, &have) ||
        !str_to_int(bound, INT64_MIN, INT64_MAX, &limit))
        return false;
    return greater ? have > limit : have < limit;
}

/* value: the label's or field's; NULL: the node has none. */
static bool meets(const json *requirement, const char *value)
{
    const char *op = json_path_str(requirement, "operator");
    const json *values = json_get(requirement, "values");
    if (str_eq(op, "In"))
        return is_among(values, value);
    if (str_eq(op, "NotIn"))
        return !is_among(values, value);
    if (str_eq(op, "Exists") || str_eq(op, "DoesNotExist"))
        return (value != NULL) == str_eq(op, "Exists");
    return json_len(values) == 1 && compares(values, value, str_eq(op, "Gt"));
}

static bool meets_term(const json *term, const json *node)
{
    const json *labels = json_path(node, "metadata.labels");
    const json *expressions = json_get(term, "matchExpressions");
    const json *fields = json_get(term, "matchFields");
    for (size_t i = 0; i < json_len(expressions); i++) {
        const char *key = json_path_str(json_at(expressions, i), "key");
        if (!meets(json_at(expressions, i), json_str(json_get(labels, key ? key : ""))))
            return false;
    }
    for (size_t i = 0; i < json_len(fields); i++) {
        bool name = str_eq(json_path_str(json_at(fields, i), "key"), "metadata.name");
        if (!meets(json_at(fields, i), name ? json_path_str(node, "metadata.name") : NULL))
            return false;
    }
    return json_len(expressions) + json_len(fields) > 0;
}

bool placement_matches(const json *spec, const json *node)
{
    const json *labels = json_path(node, "metadata.labels");
    const json *terms = json_path(spec, REQUIRED ".nodeSelectorTerms");
    bool any = !json_path(spec, REQUIRED);
    for (struct json_iter it = json_each(json_get(spec, "nodeSelector")); json_next(&it);)
        if (!str_eq(json_str(json_get(labels, it.key)), json_str(it.value)))
            return false;
    for (size_t i = 0; i < json_len(terms) && !any; i++)
        any = meets_term(json_at(terms, i), node);
    return any;
}

/* ---- taints ---- */

static bool tolerates(const json *toleration, const json *taint)
{
    const char *key = json_path_str(toleration, "key");
    const char *effect = json_path_str(toleration, "effect");
    const char *value = json_path_str(toleration, "value");
    const char *of_taint = json_path_str(taint, "value");
    bool exists = str_eq(json_path_str(toleration, "operator"), "Exists");
    if (effect && *effect && !str_eq(effect, json_path_str(taint, "effect")))
        return false;
    if (!key || !*key)
        return exists;
    return str_eq(key, json_path_str(taint, "key")) &&
           (exists || str_eq(value ? value : "", of_taint ? of_taint : ""));
}

static bool is_tolerated(const json *spec, const json *taint)
{
    const json *list = json_get(spec, "tolerations");
    for (size_t i = 0; i < json_len(list); i++)
        if (tolerates(json_at(list, i), taint))
            return true;
    return false;
}

bool placement_tolerates(const json *spec, const json *node, const char *effect)
{
    const json *taints = json_path(node, "spec.taints");
    for (size_t i = 0; i < json_len(taints); i++) {
        const char *of = json_path_str(json_at(taints, i), "effect");
        bool counts = effect ? str_eq(of, effect) : !str_eq(of, "PreferNoSchedule");
        if (counts && !is_tolerated(spec, json_at(taints, i)))
            return false;
    }
    return true;
}
