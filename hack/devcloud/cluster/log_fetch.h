/* log_fetch.h - pod logs, fetched from a kubelet and passed on. Threads: any. */
#ifndef HACK_DEVCLOUD_CLUSTER_LOG_FETCH_H
#define HACK_DEVCLOUD_CLUSTER_LOG_FETCH_H

#include "hack/devcloud/cluster/cluster_impl.h"
#include "pkg/net/server.h"

struct log_fetcher;
struct log_fetcher *log_fetcher_new(struct cluster *c);
void log_fetcher_free(struct log_fetcher *f);
/* Answers the call with what the URL gives, as it comes. */
int log_fetch(struct log_fetcher *f, const struct opctx *ctx, const char *url,
              struct http_call *call, struct error **err);

#endif
