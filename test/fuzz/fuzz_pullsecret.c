/*
 * Whatever is in the two pull secrets (apart by a NUL byte): the merged one is JSON, holds each of
 * our registries as we have it and every other one of the user's, and needs no further change.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "operator/controllers/pullsecret.h"
#include "pkg/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static json *give_object(const char *text)
{
    json *object = NULL;
    return json_parse_object(text, strlen(text), &object, NULL) == 0 ? object : NULL;
}

static void check_entries(const json *user, const json *ours, const json *merged)
{
    json *our_auths = json_get(ours, "auths"), *auths = json_get(merged, "auths");
    for (struct json_iter it = json_each(our_auths); json_next(&it);)
        if (!json_equal(json_get(auths, it.key), it.value))
            abort();
    for (struct json_iter it = json_each(json_get(user, "auths")); json_next(&it);)
        if (!json_has(our_auths, it.key) && !json_equal(json_get(auths, it.key), it.value))
            abort();
    for (struct json_iter it = json_each(user); json_next(&it);)
        if (strcmp(it.key, "auths") != 0 && !json_equal(json_get(merged, it.key), it.value))
            abort();
}

static void check_merge(const char *user_text, const char *our_text)
{
    cleanup_free char *merged_text = NULL;
    cleanup_free char *again = NULL;
    if (pullsecret_merge(user_text, our_text, &merged_text, NULL) < 0)
        return;
    const char *result = merged_text ? merged_text : user_text;
    cleanup_json json *user = give_object(user_text);
    cleanup_json json *ours = give_object(our_text);
    cleanup_json json *merged = give_object(result);
    if (!ours || !merged)
        abort();
    check_entries(user, ours, merged);
    if (pullsecret_merge(result, our_text, &again, NULL) < 0 || again)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_free char *text = xmemdup(data, size); /* with a NUL behind */
    const char *our_text = text + strlen(text);
    if (our_text < text + size)
        our_text++;
    check_merge(text, our_text);
    cleanup_json json *keys = NULL;
    if (pullsecret_give_red_hat_keys(text, &keys, NULL) == 0 && json_len(keys) > 3)
        abort();
    return 0;
}
