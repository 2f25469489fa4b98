/* devcloud run - a whole development cloud with a cluster in it: the first command of a newcomer. */
#include <stdlib.h>

#include "hack/devcloud/main/commands.h"
#include "hack/devcloud/main/here.h"
#include "hack/devcloud/main/whole_cloud.h"
#include "hack/devcloud/up/first_cluster.h"
#include "hack/devcloud/up/variables.h"
#include "pkg/base/env.h"

#define LIMIT_S "600"

static const struct cli_option options[] = {
    HERE_DIR_OPTION,
    { "rp", CLI_STR, "aro-rp", NULL, false, "NAME",
      "The resource provider's executable, beside this one.", 0, 0 },
    { "limit", CLI_INT, LIMIT_S, NULL, false, "SECONDS",
      "How long the cluster and its conditions may take.", 1, 86400 },
    WHOLE_CLOUD_PORTS,
};

static const struct cli cli = {
    .prog = "devcloud run",
    .usage = "[options]",
    .summary = "Starts a simulated Azure and the resource provider, creates a cluster through the "
               "REST API, shows each step of its creation and then the conditions of the operator "
               "that was deployed into it. Goes on until Ctrl-C or 'devcloud down'; a later start "
               "begins anew.",
    .options = options,
    .options_len = ARRAY_LEN(options),
    .epilog = "Exit status: 0 after a regular end, 1 when something failed, 2 for wrong options.\n",
};

static int make_cluster(void *arg, const struct cloud_session *session, struct error **err)
{
    const char *pull_secret = env_get(env_process(), "PULL_SECRET");
    const struct first_cluster f = { .user = session->user,
                                     .rp_url = session->rp_url,
                                     .pull_secret =
                                         pull_secret ? pull_secret : VARIABLES_PULL_SECRET,
                                     .out = stdout };
    (void)arg;
    if (first_cluster_make(&f, err) < 0)
        return -1;
    fputs("\nInto the cluster, from the repository's folder:\n\n"
          "  make admin.kubeconfig\n"
          "  kubectl --kubeconfig admin.kubeconfig get clusters.aro.openshift.io cluster -o yaml\n",
          stdout);
    return 0;
}

int command_run(int argc, char **argv)
{
    cleanup_cli struct cli_values *v = NULL;
    int status;
    if (!command_parse(&cli, argc, argv, &v, &status))
        return status;
    cleanup_free char *dir = here_give_dir(v);
    const struct whole_cloud w = { .prog = cli.prog,
                                   .on_ready = make_cluster,
                                   .ready_s = (int)cli_int(v, "limit"),
                                   .tells_last = true };
    return whole_cloud_run(&w, v, dir);
}
