#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/aro/dispatch.h"
#include "cmd/aro/text.h"
#include "pkg/base/version.h"

enum { EXIT_USAGE = 2, EXIT_CANNOT_RUN = 126, EXIT_NOT_FOUND = 127 };

/* Replaces this process; returns an exit status only when that fails. */
static int run_sibling(const struct dispatch *d, const char *argv0)
{
    if (!d->argv) {
        fputs("aro: out of memory\n", stderr);
        return EXIT_FAILURE;
    }
    char self[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
    self[len > 0 ? len : 0] = '\0';
    char *path = dispatch_sibling(len > 0 ? self : argv0, d->command->executable);
    if (!path) {
        fputs("aro: out of memory\n", stderr);
        return EXIT_FAILURE;
    }

    execvp(path, d->argv); /* without a slash in it: along PATH */

    int reason = errno;
    fprintf(stderr, "aro: cannot run %s for '%s': %s\n", path, d->command->name,
            strerrordesc_np(reason));
    free(path);
    return reason == ENOENT ? EXIT_NOT_FOUND : EXIT_CANNOT_RUN;
}

static int usage_error(const char *what, const char *word)
{
    if (word)
        fprintf(stderr, "aro: %s '%s'\n", what, word);
    else if (what)
        fprintf(stderr, "aro: %s\n", what);
    text_usage(stderr);
    fputs("'aro help' tells more\n", stderr);
    return EXIT_USAGE;
}

static int run(const struct dispatch *d, const char *argv0)
{
    switch (d->kind) {
    case DISPATCH_NOTHING:
        return d->word ? usage_error("no command behind the option", d->word)
                       : usage_error("no command given", NULL);
    case DISPATCH_UNKNOWN:
        return usage_error("unknown command", d->word);
    case DISPATCH_EXEC:
        return run_sibling(d, argv0);
    case DISPATCH_HELP:
        if (d->command)
            return run_sibling(d, argv0);
        text_help(stdout);
        return EXIT_SUCCESS;
    case DISPATCH_VERSION:
        printf("aro %s\n", version_commit());
        return EXIT_SUCCESS;
    case DISPATCH_COMPLETION:
        if (!d->word)
            return usage_error("completion wants a shell: bash", NULL);
        if (strcmp(d->word, "bash") != 0)
            return usage_error("no completion for the shell", d->word);
        text_completion_bash(stdout);
        return EXIT_SUCCESS;
    }
    return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
    struct dispatch d;
    dispatch_parse(argc, argv, &d);
    int status = run(&d, argv[0] ? argv[0] : "aro");
    dispatch_release(&d);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("aro: cannot write to standard output\n", stderr);
        return EXIT_FAILURE;
    }
    return status;
}
