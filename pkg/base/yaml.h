/* yaml.h - YAML (and so JSON) text to JSON trees and back, with libyaml. */
#ifndef PKG_BASE_YAML_H
#define PKG_BASE_YAML_H

#include "pkg/base/json.h"

/* Nodes that aliases may expand to, in all; 64 bytes of text count as one. Against the billion laughs. */
#define YAML_ALIAS_NODES_MAX 100000

/* One document; *ret is NULL for an empty text or `null`. Unquoted scalars are what Kubernetes takes them for: true,
 * True, TRUE; null, ~; 12, 1.5e3, 0x1f, 0o17, 0644 (octal), 1_000; while yes, no, on, off and dates are strings, and
 * infinity is refused. Numbers keep their spelling where JSON allows it. Scalar keys become strings. Merge keys (<<)
 * are expanded, aliases copied. Duplicate keys, tags that JSON cannot express and NUL in a key are ERR_INVALID; line
 * and column are in the message. Depth at most JSON_DEPTH_MAX. Time is linear in len. */
int yaml_parse(const char *text, size_t len, json **ret, struct error **err);
/* All documents of a stream (`---`), empty and null ones skipped; *ret is an array. */
int yaml_parse_all(const char *text, size_t len, json **ret, struct error **err);
/* Block style, keys in order, strings quoted when a reader (also one of YAML 1.1) would take them for
 * another type, several lines as a literal block. Ends with a line end; owned by the caller. */
char *yaml_give_text(const json *j);

#endif
