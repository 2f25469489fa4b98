/*
 * logs.h - the kubelet's HTTPS endpoint for container logs, as the API server calls it:
 * GET /containerLogs/NAMESPACE/POD/CONTAINER?follow&tailLines&limitBytes.
 */
#ifndef HACK_DEVCLOUD_KUBELET_LOGS_H
#define HACK_DEVCLOUD_KUBELET_LOGS_H

#include "hack/devcloud/kubelet/kubelet.h"

struct log_server;
/* Listens on a free port of 127.0.0.1 with a certificate of its own making. */
int log_server_start(const struct kubelet_config *cfg, struct log_server **ret, struct error **err);
uint16_t log_server_port(const struct log_server *s);
void log_server_stop(struct log_server *s); /* accepts NULL */

#endif
