/*
 * json_impl.h - what the json_*.c files share. Private to pkg/base; with them the only user of
 * json-c.
 *
 * json-c traps that shape these files:
 *   - its tokener stops at depth 32 and loses numbers beyond 64 bits: the parser is ours, on
 * json_scan;
 *   - json_object_to_json_string caches text inside the object: the writer is ours, too;
 *   - json_object_object_get cannot tell null from absent: only the _ex form is used;
 *   - numbers that are no int64 are "doubles" whose user data is their spelling.
 */
#ifndef PKG_BASE_JSON_IMPL_H
#define PKG_BASE_JSON_IMPL_H

#include <stdint.h>

/* json-c has a type of this name, json.h a function. */
#define json_bool json_c_bool
#include <json-c/json_object.h>
#include <json-c/linkhash.h>
#undef json_bool

#include "pkg/base/json.h"

/* json-c takes no const; nothing here writes through the result unless the caller handed over a
 * mutable tree. */
static inline json *json_unconst(const json *j)
{
    return (json *)(uintptr_t)j;
}

/* Reports on stderr and aborts: a defect of the caller, or memory ended inside json-c. */
_Noreturn void json_die(const char *what, const char *detail);

/* json-c returns NULL only when memory ends. */
static inline json *json_must(json *j)
{
    if (!j)
        json_die("out of memory", "json-c");
    return j;
}

/* As json_parse; a duplicate key is ERR_INVALID. */
int json_parse_unique(const char *text, size_t len, json **ret, struct error **err);

/* A number from checked spelling; keeps the spelling unless a canonical int64. */
json *json_number_new(const char *spelling, size_t len);
/* Whether text is exactly one JSON number. */
bool json_number_is_valid(const char *text, size_t len);
/* Value equality of two spellings: 8, 8.0 and 80e-1 are equal. */
bool json_number_equal(const char *a, const char *b);
/* json_plain_len of a spelling. */
size_t json_number_plain_len(const char *spelling);
/* The spelling's value when it is an integer within int64. */
bool json_number_to_int(const char *spelling, int64_t *ret);

/* True when the object has the key; *ret may then be NULL (null). Anything but an object: false. */
static inline bool json_lookup(const json *object, const char *key, json **ret)
{
    *ret = NULL;
    return json_is_object(object) && json_object_object_get_ex(json_unconst(object), key, ret);
}

#endif
