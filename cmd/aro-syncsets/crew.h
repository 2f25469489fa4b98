/* crew.h - the controllers of a process with what they need, by the settings of the environment. */
#ifndef CMD_ARO_SYNCSETS_CREW_H
#define CMD_ARO_SYNCSETS_CREW_H

#include "cmd/aro-syncsets/commands.h"

struct metrics;
struct sets_queue;
struct sets_store;
struct crew;
struct crew_config { /* borrowed for the crew's life */
    const struct command_options *opt;
    struct sets_store *store;
    struct sets_queue *queue;
    struct metrics *metrics;
};
/* ERR_INVALID: a setting. */
int crew_start(const struct crew_config *cfg, struct crew **ret, struct error **err);
int crew_check(struct crew *c, struct error **err);
/* Takes at most CREW_STOP_MS; accepts NULL. */
#define CREW_STOP_MS 25000
/* A whole process: who stops a pod waits 30 s for it. */
#define PROCESS_STOP_MS 28000
void crew_stop(struct crew *c);
/* Connections to the database that a crew of this environment has a use for. */
size_t crew_connections(const struct env *env);
/* The queue that a crew of this environment takes its work from; db: borrowed for its life. */
struct mode;
struct sql_db;
int crew_open_queue(const struct command_options *opt, const struct mode *mode, struct sql_db *db,
                    struct metrics *metrics, struct sets_queue **ret, struct error **err);

#endif
