/* check.h - what each check of the Kubernetes client gets: a client of the real API server and a
 * namespace of its own. */
#ifndef TEST_CONFORMANCE_KUBE_CLIENT_CHECK_H
#define TEST_CONFORMANCE_KUBE_CLIENT_CHECK_H

#include "pkg/kube/client.h"
#include "pkg/kube/discovery.h"

struct world {
    struct http_client *http;
    struct kube_config *cfg;
    struct kube_client *client;
    struct discovery *discovery;
    struct opctx ctx;
    char nspace[64];
};

/* 0: as it should be. */
struct check {
    const char *name; /* a sentence */
    int (*run)(struct world *w, struct error **err);
};

extern const struct check object_checks[];
extern const size_t object_checks_len;
extern const struct check server_checks[];
extern const size_t server_checks_len;

/* -1 with "want ..., got ..." unless both are the same. */
int want_text(const char *got, const char *want, struct error **err);
int want_int(int64_t got, int64_t want, struct error **err);
/* -1 unless rc is -1 and *got, which is freed, is of that kind and has that code (NULL: any). */
int want_error(int rc, struct error **got, enum err_kind kind, const char *code,
               struct error **err);

#endif
