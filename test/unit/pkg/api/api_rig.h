/*
 * api_rig.h - what tests of API versions need: a full cluster, a sealer, bodies from paths. JSON in texts may be
 * written with single quotes. Results are owned by the caller; a defect of the test fails it.
 */
#ifndef TEST_UNIT_PKG_API_API_RIG_H
#define TEST_UNIT_PKG_API_API_RIG_H

#include <string.h>

#include "pkg/api/api.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/test.h"

/* One a version; a is admin. */
#define RIG_LETTERS "ABCDEFGHIJKa"
#define RIG_VERSIONS 12

/* "sealed:" in front of the text; counts its work. Fails when told to. */
struct rig_sealer {
    struct api_sealer base;
    int opened, sealed;
    bool fails;
};

static inline const struct api_version *rig_version(char letter)
{
    const char *at = strchr(RIG_LETTERS, letter);
    assert_non_null(at);
    return api_version_at((size_t)(at - RIG_LETTERS));
}

static inline int rig_open(void *arg, const char *sealed, struct secret **ret, struct error **err)
{
    struct rig_sealer *s = arg;
    if (s->fails)
        return error_set(err, ERR_UNAVAILABLE, "the key is away");
    assert_true(str_starts(sealed, "sealed:"));
    s->opened++;
    *ret = secret_new(sealed + 7, strlen(sealed) - 7);
    return 0;
}

static inline int rig_seal(void *arg, const struct secret *plain, char **ret, struct error **err)
{
    struct rig_sealer *s = arg;
    size_t len = 0;
    if (s->fails)
        return error_set(err, ERR_UNAVAILABLE, "the key is away");
    const char *text = secret_reveal(plain, &len);
    s->sealed++;
    *ret = xasprintf("sealed:%.*s", (int)len, text);
    return 0;
}

static inline void rig_sealer_init(struct rig_sealer *s)
{
    *s = (struct rig_sealer){ .base = { .open = rig_open, .seal = rig_seal, .arg = s } };
}

static inline json *rig_give_json(const char *text)
{
    cleanup_free char *doubled = xstrdup(text);
    json *j = NULL;
    for (char *c = doubled; *c; c++)
        if (*c == '\'')
            *c = '"';
    if (json_parse(doubled, strlen(doubled), &j, NULL) < 0)
        fail_msg("not JSON: %s", text);
    return j;
}

/* test/fixtures/api/NAME.json */
static inline json *rig_give_fixture(const char *name)
{
    cleanup_free char *path = xasprintf("test/fixtures/api/%s.json", name);
    cleanup_free char *text = NULL;
    size_t len = 0;
    json *j = NULL;
    assert_int_equal(file_read(path, 1 << 20, &text, &len, NULL), 0);
    assert_int_equal(json_parse_object(text, len, &j, NULL), 0);
    return j;
}

/* A cluster with every field that there is. */
static inline json *rig_give_internal(void)
{
    return rig_give_fixture("internal");
}

/* {"a":{"b":value}} of the path a.b */
static inline json *rig_give_body(const char *path, const char *value)
{
    json *body = json_new_object();
    if (json_path_put(body, path, rig_give_json(value), NULL) < 0)
        fail_msg("no path: %s", path);
    return body;
}

static inline void rig_assert_json(const json *got, const char *want)
{
    cleanup_json json *tree = rig_give_json(want);
    cleanup_free char *got_text = json_give_sorted(got);
    cleanup_free char *want_text = json_give_sorted(tree);
    assert_string_equal(got_text, want_text);
}

/* The error has this code and target (NULL: none); clears it. */
static inline void rig_assert_refused(struct error **err, const char *code, const char *target)
{
    assert_non_null(*err);
    assert_int_equal(error_kind(*err), ERR_INVALID);
    assert_string_equal(error_get_code(*err), code);
    if (target)
        assert_string_equal(error_get_target(*err), target);
    else
        assert_null(error_get_target(*err));
    error_clear(err);
}

#endif
