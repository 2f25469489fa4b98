#include "hack/devcloud/up/first_cluster.h"

#include <string.h>

#include "hack/devcloud/azure/azure.h"
#include "hack/devcloud/up/variables.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define SUBSCRIPTION "/subscriptions/" AZURE_SIM_SUBSCRIPTION
#define CLUSTER \
    SUBSCRIPTION "/resourceGroups/" VARIABLES_CLUSTER \
                 "/providers/Microsoft.RedHatOpenShift/openShiftClusters/" VARIABLES_CLUSTER
#define VERSION "api-version=2022-09-04"
#define SUBNET(name) \
    SUBSCRIPTION "/resourceGroups/" VARIABLES_CLUSTER \
                 "/providers/Microsoft.Network/virtualNetworks/" VARIABLES_CLUSTER_NETWORK \
                 "/subnets/" VARIABLES_CLUSTER "-" name
#define LONG_STEP_MS 10000
#define MS_PER_S 1000

/* ---- the creation ---- */

static char *give_body(const struct first_cluster *f)
{
    cleanup_json json *body = json_make(
        "{'location':%s,'properties':{'clusterProfile':{'domain':%s,'resourceGroupId':%s,"
        "'pullSecret':%s,'fipsValidatedModules':'Disabled'},'servicePrincipalProfile':{"
        "'clientId':%s,'clientSecret':%s},'networkProfile':{'podCidr':'10.128.0.0/14',"
        "'serviceCidr':'172.30.0.0/16'},'masterProfile':{'vmSize':'Standard_D8s_v3','subnetId':%s,"
        "'encryptionAtHost':'Disabled'},'workerProfiles':[{'name':'worker',"
        "'vmSize':'Standard_D2s_v3','diskSizeGB':128,'subnetId':%s,'count':3,"
        "'encryptionAtHost':'Disabled'}],'apiserverProfile':{'visibility':'Public'},"
        "'ingressProfiles':[{'name':'default','visibility':'Public'}]}}",
        VARIABLES_LOCATION, VARIABLES_CLUSTER,
        SUBSCRIPTION "/resourceGroups/aro-" VARIABLES_CLUSTER, f->pull_secret,
        AZURE_SIM_APPLICATION, f->user->secret, SUBNET("master"), SUBNET("worker"));
    return json_give_text(body);
}

/* *ret_operation: where Azure tells how the creation goes. */
static int create(const struct first_cluster *f, const char *token, char **ret_operation,
                  struct error **err)
{
    cleanup_free char *url = xasprintf("%s" CLUSTER "?" VERSION, f->user->azure_url);
    cleanup_secret_text char *body = give_body(f);
    const struct user_question q = { "PUT", url, token, "application/json", body };
    cleanup_json json *reply = NULL;
    fprintf(f->out, "PUT " CLUSTER "\n");
    return user_ask_header(f->user, &q, "Azure-AsyncOperation", &reply, ret_operation, err);
}

/* ---- its progress ---- */

struct watch {
    const struct first_cluster *f;
    size_t told;      /* lines of the log */
    char *done;       /* the step of the last of them; NULL: none */
    char *step;       /* the one at work; NULL between phases of the creation, too */
    int64_t since_ns; /* of that */
    int64_t told_ns;  /* when somebody last heard of it */
};

static void watch_release(struct watch *w)
{
    free(w->done);
    free(w->step);
}
#define cleanup_watch CLEANUP_WITH(watch_release)

static void keep(char **slot, const char *name)
{
    free(*slot);
    *slot = name ? xstrdup(name) : NULL;
}

static void tell_log(struct watch *w, const json *log)
{
    for (; w->told < json_len(log); w->told++) {
        const json *line = json_at(log, w->told);
        const char *failure = json_path_str(line, "error");
        fprintf(w->f->out, "  %s %6.1f s  %s%s%s\n", failure ? "FAILED" : "done  ",
                (double)json_path_int(line, "tookMs", 0) / MS_PER_S, json_path_str(line, "step"),
                failure ? ": " : "", failure ? failure : "");
        keep(&w->done, json_path_str(line, "step"));
    }
}

/* Who waits for long wants to know for what. */
static void tell_step(struct watch *w, const char *step)
{
    int64_t now = clock_mono_ns(w->f->user->ctx->clock);
    if (!str_eq(w->step, step)) {
        keep(&w->step, step);
        w->since_ns = w->told_ns = now;
    }
    if (!step || now - w->told_ns < LONG_STEP_MS * NS_PER_MS)
        return;
    fprintf(w->f->out, "  at it  %6.1f s  %s\n", (double)(now - w->since_ns) / NS_PER_S, step);
    w->told_ns = now;
}

static int read_progress(const struct first_cluster *f, json **ret, struct error **err)
{
    cleanup_free char *url = xasprintf("%s/admin" CLUSTER "/progress", f->rp_url);
    const struct user_question q = { "GET", url, NULL, NULL, NULL };
    return user_ask(f->user, &q, ret, err);
}

