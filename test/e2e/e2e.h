/*
 * e2e.h - what end-to-end cases are made of.
 *
 * A case knows a kubeconfig, what kubectl could do, and the fault interface; never on which platform it runs. It saves
 * what it is going to break (e2e_save, e2e_save_azure), breaks it and looks. Afterwards the runner puts back whatever
 * was saved and waits until the cluster is healthy again, which is part of the case's verdict.
 * Threads: everything on the main thread.
 */
#ifndef TEST_E2E_E2E_H
#define TEST_E2E_E2E_H

#include "pkg/base/env.h"
#include "pkg/base/json.h"
#include "pkg/base/opctx.h"
#include "pkg/kube/client.h"
#include "pkg/net/http_client.h"
#include "test/harness/faults.h"

#define OPERATOR_NS "openshift-azure-operator"
#define LOGGING_NS "openshift-azure-logging"
#define MACHINE_NS "openshift-machine-api"
#define CLUSTER "cluster"

/* How long the operator may take for what an event tells it, and for a round of the internet check. */
#define SOON_MS 60000
#define CHECK_MS 120000

struct e2e {
    struct kube_client *kube;
    struct faults *faults;
    struct http_transport *http; /* direct, to pods */
    const struct opctx *ctx;     /* of the case that runs: its deadline */
    const struct env *env;
    json *saved;       /* objects to put back */
    json *saved_azure; /* state to put back; NULL: not touched */
};

struct e2e_case {
    const char *name; /* "ARO Operator ..." */
    const char *doc;
    int (*run)(struct e2e *t, struct error **err);
};
struct e2e_table {
    const struct e2e_case *cases;
    size_t len;
};

/* ---- objects ---- */
int e2e_get(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name, json **ret,
            struct error **err);
/* Merge patch; consumes it. */
int e2e_patch(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name,
              json *patch, struct error **err);
int e2e_delete(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name,
               struct error **err);
/* Consumes the object. */
int e2e_create(struct e2e *t, json *object, struct error **err);
/* Remembers the object as it is (or that it is absent), for the end of the case. */
int e2e_save(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name,
             struct error **err);
int e2e_save_azure(struct e2e *t, struct error **err);
int e2e_restore(struct e2e *t, struct error **err);

/* The Cluster resource: saved, then its spec gets a merge patch (consumed). */
int e2e_change_spec(struct e2e *t, json *spec, struct error **err);
/* The same for one flag; NULL value removes it. */
int e2e_set_flag(struct e2e *t, const char *flag, const char *value, struct error **err);

/* ---- waiting ---- */
/* 0: it holds. -1: not yet, err says what is. */
typedef int (*e2e_check)(struct e2e *t, const void *arg, struct error **err);
/* Polls until the check holds; -1 after timeout_ms, with its last answer. */
int eventually(struct e2e *t, int64_t timeout_ms, e2e_check check, const void *arg,
               struct error **err);
/* The opposite: the check must go on to hold for the time. */
int consistently(struct e2e *t, int64_t time_ms, e2e_check check, const void *arg,
                 struct error **err);

/* What an object shall look like: path has the text; text NULL: the path is absent. */
struct e2e_expect {
    const struct gvr *gvr;
    const char *nspace, *name;
    const char *path, *text;
};
int check_expect(struct e2e *t, const void *expect, struct error **err);
int check_absent(struct e2e *t, const void *expect, struct error **err);
/* Exists with another uid than `text`. */
int check_recreated(struct e2e *t, const void *expect, struct error **err);
#define EXPECT(gvr_, nspace_, name_, path_, text_) \
    (&(const struct e2e_expect){ \
        .gvr = (gvr_), .nspace = (nspace_), .name = (name_), .path = (path_), .text = (text_) })
#define OBJECT(gvr_, nspace_, name_) EXPECT(gvr_, nspace_, name_, NULL, NULL)

/* An Event of the Cluster resource, of the time `since` or later. */
struct e2e_event {
    const char *type, *reason;
    int64_t since_s; /* Unix time */
};
int check_event(struct e2e *t, const void *event, struct error **err);

/* The object is deleted and comes back as another one within SOON_MS. */
int e2e_expect_recreated(struct e2e *t, const struct gvr *gvr, const char *nspace, const char *name,
                         struct error **err);
/* A condition of the Cluster resource gets this status. */
int await_condition(struct e2e *t, const char *type, const char *status, int64_t timeout_ms,
                    struct error **err);
/* Borrowed from the cluster; NULL: none of that type. */
json *find_condition(const json *object, const char *type);
/* The Cluster is as it should be: Progressing and Degraded False, everything else True. */
int check_healthy(struct e2e *t, const void *unused, struct error **err);

/* ---- the operator's pods ---- */
/* Those of a Deployment that are not being deleted: {"items": [...]}. */
int e2e_pods(struct e2e *t, const char *app, json **ret, struct error **err);
/* A request to a pod's port. */
int e2e_call_pod(struct e2e *t, const json *pod, const char *method, int port, const char *path,
                 const char *body, struct http_response *ret, struct error **err);
/* The whole log of a pod, through the API server. */
int e2e_pod_log(struct e2e *t, const json *pod, char **ret, struct error **err);

/* ---- tables ---- */
extern const struct e2e_table cases_operator, cases_checkers, cases_repair, cases_logging,
    cases_azure, cases_machines, cases_nodes;

#endif
