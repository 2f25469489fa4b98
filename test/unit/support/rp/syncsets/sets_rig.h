/* sets_rig.h - a store with its schema, and a server over it. On SQLite in a private folder, or where STORE_DSN says: there
 * everything is dropped first. Real clock. */
#ifndef TEST_UNIT_SUPPORT_RP_SYNCSETS_SETS_RIG_H
#define TEST_UNIT_SUPPORT_RP_SYNCSETS_SETS_RIG_H

#include "rp/syncsets/api/api.h"
#include "rp/syncsets/store/store.h"
#include "test/unit/support/test.h"

#define RIG_KEYS "a:AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define RIG_NEWER_KEYS "b:AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=," RIG_KEYS

struct sets_rig {
    char *dir, *dsn;
    struct opctx ctx;
    struct stop *stop;
    struct sql_db *db;
    struct keyring *keys;
    struct sets_store *store;
    struct metrics *metrics;
    /* As of sets_api_config; before sets_rig_serve. */
    size_t watch_queue_max;
    int64_t ahead_ms, patience_ms, watches_each, watch_bytes;
    struct sets_api *api; /* NULL until sets_rig_serve */
};
void sets_rig_empty(struct sets_rig *r); /* a database without schema */
void sets_rig_init(struct sets_rig *r);
void sets_rig_serve(struct sets_rig *r, struct sets_access *access);
struct wire_pair;
void sets_rig_serve_tls(struct sets_rig *r, struct sets_access *access,
                        const struct wire_pair *identity);
void sets_rig_release(struct sets_rig *r);

/* Creates through the store; body in single quotes; fails the test when it cannot. */
json *sets_rig_create(struct sets_rig *r, enum api_type_id type, const char *body);
json *sets_rig_parse(const char *single_quoted);
/* Decodes and creates. */
int sets_rig_try_create(struct sets_rig *r, enum api_type_id type, const char *body, json **ret,
                        struct error **err);
void sets_rig_script(struct sets_rig *r, const char *text);

/* One request; the body of the reply, owned; *ret_status may be NULL. headers: "Name: value\r\n..." or "". */
char *sets_rig_ask(struct sets_rig *r, const char *method, const char *path, const char *headers,
                   const char *body, int *ret_status);

#endif
