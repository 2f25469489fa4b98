#include "cmd/aro-syncsets/crew.h"

#include <stdlib.h>

#include "cmd/aro-syncsets/modes.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/controllers.h"
#include "rp/syncsets/controllers/decide.h"
#include "rp/syncsets/queue/queue.h"

#define GRACE_MS (CREW_STOP_MS - SETS_CONTROLLERS_LAST_MS)
#define REST_CONNECTIONS 6 /* leader, keeper, queue, health */

enum { WORKERS, PROBERS, LEASE, SETTINGS };
static const struct setting table[SETTINGS] = {
    [WORKERS] = { "workers", "SYNCSETS_WORKERS", 16, 1, 256, "Threads that work on clusters." },
    [PROBERS] = { "probers", "SYNCSETS_PROBERS", 8, 1, 64,
                  "Threads that look whether clusters can be reached." },
    /* Most of it is of use: the margin in which nothing is changed is a third of a short one (keeper.h). */
    [LEASE] = { "lease_s", "SYNCSETS_LEASE_S", 120, 6, 3600,
                "How long a cluster is left to a controller that no longer answers." },
};

struct crew {
    struct http_client *http;
    struct sets_remotes *remotes;
    struct sets_controllers *controllers;
};

size_t crew_connections(const struct env *env)
{
    int64_t values[SETTINGS];
    if (settings_load(table, SETTINGS, env, values, NULL) < 0)
        return REST_CONNECTIONS; /* its start tells what is wrong */
    return (size_t)(values[WORKERS] + values[PROBERS]) + REST_CONNECTIONS;
}

int crew_open_queue(const struct command_options *opt, const struct mode *mode, struct sql_db *db,
                    struct metrics *metrics, struct sets_queue **ret, struct error **err)
{
    int64_t values[SETTINGS];
    if (settings_load(table, SETTINGS, opt->env, values, err) < 0)
        return -1;
    const struct sets_queue_config cfg = {
        .db = db,
        .broker = mode->broker,
        .prefix = mode->bus_prefix,
        .takers = (unsigned)values[WORKERS],
        .fast_takers = (unsigned)sets_controllers_fast_workers(values[WORKERS]),
        .metrics = metrics,
        .clock = opt->clock,
        .rng = opt->rng,
        .log = opt->log,
    };
    return sets_queue_open(&cfg, ret, err);
}

static int read_interval(const struct env *env, int64_t *ret_s, struct error **err)
{
    const char *text = env_get_or(env, "SYNCSET_REAPPLY_INTERVAL", "2h");
    if (decide_parse_interval(text, ret_s) && *ret_s > 0)
        return 0;
    return error_set(err, ERR_INVALID, "SYNCSET_REAPPLY_INTERVAL: '%s' is not like 2h or 90m",
                     text);
}

static int read_flag(const struct env *env, const char *name, bool *ret, struct error **err)
{
    const char *text = env_get_or(env, name, "false");
    *ret = str_eq(text, "true");
    if (*ret || str_eq(text, "false"))
        return 0;
    return error_set(err, ERR_INVALID, "%s: 'true' or 'false', not '%s'", name, text);
}

static int open_remotes(struct crew *c, const struct crew_config *cfg, struct error **err)
{
    const struct command_options *opt = cfg->opt;
    const struct http_client_config http = { .clock = opt->clock,
                                             .env = opt->env,
                                             .log = opt->log };
    struct sets_remotes_config remotes = {
        .clock = opt->clock,
        .rng = opt->rng,
        .env = opt->env,
        .log = opt->log,
        .metrics = cfg->metrics,
        .dial_allowed = env_get_or(opt->env, "SYNCSETS_DIAL_ALLOWED", NULL),
    };
    if (read_flag(opt->env, "SYNCSETS_ALLOW_INSECURE", &remotes.allow_insecure, err) < 0 ||
        http_client_new(&http, &c->http, err) < 0)
        return -1;
    remotes.http = c->http;
    return sets_remotes_new(&remotes, &c->remotes, err) < 0
               ? error_wrap(err, "SYNCSETS_DIAL_ALLOWED")
               : 0;
}

static int start(struct crew *c, const struct crew_config *cfg, struct error **err)
{
    const struct command_options *opt = cfg->opt;
    int64_t values[SETTINGS], reapply_s;
    if (settings_load(table, SETTINGS, opt->env, values, err) < 0 ||
        read_interval(opt->env, &reapply_s, err) < 0 || open_remotes(c, cfg, err) < 0)
        return -1;
    const struct sets_controllers_config controllers = { .store = cfg->store,
                                                         .queue = cfg->queue,
                                                         .remotes = c->remotes,
                                                         .metrics = cfg->metrics,
                                                         .workers = values[WORKERS],
                                                         .probers = values[PROBERS],
                                                         .lease_s = values[LEASE],
                                                         .reapply_s = reapply_s,
                                                         .clock = opt->clock,
                                                         .rng = opt->rng,
                                                         .log = opt->log };
    return sets_controllers_start(&controllers, &c->controllers, err);
}

int crew_start(const struct crew_config *cfg, struct crew **ret, struct error **err)
{
    struct crew *c = xnew(struct crew);
    if (start(c, cfg, err) < 0) {
        crew_stop(c);
        return -1;
    }
    *ret = c;
    return 0;
}

int crew_check(struct crew *c, struct error **err)
{
    return sets_controllers_check(c->controllers, err);
}

void crew_stop(struct crew *c)
{
    if (!c)
        return;
    sets_controllers_stop(c->controllers, GRACE_MS);
    sets_remotes_free(c->remotes);
    http_client_free(c->http);
    free(c);
}
