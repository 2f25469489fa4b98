/* devcloud - the development cloud: virtual OpenShift clusters and Azure on loopback, for tests and first hours. */
#include <stdio.h>
#include <string.h>

#include "hack/devcloud/main/commands.h"
#include "pkg/base/cleanup.h"

static const struct {
    const char *name, *doc;
    int (*run)(int argc, char **argv);
} commands[] = {
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
    for (size_t i = 0; i < ARRAY_LEN(commands); i++)
        if (strcmp(commands[i].name, name) == 0)
            return commands[i].run(argc - 1, argv + 1);
    usage(stderr);
    return 2;
}
