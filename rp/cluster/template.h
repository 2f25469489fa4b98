/*
 * template.h - the ARM templates that clusters are deployed from: skeletons of deploy/cluster, compiled in, filled with values.
 *
 * A skeleton is JSON that shows every part that any cluster may have. It is filled as a tree, never as text, so that no value
 * can add parts or change a type:
 *
 *   "${name}"            alone is replaced by the value, whatever its type; null takes its member or element out
 *   "text ${name} text"  takes a string or an integer
 *   "$when": "a !b"      in an object: the object stays only if a is true and b is not
 *   "$each": "names"     in an object of an array: once for each element of that array, which is ${item}, or whose members are
 *                        values of their own names when it is an object
 *
 * Threads: pure.
 */
#ifndef RP_CLUSTER_TEMPLATE_H
#define RP_CLUSTER_TEMPLATE_H

#include "pkg/base/json.h"

enum cluster_template {
    TEMPLATE_V1_STORAGE,   /* accounts, security groups, rights */
    TEMPLATE_V1_RESOURCES, /* network, bootstrap and control plane */
    TEMPLATE_V2_BASE,      /* all but the machines */
    TEMPLATE_V2_RESOURCES, /* bootstrap and control plane */
    TEMPLATE_RIGHTS,       /* of the service principal alone */
    CLUSTER_TEMPLATES
};
/* values: an object; borrowed. *ret is the caller's. ERR_INTERNAL: the skeleton wants a value that is not there. */
int template_make(enum cluster_template which, const json *values, json **ret, struct error **err);
/* The same for any skeleton. */
int template_fill(const json *skeleton, const json *values, json **ret, struct error **err);

#endif
