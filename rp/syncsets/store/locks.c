#include "rp/syncsets/store/locks.h"

#include "rp/syncsets/store/impl.h"

#define TRY_TEXT(number) "SELECT CASE WHEN pg_try_advisory_lock(" number ") THEN 1 ELSE 0 END"
static const char *const try_texts[SETS_LEADS] = {
    [SETS_LEAD_RELAY] = TRY_TEXT(SETS_LOCK_RELAY),
    [SETS_LEAD_CONTROLLERS] = TRY_TEXT(SETS_LOCK_CONTROLLERS),
};

int sets_try_lead(const struct opctx *ctx, struct sql *session, enum sets_lead which,
                  struct error **err)
{
    int64_t is_ours;
    if (sets_number(ctx, session, try_texts[which], NULL, 0, &is_ours, err) < 0)
        return -1;
    return is_ours != 0;
}
