/*
 * builtin.h - the built-in kinds as data: rows that generate.sh takes from a real API server, and
 * facts beside them that its OpenAPI document does not tell. Threads: constants.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_BUILTIN_H
#define HACK_DEVCLOUD_CLUSTER_BUILTIN_H

#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/cleanup.h"

/*
 * Types with their fields: a row with `type` begins a type, the rows behind it are its fields.
 * of       "string", "int", "number", "bool", "time", "bytes", "quantity", "int-or-string", "any",
 *          "empty" (an object without fields), a type's name, "[]" or "{}" (map) before any of these
 * options  words: required, merge=KEY, strategy=merge[,retainKeys], list=map|set|atomic, keys=A,B, atomic
 */
struct builtin_row {
    const char *type, *name, *of, *options;
};
extern const struct builtin_row builtin_rows[];
extern const size_t builtin_rows_len;

/* Lists are words separated by spaces. */
struct builtin_kind {
    const char *group, *version, *resource, *kind;
    bool namespaced;
    const char *short_names, *categories;
    const char *type; /* of builtin_rows */
    const char *verbs, *subresources;
    int since_minor; /* served by Kubernetes 1.N and later; 0: always */
};
extern const struct builtin_kind builtin_kinds[];
extern const size_t builtin_kinds_len;

/*
 * What the server fills in for an absent field of a type.
 * ALWAYS    a struct or value that the server always writes, even empty; it counts as present when
 *           field ownership is compared
 * otherwise an ordinary default
 */
struct builtin_default {
    const char *type, *field;
    const char *value; /* JSON, single quotes stand for double quotes */
    bool always;
};
extern const struct builtin_default builtin_defaults[];
extern const size_t builtin_defaults_len;
/* Names of fields whose zero value is not written. */
extern const char *const builtin_omitted[];
extern const size_t builtin_omitted_len;

/*
 * Where protobuf has the fields of a type: " NAME=NUMBER +TYPE=NUMBER ", sorted by type. A "+" is a message
 * whose fields JSON has in the owner itself.
 */
struct builtin_numbers {
    const char *type, *fields;
};
extern const struct builtin_numbers builtin_numbers[];
extern const size_t builtin_numbers_len;

/* Kinds and types that newer servers have. */
extern const struct builtin_kind builtin_newer_kinds[];
extern const size_t builtin_newer_kinds_len;
extern const struct builtin_row builtin_newer_rows[];
extern const size_t builtin_newer_rows_len;

#endif