static bool is_terminal(const char *state)
{
    return str_eq(state, "Succeeded") || str_eq(state, "Failed");
}

/* How far the cluster is, of which nothing more will be heard. */
static char *give_whereabouts(const struct watch *w)
{
    if (w->step)
        return xasprintf("at %s", w->step);
    return w->done ? xasprintf("behind %s", w->done) : xstrdup("at its beginning");
}

static int follow(struct watch *w, const char **ret_state, struct error **err)
{
    for (;;) {
        cleanup_json json *p = NULL;
        if (read_progress(w->f, &p, err) < 0)
            return -1;
        const char *state = json_path_str(p, "provisioningState");
        tell_log(w, json_get(p, "log"));
        tell_step(w, json_path_str(p, "step"));
        fflush(w->f->out);
        if (is_terminal(state)) {
            *ret_state = str_eq(state, "Succeeded") ? "Succeeded" : "Failed";
            return 0;
        }
        if (w->f->user->pause(w->f->user->arg, err) < 0) {
            cleanup_free char *where = give_whereabouts(w);
            return error_wrap(err, "waiting for the cluster, which is %s", where);
        }
    }
}

/* Why, in the words for customers. */
static int complain(const struct first_cluster *f, const char *token, const char *operation,
                    struct error **err)
{
    const struct user_question q = { "GET", operation, token, NULL, NULL };
    cleanup_json json *reply = NULL;
    if (!operation || user_ask(f->user, &q, &reply, err) < 0)
        return error_wrap(err, "the creation failed, and why cannot be read");
    const char *code = json_path_str(reply, "error.code");
    const char *message = json_path_str(reply, "error.message");
    const char *detail = json_path_str(reply, "error.details[0].message");
    return error_set(err, ERR_INTERNAL, "the creation failed: %s: %s%s%s", code ? code : "no code",
                     message ? message : "no message", detail ? " " : "", detail ? detail : "");
}

/* ---- the operator's conditions ---- */

/* Of controllers that are at rest, these are False; everything else is well when it is True. */
static bool is_well(const json *condition)
{
    const char *type = json_path_str(condition, "type");
    bool wanted =
        !str_ends(type ? type : "", "Progressing") && !str_ends(type ? type : "", "Degraded");
    return str_eq(json_path_str(condition, "status"), wanted ? "True" : "False");
}

/* *ret: whether there are some and all are well. */
static int read_conditions(const struct first_cluster *f, json **ret_list, bool *ret,
                           struct error **err)
{
    cleanup_free char *url =
        xasprintf("%s/admin" CLUSTER "/kubernetesobjects?kind=clusters.aro.openshift.io&name="
                  "cluster",
                  f->rp_url);
    const struct user_question q = { "GET", url, NULL, NULL, NULL };
    cleanup_json json *cluster = NULL;
    if (user_ask(f->user, &q, &cluster, err) < 0)
        return -1;
    json *list = json_path(cluster, "status.conditions");
    *ret = json_len(list) > 0;
    for (size_t i = 0; i < json_len(list); i++)
        *ret &= is_well(json_at(list, i));
    *ret_list = list ? json_ref(list) : NULL;
    return 0;
}

static void tell_conditions(const struct first_cluster *f, const json *list)
{
    int width = 0;
    for (size_t i = 0; i < json_len(list); i++) {
        int len = (int)strlen(json_path_str(json_at(list, i), "type"));
        width = len > width ? len : width;
    }
    fprintf(f->out, "\nclusters.aro.openshift.io/cluster says:\n");
    for (size_t i = 0; i < json_len(list); i++) {
        const json *c = json_at(list, i);
        const char *message = json_path_str(c, "message");
        fprintf(f->out, "  %-*s  %s%s%s\n", width, json_path_str(c, "type"),
                json_path_str(c, "status"), message ? "  " : "", message ? message : "");
    }
    fflush(f->out);
}

static int await_conditions(const struct first_cluster *f, struct error **err)
{
    fprintf(f->out, "waiting for the operator's conditions\n");
    for (;;) {
        cleanup_json json *list = NULL;
        bool good = false;
        if (read_conditions(f, &list, &good, err) < 0)
            return error_wrap(err, "reading the operator's conditions");
        if (good) {
            tell_conditions(f, list);
            return 0;
        }
        if (f->user->pause(f->user->arg, err) < 0) {
            tell_conditions(f, list);
            return error_wrap(err, "waiting for the operator to be well");
        }
    }
}

int first_cluster_make(const struct first_cluster *f, struct error **err)
{
    cleanup_free char *token = NULL, *operation = NULL;
    cleanup_watch struct watch w = { .f = f };
    const char *state = NULL;
    if (user_sign_in(f->user, &token, err) < 0 || create(f, token, &operation, err) < 0)
        return -1;
    if (follow(&w, &state, err) < 0)
        return -1;
    return str_eq(state, "Failed") ? complain(f, token, operation, err) : await_conditions(f, err);
}
