/*
 * scanner.h - list replies and watch streams taken apart while their bytes arrive in pieces of any
 * size. Private to pkg/kube.
 *
 * A value that lies within one piece is handed over where it is; only one that is cut is copied, so
 * that never more than one object is held. Threads: one at a time.
 */
#ifndef PKG_KUBE_SCANNER_H
#define PKG_KUBE_SCANNER_H

#include "pkg/kube/object_impl.h"

/* Collects one JSON value from pieces. */
struct collector {
    struct json_split split;
    struct buf carry;
    bool handed_over; /* what carry holds */
};
void collector_init(struct collector *c, size_t max);
void collector_release(struct collector *c);
void collector_reset(struct collector *c);
/*
 * Takes bytes from [*data, end). When a value is complete, *ret_text and *ret_len are its bytes (valid
 * until the next call or the end of the piece) and 1 is returned; 0: everything was taken and more is
 * needed; -1: ERR_TOO_LARGE.
 */
int collector_feed(struct collector *c, const char **data, const char *end, const char **ret_text,
                   size_t *ret_len, struct error **err);

/* ---- a list: {"kind":"ConfigMapList","metadata":{...},"items":[...]}, keys in any order ---- */
typedef int (*list_item_fn)(void *arg, const char *text, size_t len, struct error **err);
struct list_scan {
    struct collector collector;
    struct buf key, kind, api_version, version, continue_token, message, reason;
    int64_t code; /* of a Status */
    bool has_items;
    size_t items_len;
    list_item_fn on_item;
    void *arg;
    unsigned char state_;
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
