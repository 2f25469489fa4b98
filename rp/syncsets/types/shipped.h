/*
 * shipped.h - whether a cluster could take what a set ships at all. Asked twice: when the set is written, and once its
 * templates are rendered, which keep the kinds of values but not what texts say.
 * Threads: pure.
 */
#ifndef RP_SYNCSETS_TYPES_SHIPPED_H
#define RP_SYNCSETS_TYPES_SHIPPED_H

#include "rp/syncsets/types/types.h"

/* Adds a cause where a member becomes a part of a URL and would lead elsewhere, or is longer than the database's indexes hold.
 * flaw       one of names.h
 * templated  texts with actions pass: they are asked about again when they are rendered */
void shipped_check_place(const json *object, const char *member, const char *path,
                         const char *(*flaw)(const char *), bool templated,
                         struct api_causes *causes);

/* The places of a resource. And adds a cause for a list of objects, which no cluster keeps; for a metadata that is no object; and
 * for labels and annotations that are not strings by strings: what they say would be lost under the service's own ones. null is
 * as good as absent.
 * resource  an object
 * path      of the resource, what fields are named behind; "": none */
void shipped_check_resource(const json *resource, const char *path, bool templated,
                            struct api_causes *causes);

/* Adds a cause for each operation that can be done with no object; path is that of the JSON patch, an array. */
void shipped_check_operations(const json *patch, const char *path, struct api_causes *causes);

#endif
