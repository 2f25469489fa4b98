/* yaml.h - YAML (and so JSON) text to JSON trees and back, with libyaml. */
#ifndef PKG_BASE_YAML_H
#define PKG_BASE_YAML_H

#include "pkg/base/json.h"

#define YAML_ALIAS_NODES_MAX 100000 /* nodes after alias expansion, against the billion laughs */

/* One document; *ret is NULL for an empty text or `null`. YAML 1.2 core types as Kubernetes reads them (also
 * 1.1 booleans yes/no/on/off stay strings; true/True/TRUE are booleans); merge keys (<<) are expanded; duplicate keys
 * are ERR_INVALID; line and column are in the message. Depth at most JSON_DEPTH_MAX. */
int yaml_parse(const char *text, size_t len, json **ret, struct error **err);
/* All documents of a stream (`---`), empty ones skipped; *ret is an array. */
int yaml_parse_all(const char *text, size_t len, json **ret, struct error **err);
/* Block style, keys in order, strings quoted when a reader would take them for another type. */
char *yaml_give_text(const json *j);

#endif
