/*
 * json_scan.h - a pull scanner over JSON bytes that arrive in pieces; builds no tree.
 *
 * Feed bytes, take tokens. The informer store, the watch splitter and the projection use it at wire
 * speed (at least 400 MB/s a core for skipping), so strings without escapes are returned as spans
 * of the input.
 */
#ifndef PKG_BASE_JSON_SCAN_H
#define PKG_BASE_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/error.h"

enum scan_token {
    SCAN_END, /* the value is complete; only white space followed */
    SCAN_OBJECT_BEGIN,
    SCAN_OBJECT_END,
    SCAN_ARRAY_BEGIN,
    SCAN_ARRAY_END,
    SCAN_KEY, /* text/len: raw bytes between the quotes (escapes not decoded; `escaped` tells) */
    SCAN_STR,
    SCAN_NUMBER, /* text/len: spelling */
    SCAN_TRUE,
    SCAN_FALSE,
    SCAN_NULL,
    SCAN_ERROR /* error_set was called */
};

#define SCAN_DEPTH_MAX 512

struct json_scan {
    const char *begin, *pos, *end; /* whole document; pos is just behind the last token */
    const char *text;              /* of the last token */
    size_t len;
    bool escaped;
    bool nul_key; /* a key with an escaped NUL was met since json_scan_init: no tree can hold it */
    size_t depth, deepest; /* now; the most since json_scan_init */
    unsigned char state_;
    unsigned char stack_[SCAN_DEPTH_MAX / 8];
};

/* doc is borrowed while the scanner is used; a byte order mark is skipped. */
void json_scan_init(struct json_scan *s, const char *doc, size_t len);
enum scan_token json_scan_next(struct json_scan *s, struct error **err);
/* After a KEY or before a value: skips one whole value, checking its syntax and UTF-8; its bytes
 * are
 * [*ret_text, *ret_text + *ret_len). 0 or -1. */
int json_scan_skip(struct json_scan *s, const char **ret_text, size_t *ret_len, struct error **err);
/* Whether the innermost open container has another key or item: lets json_scan_skip walk an array.
 * False also where the text is defective, which the next token then reports. */
bool json_scan_more(const struct json_scan *s);
bool json_scan_key_is(const struct json_scan *s, const char *key);
/* Decodes a KEY or STR token; owned by the caller. An escaped NUL ends the text early; a surrogate
 * without its partner becomes U+FFFD. */
char *json_scan_give_text(const struct json_scan *s);

/*
 * json_split - finds the end of one JSON value in a stream of pieces, without tokens: for watch
 * lines and for the items of a list. State machine over bytes; strings and nesting only (full
 * checks come from the scanner later).
 */
struct json_split {
    size_t depth;
    bool in_string, escape, started;
};
/* Bytes of data that belong to the current value; *ret_complete when it ended with them. Leading
 * white space before the value is counted, too. A completed struct is ready for the next value;
 * zeroed is the initial state. A number or word at top level ends before the byte that delimits it.
 */
size_t json_split_feed(struct json_split *s, const char *data, size_t len, bool *ret_complete);

#endif
