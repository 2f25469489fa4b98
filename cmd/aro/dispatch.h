#ifndef CMD_ARO_DISPATCH_H
#define CMD_ARO_DISPATCH_H

#include <stddef.h>

/* A command is another executable that lies beside `aro`, as in git. Nothing but libc is linked
 * here, so that an image can carry `aro` and only the executable that it runs. */
struct aro_command {
    const char *name;       /* "operator" */
    const char *executable; /* "aro-operator" */
    const char *words;      /* what may follow, separated by spaces; for usage and completion */
    const char *doc;        /* one sentence */
};

extern const struct aro_command aro_commands[];
extern const size_t aro_commands_len;

enum dispatch_kind {
    DISPATCH_NOTHING, /* no command given; word is the first option, or NULL */
    DISPATCH_UNKNOWN, /* word is no command */
    DISPATCH_EXEC,    /* run command with argv */
    DISPATCH_HELP,    /* `help`, -h, --help; of command (argv holds its --help) when that is set */
    DISPATCH_VERSION, /* `version`, --version */
    DISPATCH_COMPLETION, /* `completion SHELL`; word is the shell or NULL */
};

struct dispatch {
    enum dispatch_kind kind;
    const struct aro_command *command; /* static, or NULL */
    const char *word;                  /* borrowed from the argv that was given, or NULL */
    char **argv; /* NULL-terminated array for exec, or NULL; strings are borrowed */
};

/*
 * dispatch_parse - what the command line asks for.
 *
 * argc, argv  as main got them; argv must outlive *ret.
 * ret         always filled in. Options may stand before the command (`aro -loglevel debug operator
 * master`) and are passed on in their order; an option's value that is itself a command's name
 * needs the form -option=value there. Released with dispatch_release. Threads     no shared state.
 */
void dispatch_parse(int argc, char **argv, struct dispatch *ret);
void dispatch_release(struct dispatch *d);

/*
 * dispatch_sibling - path of the executable NAME in the folder of the running executable.
 *
 * self     path of the running executable (what /proc/self/exe points to); a path without a slash
 * gives NAME itself. Returns  owned by the caller (free); NULL when memory ends.
 */
char *dispatch_sibling(const char *self, const char *name);

#endif
