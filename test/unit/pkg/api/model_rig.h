/*
 * model_rig.h - the checks of a list of fields, one for each file of the table: who has a field, who may change it,
 * and that decoding, immutability and both conversions do as the list says, which knows nothing of the table.
 */
#ifndef TEST_UNIT_PKG_API_MODEL_RIG_H
#define TEST_UNIT_PKG_API_MODEL_RIG_H

#include <string.h>

#include "pkg/api/api.h"
#include "pkg/api/immutable.h"
#include "pkg/api/model.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/pkg/api/api_rig.h"
#include "test/unit/support/test.h"

/*
 * rules: one letter a version, in the order of RIG_LETTERS: - unknown, I immutable, M mutable, R
 * read-only. value: what a request changes it to. target: of the refusal, when it is not the path.
 * inside: the path in the internal cluster, when it is another.
 */
struct field_case {
    const char *path, *rules, *value, *target, *inside;
    bool secret;
};

#define F(p, r, v, ...) \
    { \
        .path = (p), .rules = (r), .value = (v), __VA_ARGS__ \
    }

static inline json *rig_give_base(const struct api_version *v, const json *internal)
{
    struct rig_sealer sealer;
    json *base = NULL;
    rig_sealer_init(&sealer);
    assert_int_equal(api_cluster_to_external(v, internal, &sealer.base, &base, NULL), 0);
    return base;
}

static inline void rig_check_shown(const struct field_case *c, const struct api_version *v,
                                   char rule, const json *internal)
{
    cleanup_json json *base = rig_give_base(v, internal), *reply = NULL;
    assert_int_equal(api_cluster_to_external(v, internal, NULL, &reply, NULL), 0);

    bool known = rule != '-' && (!c->inside || *c->inside);
    assert_int_equal(json_path_has(base, c->path), known);
    assert_int_equal(json_path_has(reply, c->path), known && !c->secret);

    api_cluster_drop_read_only(v, base);
    assert_int_equal(json_path_has(base, c->path), known && rule != 'R');
}

/* rule R or I: refused; M: written; -: ignored. */
static inline void rig_check_change(const struct field_case *c, const struct api_version *v,
                                    char rule, json *internal)
{
    struct rig_sealer sealer;
    cleanup_error struct error *err = NULL;
    cleanup_json json *base = rig_give_base(v, internal), *ext = json_give_copy(base);
    cleanup_json json *body = rig_give_body(c->path, c->value);
    cleanup_json json *untouched = json_give_copy(internal);
    cleanup_free char *text = json_give_text(body);
    rig_sealer_init(&sealer);
    api_cluster_drop_read_only(v, ext);
    cleanup_json json *before = json_give_copy(ext);

    assert_int_equal(api_cluster_decode(v, text, strlen(text), ext, &err), 0);
    int rc = api_immutable_check(v, ext, base, &err);

    if (rule == 'I' || rule == 'R') {
        const char *target =
            c->target && (rule == 'R' || !str_eq(c->target, "systemData")) ? c->target : c->path;
        assert_int_equal(rc, -1);
        rig_assert_refused(&err, "PropertyChangeNotAllowed", target);
        return;
    }
    assert_int_equal(rc, 0);
    assert_int_equal(api_cluster_to_internal(v, ext, base, internal, &sealer.base, &err), 0);
    if (rule == '-') {
        assert_true(json_equal(ext, before));
        assert_true(json_equal(internal, untouched));
    } else if (c->secret) {
        assert_string_equal(json_path_str(internal, c->path), "sealed:x");
    } else if (!c->inside || *c->inside) {
        cleanup_json json *want = rig_give_json(c->value);
        const json *got = json_path(internal, c->inside ? c->inside : c->path);
        assert_true(json_kind(want) == JSON_BOOL ? json_bool(got, false) == json_bool(want, false)
                                                 : json_equal(got, want));
    }
}

static inline void rig_check_field(void **state)
{
    const struct field_case *c = *state;
    assert_int_equal(strlen(c->rules), RIG_VERSIONS);

    for (size_t i = 0; i < RIG_VERSIONS; i++) {
        const struct api_version *v = rig_version(RIG_LETTERS[i]);
        cleanup_json json *internal = rig_give_internal();
        if (RIG_LETTERS[i] < 'H')
            (void)json_path_del(internal,
                                "properties.workerProfilesStatus"); /* shown as the workers there */
        rig_check_shown(c, v, c->rules[i], internal);
        rig_check_change(c, v, c->rules[i], internal);
    }
}

/* ---- lists are complete ---- */

struct rig_list {
    const struct field_case *cases;
    size_t len;
    const struct api_type *const
        *elsewhere; /* types that another file's test lists; NULL behind the last */
};

static inline bool rig_is_listed(const struct rig_list *list, const char *path)
{
    for (size_t i = 0; i < list->len; i++)
        if (str_eq(list->cases[i].path, path))
            return true;
    return false;
}

static inline bool rig_is_elsewhere(const struct rig_list *list, const struct api_type *t)
{
    for (size_t i = 0; list->elsewhere[i]; i++)
        if (list->elsewhere[i] == t)
            return true;
    return false;
}

/* Maps stand for the fixture's one entry, lists for their first. */
static inline const char *rig_entry_of(const struct api_field *f)
{
    static const char *const keys[][2] = {
        { "userAssignedIdentities", "[\"/ids/cluster\"]" },
        { "platformWorkloadIdentities", "[\"ingress\"]" },
        { "operatorFlags", "[\"aro.banner.enabled\"]" },
    };
    for (size_t k = 0; k < ARRAY_LEN(keys); k++)
        if (str_eq(f->name, keys[k][0]))
            return keys[k][1];
    return f->kind == KIND_LIST ? "[0]" : "";
}

/* Every field of the type, whose path begins with prefix, is in the list, or what it holds is. */
static inline void rig_check_listed(const struct rig_list *list, const struct api_type *t,
                                    const char *prefix)
{
    for (size_t i = 0; i < t->len; i++) {
        const struct api_field *f = &t->fields[i];
        cleanup_free char *path = xasprintf("%s%s", prefix, f->name);
        cleanup_free char *below = xasprintf("%s%s", path, rig_entry_of(f));
        cleanup_free char *inner = xasprintf("%s.", below);
        assert_true(strlen(f->doc) > 5);
        assert_int_equal(f->doc[strlen(f->doc) - 1], '.');
        if (rig_is_listed(list, path))
            continue;
        if (f->type && !rig_is_elsewhere(list, f->type))
            rig_check_listed(list, f->type, inner);
        else if (!f->type && !rig_is_listed(list, below))
            fail_msg("%s is not in this test's list", path);
    }
}

#endif
