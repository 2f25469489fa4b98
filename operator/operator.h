/*
 * operator.h - one operator process: everything from options to the running manager.
 */
#ifndef OPERATOR_OPERATOR_H
#define OPERATOR_OPERATOR_H

#include "operator/services.h"

struct operator_options {
    enum operator_role role;
    const char *kubeconfig;   /* NULL: KUBECONFIG, in-cluster, ~/.kube/config */
    const char *bind_address; /* of both ports; NULL = all */
    uint16_t health_port, metrics_port;
    bool leader_elect; /* masters only */
    const struct clock *clock;
    const struct rng *rng;
    const struct env *env;
    const struct log *log;
};

bool operator_role_parse(const char *text, enum operator_role *ret); /* "master", "worker" */
/* Blocks until stop is set: 0. -1: it could not start, lost its lease, or a part failed. *ret_busy: threads that did not end in
 * time still use opt, what it points to, and libraries; only _exit is safe then. */
int operator_run(const struct operator_options *opt, struct stop *stop, bool *ret_busy,
                 struct error **err);

#endif
