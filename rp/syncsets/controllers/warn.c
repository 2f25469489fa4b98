#include "pkg/base/log.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/controllers/impl.h"

/* Whether a full disk is to be told of now: of all threads that meet it, one does. */
static bool is_news(struct sets_controllers *k)
{
    int64_t last_ns = atomic_load(&k->full_ns), now_ns = clock_mono_ns(k->cfg.clock);
    if (last_ns && now_ns - last_ns < FULL_AGAIN_NS)
        return false;
    return atomic_compare_exchange_strong(&k->full_ns, &last_ns, now_ns);
}

void controllers_warn(struct sets_controllers *k, const char *what, const struct error *why)
{
    if (str_eq(error_get_code(why), SQL_CODE_FULL) && !is_news(k))
        return;
    log_warning(k->cfg.log, "%s%s%s", what ? what : "", what ? ": " : "", error_text(why));
}
