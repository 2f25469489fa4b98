/*
 * paging.h - lists of documents, told in pages: {"value":[...],"nextLink":"..."}. Errors: cloud_error.h.
 */
#ifndef RP_FRONTEND_PAGING_H
#define RP_FRONTEND_PAGING_H

#include "pkg/database/database.h"
#include "rp/frontend/request.h"

#define PAGING_SIZE 10 /* whatever a client asks for */

struct paging;
/* Reads a page; continuation NULL: the first one. */
typedef int (*paging_read)(struct request *req, const struct paging *p, const char *continuation,
                           struct document_page *ret, struct error **err);

struct paging {
    const char *scope; /* which list this is, without line ends: a token is good for no other */
    size_t size;       /* documents a page, at most */
    paging_read read;
    /* Adds to the documents of a page before they are shown; NULL: nothing. */
    void (*prepare)(struct request *req, const struct document_page *page);
    /* One item of the reply; owned by the caller. */
    int (*show)(struct request *req, const struct paging *p, const struct document *d, json **ret,
                struct error **err);
    const void *arg; /* for read and show */
};

/* Replies with the page that the request's $skipToken names. */
int paging_reply(struct request *req, const struct paging *p, struct error **err);

/* Visits the documents of all pages; -1 of visit ends it. show and prepare are not called. */
typedef int (*paging_visit)(struct request *req, const struct document *d, void *arg,
                            struct error **err);
int paging_each(struct request *req, const struct paging *p, paging_visit visit, void *arg,
                struct error **err);

#endif
