/* Clients without sockets: pkg/kube over the transport. */
#include <string.h>

#include "hack/devcloud/cluster/cluster.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "pkg/kube/client.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/test.h"

struct rig {
    struct cluster *c;
    struct fake_env env;
    struct kube_config config;
    struct http_transport *t;
    struct kube_client *kube;
    struct stop *stop;
    struct opctx ctx;
};

static void open_rig(struct rig *r, const char *user, const char *const *groups)
{
    static char server[] = "https://api.inside", nspace[] = "default";
    struct cluster_config cfg = { .clock = clock_system(), .rng = rng_system() };
    fake_env_init(&r->env);
    assert_int_equal(cluster_new(&cfg, &r->c, NULL), 0);
    r->t = cluster_transport_new(r->c, user, groups);
    r->config = (struct kube_config){ .server = server, .nspace = nspace };
    struct kube_client_options options = {
        .qps = -1, .clock = clock_system(), .rng = rng_system(), .env = &r->env.base
    };
    assert_int_equal(kube_client_new_over(r->t, &r->config, &options, &r->kube, NULL), 0);
    r->stop = stop_new(NULL);
    r->ctx = opctx_root(clock_system(), rng_system(), r->stop, NULL);
}

static void close_rig(struct rig *r)
{
    kube_client_free(r->kube);
    cluster_transport_free(r->t);
    cluster_free(r->c);
    stop_unref(r->stop);
    fake_env_release(&r->env);
}

static const char *const masters[] = { "system:masters", NULL };

static int make_map(struct rig *r, const char *name, struct error **err)
{
    cleanup_json json *map =
        json_make("{'apiVersion':'v1','kind':'ConfigMap','metadata':{'name':%s}}", name);
    return kube_create(r->kube, &r->ctx, KUBE_REF(&GVR_CONFIGMAPS, "default", NULL), map, NULL,
                       NULL, err);
}

static void objects_are_written_and_read(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r, "root", masters);
    cleanup_json json *got = NULL;
    cleanup_error struct error *err = NULL;

    assert_int_equal(make_map(&r, "a", NULL), 0);
    assert_int_equal(
        kube_get(r.kube, &r.ctx, KUBE_REF(&GVR_CONFIGMAPS, "default", "a"), &got, NULL), 0);
    assert_int_equal(make_map(&r, "a", &err), -1);

    assert_string_equal(json_path_str(got, "metadata.name"), "a");
    assert_true(error_is(err, ERR_EXISTS));
    close_rig(&r);
}

static void who_asks_counts(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r, "somebody", NULL);
    cleanup_error struct error *err = NULL;

    assert_int_equal(make_map(&r, "a", &err), -1);

    assert_true(error_is(err, ERR_FORBIDDEN));
    close_rig(&r);
}

/* ---- watches ---- */

struct reader {
    struct http_sink sink;
    struct rig *rig;
    struct buf lines;
    pthread_mutex_t mu;
    pthread_cond_t cv;
    int rcode;
    struct error *err;
    bool waits; /* with the first bytes in its hands, until somebody lets it go on */
};

static bool on_head(struct http_sink *sink, const struct http_response *head)
{
    (void)sink;
    return head->status == 200;
}

static int on_data(struct http_sink *sink, const char *data, size_t len, struct error **err)
{
    struct reader *r = container_of(sink, struct reader, sink);
    (void)err;
    pthread_mutex_lock(&r->mu);
    buf_add(&r->lines, data, len);
    pthread_cond_signal(&r->cv);
    while (r->waits)
        pthread_cond_wait(&r->cv, &r->mu);
    pthread_mutex_unlock(&r->mu);
    return 0;
}

static void watch(void *arg)
{
    struct reader *r = arg;
    struct kube_raw raw = { .method = "GET",
                            .path = "/api/v1/namespaces/default/configmaps",
                            .query = "watch=true",
                            .traffic = HTTP_CLASS_WATCH,
                            .sink = &r->sink };
    cleanup_response struct http_response response = { 0 };
    r->rcode = kube_send_raw(r->rig->kube, &r->rig->ctx, &raw, &response, &r->err);
}

