/* read.h - get and list. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_READ_H
#define HACK_DEVCLOUD_CLUSTER_READ_H

#include "hack/devcloud/cluster/cluster_impl.h"
#include "hack/devcloud/cluster/selector.h"

int read_get(const struct op *op, struct error **err);
int read_list(const struct op *op, struct error **err);

/* What list, watch and deletecollection select. */
struct selection {
    struct label_selector *labels;
    struct field_selector *fields;
};
int selection_parse(const struct op *op, struct selection *ret, struct error **err);
void selection_release(struct selection *s);
#define cleanup_selection CLEANUP_WITH(selection_release)
bool selection_matches(const struct selection *s, const struct record *r);

/* A resourceVersion parameter: 0 for absent and "0", which *ret_given tells apart. */
int read_version(const struct op *op, int64_t *ret, bool *ret_given, struct error **err);
int read_check_match(const struct op *op, bool of_watch, struct error **err);

#endif
