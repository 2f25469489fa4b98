/*
 * three_way.h - the patch that makes of a live object what is wanted, and takes away what was wanted before and is no
 * longer: fields that nobody of ours ever named survive.
 *
 * original  what was applied last; NULL: not known, so that nothing is taken away
 * modified  what is wanted
 * current   what is there
 * All are objects and borrowed. *ret is the patch, owned; NULL: there is nothing to do.
 *
 * Differences that come from the server's own filling in are none: a field that only current has; an item of a list that
 * has more fields than the wanted one; an empty value that was applied before and that the server does not keep.
 *
 * Threads: pure.
 * Source: k8s.io/apimachinery, util/strategicpatch (CreateThreeWayMergePatch) and util/jsonmergepatch.
 */
#ifndef RP_SYNCSETS_APPLY_THREE_WAY_H
#define RP_SYNCSETS_APPLY_THREE_WAY_H

#include "pkg/base/json.h"
#include "pkg/kube/strategic.h"

/* A JSON merge patch (RFC 7396): lists are replaced as a whole. */
json *three_way_merge(const json *original, const json *modified, const json *current);

/* A strategic merge patch; node is that of the whole object. Lists in which two items have the same key cannot be merged
 * and are replaced. */
json *three_way_strategic(const struct strategic_schema *schema, const void *node,
                          const json *original, const json *modified, const json *current);

#endif
