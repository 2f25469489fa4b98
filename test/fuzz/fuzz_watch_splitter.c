/*
 * The first byte chooses watch or list and how the rest, a reply's body, is cut into pieces. What is
 * read out of it does not depend on the cuts.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/scanner.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

struct reading {
    struct draft draft;
    struct buf seen; /* what was read, in order */
};

static void note(struct reading *r, int what)
{
    const struct draft *d = &r->draft;
    buf_addf(&r->seen, "%d %s %s %s %s|", what, buf_str(&d->name), buf_str(&d->nspace),
             buf_str(&d->version), buf_str(&d->text));
}

static const struct object_type type = { "v1", "ConfigMap" };

static int read_watch(struct reading *r, struct json_collector *c, const char *p, const char *end)
{
    const char *text;
    size_t len;
    int status;
    while ((status = json_collector_feed(c, &p, end, &text, &len, NULL)) == 1) {
        struct watch_event e;
        if (watch_event_scan(text, len, &r->draft, PROJECT_FULL, &type, &e, NULL) < 0)
            return -1;
        note(r, (int)e.type);
        if (e.object)
            buf_add(&r->seen, e.object, e.object_len);
        must(e.type == WATCH_UNKNOWN || e.type == WATCH_ERROR || r->draft.text.len > 1);
    }
    return status;
}

static int read_item(void *arg, const char *text, size_t len, struct error **err)
{
    struct reading *r = arg;
    struct json_scan s;
    json_scan_init(&s, text, len);
    if (draft_scan(&r->draft, &s, PROJECT_FULL, &type, err) < 0 ||
        json_scan_next(&s, err) != SCAN_END)
        return -1;
    note(r, 0);
    return 0;
}

/* Reads all in pieces of n bytes, each in memory of its own size. */
static int read_all(struct reading *r, bool list, const char *body, size_t size, size_t n)
{
    struct json_collector c;
    struct list_scan l;
    int status = 0;
    json_collector_init(&c, 1 << 20);
    list_scan_init(&l, read_item, r);
    for (size_t at = 0; at < size && status == 0; at += n) {
        size_t piece = size - at < n ? size - at : n;
        char *copy = malloc(piece);
        must(copy);
        memcpy(copy, body + at, piece);
        status =
            list ? list_scan_feed(&l, copy, piece, NULL) : read_watch(r, &c, copy, copy + piece);
        free(copy);
    }
    if (list && status == 0)
        status = list_scan_finish(&l, NULL);
    if (list && status == 0)
        buf_addf(&r->seen, "%s %s %zu", buf_str(&l.version), buf_str(&l.continue_token),
                 l.items_len);
    json_collector_release(&c);
    list_scan_release(&l);
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    bool list = data[0] & 1;
    struct reading whole = { .seen = BUF_INIT(BUF_UNBOUNDED) };
    struct reading cut = { .seen = BUF_INIT(BUF_UNBOUNDED) };
    draft_init(&whole.draft);
    draft_init(&cut.draft);

    int status = read_all(&whole, list, (const char *)data + 1, size - 1, size);
    must(status == read_all(&cut, list, (const char *)data + 1, size - 1, 1 + (data[0] >> 1)));
    must(strcmp(buf_str(&whole.seen), buf_str(&cut.seen)) == 0);

    draft_release(&whole.draft);
    draft_release(&cut.draft);
    buf_release(&whole.seen);
    buf_release(&cut.seen);
    return 0;
}
