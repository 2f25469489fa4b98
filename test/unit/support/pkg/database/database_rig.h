/*
 * database_rig.h - a database on a SQLite store in memory, with a clock that stands still, behind a store that a test can make
 * misbehave. Trees are JSON text with single quotes for double ones. All fail the test when they cannot.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_DATABASE_DATABASE_RIG_H
#define TEST_UNIT_SUPPORT_PKG_DATABASE_DATABASE_RIG_H

#include <stdatomic.h>

#include "pkg/crypt/aead.h"
#include "pkg/database/database.h"
#include "pkg/database/documents.h"
#include "pkg/database/store_impl.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"

#define RIG_NOW_S (FAKE_WALL_NS / NS_PER_S)
#define RIG_SUBSCRIPTION "/subscriptions/00000000-0000-0000-0000-000000000000"
/* A key of the cluster of that name in the subscription. */
#define RIG_KEY(name) \
    RIG_SUBSCRIPTION \
    "/resourcegroups/rg/providers/microsoft.redhatopenshift/openshiftclusters/" name

struct spy_store { /* hands everything on to a store, unless it is told otherwise; set before use */
    struct store base;
    struct store *inner;
    atomic_int replaces;      /* so many were asked for */
    atomic_int fail_replaces; /* so many more fail with fail_kind */
    enum err_kind fail_kind;
    const char *fail_id;    /* only this document's; NULL: of all */
    const char *corrupt_id; /* the body of this document comes damaged */
    const char *moves_id;   /* this document is written by somebody else just before each replace */
};

struct database_rig {
    struct fake_clock clock; /* waits jump */
    struct fake_rng rng;
    struct opctx ctx;
    struct aead_source keys;
    struct spy_store *spy;
    struct database *db;
};
void database_rig_open(struct database_rig *r);
void database_rig_close(struct database_rig *r);
#define cleanup_database_rig CLEANUP_WITH(database_rig_close)

json *rig_tree(const char *quoted);
/* Creates what quoted says; the new document is nobody's. */
void rig_create(struct database_rig *r, enum collection coll, const char *quoted);
/* A cluster of that name in that state; its document's id is "id-" and the name. */
void rig_create_cluster(struct database_rig *r, const char *name, const char *state);
/* The tree has exactly this. */
void rig_assert_tree(const json *tree, const char *want_quoted);

#endif
