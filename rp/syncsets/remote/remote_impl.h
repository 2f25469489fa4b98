/* remote_impl.h - inside a remote. Private to rp/syncsets/remote. */
#ifndef RP_SYNCSETS_REMOTE_REMOTE_IMPL_H
#define RP_SYNCSETS_REMOTE_REMOTE_IMPL_H

#include <pthread.h>
#include <stdatomic.h>

#include "pkg/base/map.h"
#include "pkg/kube/discovery.h"
#include "rp/syncsets/remote/remote.h"
#include "rp/syncsets/remote/requests.h"
#include "rp/syncsets/remote/turnstile.h"

#define FINGERPRINT_LEN 32
#define REMOTE_URLS 2

/* One way to a cluster. */
struct remote_url {
    struct kube_config *cfg;
    struct kube_client *client;
    struct discovery *discovery;
};

/* How lists are merged in one group and version. */
struct merge_doc {
    char *
        url; /* with the document's hash, as the index of documents has it; "" : there is no document */
    struct merge_keys *keys; /* NULL: there is no document */
};

struct sets_remote {
    struct sets_remotes *all;
    char *uid;
    unsigned char fingerprint[FINGERPRINT_LEN];
    bool fake;
    int64_t expiry_wall_ns;
    struct remote_url urls[REMOTE_URLS]; /* the override first, where there is one */
    int urls_len;
    atomic_int active;
    struct turnstile gate;
    size_t fixed_bytes;

    pthread_mutex_t mu;
    /* With mu: */
    json *documents;      /* paths of the index of OpenAPI documents; NULL: the server has none */
    int64_t documents_ns; /* when that was asked; 0: never */
    struct map
        *merge_docs;      /* "apis/apps/v1" -> struct merge_doc; never removed, they are lent out */
    struct map *old_docs; /* replaced ones, kept for the same reason; by number */

    /* With the lock of all: */
    int users;
    bool listed;
    size_t bytes;
    struct sets_remote *prev, *next; /* by last use */
};

struct sets_remotes {
    struct sets_remotes_config cfg;
    struct dial_rules *rules;
    struct remote_requests requests;
    pthread_mutex_t mu;
    struct map *by_uid; /* with the lock, as all below */
    struct sets_remote *newest, *oldest;
    size_t bytes;
    pthread_mutex_t
        parsing; /* one large document is parsed at a time: its tree is many times its size */
};

/* remote_make.c: without the fields of the pool. */
int remote_make(struct sets_remotes *all, const struct sets_target *target,
                struct sets_remote **ret, struct error **err);
void remote_free(struct sets_remote *r);
void remote_fingerprint(const struct sets_target *t, unsigned char out[FINGERPRINT_LEN]);
/* remote_merge.c */
void merge_doc_free(void *doc);
size_t remote_merge_bytes(struct sets_remote *r);

/* probe.c: what probes enter the turnstile with. They change nothing. */
extern const struct sets_guard remote_probing;

static inline struct remote_url *remote_active(struct sets_remote *r)
{
    return &r->urls[atomic_load(&r->active)];
}

#endif
