/*
 * json.h - JSON trees: Kubernetes objects, ARM bodies and documents, read and edited by path, so
 * that unknown fields survive.
 *
 * `json` is a json-c object; only pkg/base includes json-c. A NULL `json *` is JSON null. Absent,
 * null and empty are three states: json_has tells them apart. Numbers keep their spelling: integers
 * beyond 64 bits and decimals are written as they were read. A tree belongs to one thread (its
 * counts are not atomic); only bytes cross.
 *
 * Paths: dots, `[0]`, and `["aro.banner.enabled"]` for keys with dots:
 * "spec.operatorflags[\"aro.x\"]". Inside the quotes a backslash takes the next character as it is.
 * "" is the tree itself; a malformed path finds nothing.
 */
#ifndef PKG_BASE_JSON_H
#define PKG_BASE_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/buf.h"
#include "pkg/base/cleanup.h"
#include "pkg/base/error.h"

typedef struct json_object json;

#define JSON_DEPTH_MAX 256

/* An integer beyond 64 bits is JSON_INT, too; json_int then fails. */
enum json_kind { JSON_NULL, JSON_BOOL, JSON_INT, JSON_DECIMAL, JSON_STR, JSON_ARRAY, JSON_OBJECT };

/* ---- text ---- */
/* Strict JSON text, UTF-8 checked, depth at most JSON_DEPTH_MAX, last duplicate key wins, a byte
 * order mark is skipped; a NUL inside a key is refused (inside a string it is kept). ERR_INVALID
 * names the byte offset. *ret may be NULL: the text was `null`. */
int json_parse(const char *text, size_t len, json **ret, struct error **err);
/* As json_parse, and the value must be an object (never NULL then). */
int json_parse_object(const char *text, size_t len, json **ret, struct error **err);
/* For texts of strangers, before they are parsed: ERR_TOO_LARGE when the tree would take more than max_bytes, by an estimate
 * that holds within a third; a few bytes of text (`{},`) make hundreds of a tree. 0 as well where the text is defective, which parsing
 * tells. Takes no memory. */
int json_check_room(const char *text, size_t len, size_t max_bytes, struct error **err);
char *json_give_text(const json *j);           /* compact; slashes not escaped */
char *json_give_sorted(const json *j);         /* compact, keys sorted: canonical, for hashes */
void json_write(struct buf *b, const json *j); /* compact */
void json_write_indented(struct buf *b, const json *j,
                         int indent); /* indent spaces, ": ", trailing newline none */

/* A string with its quotes and escapes, for text that is written without a tree; bytes that are no
 * UTF-8 become U+FFFD. */
void json_write_str(struct buf *b, const char *s, size_t len);

/* ---- making ---- */
json *json_new_object(void);
json *json_new_array(void);
json *json_new_str(const char *s); /* NULL gives JSON null */
json *json_new_str_n(const char *s, size_t n);
json *json_new_int(int64_t v);
json *json_new_bool(bool v);
json *
json_new_decimal(const char *spelling); /* a JSON number, written as given; anything else aborts */
/*
 * A tree from a template: JSON in which single quotes may stand for double quotes, with %s (string;
 * NULL = null), %d (int), %ld (int64_t), %b (bool as int), %j (json *, consumed). Keys may be %s
 * too. Inside quotes nothing is replaced, and a percent sign is written %%. The template is a
 * constant of ours: a malformed one aborts.
 *   json_make("{'metadata':{'name':%s},'spec':{'replicas':%d,'selector':%j}}", name, 1, selector)
 */
json *json_make(const char *fmt, ...);
json *json_ref(json *j);             /* one more owner, same thread */
json *json_give_copy(const json *j); /* deep */
void json_free(json *j);             /* drops one owner; accepts NULL */

DEFINE_RELEASE(json *, json_free)
#define cleanup_json CLEANUP_WITH(json_free_slot)

/* For a tree that holds secrets and shares no part with another: its texts are zeroed first. Keys are
 * not. Best effort: what parsed or wrote the text had it, too. */
