#include <stdio.h>
#include <string.h>

#include "rp/frontend/reply_cache.h"
#include "test/unit/support/test.h"

static void finds_what_was_put(void **state)
{
    (void)state;
    struct reply_cache *c = reply_cache_new();
    cleanup_cached_reply struct cached_reply r = { 0 };
    reply_cache_put(c, "/a", "v1", "1", "old");
    reply_cache_put(c, "/a", "v1", "2", "new");

    assert_true(reply_cache_find(c, "/a", "v1", &r));

    assert_string_equal(r.etag, "2");
    assert_string_equal(r.text, "new");
    reply_cache_free(c);
}

static void keeps_keys_and_versions_apart(void **state)
{
    (void)state;
    struct reply_cache *c = reply_cache_new();
    struct cached_reply r = { 0 };
    reply_cache_put(c, "/a", "v1", "1", "text");

    assert_false(reply_cache_find(c, "/b", "v1", &r));
    assert_false(reply_cache_find(c, "/a", "v2", &r));
    assert_false(reply_cache_find(c, "/av", "1", &r)); /* the same hash */
    assert_null(r.text);
    reply_cache_free(c);
}

static void keeps_no_large_text(void **state)
{
    (void)state;
    struct reply_cache *c = reply_cache_new();
    struct cached_reply r = { 0 };
    static char text[REPLY_CACHE_TEXT_MAX + 2];
    memset(text, 'x', sizeof(text) - 1);
    reply_cache_put(c, "/a", "v1", "1", text);

    assert_false(reply_cache_find(c, "/a", "v1", &r));
    reply_cache_free(c);
}

static void gives_places_to_newcomers(void **state)
{
    (void)state;
    struct reply_cache *c = reply_cache_new();
    size_t found = 0;
    char key[16];
    for (int i = 0; i < 2000; i++) {
        (void)snprintf(key, sizeof(key), "/%d", i);
        reply_cache_put(c, key, "v1", "1", key);
    }
    for (int i = 0; i < 2000; i++) {
        cleanup_cached_reply struct cached_reply r = { 0 };
        (void)snprintf(key, sizeof(key), "/%d", i);
        if (!reply_cache_find(c, key, "v1", &r))
            continue;
        found++;
        assert_string_equal(r.text, key);
    }
    assert_in_range(found, 1, 512);
    reply_cache_free(c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("finds what was put last", finds_what_was_put),
        CASE("keeps keys and versions apart", keeps_keys_and_versions_apart),
        CASE("keeps no large text", keeps_no_large_text),
        CASE("gives places to newcomers", gives_places_to_newcomers),
    };
    return RUN_CASES("reply_cache", tests);
}
