/*
 * The scanner, the splitter and the tree parser see the same text in the same way; what was parsed is written as text
 * that parses to an equal tree, and splitting at any place finds the same end.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/json_scan.h"
#include "pkg/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

/* Walks all tokens; true when the text is one value. *deepest and *nul_key tell what the parser refuses beyond. */
static bool scan(const char *text, size_t len, size_t *deepest, bool *nul_key)
{
    struct json_scan s;
    json_scan_init(&s, text, len);
    for (;;) {
        enum scan_token t = json_scan_next(&s, NULL);
        if (t == SCAN_ERROR || t == SCAN_END)
            return t == SCAN_END;
        must(s.text >= text && s.text + s.len <= text + len && s.pos <= text + len);
        if (s.depth > *deepest)
            *deepest = s.depth;
        if (t == SCAN_KEY) {
            cleanup_free char *key = json_scan_give_text(&s);
            must(json_scan_key_is(&s, key) || s.escaped);
            if (!json_scan_key_is(&s, key))
                *nul_key = true;
        }
    }
}

static bool skips(const char *text, size_t len)
{
    struct json_scan s;
    const char *value;
    size_t n;
    json_scan_init(&s, text, len);
    return json_scan_skip(&s, &value, &n, NULL) == 0 && json_scan_next(&s, NULL) == SCAN_END;
}

/* The end of the first value, fed in pieces of the given size; 0 when it does not end. */
static size_t split(const char *text, size_t len, size_t piece)
{
    struct json_split s = { 0 };
    for (size_t at = 0; at < len;) {
        bool complete;
        size_t room = len - at < piece ? len - at : piece;
        size_t n = json_split_feed(&s, text + at, room, &complete);
        at += n;
        if (complete)
            return at;
        must(n == room);
    }
    return 0;
}

static void check_round_trip(const json *j)
{
    cleanup_free char *text = json_give_text(j), *sorted = json_give_sorted(j);
    cleanup_buf struct buf indented = BUF_INIT(BUF_UNBOUNDED);
    json_write_indented(&indented, j, 2);
    const char *texts[] = { text, sorted, buf_str(&indented) };
    for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
        cleanup_json json *again = NULL;
        must(json_parse(texts[i], strlen(texts[i]), &again, NULL) == 0);
        must(json_equal(j, again));
        cleanup_free char *text_again = i == 1 ? json_give_sorted(again) : json_give_text(again);
        must(strcmp(text_again, i == 1 ? sorted : text) == 0);
    }
    cleanup_json json *copy = json_give_copy(j);
    must(json_equal(copy, j));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    size_t deepest = 0;
    bool nul_key = false;
    bool valid = scan(text, size, &deepest, &nul_key);
    must(skips(text, size) == valid);

    size_t whole = split(text, size, size);
    must(split(text, size, 1) == whole && split(text, size, 5) == whole);

    cleanup_json json *j = NULL;
    bool parsed = json_parse(text, size, &j, NULL) == 0;
    must(parsed == (valid && deepest <= JSON_DEPTH_MAX && !nul_key));
    if (!parsed)
        return 0;
    if (json_is_object(j) || json_is_array(j))
        must(whole > 0 && (text[whole - 1] == '}' || text[whole - 1] == ']'));
    check_round_trip(j);
    return 0;
}
