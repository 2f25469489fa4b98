/*
 * conformance - literal requests and recorded replies, run on a real kube-apiserver and on the virtual one
 * alike, in the same run. See README.md.
 */
#include <glob.h>
#include <stdio.h>
#include <string.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/mem.h"
#include "test/conformance/run.h"

#define SERVERS_MAX 8

struct options {
    struct strv servers, files;
    const char *record; /* name of the server that is recorded; NULL: none */
    const char *only;   /* cases whose sentence contains it */
};

struct totals {
    size_t passed, failed;
    struct strv one_sided;
};

static void usage(FILE *out)
{
    fputs(
        "usage: conformance --server NAME=KUBECONFIG[,compact=COMMAND] ... [options] [FILE ...]\n\n"
        "Runs every case of test/conformance/recorded/*.txt (or of the files) on every server and\n"
        "compares the replies with the recorded ones.\n\n"
        "  --server SPEC   a server; may be given several times\n"
        "  --only TEXT     only cases whose sentence contains TEXT\n"
        "  --record NAME   writes the replies of that server into the files\n"
        "  --help          this text\n",
        out);
}

/* 0, 1: help was asked for, -1: not understood. */
static int parse(int argc, char **argv, struct options *o)
{
    for (int i = 1; i < argc; i++) {
        const char *value = i + 1 < argc ? argv[i + 1] : NULL;
        if (str_eq(argv[i], "--help") || str_eq(argv[i], "-h"))
            return 1;
        if (argv[i][0] != '-') {
            strv_add(&o->files, argv[i]);
            continue;
        }
        if (!value)
            return -1;
        if (str_eq(argv[i], "--server"))
            strv_add(&o->servers, value);
        else if (str_eq(argv[i], "--record"))
            o->record = value;
        else if (str_eq(argv[i], "--only"))
            o->only = value;
        else
            return -1;
        i++;
    }
    return o->servers.len && o->servers.len <= SERVERS_MAX ? 0 : -1;
}

static int find_files(struct options *o, struct error **err)
{
    glob_t found = { 0 };
    if (o->files.len)
        return 0;
    if (glob("test/conformance/recorded/*.txt", 0, NULL, &found) != 0)
        return error_set(err, ERR_NOT_FOUND, "no test/conformance/recorded/*.txt here");
    for (size_t i = 0; i < found.gl_pathc; i++)
        strv_add(&o->files, found.gl_pathv[i]);
    globfree(&found);
    return 0;
}

static void run_on(struct suite_case *c, struct server *s, const struct options *o,
                   struct totals *t)
{
    cleanup_free char *report = NULL;
    bool record = str_eq(o->record, s->name);
    if (!run_can(c, s)) {
        strv_addf(&t->one_sided, "%s: not on %s", c->name, s->name);
        return;
    }
    if (run_case(c, s, record, &report) == 0) {
        t->passed++;
        return;
    }
    t->failed++;
    printf("  FAILED on %s: %s\n%s", s->name, c->name, report);
}

static int run_file(const char *path, struct server *servers, size_t n, const struct options *o,
                    struct totals *t, struct error **err)
{
    struct suite suite = { 0 };
    if (suite_read(path, &suite, err) < 0)
        return -1;
    printf("%s: %zu cases\n", path, suite.len);
    for (size_t i = 0; i < suite.len; i++)
        for (size_t k = 0; k < n; k++)
            if (!o->only || strstr(suite.cases[i].name, o->only))
                run_on(&suite.cases[i], &servers[k], o, t);
    int rc = o->record ? suite_write(&suite, err) : 0;
    suite_release(&suite);
    return rc;
}

static int run_all(struct options *o, struct totals *t, struct error **err)
{
    struct http_client_config cfg = { .clock = clock_system(), .env = env_process() };
    cleanup_http_client struct http_client *http = NULL;
    struct server servers[SERVERS_MAX] = { 0 };
    size_t n = 0;
    int rc = find_files(o, err) < 0 || http_client_new(&cfg, &http, err) < 0 ? -1 : 0;
    while (rc == 0 && n < o->servers.len) {
        rc = server_open(http, o->servers.v[n], &servers[n], err);
        if (rc == 0)
            printf("%s: Kubernetes 1.%d\n", servers[n].name, servers[n].minor);
        n += rc == 0;
    }
    for (size_t i = 0; rc == 0 && i < o->files.len; i++)
        rc = run_file(o->files.v[i], servers, n, o, t, err);
    for (size_t i = 0; i < n; i++)
        server_close(&servers[i]);
    return rc;
}

int main(int argc, char **argv)
{
    struct options o = { 0 };
    struct totals t = { 0 };
    cleanup_error struct error *err = NULL;
    int asked = parse(argc, argv, &o);
    int rc = asked == 0 ? run_all(&o, &t, &err) : 0;
    if (asked)
        usage(asked > 0 ? stdout : stderr);
    if (rc < 0)
        fprintf(stderr, "conformance: %s\n", error_text(err));
    if (asked == 0 && rc == 0) {
        printf("one-sided: %zu\n", t.one_sided.len);
        for (size_t i = 0; i < t.one_sided.len; i++)
            printf("  %s\n", t.one_sided.v[i]);
        printf("%zu passed, %zu failed\n", t.passed, t.failed);
    }
    strv_release(&o.servers);
    strv_release(&o.files);
    strv_release(&t.one_sided);
    return asked < 0 ? 2 : rc < 0 || t.failed ? 1 : 0;
}
