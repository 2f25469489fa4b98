/*
 * json_items.h - an object of which one member is a long array, as lists are answered, taken apart while its bytes arrive in
 * pieces of any size: {"kind":"List","items":[{...},{...}]}, members in any order. Never more than one item is held.
 *
 * Texts are handed over as they stand: how well an item is formed is for who reads it to see. Threads: one at a time.
 */
#ifndef PKG_BASE_JSON_ITEMS_H
#define PKG_BASE_JSON_ITEMS_H

#include "pkg/base/json_collector.h"

struct json_items_config {
    const char *name; /* of the array; borrowed */
    size_t max;       /* bytes of one value */
    int (*on_item)(void *arg, const char *text, size_t len, struct error **err);
    /* The other members, and one of that name that is no array. */
    int (*on_member)(void *arg, const char *key, const char *text, size_t len, struct error **err);
    void *arg; /* of both; -1 of either ends it */
};

struct json_items {
    struct json_items_config cfg;
    struct json_collector collector;
    struct buf key;
    bool has_array; /* it was met, be it empty */
    unsigned char state_;
};
void json_items_init(struct json_items *l, const struct json_items_config *cfg);
void json_items_release(struct json_items *l);
void json_items_reset(struct json_items *l); /* for the next object */
/* ERR_INVALID: this is no such object. */
int json_items_feed(struct json_items *l, const char *data, size_t len, struct error **err);
/* Whether the object has ended. */
bool json_items_is_whole(const struct json_items *l);

#endif
