#include "hack/devcloud/cluster/pod_log.h"

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"

#define KUBELET_PORT 10250

/* The container asked for, or the only one. */
static int choose_container(const struct op *op, const json *pod, const char **ret,
                            struct error **err)
{
    const char *asked = api_query(op->rq, "container");
    const json *list = json_path(pod, "spec.containers");
    cleanup_strv struct strv names = STRV_INIT;
    for (size_t i = 0; i < json_len(list); i++)
        strv_add(&names, json_path_str(json_at(list, i), "name"));
    if (asked && *asked) {
        *ret = asked;
        if (strv_has(&names, asked))
            return 0;
        return fail_bad_request(err, "container %s is not valid for pod %s", asked, op->rq->name);
    }
    *ret = names.len ? json_path_str(json_at(list, 0), "name") : "";
    if (names.len == 1)
        return 0;
    cleanup_free char *all = strv_give_joined(&names, " ");
    return fail_bad_request(err,
                            "a container name must be specified for pod %s, choose one of: [%s]",
                            op->rq->name, all);
}

/* As the server's own type writes them: flags only when they are set, sorted by name. */
static char *give_query(const struct op *op)
{
    static const struct {
        const char *name;
        bool flag;
    } passed[] = {
        { "follow", true },        { "limitBytes", false }, { "previous", true },
        { "sinceSeconds", false }, { "sinceTime", false },  { "tailLines", false },
        { "timestamps", true },
    };
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < ARRAY_LEN(passed); i++) {
        bool flag = passed[i].flag;
        const char *value = flag && api_query_true(op->rq, passed[i].name) ? "true"
                            : flag                                         ? NULL
                                   : api_query(op->rq, passed[i].name);
        cleanup_free char *coded = value ? percent_give(value) : NULL;
        if (value)
            buf_addf(&b, "%c%s=%s", b.len ? '&' : '?', passed[i].name, coded);
    }
    return buf_give(&b);
}

static char *give_kubelet(const struct op *op, const char *node_name)
{
    cleanup_record struct record *r = state_get(op->c->state, "/nodes", "", node_name);
    if (!r)
        return NULL;
    cleanup_json json *node = record_give_tree(r);
    const json *list = json_path(node, "status.addresses");
    int64_t port = json_path_int(node, "status.daemonEndpoints.kubeletEndpoint.Port", 0);
    for (size_t i = 0; i < json_len(list); i++)
        if (str_eq(json_path_str(json_at(list, i), "type"), "InternalIP"))
            return xasprintf("https://%s:%lld", json_path_str(json_at(list, i), "address"),
                             (long long)(port ? port : KUBELET_PORT));
    return NULL;
}

int pod_log_serve(const struct op *op, struct error **err)
{
    struct fail_object o = op_object(op, NULL);
    const char *container;
    cleanup_record struct record *r =
        state_get(op->c->state, op->r->collection, op_nspace(op), op->rq->name);
    if (!r)
        return fail_not_found(err, &o);
    cleanup_json json *pod = record_give_tree(r);
    const char *node = json_path_str(pod, "spec.nodeName");
    if (choose_container(op, pod, &container, err) < 0)
        return -1;
    if (!node || !*node) { /* nothing was started yet */
        op->reply->content_type = xstrdup("text/plain");
        return 0;
    }
    cleanup_free char *kubelet = give_kubelet(op, node);
    if (!kubelet)
        return fail_with(err, 500, "InternalError", NULL,
                         "Internal error occurred: no preferred addresses found; known addresses: "
                         "[]");
    cleanup_free char *query = give_query(op);
    op->reply->log_url = xasprintf("%s/containerLogs/%s/%s/%s%s", kubelet, op_nspace(op),
                                   op->rq->name, container, query);
    return 0;
}
