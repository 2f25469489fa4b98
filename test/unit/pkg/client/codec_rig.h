/* codec_rig.h - a type with a member of every kind, for tests of both directions. */
#ifndef TEST_UNIT_PKG_CLIENT_CODEC_RIG_H
#define TEST_UNIT_PKG_CLIENT_CODEC_RIG_H

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/client/codec.h"
#include "test/unit/support/test.h"

enum colour { COLOUR_ABSENT, COLOUR_UNKNOWN, RED, GREEN };

struct thing_entry;
struct thing {
    const char *text;
    struct secret *secret;
    struct aro_int number;
    enum colour colour;
    const struct thing *inner;
    const struct thing *list;
    size_t list_len;
    const struct aro_text_entry *tags;
    size_t tags_len;
    const struct thing_entry *map;
    size_t map_len;
    const char *newer; /* since V_C, read-only since V_E */
};
struct thing_entry {
    const char *key;
    const struct thing *value;
};

static const struct client_enum_value colour_values[] = { { "red", V_PUBLIC },
                                                          { "green", V_FROM(V_C) } };
static const struct client_enum colour_enum = { "Colour", colour_values, ARRAY_LEN(colour_values) };
static const struct client_type thing_type;
static const struct client_field thing_fields[] = {
    { "text", CLIENT_TEXT, .versions = V_PUBLIC, .offset = offsetof(struct thing, text) },
    { "secret", CLIENT_SECRET, .versions = V_PUBLIC, .offset = offsetof(struct thing, secret) },
    { "number", CLIENT_INT, .versions = V_PUBLIC, .offset = offsetof(struct thing, number) },
    { "colour", CLIENT_ENUM, .versions = V_PUBLIC, .offset = offsetof(struct thing, colour),
      .values = &colour_enum },
    { "inner", CLIENT_OBJECT, .versions = V_PUBLIC, .offset = offsetof(struct thing, inner),
      .type = &thing_type },
    { "list", CLIENT_LIST, .versions = V_PUBLIC, .offset = offsetof(struct thing, list),
      .len_offset = offsetof(struct thing, list_len), .type = &thing_type },
    { "tags", CLIENT_TEXT_MAP, .versions = V_PUBLIC, .offset = offsetof(struct thing, tags),
      .len_offset = offsetof(struct thing, tags_len) },
    { "map", CLIENT_MAP, .versions = V_PUBLIC, .offset = offsetof(struct thing, map),
      .len_offset = offsetof(struct thing, map_len), .type = &thing_type },
    { "newer", CLIENT_TEXT, .versions = V_FROM(V_C), .read_only = V_FROM(V_E),
      .offset = offsetof(struct thing, newer) },
};
static const struct client_type thing_type = { "Thing", sizeof(struct thing), thing_fields,
                                               ARRAY_LEN(thing_fields) };

/* JSON in which single quotes stand for double quotes; owned. */
static inline json *rig_give_json(const char *text)
{
    cleanup_free char *copy = xstrdup(text);
    json *tree = NULL;
    for (char *c = copy; *c; c++)
        if (*c == '\'')
            *c = '"';
    if (json_parse(copy, strlen(copy), &tree, NULL) < 0)
        fail_msg("not JSON: %s", text);
    return tree;
}

#endif
