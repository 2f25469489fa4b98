/* store_fixture.h - a document store in memory on a clock of the test's, and words to write documents with. */
#ifndef TEST_UNIT_SUPPORT_PKG_DATABASE_STORE_FIXTURE_H
#define TEST_UNIT_SUPPORT_PKG_DATABASE_STORE_FIXTURE_H

#include "pkg/database/store.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"

#define FAKE_NOW_S (FAKE_WALL_NS / NS_PER_S)

struct store_fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct stop *stop;
    struct opctx ctx;
    struct store *store;
};
/* dsn NULL: "sqlite::memory:". Aborts when the store cannot be opened. */
void store_fixture_init(struct store_fixture *f, const char *dsn);
void store_fixture_release(struct store_fixture *f);

/* A write whose header is read from the body, a constant of the test. */
struct doc_write store_fixture_write(enum collection coll, const char *body, unsigned triggers);
/* Frees what store_fixture_write made. */
void doc_write_release(struct doc_write *w);

/* store_create and so on with such a write. */
int store_fixture_create(struct store_fixture *f, enum collection coll, const char *body,
                         struct doc *ret, struct error **err);
int store_fixture_replace(struct store_fixture *f, enum collection coll, const char *body,
                          const char *etag, struct doc *ret, struct error **err);

#endif
