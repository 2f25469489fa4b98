/*
 * model.h - the one table of fields of a cluster: what each API version has, who may write it, and what
 * it says. Conversion, decoding, immutability, defaults of presence, the swagger files and the typed
 * client are made from it; these two also from the smaller types of replies.
 *
 * A type is a list of fields in the order in which they are checked and documented. Sets of versions
 * are bits of versions.h. Threads: constants.
 */
#ifndef PKG_API_MODEL_H
#define PKG_API_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/api/versions.h"

enum api_kind {
    KIND_STR,
    KIND_INT, /* 64 bits */
    KIND_BOOL,
    KIND_TIME,     /* text, RFC 3339 */
    KIND_NUMBERED, /* text outside; inside the index of the text among .values */
    KIND_VALUE,    /* object that is always there, but in 2025-07-25 when empty */
    KIND_OPTIONAL, /* object or absent; absent and empty differ */
    KIND_LIST,     /* array of objects */
    KIND_STR_MAP,  /* object with text as values */
    KIND_MAP,      /* object with objects as values */
    KIND_STR_LIST, /* array of text */
};

enum api_field_flag {
    FIELD_SECRET = 1,        /* sealed inside, never in a reply */
    FIELD_NO_CASE = 2,       /* letter case is no change */
    FIELD_ALWAYS = 4,        /* shown even when zero */
    FIELD_OUTSIDE = 8,       /* has no place in the internal cluster */
    FIELD_REPLACED = 16,     /* a map in a body replaces the whole map, also an empty one */
    FIELD_EXCHANGED = 32,    /* so does one that is not empty */
    FIELD_LIVE = 64,         /* shows `workerProfilesStatus` where that is not a field of its own */
    FIELD_STICKY = 128,      /* its read-only members stay when the rest is cleared */
    FIELD_IDENTITIES = 256,  /* a new resourceId in an entry forgets its read-only members */
    FIELD_IN_SKELETON = 512, /* a PUT may leave it out */
    FIELD_NULL_STAYS = 1024, /* null is the same as leaving it out */
    FIELD_HANDED_OUT = 2048, /* a secret that a reply is there to show */
};

struct api_enum_value {
    const char *value;
    uint32_t versions;
    const char *doc;
};
struct api_enum {
    const char *name, *doc;
    const struct api_enum_value *values;
    size_t len;
};
bool api_enum_has(const struct api_enum *e, const char *value, uint32_t version);

struct api_type;

struct api_field {
    const char *name;
    enum api_kind kind;
    uint32_t versions;
    uint32_t is_mutable; /* may change after create; otherwise immutable */
    uint32_t read_only;  /* must be absent in requests */
    uint32_t required;   /* a create fails without it */
    unsigned flags;
    const struct api_enum *values;
    const struct api_type *type; /* of objects and of what lists and maps hold */
    const char *internal;        /* name inside, when another */
    const char *doc;
};

struct api_type {
    const char *name, *doc;
    const struct api_field *fields;
    size_t len;
    bool is_named; /* entries of lists are known by their member `name` */
};

extern const struct api_type cluster_type;
/* What replies are beside clusters (model_replies.c). */
extern const struct api_type credentials_type, admin_kubeconfig_type, openshift_version_type,
    role_set_type, operation_type, cloud_error_type;
extern const struct api_enum enum_provisioning_state, enum_visibility, enum_encryption_at_host,
    enum_fips_validated_modules, enum_software_defined_network, enum_outbound_type,
    enum_preconfigured_nsg, enum_maintenance_task, enum_created_by_type, enum_identity_type;

/* The next field of the version from *i on, which moves beyond it; NULL at the end. */
const struct api_field *api_field_next(const struct api_type *t, uint32_t version, size_t *i);
/* for (size_t i = 0; (f = api_field_next(t, version, &i));) */

/* The field that a member of a body means: exact names only when the version says so. */
const struct api_field *api_field_find(const struct api_type *t, uint32_t version,
                                       const char *name);
/* The name in the internal cluster. */
static inline const char *api_field_internal(const struct api_field *f)
{
    return f->internal ? f->internal : f->name;
}

#endif
