/*
 * table.h - what `kubectl get` prints: columns and cells of a kind. Threads: pure.
 * Source: k8s.io/kubernetes pkg/printers/internalversion; apiextensions tableconvertor.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_TABLE_H
#define HACK_DEVCLOUD_CLUSTER_TABLE_H

#include "hack/devcloud/cluster/cluster_impl.h"

json *table_give_columns(const struct op *op);               /* columnDefinitions */
json *table_give_row(const struct op *op, const json *tree); /* one of rows */

/* "5d3h", "10m", "<unknown>" for NULL or bad time text. */
char *table_give_age(const char *rfc3339, int64_t now_wall_ns);

#endif
