/*
 * selector.h - label selectors of Kubernetes: the text of a query ("a=b,c in (d,e),!f") and the objects of sets.
 * `!=`, `notin` and NotIn also match objects without the label.
 * Threads: pure.
 * Source: k8s.io/apimachinery pkg/labels.
 */
#ifndef RP_SYNCSETS_TYPES_SELECTOR_H
#define RP_SYNCSETS_TYPES_SELECTOR_H

#include "pkg/base/strv.h"
#include "rp/syncsets/types/types.h"

enum selector_op { SELECT_IN, SELECT_EXISTS, SELECT_NOT_IN, SELECT_NOT_EXISTS };
struct requirement {
    enum selector_op op;
    char *key;
    struct strv values; /* sorted, unique; of IN and NOT_IN */
};
#define SELECTOR_MAX 64 /* requirements; values of one: 1000 */
struct selector {       /* zeros: everything */
    struct requirement *v;
    size_t len;
};
/* NULL and "" select everything. ERR_INVALID. */
int selector_parse(const char *text, struct selector *ret, struct error **err);
/* Adds a cause for every flaw; ret (may be NULL) gets what is sound. label_selector: the object, may be NULL (everything). */
void selector_decode(const json *label_selector, const char *path, struct api_causes *causes,
                     struct selector *ret);
bool selector_matches(const struct selector *s, const json *labels);
char *selector_give_text(
    const struct selector *s); /* canonical: equal for equal requirements in the same order */
void selector_release(struct selector *s);
#define cleanup_selector CLEANUP_WITH(selector_release)

#endif
