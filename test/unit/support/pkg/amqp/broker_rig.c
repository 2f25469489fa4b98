#include "test/unit/support/pkg/amqp/broker_rig.h"

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"

#define LIMIT_MS 300000
#define LOOK_MS 200

bool broker_is_there(void)
{
    return getenv("BROKER_URL") != NULL;
}

void broker_rig_init(struct broker_rig *r)
{
    *r = (struct broker_rig){ .stop = stop_new(NULL) };
    const struct opctx root = opctx_root(clock_system(), rng_system(), r->stop, NULL);
    char id[UUID_LEN + 1];
    rng_uuid(rng_system(), id);
    r->ctx = opctx_with_timeout_ms(&root, LIMIT_MS);
    r->prefix = xasprintf("t.%s", id);
    assert_int_equal(amqp_address_parse(getenv("BROKER_URL"), env_process(), &r->address, NULL), 0);
}

void broker_rig_release(struct broker_rig *r)
{
    amqp_address_free(r->address);
    stop_unref(r->stop);
    free(r->prefix);
}

struct amqp *broker_rig_open(struct broker_rig *r)
{
    const struct amqp_config cfg = { .address = r->address, .name = "test" };
    struct amqp *c = NULL;
    cleanup_error struct error *err = NULL;
    if (amqp_open(&r->ctx, &cfg, &c, &err) < 0)
        fail_msg("%s", error_text(err));
    return c;
}

char *broker_rig_name(const struct broker_rig *r, const char *name)
{
    return xasprintf("%s.%s", r->prefix, name);
}

void broker_rig_declare_queue(struct broker_rig *r, struct amqp *c, const char *name)
{
    cleanup_free char *full = broker_rig_name(r, name), *exchange = broker_rig_name(r, "x");
    const struct amqp_entity entities[] = {
        { .kind = AMQP_EXCHANGE, .name = exchange, .type = "direct" },
        { .kind = AMQP_QUEUE,
          .name = full,
          .arguments = { { .key = "x-queue-type", .text = "quorum" },
                         { .key = "x-delivery-limit", .number = 2 } } },
        { .kind = AMQP_BINDING, .name = full, .source = exchange, .key = name },
    };
    cleanup_error struct error *err = NULL;
    if (amqp_declare(c, entities, ARRAY_LEN(entities), &err) < 0)
        fail_msg("%s", error_text(err));
}

void broker_rig_hold(struct broker_rig *r)
{
    cleanup_free char *pid = NULL;
    size_t len;
    (void)r;
    int fd = open(getenv("BROKER_HOLD"), O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    (void)close(fd);
    assert_int_equal(file_read(getenv("BROKER_SERVER_PID"), 64, &pid, &len, NULL), 0);
    assert_int_equal(kill((pid_t)strtol(pid, NULL, 10), SIGKILL), 0);
}

void broker_rig_let_go(struct broker_rig *r)
{
    (void)r;
    assert_int_equal(unlink(getenv("BROKER_HOLD")), 0);
}

void broker_rig_await(struct broker_rig *r)
{
    const struct amqp_config cfg = { .address = r->address, .name = "test" };
    struct amqp *c = NULL;
    while (amqp_open(&r->ctx, &cfg, &c, NULL) < 0)
        assert_int_equal(opctx_sleep_ms(&r->ctx, LOOK_MS, NULL), 0);
    amqp_close(c);
}
