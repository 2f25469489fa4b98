/*
 * types.h - the API types of SyncSets as tables: one row a type, one row a field. Decoding, validation, defaults, the
 * stripping of secrets, storage and the published description are driven by them, so that none can say what another
 * does not.
 *
 * Values are JSON trees. Problems are gathered, not the first one returned: each is a cause with the path of its
 * field ("spec.resources[2].kind").
 * Threads: tables are constants; everything else belongs to one thread.
 * Source: openshift/hive, hiveinternal/v1alpha1 and hive/v1 SyncSet types; the service's own additions.
 */
#ifndef RP_SYNCSETS_TYPES_TYPES_H
#define RP_SYNCSETS_TYPES_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/error.h"
#include "pkg/base/json.h"

#define API_VERSION "syncsets.aro.openshift.io/v1"
#define API_VERSION_HIVE "hive.openshift.io/v1"

/* ---- fields ---- */
enum api_value {
    API_STR,
    API_BOOL,
    API_INT,
    API_TIME,    /* RFC 3339 */
    API_OBJECT,  /* of the field's shape */
    API_LIST,    /* of `of`, objects have the field's shape */
    API_STR_MAP, /* texts by name */
    API_FREE     /* any object; looked into for what no database can hold only */
};
/* What a text must look like. */
enum api_form {
    FORM_ANY,
    FORM_NAME,        /* DNS-1123 subdomain, up to 253 */
    FORM_LABEL,       /* DNS-1123 label, up to 63 */
    FORM_LABEL_KEY,   /* [prefix/]name of Kubernetes */
    FORM_IP,          /* IPv4 or IPv6 */
    FORM_LABELS,      /* of a map: label keys and values */
    FORM_ANNOTATIONS, /* of a map: label keys */
    FORM_BASE64_MAP   /* of a map: base64 values */
};

struct api_shape;
struct api_field {
    const char *name;
    enum api_value type, of;
    const struct api_shape *shape;
    const char *const *values; /* all that are allowed, NULL behind the last; NULL: any */
    int64_t min, max; /* bytes of a text, items of a list, or the number itself; max 0: no limit */
    const char *dflt; /* JSON; NULL: none */
    const char *doc;
    enum api_form form;
    bool required, read_only, secret;
};
struct api_shape {
    const char *name, *doc;
    const struct api_field *fields;
    size_t len;
};

/* ---- types ---- */
enum api_type_id {
    TYPE_CLUSTERS,
    TYPE_SYNCSETS,
    TYPE_SELECTORSYNCSETS,
    TYPE_SECRETS,
    TYPE_CLUSTERSYNCS,
    TYPE_NAMESPACES,
    API_TYPES
};
struct api_type {
    enum api_type_id id;
    const char *plural, *kind, *doc;
    bool global;                           /* no namespace */
    bool hive_version;                     /* hive.openshift.io/v1 is a name of it, too */
    bool controller_writes;                /* callers read only */
    bool is_set;                           /* syncset or selectorsyncset */
    const char *sealed_column;             /* of its table; NULL: no secrets */
    const struct api_shape *spec, *status; /* status may be NULL */
};
extern const struct api_type api_types[API_TYPES];
extern const struct api_shape api_metadata;               /* of every type */
const struct api_type *api_type_find(const char *plural); /* NULL: none */
/* NULL: it has no field of that name. */
const struct api_field *api_shape_find(const struct api_shape *shape, const char *name);

/* ---- causes ---- */
#define CAUSE_REQUIRED "FieldValueRequired"
#define CAUSE_INVALID "FieldValueInvalid"
#define CAUSE_TYPE "FieldValueTypeInvalid"
#define CAUSE_UNSUPPORTED "FieldValueNotSupported"
#define CAUSE_UNKNOWN "FieldUnknown"
#define CAUSE_DUPLICATE "FieldValueDuplicate"
#define CAUSE_FORBIDDEN "FieldValueForbidden"
#define CAUSE_TOO_MANY "FieldValueTooMany"
#define CAUSE_TOO_LONG "FieldValueTooLong"

/* At most so many are told. */
#define CAUSES_MAX 50
struct api_causes {
    json *list; /* [{"reason","message","field"}] */
};
void api_causes_init(struct api_causes *c);
void api_causes_release(struct api_causes *c);
void api_cause_add(struct api_causes *c, const char *reason, const char *field, const char *fmt,
                   ...) PRINTF_LIKE(4, 5);
/* -1 with ERR_UNPROCESSABLE when there are any: code "Invalid", the causes as its body (a JSON array). what names the
 * object ("syncsets \"a\""). */
int api_causes_check(const struct api_causes *c, const char *what, struct error **err);
#define cleanup_causes CLEANUP_WITH(api_causes_release)

/* ---- decoding ---- */
/*
 * api_decode - makes an object of a request's body: the flat form of clusters unfolded, fields that the server owns
 * dropped, defaults filled in, everything checked.
 *
 * body      consumed; any JSON
 * defaults  nspace and name of the path, NULL where the path has none. What the body says otherwise is ERR_INVALID.
 * *ret      {"apiVersion","kind","metadata":{name,namespace,labels,annotations,resourceVersion?},"spec"}, owned;
 *           secrets still in it (api_take_secrets)
 * Errors    ERR_INVALID (400): no object, other kind, name or namespace; ERR_UNPROCESSABLE (422) with causes
 */
int api_decode(const struct api_type *type, const char *nspace, const char *name, json *body,
               json **ret, struct error **err);

/* Adds causes for all that the shape forbids, and fills in defaults. value is the object at path. Fields that are
 * read-only are removed, unknown ones are causes. */
void api_check_shape(const struct api_shape *shape, json *value, const char *path,
                     struct api_causes *causes);
/* What holds between fields; after api_check_shape found the types right. */
void api_check_rules(const struct api_type *type, const json *object, struct api_causes *causes);

/* Takes the secret fields out of spec: *ret = {"kubeconfig":...} of those that were there, or NULL. Owned; wipe it. */
json *api_take_secrets(const struct api_type *type, json *object);

#endif
