/* modes.h - where a process keeps its data, from the environment. Threads: one. */
#ifndef CMD_ARO_SYNCSETS_MODES_H
#define CMD_ARO_SYNCSETS_MODES_H

#include "pkg/amqp/address.h"
#include "pkg/base/env.h"
#include "pkg/base/opctx.h"
#include "pkg/crypt/keyring.h"

struct mode {
    bool embedded;               /* SQLite in a folder of its own, one process */
    char *dsn, *folder;          /* folder: embedded only */
    struct amqp_address *broker; /* NULL: none */
    char *bus_prefix;            /* of names on it; NULL: the default */
    struct keyring *keys;        /* NULL when the environment has none and none is needed */
    int lock_fd;                 /* of the folder; -1 */
};
/* ERR_INVALID: settings that contradict one another, or are malformed. need_keys: fails without; an embedded folder gets
 * a key file of its own. ERR_CONFLICT: another process has the folder, and still had it when MODE_WAIT_MS were over: one that
 * was killed keeps it until the system has taken it down. */
#define MODE_WAIT_MS 5000
int mode_open(const struct opctx *ctx, const struct env *env, bool need_keys, struct mode *ret,
              struct error **err);
void mode_release(struct mode *m);
#define cleanup_mode CLEANUP_WITH(mode_release)

#endif
