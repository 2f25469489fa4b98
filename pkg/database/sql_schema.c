/*
 * One table of documents for all collections. body is the text as it came; what unique keys and queries look at is read
 * from it by the driver (sql_columns.h) and stands in columns of its own:
 *   unique1..3   the collection's unique keys ('' for an absent one, NULL where the collection has none)
 *   lease_s      leaseExpires, 0 when absent
 *   state        the word that queues are made of; run_after_s, schedule: of maintenance manifests
 * expires_s is NULL for documents that stay. lsn orders the writes of a collection by their commits; counters holds the
 * last one, and its row is taken last in a transaction. Why no jsonb: docs/decisions/0007.
 */
#include "pkg/database/sql_schema.h"

#define KEY_INDEXES \
    "CREATE UNIQUE INDEX documents_unique1 ON documents (coll, part, unique1)" \
    " WHERE unique1 IS NOT NULL;" \
    "CREATE UNIQUE INDEX documents_unique2 ON documents (coll, unique2, part)" \
    " WHERE unique2 IS NOT NULL;" \
    "CREATE UNIQUE INDEX documents_unique3 ON documents (coll, unique3, part)" \
    " WHERE unique3 IS NOT NULL;"

/* Texts are compared byte by byte in both dialects. */
#define DOCUMENTS(TEXT_TYPE) \
    "CREATE TABLE documents (" \
    " coll " TEXT_TYPE " NOT NULL, part " TEXT_TYPE " NOT NULL, id " TEXT_TYPE " NOT NULL," \
    " etag TEXT NOT NULL, ts_s BIGINT NOT NULL, lsn BIGINT NOT NULL, expires_s BIGINT," \
    " unique1 " TEXT_TYPE ", unique2 " TEXT_TYPE ", unique3 " TEXT_TYPE "," \
    " lease_s BIGINT NOT NULL, state " TEXT_TYPE ", run_after_s BIGINT NOT NULL," \
    " schedule " TEXT_TYPE ", body TEXT NOT NULL," \
    " PRIMARY KEY (coll, part, id));" \
    "CREATE UNIQUE INDEX documents_lsn ON documents (coll, lsn);" KEY_INDEXES \
    "CREATE INDEX documents_state ON documents (coll, state, lease_s, lsn)" \
    " WHERE state IS NOT NULL;" \
    "CREATE INDEX documents_expires ON documents (expires_s) WHERE expires_s IS NOT NULL;" \
    "CREATE TABLE counters (coll TEXT PRIMARY KEY, lsn BIGINT NOT NULL);"

/* Whoever looks for a key names nothing else that an index begins with (sql_statement.c), so the key stands first. */
#define KEYS_FIRST \
    "DROP INDEX documents_unique1; DROP INDEX documents_unique2; DROP INDEX documents_unique3;" \
    "CREATE UNIQUE INDEX documents_unique1 ON documents (unique1, part, coll)" \
    " WHERE unique1 IS NOT NULL;" \
    "CREATE UNIQUE INDEX documents_unique2 ON documents (unique2, part, coll)" \
    " WHERE unique2 IS NOT NULL;" \
    "CREATE UNIQUE INDEX documents_unique3 ON documents (unique3, part, coll)" \
    " WHERE unique3 IS NOT NULL;"
#define KEYS_LAST \
    "DROP INDEX documents_unique1; DROP INDEX documents_unique2; DROP INDEX " \
    "documents_unique3;" KEY_INDEXES

static const struct sql_migration migrations[] = {
    {
        .name = "documents",
        .up = {
            /* The host's clock serves as the server's, and this row keeps it from running backwards. */
            [SQL_SQLITE] = DOCUMENTS("TEXT")
                "CREATE TABLE host_clock (one INTEGER PRIMARY KEY CHECK (one = 1), now_s BIGINT NOT NULL);"
                "INSERT INTO host_clock VALUES (1, 0);",
            /* Tokens of recent writes tell whether a commit happened whose answer was lost; a fence in the place of
             * one tells that it did not and cannot any more. */
            [SQL_POSTGRESQL] = DOCUMENTS("TEXT COLLATE \"C\"")
                "CREATE TABLE writes (token TEXT PRIMARY KEY, ts_s BIGINT NOT NULL, fence BIGINT NOT NULL);"
                "CREATE INDEX writes_ts ON writes (ts_s);",
        },
        .down = {
            [SQL_SQLITE] = "DROP TABLE documents; DROP TABLE counters; DROP TABLE host_clock;",
            [SQL_POSTGRESQL] = "DROP TABLE documents; DROP TABLE counters; DROP TABLE writes;",
        },
    },
    {
        .name = "keys first",
        .up = { [SQL_SQLITE] = KEYS_FIRST, [SQL_POSTGRESQL] = KEYS_FIRST },
        .down = { [SQL_SQLITE] = KEYS_LAST, [SQL_POSTGRESQL] = KEYS_LAST },
    },
};

const struct sql_schema documents_schema = { "documents", migrations, ARRAY_LEN(migrations) };
