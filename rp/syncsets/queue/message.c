#include "rp/syncsets/queue/message.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ---- hints ---- */

char *bus_hint_give(const struct sets_hint *h)
{
    cleanup_json json *j = json_make("{'clusterUID':%s,'dirtyRevision':%ld,'slow':%b}", h->uid,
                                     h->dirty_revision, h->slow);
    return json_give_text(j);
}

int bus_hint_parse(const char *text, size_t len, struct sets_hint *ret, struct error **err)
{
    cleanup_json json *j = NULL;
    struct sets_hint h = { 0 };
    const char *uid;
    if (json_parse_object(text, len, &j, err) < 0 ||
        json_need_str(j, "clusterUID", &uid, err) < 0 ||
        json_need_int(j, "dirtyRevision", &h.dirty_revision, err) < 0)
        return error_wrap(err, "a hint of work");
    if (!uid[0] || strlen(uid) >= sizeof(h.uid))
        return error_set(err, ERR_INVALID, "a hint of work: clusterUID: empty or too long");
    (void)snprintf(h.uid, sizeof(h.uid), "%s", uid);
    h.slow = json_path_bool(j, "slow", false);
    *ret = h;
    return 0;
}

/* ---- events ---- */

static void write_field(struct buf *out, const char *key, const char *value)
{
    buf_addf(out, ",\"%s\":", key);
    json_write_str(out, value, strlen(value));
}

void bus_event_write(struct buf *out, const struct sets_event *e)
{
    /* Of what was deleted: its last ones. */
    const char *labels = e->labels ? e->labels : e->old_labels;
    buf_adds(out, "{\"type\":");
    json_write_str(out, e->type, strlen(e->type));
    write_field(out, "op", e->op);
    if (e->nspace[0])
        write_field(out, "namespace", e->nspace);
    write_field(out, "name", e->name);
    write_field(out, "uid", e->uid);
    buf_addf(out,
             ",\"resourceVersion\":\"%" PRId64 "\",\"prev\":\"%" PRId64
             "\",\"generation\":%" PRId64,
             e->revision, e->prev, e->generation);
    static const char omitted[] = ",\"labelsOmitted\":true}", key[] = ",\"labels\":";
    if (!labels)
        labels = "{}";
    if (out->len + strlen(key) + strlen(labels) + 1 <= BUS_EVENT_MAX)
        buf_addf(out, "%s%s}", key, labels);
    else
        buf_adds(out, omitted);
}

char *bus_event_key(const struct sets_event *e)
{
    return xasprintf("%s.%s.%s", e->type, e->op, e->nspace[0] ? e->nspace : "_");
}

static int need_number(const json *j, const char *key, int64_t *ret, struct error **err)
{
    const char *text;
    long long n;
    if (json_need_str(j, key, &text, err) < 0)
        return -1;
    if (!str_to_int(text, 0, INT64_MAX, &n))
        return error_set(err, ERR_INVALID, "%s: no number", key);
    *ret = n;
    return 0;
}

int bus_event_parse(const char *text, size_t len, struct sets_bus_event *ret, struct error **err)
{
    cleanup_json json *j = NULL;
    const char *type, *op, *name, *uid;
    struct sets_bus_event e = { 0 };
    if (json_parse_object(text, len, &j, err) < 0 || json_need_str(j, "type", &type, err) < 0 ||
        json_need_str(j, "op", &op, err) < 0 || json_need_str(j, "name", &name, err) < 0 ||
        json_need_str(j, "uid", &uid, err) < 0 ||
        need_number(j, "resourceVersion", &e.revision, err) < 0 ||
        need_number(j, "prev", &e.prev, err) < 0 ||
        json_need_int(j, "generation", &e.generation, err) < 0)
        return error_wrap(err, "an event");
    const char *nspace = json_path_str(j, "namespace");
    const json *labels = json_get(j, "labels");
    e.type = xstrdup(type);
    e.op = xstrdup(op);
    e.nspace = xstrdup(nspace ? nspace : "");
    e.name = xstrdup(name);
    e.uid = xstrdup(uid);
    e.labels = json_is_object(labels) ? json_give_text(labels) : NULL;
    *ret = e;
    return 0;
}

void sets_bus_event_release(struct sets_bus_event *e)
{
    free(e->type);
    free(e->op);
    free(e->nspace);
    free(e->name);
    free(e->uid);
    free(e->labels);
    *e = (struct sets_bus_event){ 0 };
}
