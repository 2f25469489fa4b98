#include "hack/devcloud/up/cloud.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "hack/devcloud/up/cloud_impl.h"
#include "hack/devcloud/up/ports.h"
#include "pkg/base/mem.h"

#define END_S 30
#define LOOK_MS 50
/* A process that dies is gone for who talks to it before its parent can collect it. */
#define DEATH_MS 2000

/* ---- time and signals ---- */

static sigset_t watched_signals(void)
{
    static const int numbers[] = { SIGCHLD, SIGINT, SIGTERM, SIGHUP };
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
        sigaddset(&set, numbers[i]);
    return set;
}

/* The next signal; 0: none within ms (-1: for ever). */
static int next_signal(int ms)
{
    const struct timespec limit = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * NS_PER_MS };
    sigset_t set = watched_signals();
    int sig = sigtimedwait(&set, NULL, ms < 0 ? NULL : &limit);
    return sig > 0 ? sig : 0;
}

static int check_parts(struct cloud *c, struct error **err)
{
    for (size_t i = 0; i < c->parts_len; i++) {
        if (part_runs(&c->parts[i]))
            continue;
        cleanup_free char *story = part_give_story(&c->parts[i]);
        return error_set(err, ERR_INTERNAL, "%s", story);
    }
    return 0;
}

/* Until the next signal, at most ms. -1: the end was asked for (ERR_CANCELLED), or a part has ended. */
static int rest(struct cloud *c, int ms, struct error **err)
{
    int sig = next_signal(ms);
    if (sig != 0 && sig != SIGCHLD)
        return error_set(err, ERR_CANCELLED, "asked to end");
    return check_parts(c, err);
}

int cloud_pause(void *arg, struct error **err)
{
    struct cloud *c = arg;
    if (clock_mono_ns(clock_system()) > c->phase_end_ns)
        return error_set(err, ERR_TIMEOUT, "not done within %d s; logs: %s/log", c->phase_s,
                         c->place.dir);
    return rest(c, LOOK_MS, err);
}

/* ---- life ---- */

static int take_place(struct cloud *c, struct error **err)
{
    if (place_take(c->cfg->dir, &c->place, err) < 0)
        return -1;
    return ports_check(c->cfg->ports, err);
}

static const struct phase {
    const char *doing;
    int (*run)(struct cloud *c, struct error **err);
    bool of_syncsets;
} phases[] = {
    { "taking the folder and the ports", take_place, false },
    { "starting the simulated Azure", cloud_start_azure, false },
    { "starting SyncSets", cloud_start_syncsets, true },
    { "starting the resource provider", cloud_start_rp, false },
    { "putting Azure Resource Manager before it", cloud_connect, false },
    { "making groups, a network, the registration", cloud_prepare_user, false },
    { "writing settings for shells and the Azure CLI", cloud_write_files, false },
};

static void begin_phase(struct cloud *c, int limit_s)
{
    c->phase_s = limit_s;
    c->phase_end_ns = clock_mono_ns(clock_system()) + limit_s * NS_PER_S;
}

static int start(struct cloud *c, struct error **err)
{
    for (size_t i = 0; i < ARRAY_LEN(phases); i++) {
        if (phases[i].of_syncsets && !c->cfg->syncsets)
            continue;
        fprintf(c->cfg->out, "devcloud: %s\n", phases[i].doing);
        fflush(c->cfg->out);
        begin_phase(c, CLOUD_PHASE_S);
        if (phases[i].run(c, err) < 0)
            return -1;
    }
    return 0;
}

/* Until the end is asked for, or comes. */
static int watch(struct cloud *c, struct error **err)
{
    while (rest(c, -1, err) == 0)
        continue;
    return -1;
}

/* What the caller has to do once the cloud is there. */
static int go_on(struct cloud *c, struct error **err)
{
    const struct cloud_config *cfg = c->cfg;
    cleanup_free char *rp_url = xasprintf("http://localhost:%d", c->ports[CLOUD_PORT_PLAIN]);
    const struct cloud_user user = cloud_user_of(c);
    const struct cloud_session session = { &user, rp_url };
    if (!cfg->on_ready)
        return 0;
    begin_phase(c, cfg->ready_s ? cfg->ready_s : CLOUD_PHASE_S);
    if (cfg->on_ready(cfg->arg, &session, err) < 0)
        return -1;
    if (cfg->tells_last)
        cloud_tell(c);
    return 0;
}

/* To a process, or to one behind another that tells of it. */
static bool is_broken(const struct error *e)
{
    return error_is(e, ERR_CONN) || error_is(e, ERR_UNAVAILABLE);
}

/* A connection that broke says little; which process has ended behind it, and why, says more. */
static int explain(struct cloud *c, struct error **err)
{
    int64_t until_ns = clock_mono_ns(clock_system()) + DEATH_MS * NS_PER_MS;
    while (is_broken(*err) && clock_mono_ns(clock_system()) < until_ns)
        (void)rest(c, LOOK_MS, err);
    return -1;
}

/* Who asks for the end of a cloud that was ready has had what he wanted. */
static int serve(struct cloud *c, struct error **err)
{
    cleanup_error struct error *e = NULL;
    if (go_on(c, &e) < 0)
        explain(c, &e);
    else
        (void)watch(c, &e);
    return error_is(e, ERR_CANCELLED) ? 0 : error_move(err, &e);
}

/* Until it has ended, or until_ns; or, which *asked tells then, somebody asks again. */
static void end_part(struct part *p, int64_t until_ns, bool *asked)
{
    part_signal(p, SIGTERM);
    while (!*asked && part_runs(p) && clock_mono_ns(clock_system()) < until_ns) {
        int sig = next_signal(LOOK_MS);
        *asked = sig != 0 && sig != SIGCHLD;
    }
}

/* Regularly, each before those that it needs: the resource provider cannot hand over what it works on once Azure is gone. At
 * once, when that takes long or somebody asks again. */
static void end_parts(struct cloud *c)
{
    int64_t until_ns = clock_mono_ns(clock_system()) + END_S * NS_PER_S;
    bool asked = false;
    for (size_t i = c->parts_len; i-- > 0;) {
        end_part(&c->parts[i], until_ns, &asked);
        part_release(&c->parts[i]);
    }
}

int cloud_run(const struct cloud_config *cfg, struct error **err)
{
    struct cloud c = { .cfg = cfg, .place = { .lock = -1 } };
    sigset_t signals = watched_signals();
    (void)pthread_sigmask(SIG_BLOCK, &signals, NULL);
    (void)signal(SIGINT, SIG_DFL); /* a shell's background job ignores it */
    (void)signal(SIGPIPE, SIG_IGN);
    rng_uuid(rng_system(), c.secret);

    int rcode = start(&c, err);
    if (rcode == 0)
        rcode = serve(&c, err);
    end_parts(&c);
    cloud_release(&c);
    return rcode;
}
