/*
 * codec.h - structs to JSON and back, as tables say (resources.c, generated). Inside pkg/client only.
 *
 * A table names each member, what it is, in which API versions, and where in the struct its value lies. Enumerators are
 * 0 for absent, 1 for a text that no version knew when the table was made, and from 2 on the values in the table's order.
 * Errors are ERR_INVALID; their text begins with the path of what is wrong, which is their target, too. Threads: pure.
 */
#ifndef PKG_CLIENT_CODEC_H
#define PKG_CLIENT_CODEC_H

#include "pkg/api/versions.h"
#include "pkg/base/json.h"
#include "pkg/client/value.h"

enum client_kind {
    CLIENT_TEXT,     /* const char * */
    CLIENT_SECRET,   /* struct secret * */
    CLIENT_INT,      /* struct aro_int */
    CLIENT_ENUM,     /* an enum */
    CLIENT_OBJECT,   /* const struct T * */
    CLIENT_LIST,     /* const struct T *, and size_t at len_offset */
    CLIENT_TEXT_MAP, /* const struct aro_text_entry *, and size_t */
    CLIENT_MAP,      /* as client_entry, and size_t */
};

struct client_enum_value {
    const char *text;
    uint32_t versions;
};
struct client_enum {
    const char *name;
    const struct client_enum_value *values;
    size_t len;
};
#define CLIENT_ENUM_UNKNOWN 1
#define CLIENT_ENUM_FIRST 2
/* NULL for absent and unknown. */
const char *client_enum_text(const struct client_enum *e, int value);

struct client_type;
struct client_field {
    const char *name;
    enum client_kind kind;
    uint32_t versions, read_only;
    size_t offset, len_offset;
    const struct client_type *type;
    const struct client_enum *values;
};
struct client_type {
    const char *name;
    size_t size;
    const struct client_field *fields;
    size_t len;
};
/* Every generated type of map entries looks like this. */
struct client_entry {
    const char *key;
    const void *value;
};

/* *ret is one block with all that it points to; client_free. Members that the type does not have are passed over. */
int client_decode(const struct client_type *t, uint32_t version, const json *from, void **ret,
                  struct error **err);
void client_free(void *decoded); /* accepts NULL */

/* A member that is set although the version does not have it is an error. The tree may hold secrets: json_free_wiped. */
int client_encode(const struct client_type *t, uint32_t version, const void *from, json **ret,
                  struct error **err);
/* The same without what is read-only in the version, which no request may hold. */
int client_encode_request(const struct client_type *t, uint32_t version, const void *from,
                          json **ret, struct error **err);

/* The same with text; version NULL: the newest public one. Text that was made: secret_free_text. */
int client_decode_text(const struct client_type *t, const char *version, const char *text,
                       size_t len, void **ret, struct error **err);
int client_encode_text(const struct client_type *t, const char *version, const void *from,
                       char **ret, struct error **err);
/* The public API version of that name, NULL: the newest. */
int client_version_find(const char *name, const struct api_version **ret, struct error **err);

/* ---- where in a tree ---- */

/* A chain on the stack: name, or key of a map, or index of a list (name and key NULL). */
struct client_path {
    const struct client_path *parent;
    const char *name, *key;
    size_t index;
};
/* "properties.workerProfiles[0].count: <text>", with the path as target. Returns -1. */
int client_fail_at(const struct client_path *path, struct error **err, const char *fmt, ...)
    PRINTF_LIKE(3, 4);

#endif
