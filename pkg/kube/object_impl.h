/*
 * object_impl.h - the inside of an object, and the draft from which objects are made. Private to
 * pkg/kube.
 *
 * An object is one allocation: header, then name, namespace, resourceVersion and uid (each with its
 * NUL), then the payload. The payload of a plain object is its JSON text and a NUL. A packed object,
 * which never leaves its store, holds the text as its codec packed it. What others get to see of it is
 * a lazy object, which unpacks when the text is asked for.
 */
#ifndef PKG_KUBE_OBJECT_IMPL_H
#define PKG_KUBE_OBJECT_IMPL_H

#include <stdatomic.h>
#include <stdint.h>

#include "pkg/base/buf.h"
#include "pkg/base/json_scan.h"
#include "pkg/kube/object.h"

/* No object is larger: etcd keeps at most 1.5 MB in its own encoding, whose JSON may be several
 * times that. */
#define KUBE_OBJECT_MAX ((size_t)32 << 20)

struct ring {
    struct ring *prev, *next;
};

enum object_flags { OBJECT_DELETING = 1, OBJECT_PACKED = 2, OBJECT_LAZY = 4 };

struct codec;

struct kube_object {
    atomic_uint refs;
    /* From here to mark: for the store that holds the object, under its rules. */
    uint32_t hash;
    struct ring ring; /* of the objects of one namespace */
    int64_t generation;
    uint32_t text_len;             /* of the JSON text */
    uint32_t payload_len;          /* as kept */
    uint32_t labels_at, owners_at; /* offsets of metadata.labels and .ownerReferences; 0: none */
    uint16_t name_len;
    uint8_t nspace_len, version_len, uid_len;
    uint8_t flags; /* enum object_flags */
    uint8_t mark;  /* of the last relist that saw it */
    char data[];
};

static inline char *object_payload(struct kube_object *o)
{
    return o->data + o->name_len + o->nspace_len + o->version_len + o->uid_len + 4;
}

/* The kind of the objects of a list: items of built-in kinds come without apiVersion and kind. */
struct object_type {
    const char *api_version, *kind;
};

/*
 * A draft is what the scanner found in one JSON object: header fields and projected text. It is
 * reused from object to object, so that only the object itself is allocated.
 */
struct draft {
    struct buf text; /* projected, without white space */
    struct buf name, nspace, version, uid, api_version, kind;
    int64_t generation;
    bool has_metadata, deleting, initial_events_end;
    size_t labels_at, owners_at;
    enum kube_projection projection;
    /* Private to the scan. */
    size_t metadata_begin_;
    bool spaced_;
};
void draft_init(struct draft *d);
void draft_release(struct draft *d);
/* Gives back the memory that a large object needed. */
void draft_trim(struct draft *d);
/*
 * Reads the value before which s stands, an object. type (may be NULL) supplies apiVersion and kind
 * where they are missing, and always with PROJECT_METADATA and PROJECT_KEY, where the server says
 * PartialObjectMetadata. ERR_INVALID for defective JSON. The draft is valid until the next scan.
 */
int draft_scan(struct draft *d, struct json_scan *s, enum kube_projection projection,
               const struct object_type *type, struct error **err);
/* ERR_INVALID unless name and resourceVersion are there and no header field is oversized. */
int draft_check(const struct draft *d, struct error **err);
/* A checked draft as an object; the second with its text as a codec packed it. */
struct kube_object *draft_give_object(const struct draft *d);
struct kube_object *draft_give_packed(const struct draft *d, const char *packed, size_t len);

/* The same object with its text as a codec packed it. */
struct kube_object *object_give_packed(const struct kube_object *o, const char *packed, size_t len);
/* The text of a packed object behind its header; unpacked once, by whoever asks first. */
struct kube_object *object_give_lazy(struct kube_object *packed, struct codec *codec);

#endif
