/*
 * ssh_server.h - the SSH server of a virtual machine: user core of the machine is who runs the simulation, in a folder of the
 * machine's own, let in by the keys of its Ignition configuration.
 *
 * It is dropbear of this machine, at a free port of 127.0.0.1; user core is one that libnss_wrapper alone knows. The folder has
 * what clients need to get there by the machine's own address; ssh_config in the folder of all machines leads to it (ssh -F). Threads: one at a time.
 */
#ifndef HACK_DEVCLOUD_BOOT_SSH_SERVER_H
#define HACK_DEVCLOUD_BOOT_SSH_SERVER_H

#include <stdint.h>

#include "pkg/base/error.h"
#include "pkg/base/strv.h"

struct ssh_server_config {   /* borrowed during the call */
    const char *dir;         /* of all machines; it is there */
    const char *name;        /* of this one's folder, which is replaced, and removed at the end */
    const struct strv *keys; /* as in authorized_keys */
    const char *address;     /* of the machine, as Azure tells it */
};

struct ssh_server;
/* ERR_UNSUPPORTED: this machine lacks the programs; the text says which, and how they come. */
int ssh_server_start(const struct ssh_server_config *cfg, struct ssh_server **ret,
                     struct error **err);
uint16_t ssh_server_port(const struct ssh_server *s);
/* -1: it has ended by itself; the text has the end of its log. */
int ssh_server_check(struct ssh_server *s, struct error **err);
void ssh_server_free(struct ssh_server *s); /* ends it with all its sessions; accepts NULL */

/* Writes DIR/ssh_config, which finds all machines whose folders are in dir; makes the folder when it is not there. */
int ssh_server_write_index(const char *dir, struct error **err);

#endif