void json_free_wiped(json *j);
DEFINE_RELEASE(json *, json_free_wiped)
#define cleanup_json_wiped CLEANUP_WITH(json_free_wiped_slot)

/* ---- reading ---- */
enum json_kind json_kind(const json *j);
const char *json_kind_name(enum json_kind k); /* "string", "array", ... for messages */
bool json_is_object(const json *j);
bool json_is_array(const json *j);
const char *json_str(const json *j); /* borrowed; NULL when not a string */
size_t json_str_len(const json *j);
bool json_int(const json *j,
              int64_t *ret); /* integers that fit, and decimals without a fraction (8.0) */
bool json_bool(const json *j, bool dflt);
double json_number(const json *j, double dflt);
const char *
json_spelling(const json *j); /* text of a number as read; borrowed; NULL for other kinds */
/* Characters that a number takes without an exponent (1e3 is 1000, 1.50e-2 is 0.0150): what it grows to where
 * exponents are not kept. Zeros count as they stand. 0 for other kinds. */
size_t json_plain_len(const json *number);
/* null, false, 0 (not 0.0), empty text, no elements, no members: what many APIs leave out. */
bool json_is_zero(const json *j);
/* Levels: 1 for a scalar or an empty container; looks no deeper than limit, and tells limit + 1 of what is. */
int json_depth(const json *j, int limit);
bool json_equal(const json *a, const json *b); /* deep; object order ignored; 8 equals 8.0 */

bool json_has(const json *object, const char *key); /* true also when the value is null */
json *json_get(const json *object,
               const char *key); /* borrowed; NULL when absent, null, or not an object */
size_t json_len(const json *array_or_object); /* 0 for everything else */
json *json_at(const json *array, size_t i);   /* borrowed */

/* for (struct json_iter it = json_each(obj); json_next(&it);) use it.key, it.value (borrowed).
 * Deleting the current key is allowed, adding is not. */
struct json_iter {
    const char *key;
    json *value;
    void *entry_;
};
struct json_iter json_each(const json *object); /* anything but an object: no iteration */
bool json_next(struct json_iter *it);

/* ---- editing ---- (values are consumed; a wrong container or an index beyond the end is a defect
 * and aborts) */
void json_put(json *object, const char *key, json *value);
bool json_del(json *object, const char *key);
void json_append(json *array, json *value);
void json_insert_at(json *array, size_t i, json *value);
void json_replace_at(json *array, size_t i, json *value);
/* In place of the first object whose text at that key is value's, else at the end: a list whose members have names. */
void json_put_keyed(json *array, const char *key, json *value);
void json_remove_at(json *array, size_t i);
void json_sort_strs(json *array); /* byte order; non-strings last */

/* ---- by path ---- */
json *json_path(const json *j, const char *path); /* borrowed; NULL when absent or null */
const char *json_path_str(const json *j,
                          const char *path); /* borrowed; NULL when absent or no string */
int64_t json_path_int(const json *j, const char *path, int64_t dflt);
bool json_path_bool(const json *j, const char *path, bool dflt);
bool json_path_has(const json *j, const char *path); /* true also when null */
/* ERR_INVALID "spec.resourceId: missing or not a string". */
int json_need_str(const json *j, const char *path, const char **ret, struct error **err);
int json_need_int(const json *j, const char *path, int64_t *ret, struct error **err);
/* Makes missing (or null) objects and arrays on the way; anything else on the way, a malformed
 * path, or an array index beyond the length (which appends) is ERR_INVALID, and then nothing has
 * changed. value is consumed, even on failure. */
int json_path_put(json *j, const char *path, json *value, struct error **err);
int json_set_str(json *j, const char *path, const char *value, struct error **err);
bool json_path_del(json *j, const char *path); /* false when absent */

/* ---- patches ---- */
/* RFC 7396. target is consumed, may be NULL; returns the result. */
json *json_give_merged(json *target, const json *patch);
/* The merge patch that turns from into to, both objects; NULL when there is nothing to do. Arrays
 * are replaced whole. A merge patch cannot store null: a null member of `to` is the same as an
 * absent one. */
json *json_give_merge_patch(const json *from, const json *to);

#endif
