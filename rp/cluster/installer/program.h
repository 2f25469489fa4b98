/*
 * program.h - another program, run to its end. Private to this folder.
 *
 * It gets no descriptor of ours and is in a process group of its own, which is killed when the context ends, and also when the
 * program itself has ended: nothing that it started stays. When this process ends amid the run, even by SIGKILL, so does the program.
 * Threads: blocks its own.
 */
#ifndef RP_CLUSTER_INSTALLER_PROGRAM_H
#define RP_CLUSTER_INSTALLER_PROGRAM_H

#include "pkg/base/opctx.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"

#define PROGRAM_TAIL_BYTES ((size_t)32 << 10)

struct program {                    /* all borrowed */
    const char *folder;             /* where it runs */
    const struct strv *arguments;   /* the program's name first, which is looked up on PATH */
    const struct strv *environment; /* all of it */
    const struct secret
        *input; /* its standard input, a file that no disk holds, mode 0600; NULL: it is empty */
    const char *output; /* a new file that its standard output goes to; NULL: none */
};

/* *ret_tail: the last lines of what it printed, on either output that goes to no file; written also after a failure, the caller's, NULL when it did not
 * run. ERR_NOT_FOUND: there is no such program. ERR_IO: it ended with another exit code than 0, or by a signal.
 * ERR_TIMEOUT, ERR_CANCELLED: the context's. */
int program_run(const struct opctx *ctx, const struct program *p, char **ret_tail,
                struct error **err);

#endif
