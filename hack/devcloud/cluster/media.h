/* media.h - which form of a reply a client accepts. Threads: pure. */
#ifndef HACK_DEVCLOUD_CLUSTER_MEDIA_H
#define HACK_DEVCLOUD_CLUSTER_MEDIA_H

#include <stdbool.h>
#include <stddef.h>

enum media_shape {
    SHAPE_OBJECT,  /* as stored */
    SHAPE_TABLE,   /* meta.k8s.io Table */
    SHAPE_PARTIAL, /* meta.k8s.io PartialObjectMetadata(List) */
    SHAPE_GROUPS   /* apidiscovery.k8s.io APIGroupDiscoveryList */
};

struct media {
    enum media_shape shape;
    char version[16]; /* of the shape: "v1", "v1beta1", "v2", "v2beta1" */
    bool yaml;
};

/* What a kind of reply can be. */
#define MEDIA_OBJECTS 1u   /* table, partial */
#define MEDIA_DISCOVERY 2u /* aggregated discovery */

/* The first form of an Accept header that can be had; false: none (406). NULL and wildcards take JSON. */
bool media_parse(const char *accept, unsigned can, struct media *ret);
/* Whether a content type (parameters cut off) is the given one. */
bool media_is(const char *content_type, const char *want);

#endif
