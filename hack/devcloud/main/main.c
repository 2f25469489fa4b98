/* devcloud - the development cloud: virtual OpenShift clusters and Azure on loopback, for tests and first hours. */
#include <stdio.h>
#include <string.h>

#include "hack/devcloud/main/commands.h"
#include "pkg/base/cleanup.h"
#include "pkg/base/version.h"

static const struct {
    const char *name, *doc;
    int (*run)(int argc, char **argv);
} commands[] = {
    { "run", "a simulated Azure, the resource provider, and a cluster that is created in it",
      command_run },
    { "up", "a simulated Azure, a resource provider, and what a first user needs", command_up },
    { "down", "ends what 'up' started", command_down },
    { "status", "where its processes are", command_status },
    { "env", "what a shell exports to use it", command_env },
    { "cluster", "one virtual Kubernetes cluster: API server and controllers", command_cluster },
    { "controllers", "the controllers alone, for any API server", command_controllers },
};

static void usage(FILE *out)
{
    fputs("usage: devcloud COMMAND [options]\n\nCommands:\n", out);
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        fprintf(out, "  %-12s %s\n", commands[i].name, commands[i].doc);
    fputs("\ndevcloud COMMAND --help tells more.\n", out);
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        usage(stdout);
        return 0;
    }
    if (strcmp(name, "--version") == 0 || strcmp(name, "version") == 0) {
        printf("devcloud %s\n", version_commit());
        return 0;
    }
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    if (*name)
        fprintf(stderr, "devcloud: unknown command '%s'\n", name);
    usage(stderr);
    return 2;
}
