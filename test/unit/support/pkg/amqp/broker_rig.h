/* broker_rig.h - the broker of BROKER_URL (test/harness/rabbitmq/run.sh), and connections to it. Without that variable there
 * is none: tests then leave out what needs one. Real clock. */
#ifndef TEST_UNIT_SUPPORT_PKG_AMQP_BROKER_RIG_H
#define TEST_UNIT_SUPPORT_PKG_AMQP_BROKER_RIG_H

#include "pkg/amqp/amqp.h"
#include "test/unit/support/left_out.h"
#include "test/unit/support/test.h"

bool broker_is_there(void);

struct broker_rig {
    struct opctx ctx; /* ends after five minutes */
    struct stop *stop;
    struct amqp_address *address;
    char *prefix; /* of names that nobody else has */
};
void broker_rig_init(struct broker_rig *r);
void broker_rig_release(struct broker_rig *r);
/* Fails the test when it cannot. */
struct amqp *broker_rig_open(struct broker_rig *r);
char *broker_rig_name(const struct broker_rig *r, const char *name);
/* A quorum queue that drops what was delivered thrice. */
void broker_rig_declare_queue(struct broker_rig *r, struct amqp *c, const char *name);
/* Kills the server; it starts again only after broker_rig_let_go. */
void broker_rig_hold(struct broker_rig *r);
void broker_rig_let_go(struct broker_rig *r);
/* Until it answers again. */
void broker_rig_await(struct broker_rig *r);

#endif
