/*
 * frontend_rig.h - the frontend's chain behind a real server on loopback, with routes that a test
 * gives. Everybody may call unless the test sets other authorizers before front_serve. Threads: the
 * test's own.
 */
#ifndef TEST_UNIT_SUPPORT_RP_FRONTEND_FRONTEND_RIG_H
#define TEST_UNIT_SUPPORT_RP_FRONTEND_FRONTEND_RIG_H

#include "pkg/base/json.h"
#include "rp/frontend/request.h"
#include "rp/frontend/serve.h"
#include "test/unit/support/fake_env.h"
#include "test/unit/support/log_capture.h"

#define FRONT_SUB "00000000-0000-0000-0000-00000000000a"
#define FRONT_GROUP "/subscriptions/" FRONT_SUB "/resourceGroups/Group"
#define FRONT_TYPE "/providers/Microsoft.RedHatOpenShift/openShiftClusters"
#define FRONT_CLUSTER FRONT_GROUP FRONT_TYPE "/Cluster1"

struct front {
    struct fake_env env; /* test mode; a test may set more before front_serve */
    struct rp_env *rp_env;
    struct log_capture capture;
    struct log log;
    struct frontend_config cfg; /* a test may set more before front_serve */
    struct frontend f;
    struct listener listener;
    struct http_server *server;
};

void front_init(struct front *r);
void front_serve(struct front *r, const struct route *routes, size_t len);
void front_release(struct front *r);

/* One request on a connection of its own: its reply, with head and without Date; owned. headers: each
 * with \r\n behind it, may be NULL. body NULL: none. */
char *front_give_reply(struct front *r, const char *method, const char *target, const char *headers,
                       const char *body);
/* The same with Content-Type JSON where there is a body: "STATUS body"; owned. */
char *front_give_answer(struct front *r, const char *method, const char *target, const char *body);
/* "STATUS code: message", and " @target" where there is one, of an error; owned. */
char *front_give_error(struct front *r, const char *method, const char *target, const char *body);
/* As give_error, of a whole reply. */
char *front_error_of(const char *reply);

#endif
