/*
 * template.h - the part of Go's text/template that sets may use: texts with {{ function "argument" }} actions.
 *
 *   {{ fromCDLabel "key" }}        the cluster's label, empty when it has none
 *   {{ fromCDAnnotation "key" }}   its annotation
 *   {{ fromCDName }} {{ fromCDNamespace }}
 *   {{ fromCDLabel "key" | default "x" }}, {{ default "x" (fromCDLabel "key") }}: x when the other is empty
 *   {{ "text" }}, {{ `raw` }}, {{- trimming -}}, comments
 * Anything else is an error with its position (line:column).
 * Threads: pure.
 * Source: Go 1.15 text/template; openshift/hive pkg/controller/clustersync (fromCDLabel).
 */
#ifndef RP_SYNCSETS_TYPES_TEMPLATE_H
#define RP_SYNCSETS_TYPES_TEMPLATE_H

#include "pkg/base/json.h"

/* Whether text has actions at all. */
bool template_has_actions(const char *text);
/* What all texts of a set may come to: an annotation is large, and a set has room for many actions. */
#define TEMPLATE_MAX_BYTES ((size_t)4 << 20)
/* cluster: an object with metadata; NULL: everything is empty, which serves to check the syntax. *room: the bytes that may
 * still be made, less those of the text afterwards; NULL: TEMPLATE_MAX_BYTES. ret may be NULL.
 * ERR_INVALID. */
int template_render(const char *text, const json *cluster, size_t *room, char **ret,
                    struct error **err);
/* Every text in value, keys left alone; value stays as it was when that fails. The error names the place. */
int template_render_tree(const json *value, const json *cluster, size_t *room, json **ret,
                         struct error **err);

#endif
