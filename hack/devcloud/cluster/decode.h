/* decode.h - bodies of requests as objects in the form that the server keeps. Threads: pure. */
#ifndef HACK_DEVCLOUD_CLUSTER_DECODE_H
#define HACK_DEVCLOUD_CLUSTER_DECODE_H

#include "hack/devcloud/cluster/cluster_impl.h"

/* The body as a tree, JSON or YAML by its content type; an object, else BadRequest. */
int decode_body(const struct op *op, json **ret, struct error **err);
/*
 * The body of a request that carries another type than the resource's: "autoscaling.v1.Scale", a name of the catalog. Its
 * values have the types that it says, and unknown fields are gone; else BadRequest.
 */
int decode_body_of(const struct op *op, const char *type, json **ret, struct error **err);
/* apiVersion and kind must be the resource's; built-in kinds may leave them out and then get them. */
int decode_check_kind(const struct op *op, json *obj, struct error **err);
/*
 * Drops what the kind does not know and fills defaults in, in place. Unknown fields are refused or
 * warned of, as the request's fieldValidation says. BadRequest for values of the wrong type.
 */
int decode_normalise(const struct op *op, json *obj, struct error **err);
/* The refusal of a body (or of a patch's result) with a value of the wrong type. */
int decode_fail_types(const struct op *op, const struct error *why, struct error **err);
/* What an empty object of a kind looks like. */
json *decode_give_blank(const struct op *op);

#endif
