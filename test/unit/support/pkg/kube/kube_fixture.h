/*
 * kube_fixture.h - a Kubernetes client over a scripted transport, with time and randomness of the
 * test. Server https://api.test:6443, no rate limit, auto-advancing clock, User-Agent not compared.
 *
 *   kube_fixture_init(&f, steps, len);   a test may now change f.cfg, f.options, f.clock
 *   kube_fixture_start(&f);              makes f.client
 *   ...
 *   kube_fixture_finish(&f);             checks the script and releases
 */
#ifndef TEST_UNIT_SUPPORT_PKG_KUBE_KUBE_FIXTURE_H
#define TEST_UNIT_SUPPORT_PKG_KUBE_KUBE_FIXTURE_H

#include "pkg/kube/client.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/net/scripted_transport.h"

struct kube_fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct fake_env env;
    struct log_capture capture;
    struct log log;
    struct metrics *metrics;
    struct kube_config cfg; /* its strings are constants: never released */
    struct kube_client_options options;
    struct scripted_transport transport;
    struct stop *stop;
    struct opctx ctx;
    struct kube_client *client;
};
void kube_fixture_init(struct kube_fixture *f, const struct script_step *steps, size_t len);
void kube_fixture_start(struct kube_fixture *f);
void kube_fixture_finish(struct kube_fixture *f);

/* kube_send_raw; the reply's status, its body is dropped. */
int kube_fixture_send(struct kube_fixture *f, const struct kube_raw *raw, int *ret_status,
                      struct error **err);
/* How far time has gone since the beginning. */
int64_t kube_fixture_elapsed_ms(const struct kube_fixture *f);

/* JSON text as a tree; the test fails when it is none. */
json *give_tree(const char *text);

#endif
