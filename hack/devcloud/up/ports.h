/* ports.h - whether the ports of a cloud on 127.0.0.1 can be had, told before anything starts. */
#ifndef HACK_DEVCLOUD_UP_PORTS_H
#define HACK_DEVCLOUD_UP_PORTS_H

#include "hack/devcloud/up/cloud.h"

/* ports: CLOUD_PORTS of them; 0 is always free. ERR_EXISTS names the first that is taken, and the option for another;
 * ERR_INVALID two options with the same port. */
int ports_check(const int *ports, struct error **err);

#endif
