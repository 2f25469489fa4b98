/*
 * start_cost - the CPU that a program uses from exec to its first request. Prints milliseconds.
 *
 *   start_cost CERT KEY KUBECONFIG PROGRAM [ARGUMENTS...]
 *       serves HTTPS with that certificate (which is its own authority), writes KUBECONFIG for it, runs the
 *       program, and ends it when its first request has come
 */
#include <dirent.h>
#include <malloc.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/net/server.h"

#define FILE_MAX ((size_t)1 << 20)
#define KUBECONFIG_FORMAT \
    "{\"apiVersion\":\"v1\",\"kind\":\"Config\",\"current-context\":\"bench\",\"clusters\":[{" \
    "\"name\":\"bench\"," \
    "\"cluster\":{\"server\":\"https://" \
    "127.0.0.1:%u\",\"certificate-authority\":\"%s\"}}],\"users\":[{" \
    "\"name\":\"bench\",\"user\":{\"token\":\"bench\"}}],\"contexts\":[{\"name\":\"bench\"," \
    "\"context\":{" \
    "\"cluster\":\"bench\",\"user\":\"bench\"}}]}\n"

struct run {
    pthread_mutex_t mu;
    pthread_cond_t came;
    pid_t pid;
    long long cpu_ns; /* 0: no request yet */
};

static long long thread_cpu_ns(pid_t pid, const char *tid)
{
    cleanup_free char *path = xasprintf("/proc/%d/task/%s/schedstat", (int)pid, tid);
    FILE *f = fopen(path, "re");
    char line[128];
    long long ns = f && fgets(line, sizeof(line), f) ? strtoll(line, NULL, 10) : 0;
    if (f)
        (void)fclose(f);
    return ns;
}

static long long process_cpu_ns(pid_t pid)
{
    cleanup_free char *path = xasprintf("/proc/%d/task", (int)pid);
    DIR *dir = opendir(path);
    long long sum = 0;
    for (const struct dirent *e; dir && (e = readdir(dir));) {
        if (e->d_name[0] != '.')
            sum += thread_cpu_ns(pid, e->d_name);
    }
    if (dir)
        (void)closedir(dir);
    return sum;
}

static int on_request(struct http_call *call, const struct opctx *ctx, void *arg,
                      struct error **err)
{
    (void)ctx;
    (void)err;
    struct run *r = arg;
    pthread_mutex_lock(&r->mu);
    if (!r->cpu_ns)
        r->cpu_ns = process_cpu_ns(r->pid);
    pthread_cond_signal(&r->came);
    pthread_mutex_unlock(&r->mu);
    http_call_reply(call, 503, "text/plain", "measured\n");
    return 0;
}

static int serve(struct run *r, char **argv, struct http_server **ret, struct error **err)
{
    static const struct http_route routes[] = { { .handle = on_request, .inline_ = true } };
    cleanup_free char *cert = NULL, *key = NULL;
    size_t len;
    if (file_read(argv[1], FILE_MAX, &cert, &len, err) < 0 ||
        file_read(argv[2], FILE_MAX, &key, &len, err) < 0)
        return -1;
    cleanup_secret struct secret *secret = secret_new(key, len);
    const struct http_server_config cfg = { .name = "bench",
                                            .bind_address = "127.0.0.1",
                                            .cert_pem = cert,
                                            .key_pem = secret,
                                            .routes = routes,
                                            .routes_len = ARRAY_LEN(routes),
                                            .arg = r,
                                            .clock = clock_system(),
                                            .rng = rng_system() };
    if (http_server_start(&cfg, ret, err) < 0)
        return -1;
    cleanup_free char *text = xasprintf(KUBECONFIG_FORMAT, http_server_port(*ret), argv[1]);
    return file_write_atomic(argv[3], text, strlen(text), 0600, err);
}

int main(int argc, char **argv)
{
    struct run r = { .mu = PTHREAD_MUTEX_INITIALIZER, .came = PTHREAD_COND_INITIALIZER };
    struct http_server *server = NULL;
    cleanup_error struct error *err = NULL;
    if (argc < 5) {
        (void)fprintf(stderr, "usage: start_cost CERT KEY KUBECONFIG PROGRAM [ARGUMENTS...]\n");
        return 2;
    }
    if (serve(&r, argv, &server, &err) < 0) {
        (void)fprintf(stderr, "start_cost: %s\n", error_text(err));
        return 1;
    }
    (void)setenv("KUBECONFIG", argv[3], 1);
    pthread_mutex_lock(&r.mu);
    int errnum = posix_spawn(&r.pid, argv[4], NULL, NULL, argv + 4, environ);
    while (errnum == 0 && !r.cpu_ns)
        pthread_cond_wait(&r.came, &r.mu);
    pthread_mutex_unlock(&r.mu);
    if (errnum == 0) {
        (void)kill(r.pid, SIGKILL);
        (void)waitpid(r.pid, NULL, 0);
        printf("%.0f\n", (double)r.cpu_ns / 1e6);
    }
    http_server_stop(server, 0);
    return errnum != 0;
}
