#include <string.h>

#include "pkg/kube/scanner.h"

static enum watch_type type_of(const struct json_scan *s)
{
    static const struct {
        const char *name;
        enum watch_type type;
    } types[] = {
        { "ADDED", WATCH_ADDED },     { "MODIFIED", WATCH_MODIFIED },
        { "DELETED", WATCH_DELETED }, { "BOOKMARK", WATCH_BOOKMARK },
        { "ERROR", WATCH_ERROR },
    };
    for (size_t i = 0; i < ARRAY_LEN(types); i++) {
        if (json_scan_key_is(s, types[i].name))
            return types[i].type;
    }
    return WATCH_UNKNOWN;
}

struct reading {
    struct draft *draft;
    enum kube_projection projection;
    const struct object_type *type;
    struct watch_event *event;
    bool has_type, drafted;
};

static bool wants_draft(const struct watch_event *e)
{
    return e->type != WATCH_UNKNOWN && e->type != WATCH_ERROR;
}

static int draft_object(struct reading *r, struct json_scan *s, struct error **err)
{
    /* A bookmark has a resourceVersion and perhaps annotations, but no name. */
    enum kube_projection projection =
        r->event->type == WATCH_BOOKMARK ? PROJECT_RAW : r->projection;
    r->drafted = true;
    return draft_scan(r->draft, s, projection, r->type, err);
}

static int read_object(struct reading *r, struct json_scan *s, struct error **err)
{
    if (r->has_type && wants_draft(r->event))
        return draft_object(r, s, err);
    return json_scan_skip(s, &r->event->object, &r->event->object_len, err);
}

static int read_key(struct reading *r, struct json_scan *s, struct error **err)
{
    const char *text;
    size_t len;
    if (json_scan_key_is(s, "object"))
        return read_object(r, s, err);
    if (!json_scan_key_is(s, "type"))
        return json_scan_skip(s, &text, &len, err);

    enum scan_token token = json_scan_next(s, err);
    if (token != SCAN_STR)
        return token == SCAN_ERROR ? -1
                                   : error_set(err, ERR_INVALID, "watch event: type: no string");
    r->event->type = type_of(s);
    r->has_type = true;
    return 0;
}

int watch_event_scan(const char *text, size_t len, struct draft *d, enum kube_projection projection,
                     const struct object_type *type, struct watch_event *ret, struct error **err)
{
    struct json_scan s;
    struct watch_event event = { 0 };
    struct reading r = { .draft = d, .projection = projection, .type = type, .event = &event };
    json_scan_init(&s, text, len);
    enum scan_token token = json_scan_next(&s, err);
    if (token != SCAN_OBJECT_BEGIN)
        return token == SCAN_ERROR ? -1 : error_set(err, ERR_INVALID, "watch event: not an object");
    while ((token = json_scan_next(&s, err)) == SCAN_KEY) {
        if (read_key(&r, &s, err) < 0)
            return -1;
    }
    if (token != SCAN_OBJECT_END || json_scan_next(&s, err) != SCAN_END)
        return -1;
    if (!r.has_type || (!r.drafted && !event.object))
        return error_set(err, ERR_INVALID, "watch event without type or object");

    if (wants_draft(&event) && !r.drafted) { /* the object came before the type */
        json_scan_init(&s, event.object, event.object_len);
        if (draft_object(&r, &s, err) < 0)
            return -1;
    }
    *ret = event;
    return 0;
}
