#include "cmd/aro/dispatch.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const struct aro_command aro_commands[] = {
    { .name = "operator",
      .executable = "aro-operator",
      .words = "master worker",
      .doc = "Run the in-cluster operator in one of its two roles." },
    { .name = "rp", .executable = "aro-rp", .words = "", .doc = "Run the resource provider." },
    { .name = "syncsets",
      .executable = "aro-syncsets",
      .words = "api migrate swagger rotate-keys",
      .doc = "Ship configuration to many clusters: the API server, and its database." },
};
const size_t aro_commands_len = sizeof(aro_commands) / sizeof(aro_commands[0]);

static const struct {
    const char *name;
    enum dispatch_kind kind;
} builtins[] = {
    { "help", DISPATCH_HELP },
    { "version", DISPATCH_VERSION },
    { "completion", DISPATCH_COMPLETION },
};

static const struct aro_command *find_command(const char *name)
{
    for (size_t i = 0; i < aro_commands_len; i++)
        if (strcmp(aro_commands[i].name, name) == 0)
            return &aro_commands[i];
    return NULL;
}

static enum dispatch_kind find_builtin(const char *name)
{
    for (size_t i = 0; i < sizeof(builtins) / sizeof(builtins[0]); i++)
        if (strcmp(builtins[i].name, name) == 0)
            return builtins[i].kind;
    return DISPATCH_NOTHING;
}

static bool is_option(const char *arg)
{
    return arg[0] == '-' && arg[1] != '\0';
}

/* The executable's argv: its name, what stood before the command, what follows it. */
static char **argv_without(int argc, char **argv, int command_at, const char *executable)
{
    char **out = calloc((size_t)argc + 2, sizeof(*out));
    if (!out)
        return NULL;
    size_t n = 0;
    out[n++] = (char *)(uintptr_t)executable;
    for (int i = 1; i < argc; i++)
        if (i != command_at)
            out[n++] = argv[i];
    return out;
}

static void give_help(int argc, char **argv, int at, struct dispatch *ret)
{
    static const char help[] = "--help";

    ret->kind = DISPATCH_HELP;
    if (at + 1 >= argc)
        return;
    ret->word = argv[at + 1];
    ret->command = find_command(ret->word);
    if (!ret->command) {
        ret->kind = DISPATCH_UNKNOWN;
        return;
    }
    ret->argv = calloc(3, sizeof(*ret->argv));
    if (!ret->argv)
        return;
    ret->argv[0] = (char *)(uintptr_t)ret->command->executable;
    ret->argv[1] = (char *)(uintptr_t)help;
}

void dispatch_parse(int argc, char **argv, struct dispatch *ret)
{
    *ret = (struct dispatch){ .kind = DISPATCH_NOTHING };

    bool after_option = false; /* the next word may be its value */
    for (int i = 1; i < argc; i++) {
        const char *arg = argv[i];
        if (strcmp(arg, "-h") == 0 || strcmp(arg, "--help") == 0 || strcmp(arg, "-help") == 0) {
            ret->word = NULL;
            ret->kind = DISPATCH_HELP;
            return;
        }
        if (strcmp(arg, "--version") == 0 || strcmp(arg, "-version") == 0) {
            ret->word = NULL;
            ret->kind = DISPATCH_VERSION;
            return;
        }
        if (is_option(arg)) {
            if (!ret->word)
                ret->word = arg;
            after_option = !strchr(arg, '=');
            continue;
        }

        ret->command = find_command(arg);
        if (ret->command) {
            ret->word = NULL;
            ret->kind = DISPATCH_EXEC;
            ret->argv = argv_without(argc, argv, i, ret->command->executable);
            return;
        }
        ret->kind = find_builtin(arg);
        if (ret->kind == DISPATCH_HELP) {
            ret->word = NULL;
            give_help(argc, argv, i, ret);
            return;
        }
        if (ret->kind != DISPATCH_NOTHING) {
            ret->word = i + 1 < argc ? argv[i + 1] : NULL;
            return;
        }
        if (!after_option) {
            ret->kind = DISPATCH_UNKNOWN;
            ret->word = arg;
            return;
        }
        after_option = false;
    }
}

void dispatch_release(struct dispatch *d)
{
    free(d->argv);
    d->argv = NULL;
}

char *dispatch_sibling(const char *self, const char *name)
{
    const char *slash = strrchr(self, '/');
    int folder_len = slash ? (int)(slash - self) + 1 : 0;
    char *path;
    if (asprintf(&path, "%.*s%s", folder_len, self, name) < 0)
        return NULL;
    return path;
}
