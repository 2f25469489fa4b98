/*
 * Path syntax and merge patches. The input is three lines: a path, a document, a patch. What is put can be found and
 * deleted; a patch made from two trees turns one into the other.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check_path(const json *doc, const char *path)
{
    cleanup_json json *j = json_give_copy(doc);
    bool had = json_path_has(j, path);
    must(json_path(j, path) == NULL || had);

    if (json_path_put(j, path, json_new_int(77), NULL) < 0) {
        must(json_equal(j, doc));
    } else {
        must(json_path_int(j, path, 0) == 77);
        must(json_path_del(j, path));
    }
    cleanup_json json *second = json_give_copy(doc);
    must(json_path_del(second, path) == (had && *path));
    must(!had || !*path || !json_equal(second, doc));
}

/* A null member cannot be stored by a merge patch. */
static bool has_null_member(const json *j)
{
    for (struct json_iter it = json_each(j); json_next(&it);)
        if (!it.value || has_null_member(it.value))
            return true;
    return false;
}

static void check_patch(const json *from, const json *to)
{
    cleanup_json json *merged = json_give_merged(json_give_copy(from), to);
    cleanup_json json *twice = json_give_merged(json_give_copy(merged), to);
    must(json_equal(merged, twice));

    if (!json_is_object(from) || !json_is_object(to) || has_null_member(to))
        return;
    cleanup_json json *patch = json_give_merge_patch(from, to);
    must((patch == NULL) == json_equal(from, to));
    cleanup_json json *result =
        patch ? json_give_merged(json_give_copy(from), patch) : json_give_copy(to);
    must(json_equal(result, to));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_free char *text = xmemdup(data, size);
    char *path_end = memchr(text, '\n', size);
    if (!path_end)
        return 0;
    *path_end = '\0';

    char *doc_text = path_end + 1;
    char *doc_end = memchr(doc_text, '\n', size - (size_t)(doc_text - text));
    size_t doc_len = doc_end ? (size_t)(doc_end - doc_text) : size - (size_t)(doc_text - text);
    cleanup_json json *doc = NULL, *patch = NULL;
    if (json_parse(doc_text, doc_len, &doc, NULL) < 0)
        return 0;
    check_path(doc, text);

    if (doc_end && json_parse(doc_end + 1, size - (size_t)(doc_end + 1 - text), &patch, NULL) == 0)
        check_patch(doc, patch);
    return 0;
}
