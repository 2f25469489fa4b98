#include "pkg/database/sql_columns.h"

#include <stdlib.h>

#include "pkg/base/mem.h"

#define TTL_MAX_S INT32_MAX /* as Cosmos DB has it */

enum member {
    MEMBER_LEASE,
    MEMBER_TTL,
    MEMBER_STATE,
    MEMBER_SCHEDULE,
    MEMBER_RUN_AFTER,
    MEMBER_UNIQUE, /* the first of them */
    MEMBERS = MEMBER_UNIQUE + UNIQUE_KEYS_MAX
};

/* Where a collection keeps the word that its queues are made of. */
static const struct body_member states[COLLECTIONS] = {
    [COLL_OPENSHIFT_CLUSTERS] = { { "openShiftCluster", "properties", "provisioningState" },
                                  { 0 } },
    [COLL_SUBSCRIPTIONS] = { { "deleting" }, { 0 } },
    [COLL_MAINTENANCE_MANIFESTS] = { { "maintenanceManifest", "state" }, { 0 } },
    [COLL_MAINTENANCE_SCHEDULES] = { { "maintenanceSchedule", "state" }, { 0 } },
};

/* Paths that nothing has are left empty: they find nothing. */
static void list_members(enum collection coll, struct body_member *ret)
{
    ret[MEMBER_LEASE] = (struct body_member){ .path = { "leaseExpires" } };
    ret[MEMBER_TTL] = (struct body_member){ .path = { "ttl" } };
    ret[MEMBER_STATE] = states[coll];
    if (coll == COLL_MAINTENANCE_MANIFESTS) {
        ret[MEMBER_SCHEDULE] =
            (struct body_member){ .path = { "maintenanceManifest", "createdBySchedule" } };
        ret[MEMBER_RUN_AFTER] =
            (struct body_member){ .path = { "maintenanceManifest", "runAfter" } };
    }
    for (size_t i = 0; i < UNIQUE_KEYS_MAX; i++)
        ret[MEMBER_UNIQUE + i].path[0] = collections[coll].unique_keys[i];
}

/* Absent and null are one value, as in Cosmos DB; what is no string is compared by its text. */
static char *unique_text(struct span v)
{
    if (!span_is_set(v))
        return xstrdup("");
    char *text = span_give_text(v);
    return text ? text : xstrndup(v.text, v.len);
}

static int64_t ttl_of(enum collection coll, struct span own)
{
    int64_t dflt = collections[coll].ttl_s;
    if (dflt == TTL_OFF)
        return -1;
    int64_t ttl = span_int(own, 0);
    if (ttl > 0)
        return ttl < TTL_MAX_S ? ttl : TTL_MAX_S;
    return ttl == -1 ? -1 : dflt;
}

int sql_columns_read(enum collection coll, const char *body, size_t len, struct sql_columns *ret,
                     struct error **err)
{
    struct body_member m[MEMBERS] = { 0 };
    list_members(coll, m);
    if (body_find(body, len, m, MEMBERS, err) < 0)
        return -1;
    *ret = (struct sql_columns){
        .state = coll == COLL_SUBSCRIPTIONS
                     ? (span_is_true(m[MEMBER_STATE].value) ? xstrdup(STATE_DELETING) : NULL)
                     : span_give_text(m[MEMBER_STATE].value),
        .schedule = span_give_text(m[MEMBER_SCHEDULE].value),
        .lease_s = span_int(m[MEMBER_LEASE].value, 0),
        .run_after_s = span_int(m[MEMBER_RUN_AFTER].value, 0),
        .ttl_s = ttl_of(coll, m[MEMBER_TTL].value),
    };
    for (size_t i = 0; i < UNIQUE_KEYS_MAX && collections[coll].unique_keys[i]; i++)
        ret->unique[i] = unique_text(m[MEMBER_UNIQUE + i].value);
    return 0;
}

void sql_columns_release(struct sql_columns *c)
{
    for (size_t i = 0; i < UNIQUE_KEYS_MAX; i++)
        free(c->unique[i]);
    free(c->state);
    free(c->schedule);
    *c = (struct sql_columns){ 0 };
}
