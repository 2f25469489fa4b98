/*
 * blob.h - the parts of the simulated blob service for each other. The simulator's lock is held.
 *
 * The headers of a request are borrowed; its reply is collected, so that handlers need not know the server.
 */
#ifndef HACK_DEVCLOUD_AZURE_BLOB_H
#define HACK_DEVCLOUD_AZURE_BLOB_H

#include "hack/devcloud/azure/storage.h"

#define BLOB_BYTES_MAX ((size_t)16 << 20)

enum blob_caller { BLOB_NOBODY, BLOB_KEY, BLOB_SAS, BLOB_TOKEN };

struct blob_call {
    struct azure_sim *sim;
    const char *host, *peer;            /* borrowed; peer "127.0.0.1:4711"; NULL: unknown */
    const char *method, *path, *query;  /* raw; query may be NULL */
    const struct http_headers *headers; /* borrowed; NULL: none */
    const char *body;
    size_t body_len;
    char *account, *container, *blob; /* of host and path, decoded; NULL: not in the path */
    json *object;                     /* the account's resource */
    json *containers, *in;            /* all of the account; the path's; NULL: there is none */
    json *entry;                      /* the blob; NULL: there is none */
    enum blob_caller caller;
    struct storage_sas sas; /* of a BLOB_SAS */
    char *principal;        /* of a BLOB_TOKEN: its object ID; NULL: it has none */
    /* the reply */
    int status;
    struct http_headers out;
    struct buf text;
};
const char *blob_header(const struct blob_call *b, const char *name); /* borrowed; NULL: absent */
bool blob_is(const struct blob_call *b, const char *method);
/* The value of a query parameter is this, in any letter case. value NULL: it is absent. */
bool blob_query_is(const struct blob_call *b, const char *name, const char *value);

/* ---- blob_reply.c ---- */
void blob_set(struct blob_call *b, const char *name, const char *value);
void blob_reply(struct blob_call *b, int status);
/* An error document, and its code in a header. */
void blob_refuse(struct blob_call *b, int status, const char *code, const char *fmt, ...)
    PRINTF_LIKE(4, 5);
void blob_refuse_proof(struct blob_call *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void blob_reply_xml(struct blob_call *b, struct buf *xml);        /* consumed */
void blob_xml(struct buf *b, const char *name, const char *text); /* <name>escaped</name> */
/* etag and last change of a container or a blob. */
void blob_set_version(struct blob_call *b, const json *object);
void blob_set_metadata(struct blob_call *b, const json *object);
/* A change of a container or a blob: a new etag, a new time. */
void blob_touch(struct blob_call *b, json *object);
/* x-ms-meta-* of the request. Owned by the caller. */
json *blob_give_metadata(const struct blob_call *b);

/* ---- blob_auth.c: who asks, and may it; each answers when not ---- */
struct blob_operation {
    const char *method;
    char level;             /* 's'ervice, 'c'ontainer, 'o'bject */
    const char *comp;       /* NULL: none */
    const char *permission; /* one of these letters of a signature is needed; "": keys alone */
    void (*serve)(struct blob_call *b);
};
bool blob_authenticate(struct blob_call *b);
bool blob_authorize(struct blob_call *b, const struct blob_operation *op);
/* Whether what is there may be replaced: a signature that only creates must not. */
bool blob_may_overwrite(struct blob_call *b);

/* ---- blob_key.c: the text that an account's key signs. Owned by the caller. ---- */
char *blob_give_key_text(const struct blob_call *b);

/* ---- blob_condition.c: If-Match and its like; answers when they do not hold ---- */
bool blob_condition_holds(struct blob_call *b, const json *object);

/* ---- handlers: blob_container.c, blob_list.c, blob_write.c, blob_read.c, blob_block.c ---- */
void blob_create_container(struct blob_call *b);
void blob_show_container(struct blob_call *b);
void blob_delete_container(struct blob_call *b);
void blob_set_container_metadata(struct blob_call *b);
void blob_show_access(struct blob_call *b);
void blob_set_access(struct blob_call *b);
void blob_list_containers(struct blob_call *b);
void blob_list_blobs(struct blob_call *b);
void blob_show_service(struct blob_call *b);
void blob_put(struct blob_call *b);
void blob_delete(struct blob_call *b);
void blob_change_metadata(struct blob_call *b);
void blob_change_properties(struct blob_call *b);
void blob_get(struct blob_call *b);
void blob_put_block(struct blob_call *b);
void blob_put_blocks(struct blob_call *b);
void blob_list_blocks(struct blob_call *b);
/* blob_write.c: makes the blob of the path hold these bytes, with the headers of the request; answers. */
void blob_store(struct blob_call *b, const char *data, size_t len, json *blocks);
/* The first of Content-* and x-ms-blob-content-* of the request; NULL: none. Borrowed. */
const char *blob_content_header(const struct blob_call *b, const char *name);

#endif
