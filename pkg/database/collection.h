/*
 * collection.h - the collections of documents, as a table.
 *
 * Source: Azure/ARO-RP, pkg/deploy's database template: containers, partition keys, unique keys, times to live.
 * Threads: const; safe from any.
 */
#ifndef PKG_DATABASE_COLLECTION_H
#define PKG_DATABASE_COLLECTION_H

#include <stddef.h>
#include <stdint.h>

enum collection {
    COLL_OPENSHIFT_CLUSTERS,
    COLL_ASYNC_OPERATIONS,
    COLL_SUBSCRIPTIONS,
    COLL_BILLING,
    COLL_POOL_WORKERS,
    COLL_PORTAL,
    COLL_GATEWAY,
    COLL_OPENSHIFT_VERSIONS,
    COLL_ROLE_SETS,
    COLL_MAINTENANCE_MANIFESTS,
    COLL_MAINTENANCE_SCHEDULES,
    COLLECTIONS
};

#define UNIQUE_KEYS_MAX 3
#define TTL_OFF 0  /* documents stay, a member `ttl` means nothing */
#define TTL_OWN -1 /* documents stay, but those with a member `ttl` (seconds, above 0) */

struct collection_desc {
    const char *name; /* of the Cosmos container, and the word for it in messages */
    const char
        *partition_key; /* member at the top of a body that holds the partition, "id" included */
    /* Members at the top of a body, each unique within a partition; an absent one counts as a value, so that two
     * documents without it collide. NULL behind the last. */
    const char *unique_keys[UNIQUE_KEYS_MAX + 1];
    int64_t
        ttl_s; /* TTL_OFF, TTL_OWN, or the time to live of documents without a member `ttl` of their own
                        * (-1 there: stays) */
    unsigned triggers; /* bits of enum trigger that writes may ask for */
    const char *doc;
};

extern const struct collection_desc collections[COLLECTIONS];

#endif
