/*
 * reply.h - objects and lists in the form that the client accepts: JSON or YAML; whole, metadata only,
 * or a Table. Threads: pure.
 */
#ifndef HACK_DEVCLOUD_CLUSTER_REPLY_H
#define HACK_DEVCLOUD_CLUSTER_REPLY_H

#include "hack/devcloud/cluster/cluster_impl.h"
#include "pkg/net/http.h"

/* A tree that is not subject to Accept (Status, Scale): JSON or YAML. Borrowed. */
void reply_tree(struct api_reply *reply, const struct media *media, int status, const json *tree);
/* An object of op's kind, whole. Borrowed. */
void reply_object(const struct op *op, int status, const json *obj);
void reply_record(const struct op *op, int status, const struct record *r);
void reply_error(struct api_reply *reply, const struct media *media, const struct error *e);

/* What a reply says in headers, whichever way it goes: its type, when to come back, warnings. */
void reply_add_headers(const struct api_reply *reply, struct http_headers *h);

struct list_page {
    const struct record *const *v; /* borrowed */
    size_t len;
    int64_t revision, remaining; /* remaining 0: unknown or none */
    const char *next;            /* continue token; NULL: the end */
};
void reply_list(const struct op *op, const struct list_page *page);

/* One object as a watch sends it, without the event around it. with_columns: a Table names them. */
void reply_write_event_object(struct buf *b, const struct op *op, const struct record *r,
                              bool with_columns);

#endif
