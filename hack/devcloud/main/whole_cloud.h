/* whole_cloud.h - what commands share that start a whole development cloud. */
#ifndef HACK_DEVCLOUD_MAIN_WHOLE_CLOUD_H
#define HACK_DEVCLOUD_MAIN_WHOLE_CLOUD_H

#include "hack/devcloud/up/cloud.h"
#include "pkg/base/cli.h"

/* Its options, for a table of them; HERE_DIR_OPTION and "rp" belong to it, too. */
#define WHOLE_CLOUD_PORTS \
    { "port", CLI_INT, "8443", NULL, false, "PORT", "The resource provider's; 0 = a free one.", \
      0,      65535 }, \
        { "plain-port", CLI_INT, "8080", NULL, false, "PORT", "The same without TLS.", 0, 65535 }, \
        { "azure-port", CLI_INT, "8444", NULL, false, "PORT", "The simulated Azure's.", 0, 65535 }, \
        { "syncsets", \
          CLI_BOOL, \
          "false", \
          NULL, \
          false, \
          NULL, \
          "Run SyncSets, too: each cluster of aro-rp is registered there.", \
          0, \
          0 }, \
    { \
        "syncsets-port", CLI_INT, "7070", NULL, false, "PORT", "That of SyncSets.", 0, 65535 \
    }

struct whole_cloud {
    const char *prog; /* in errors */
    int (*on_ready)(void *arg, const struct cloud_session *session, struct error **err);
    void *arg;
    int ready_s;
    bool tells_last; /* as in cloud.h */
};
/* Until it ends: returns the exit status. */
int whole_cloud_run(const struct whole_cloud *w, const struct cli_values *v, const char *dir);

#endif
