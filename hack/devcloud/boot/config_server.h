/*
 * config_server.h - the machine config server of a cluster, and machines that boot from it as their customData says.
 *
 * A machine reads its pointer, finds the server (an address as it stands, a name in a private zone that is linked to a
 * network), trusts whom the pointer names, and fetches what MachineConfigs say for its role. Then it must know where
 * api-int.DOMAIN is: by its own dnsmasq, else by a private zone. Whatever of this is wrong keeps it from coming up, and says
 * what and where. The server itself listens at a port of 127.0.0.1; a machine gets there only if a load balancer of the group
 * leads from the address that it found.
 *
 * Threads: one at a time; the server answers on its own.
 * Source: openshift/machine-config-operator, docs/MachineConfigServer.md; coreos/ignition; dnsmasq(8), --address.
 */
#ifndef HACK_DEVCLOUD_BOOT_CONFIG_SERVER_H
#define HACK_DEVCLOUD_BOOT_CONFIG_SERVER_H

#include "hack/devcloud/boot/view.h"
#include "pkg/net/http_client.h"

struct config_server_config { /* borrowed for life */
    const struct bootstrap *boot;
    struct http_client *http;
    const struct clock *clock;
    const struct rng *rng;
    const struct log *log;
};
struct config_server;
struct config_server *config_server_new(const struct config_server_config *cfg);
void config_server_free(struct config_server *s); /* accepts NULL */

/*
 * config_server_boot - a machine's first minute; role "master" or "worker". 0: it is set up, now or before.
 * Errors  what keeps it from that; trying again may help. Blocks for the time of a request.
 */
int config_server_boot(struct config_server *s, const struct view *v, const char *machine_id,
                       const char *role, struct error **err);

/* Ends the server when no machine has come for some time; it begins again with the next. Hundreds of clusters are idle. */
void config_server_rest(struct config_server *s);

#endif
