/*
 * selector.h - label selectors ("a=b,c in (d,e),!f,g>1") and field selectors ("metadata.name=x").
 * Threads: immutable after parsing.
 * Source: k8s.io/apimachinery, labels and fields.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_SELECTOR_H
#define HACK_DEVCLOUD_CLUSTER_SELECTOR_H

#include "hack/devcloud/cluster/state.h"
#include "pkg/base/strv.h"

struct label_selector;
/* NULL or "" selects everything (*ret NULL). ERR_INVALID with reason BadRequest. */
int label_selector_parse(const char *text, struct label_selector **ret, struct error **err);
void label_selector_free(struct label_selector *s);
/* s NULL: true. labels sorted by key. */
bool label_selector_matches(const struct label_selector *s, const struct label *labels, size_t len);
DEFINE_RELEASE(struct label_selector *, label_selector_free)
#define cleanup_label_selector CLEANUP_WITH(label_selector_free_slot)

struct field_selector;
/* known: the fields that the kind can be selected by beside metadata.name and metadata.namespace,
 * separated by spaces; kind is for the message. */
int field_selector_parse(const char *text, const char *known, struct field_selector **ret,
                         struct error **err);
void field_selector_free(struct field_selector *s);
bool field_selector_matches(const struct field_selector *s, const struct record *r);
/* The one name that a record must have; NULL when the selector does not fix it. */
const char *field_selector_name(const struct field_selector *s);
DEFINE_RELEASE(struct field_selector *, field_selector_free)
#define cleanup_field_selector CLEANUP_WITH(field_selector_free_slot)

#endif
