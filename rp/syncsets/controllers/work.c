#include "rp/syncsets/controllers/work.h"

int64_t work_quarantine_s(int64_t attempts)
{
    int64_t s = WORK_QUARANTINE_S;
    for (int64_t i = WORK_ATTEMPTS_MAX; i < attempts && s < WORK_QUARANTINE_MAX_S; i++)
        s *= 2;
    return s < WORK_QUARANTINE_MAX_S ? s : WORK_QUARANTINE_MAX_S;
}

#define NOW_TEXT(now) "SELECT " now
static const char *const now_texts[SQL_DIALECTS] = WORK_BOTH(NOW_TEXT);

int work_now_s(const struct opctx *ctx, struct sets_store *st, struct sql *c, int64_t *ret,
               struct error **err)
{
    return sets_number(ctx, c, now_texts[st->dialect], NULL, 0, ret, err);
}
