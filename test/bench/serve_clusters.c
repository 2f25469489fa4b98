/*
 * serve_clusters COUNT PREFIX - virtual clusters on loopback, until it is killed or frozen. Their kubeconfigs are PREFIX.0,
 * PREFIX.1 and so on; prints a line once all are there.
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "hack/devcloud/cluster/cluster.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static int serve_one(size_t i, const char *prefix, struct error **err)
{
    static const char *const groups[] = { "system:masters", NULL };
    static const char *const names[] = { "localhost", NULL };
    const struct cluster_config cfg = { .clock = clock_system(), .rng = rng_system() };
    const struct cluster_server_config server = { .address = "127.0.0.1",
                                                  .dns_names = names,
                                                  .workers = 2 };
    struct cluster *c;
    struct cluster_server *s;
    if (cluster_new(&cfg, &c, err) < 0 || cluster_server_start(c, &server, &s, err) < 0)
        return -1;
    cleanup_free char *kubeconfig = NULL, *path = xasprintf("%s.%zu", prefix, i);
    cleanup_free char *url = xasprintf("https://localhost:%u", (unsigned)cluster_server_port(s));
    if (cluster_give_kubeconfig(c, url, "admin", groups, &kubeconfig, err) < 0)
        return -1;
    return file_write_atomic(path, kubeconfig, strlen(kubeconfig), 0600, err);
}

int main(int argc, char **argv)
{
    long long n;
    cleanup_error struct error *err = NULL;
    sigset_t ends;
    int signal_number;
    if (argc != 3 || !str_to_int(argv[1], 1, 1000, &n)) {
        (void)fprintf(stderr, "usage: serve_clusters COUNT PREFIX\n");
        return 2;
    }
    (void)sigemptyset(&ends);
    (void)sigaddset(&ends, SIGTERM);
    (void)sigaddset(&ends, SIGINT);
    (void)pthread_sigmask(SIG_BLOCK, &ends, NULL); /* before there are threads */
    for (size_t i = 0; i < (size_t)n; i++) {
        if (serve_one(i, argv[2], &err) < 0) {
            (void)fprintf(stderr, "serve_clusters: %s\n", error_text(err));
            return 1;
        }
    }
    printf("%lld clusters\n", n);
    (void)fflush(stdout);
    (void)sigwait(&ends, &signal_number);
    return 0; /* what they hold ends with the process */
}