static void watches_stream(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r, "root", masters);
    struct reader reader = { .sink = { on_head, on_data },
                             .rig = &r,
                             .lines = BUF_INIT(BUF_UNBOUNDED) };
    pthread_t thread;
    mutex_init(&reader.mu);
    pthread_cond_init(&reader.cv, NULL);
    assert_int_equal(make_map(&r, "before", NULL), 0);
    assert_int_equal(thread_start(&thread, "watch", watch, &reader, NULL), 0);

    pthread_mutex_lock(&reader.mu);
    while (!strstr(buf_str(&reader.lines), "\"before\""))
        pthread_cond_wait(&reader.cv, &reader.mu);
    pthread_mutex_unlock(&reader.mu);
    assert_int_equal(make_map(&r, "after", NULL), 0);
    pthread_mutex_lock(&reader.mu);
    while (!strstr(buf_str(&reader.lines), "\"after\""))
        pthread_cond_wait(&reader.cv, &reader.mu);
    pthread_mutex_unlock(&reader.mu);
    stop_request(r.stop); /* the context's end is the watch's */
    pthread_join(thread, NULL);

    assert_int_equal(reader.rcode, -1);
    assert_true(error_is(reader.err, ERR_CANCELLED));
    error_free(reader.err);
    buf_release(&reader.lines);
    pthread_cond_destroy(&reader.cv);
    pthread_mutex_destroy(&reader.mu);
    close_rig(&r);
}

static void set_text(struct rig *r, char letter)
{
    enum { LEN = 1000 * 1000 };
    cleanup_free char *text = xmalloc(LEN + 1);
    memset(text, letter, LEN);
    text[LEN] = '\0';
    cleanup_json json *patch = json_make("{'data':{'text':%s}}", text);
    assert_int_equal(kube_patch(r->kube, &r->ctx, KUBE_REF(&GVR_CONFIGMAPS, "default", "a"),
                                KUBE_PATCH_MERGE, patch, NULL, NULL, NULL),
                     0);
}

/* What waits for it is bounded: its watch ends, and it can begin another. */
static void a_slow_reader_is_left_behind(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r, "root", masters);
    struct reader reader = {
        .sink = { on_head, on_data }, .rig = &r, .lines = BUF_INIT(BUF_UNBOUNDED), .waits = true
    };
    pthread_t thread;
    mutex_init(&reader.mu);
    pthread_cond_init(&reader.cv, NULL);
    assert_int_equal(make_map(&r, "a", NULL), 0);
    assert_int_equal(thread_start(&thread, "watch", watch, &reader, NULL), 0);
    pthread_mutex_lock(&reader.mu);
    while (!reader.lines.len)
        pthread_cond_wait(&reader.cv, &reader.mu);
    pthread_mutex_unlock(&reader.mu);

    for (int i = 0; i < 70; i++)
        set_text(&r, (char)('a' + i % 2));
    pthread_mutex_lock(&reader.mu);
    reader.waits = false;
    pthread_cond_signal(&reader.cv);
    pthread_mutex_unlock(&reader.mu);
    pthread_join(thread, NULL);

    assert_int_equal(reader.rcode, 0);
    assert_true(reader.lines.len < (size_t)68 << 20);
    error_free(reader.err);
    buf_release(&reader.lines);
    pthread_cond_destroy(&reader.cv);
    pthread_mutex_destroy(&reader.mu);
    close_rig(&r);
}

static void says_in_headers_what_a_server_would(void **state)
{
    (void)state;
    struct rig r;
    open_rig(&r, "root", masters);
    struct http_request rq = {
        .method = "GET",
        .url = "https://api.inside/api/v1/namespaces/default/configmaps?resourceVersion=99999999"
    };
    cleanup_response struct http_response got = { 0 };

    assert_int_equal(http_send(r.t, &r.ctx, &rq, &got, NULL), 0);

    assert_int_equal(got.status, 504);
    assert_string_equal(http_headers_get(&got.headers, "Retry-After"), "1");
    close_rig(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("objects are written and read without a socket", objects_are_written_and_read),
        CASE("a user has that user's rights", who_asks_counts),
        CASE("a watch streams until its context ends", watches_stream),
        CASE("who does not read what is watched is left behind", a_slow_reader_is_left_behind),
        CASE("headers tell when to come back", says_in_headers_what_a_server_would),
    };
    return RUN_CASES("transport", tests);
}
