/*
 * behaviour.h - one behaviour of a control plane: what it watches, and how it makes one key right.
 *
 * Behaviours are ordinary clients of the API, so they animate a real kube-apiserver and the virtual one alike. Informers
 * only tell them that something happened: what is to be done is decided on what the API server says at that moment
 * (one key is never handled twice at once), so none has to remember what it did but has not seen yet.
 */
#ifndef HACK_DEVCLOUD_CONTROLLERS_BEHAVIOUR_H
#define HACK_DEVCLOUD_CONTROLLERS_BEHAVIOUR_H

#include "pkg/kube/informer.h"

struct served;

struct control { /* what behaviours work with; all borrowed for the run */
    struct kube_client *kube;
    struct kube_cache *cache; /* NULL in tests that call reconcile alone */
    struct served *served;
    const char *ca_pem;   /* of the API server, for root certificates in namespaces */
    bool account_secrets; /* service accounts have tokens in Secrets, as before Kubernetes 1.24 */
    const char *const *garbage; /* resources that are collected; NULL: all */
    const struct clock *clock;
};

#define BEHAVIOUR_FIXED_KEY "all" /* of WATCH_FIXED; keys of objects in namespaces have a slash */

struct behaviour_watch {
    const struct gvr *gvr;
    enum watch_map map;
    const char *owner_group, *owner_kind;                                    /* WATCH_OWNER */
    const char *field_selector;                                              /* NULL: all objects */
    bool (*test)(const struct predicate *p, const struct informer_event *e); /* NULL: every event */
};

struct behaviour {
    const char *name; /* of the controller in logs */
    const char *doc;
    const struct behaviour_watch *watches;
    size_t watches_len;
    /* Beside the watches; the caller frees what give_source returned with free_source. May be NULL. */
    struct source *(*give_source)(struct control *c);
    void (*free_source)(struct source *s);
    /* key: "namespace/name", "name", "namespace" or BEHAVIOUR_FIXED_KEY, as the watches map. source: that of give_source. */
    int (*reconcile)(struct control *c, struct source *source, const struct opctx *ctx,
                     const char *key, struct result *ret, struct error **err);
};
#define BEHAVIOUR_WATCHES(array_) .watches = (array_), .watches_len = ARRAY_LEN(array_)

/* "namespace/name" taken apart, both owned by the caller; nspace is NULL without a slash. */
void behaviour_split_key(const char *key, char **ret_nspace, char **ret_name);

#endif
