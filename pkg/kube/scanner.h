/*
 * scanner.h - list replies and the events of a watch, read while their bytes arrive. Private to
 * pkg/kube. Never more than one object is held. Threads: one at a time.
 */
#ifndef PKG_KUBE_SCANNER_H
#define PKG_KUBE_SCANNER_H

#include "pkg/base/json_items.h"
#include "pkg/kube/object_impl.h"

/* ---- a list: {"kind":"ConfigMapList","metadata":{...},"items":[...]}, keys in any order ---- */
typedef int (*list_item_fn)(void *arg, const char *text, size_t len, struct error **err);
struct list_scan {
    struct json_items items;
    struct buf kind, api_version, version, continue_token, message, reason;
    int64_t code;        /* of a Status */
    bool has_null_items; /* "items":null is an empty list */
    size_t items_len;
    list_item_fn on_item;
    void *arg;
};
void list_scan_init(struct list_scan *l, list_item_fn on_item, void *arg);
void list_scan_release(struct list_scan *l);
void list_scan_reset(struct list_scan *l); /* for the next page */
int list_scan_feed(struct list_scan *l, const char *data, size_t len, struct error **err);
/* -1 when the text ended early, or was no list: a Status (its error), a Table (ERR_UNSUPPORTED). */
int list_scan_finish(const struct list_scan *l, struct error **err);

/* ---- a watch: {"type":"ADDED","object":{...}} and again, newlines between ---- */
enum watch_type {
    WATCH_UNKNOWN,
    WATCH_ADDED,
    WATCH_MODIFIED,
    WATCH_DELETED,
    WATCH_BOOKMARK,
    WATCH_ERROR
};
struct watch_event {
    enum watch_type type;
    /* ADDED, MODIFIED, DELETED, BOOKMARK: the draft that was passed in. Others: the raw object. */
    const char *object;
    size_t object_len;
};
/* Reads one event. draft is filled where the event carries an object of the kind. ERR_INVALID for
 * anything that is no event. */
int watch_event_scan(const char *text, size_t len, struct draft *d, enum kube_projection projection,
                     const struct object_type *type, struct watch_event *ret, struct error **err);

#endif
