/* impl.h - what the files of rp/syncsets/store share, with those of rp/syncsets/controllers. */
#ifndef RP_SYNCSETS_STORE_IMPL_H
#define RP_SYNCSETS_STORE_IMPL_H

#include "rp/syncsets/store/store.h"

struct sets_store {
    struct sets_store_config cfg;
    enum sql_dialect dialect;
};

/* One row of a table of objects. */
struct sets_row {
    char *uid, *nspace, *name;
    int64_t generation, resource_version, created_s, deletion_s; /* deletion_s 0: none */
    char *labels, *data;                                         /* JSON */
    char *sealed, *key_id, *fingerprint;                         /* NULL: none */
};
void sets_row_release(struct sets_row *r);
#define cleanup_row CLEANUP_WITH(sets_row_release)
/* The columns of type's table as "o.", in the order that sets_row_read wants. Constant. */
char *sets_give_columns(const struct api_type *type);
void sets_row_read(const struct api_type *type, const struct sql_rows *rows, struct sets_row *ret);
/* The object as clients see it. */
int sets_row_give_object(const struct api_type *type, const struct sets_row *r, json **ret,
                         struct error **err);
/* apiVersion, annotations, spec, status: what the column data holds. */
char *sets_give_data(const json *object);
json *sets_give_labels(const json *object); /* never NULL */

/* Tells of the object in the error; returns -1. */
int sets_target(struct error **err, const struct api_type *type, const char *name);
/* One row by name; for_update locks it until the transaction ends. ERR_NOT_FOUND. */
int sets_row_find(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                  const struct api_type *type, const char *nspace, const char *name,
                  bool for_update, struct sets_row *ret, struct error **err);

/* Whoever would delete or change the row waits until the transaction ends, and what is read behind this sees what they did
 * before; others may keep it, too. A row that is gone is no error. */
int sets_row_keep(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                  const struct api_type *type, const char *uid, struct error **err);

/* The first column of the first row; no row is 0. */
int sets_number(const struct opctx *ctx, struct sql *c, const char *text,
                const struct sql_param *params, size_t n, int64_t *ret, struct error **err);
int64_t sets_now_s(const struct opctx *ctx);
/* Begins a transaction that reads: all that it reads is of one moment. */
int sets_begin_moment(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                      struct error **err);

/* Secrets: sealed text, key id, fingerprint of {"field": text}. */
struct sets_sealed {
    char *sealed, *key_id, *fingerprint;
};
void sets_sealed_release(struct sets_sealed *s);
#define cleanup_sealed CLEANUP_WITH(sets_sealed_release)
int sets_seal(const struct opctx *ctx, struct sets_store *st, const struct api_type *type,
              const char *uid, const json *secrets, struct sets_sealed *ret, struct error **err);
int sets_open(struct sets_store *st, const struct api_type *type, const struct sets_row *r,
              json **ret, struct error **err);
/* By the key that made the row's fingerprint; false when that key is gone or they differ. */
bool sets_same_secrets(struct sets_store *st, const struct sets_row *r, const json *secrets);

/* status of an object whose secrets become these (NULL: it has none): of clusters KubeconfigValid. Consumes old. */
json *sets_give_status(const struct api_type *type, json *old, const json *secrets,
                       const char *fingerprint, int64_t now_ns);

/* A change within a transaction: rows were written, the revision is still to come. */
struct sets_change {
    const struct api_type *type;
    const char *op;
    json *object; /* owned; without resourceVersion */
    char *uid, *old_labels, *labels;
    bool status_only;
};
#define SETS_CHANGES_MAX 4
/* What is deleted is in the log with its spec and annotations up to so many bytes: less than any reader may be behind. */
#define SETS_DELETED_BYTES ((size_t)3 << 19)
struct sets_changes {
    struct sets_change v[SETS_CHANGES_MAX];
    size_t len;
};
/* object is consumed. labels: JSON, borrowed; NULL: none. */
void sets_changes_add(struct sets_changes *ch, const struct api_type *type, const char *op,
                      json *object, const char *old_labels, const char *labels);
void sets_changes_release(struct sets_changes *ch);
#define cleanup_changes CLEANUP_WITH(sets_changes_release)
/* Takes the revisions and writes the events: the last that a transaction does. Sets resourceVersion in the objects. actor
 * NULL: a controller's own notes, which are not audited. */
int sets_changes_publish(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                         struct sets_changes *ch, const char *actor, struct error **err);

/*
 * sets_status_put - what a controller observed: replaces the status of one row within a transaction.
 *
 * edit   changes status (an object, owned by the caller) in place; arg is its own
 * ch     gets the change, marked as status only, when there is one; ret_changed may be NULL
 * Errors ERR_NOT_FOUND the object is gone
 */
typedef void (*sets_status_edit)(json *status, const json *object, void *arg);
int sets_status_put(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                    const struct api_type *type, const char *nspace, const char *name,
                    sets_status_edit edit, void *arg, struct sets_changes *ch, bool *ret_changed,
                    struct error **err);

/* Of what changes no object. */
int sets_audit(const struct opctx *ctx, struct sql *c, const struct api_type *type,
               const struct sets_row *row, const char *verb, const char *actor, struct error **err);

/* Labels and targets of an object, for the indexes. */
int sets_index(const struct opctx *ctx, struct sets_store *st, struct sql *c,
               const struct api_type *type, const char *uid, const json *object,
               struct error **err);
int sets_unindex(const struct opctx *ctx, struct sql *c, const struct api_type *type,
                 const char *uid, struct error **err);

/* sets_create without begin and commit. ret may be NULL. */
int sets_create_within(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                       const struct sets_write *w, json **ret, struct error **err);
/* Adds the object to the changes, with what goes with it. */
int sets_create_rows(const struct opctx *ctx, struct sets_store *st, struct sql *c,
                     const struct sets_write *w, struct sets_changes *ch, struct error **err);

#endif
