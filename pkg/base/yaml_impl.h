/* yaml_impl.h - what plain YAML scalars mean, for the reader and the writer. Private to pkg/base. */
#ifndef PKG_BASE_YAML_IMPL_H
#define PKG_BASE_YAML_IMPL_H

#include "pkg/base/json.h"

enum yaml_plain {
    YAML_PLAIN_STR,    /* a string: *ret is not written */
    YAML_PLAIN_VALUE,  /* *ret owns the value; NULL for null */
    YAML_PLAIN_NO_JSON /* infinity or not-a-number, which JSON lacks */
};

/*
 * The type of an unquoted scalar, as Kubernetes reads it: true/false, null/~/empty, decimal numbers, and integers as
 * 0x1f, 0o17, 017 and 0b1, with underscores between digits. yes, no, on, off and dates are strings.
 */
enum yaml_plain yaml_resolve(const char *text, size_t len, json **ret);

/* Whether the string, written without quotes, could be read as something else by this or another reader. */
bool yaml_needs_quotes(const char *text, size_t len);

/* Whether the code point may stand in YAML as it is (line ends are not printable in this sense). */
bool yaml_is_printable(uint32_t cp);

#endif
