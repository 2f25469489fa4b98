/* child.h - a process of the simulation: its output goes to a log, and it ends with the thread that started it. */
#ifndef HACK_DEVCLOUD_KUBELET_CHILD_H
#define HACK_DEVCLOUD_KUBELET_CHILD_H

#include <sys/types.h>

#include "pkg/base/error.h"
#include "pkg/base/strv.h"

/*
 * child_start - file with these arguments and this environment, all borrowed, in a process group of its own: Ctrl-C is for who
 * started it. Both outputs are appended to log_path, and there is no input.
 *
 * Returns  its number, for whoever starts it to wait for; 0: it did not start. A program that cannot be executed after all ends
 *          with status 127, without a log with 126.
 */
pid_t child_start(const char *file, const struct strv *args, const struct strv *env,
                  const char *log_path, struct error **err);
/* Has it ended? Then *ret_status is as waitpid tells, and the number means nothing any more. */
bool child_has_ended(pid_t pid, int *ret_status);
/* Kills the whole group and waits for the process. */
void child_kill(pid_t pid);

#endif
