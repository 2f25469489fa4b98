/* part.h - a process of the development cloud: its log, its end. It ends with the process that started it. */
#ifndef HACK_DEVCLOUD_UP_PART_H
#define HACK_DEVCLOUD_UP_PART_H

#include <stdbool.h>
#include <sys/types.h>

#include "pkg/base/error.h"
#include "pkg/base/strv.h"

struct part {
    const char *name; /* in messages: "the resource provider" */
    char *log_path;
    pid_t pid; /* 0: it does not run */
    int exit;  /* of one that ran: as waitpid tells */
};

struct part_command {
    const char *dir; /* where it runs */
    struct strv args, env;
};
void part_command_release(struct part_command *c);
static inline void part_command_release_slot(struct part_command *c)
{
    part_command_release(c);
}
#define cleanup_part_command CLEANUP_WITH(part_command_release_slot)

/* From a process without threads. In a process group of its own, so that Ctrl-C reaches it by way of its parent. log_path is
 * consumed. */
int part_start(struct part *p, const char *name, char *log_path, const struct part_command *cmd,
               struct error **err);
/* Whether it runs; collects its end. */
bool part_runs(struct part *p);
void part_signal(const struct part *p, int sig);
/* Of one that ended by itself: which, how, and the end of its log. Owned. */
char *part_give_story(const struct part *p);
void part_release(struct part *p); /* kills what still runs */

#endif
