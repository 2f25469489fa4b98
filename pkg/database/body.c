#include "pkg/database/body.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/json.h"
#include "pkg/base/json_scan.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* ---- finding ---- */

/* The members that a search is about; sets of them are bits. */
struct search {
    struct body_member *members;
    size_t n;
};

static const char *key_at(const struct body_member *m, size_t depth)
{
    return depth < BODY_DEPTH_MAX ? m->path[depth] : NULL;
}

static int find_in(struct json_scan *scan, const struct search *s, size_t depth, uint32_t active,
                   struct error **err);

/* One member of an object: its value goes to those whose path ends here; it is searched for the others. */
static int find_member(struct json_scan *scan, const struct search *s, size_t depth,
                       uint32_t active, struct error **err)
{
    uint32_t here = 0, deeper = 0;
    for (size_t i = 0; i < s->n; i++) {
        const char *key = key_at(&s->members[i], depth);
        if (!(active >> i & 1) || !key || !json_scan_key_is(scan, key))
            continue;
        if (key_at(&s->members[i], depth + 1))
            deeper |= UINT32_C(1) << i;
        else
            here |= UINT32_C(1) << i;
    }
    struct span v;
    if (json_scan_skip(scan, &v.text, &v.len, err) < 0)
        return -1;

    /* The last of duplicate keys wins: what an earlier one gave is forgotten. */
    for (size_t i = 0; i < s->n; i++)
        if ((here | deeper) >> i & 1)
            s->members[i].value = here >> i & 1 ? v : (struct span){ 0 };
    if (!deeper || v.text[0] != '{')
        return 0;
    struct json_scan inner;
    json_scan_init(&inner, v.text, v.len);
    return find_in(&inner, s, depth + 1, deeper, err);
}

static int find_in(struct json_scan *scan, const struct search *s, size_t depth, uint32_t active,
                   struct error **err)
{
    enum scan_token token = json_scan_next(scan, err);
    if (token == SCAN_ERROR)
        return -1;
    if (token != SCAN_OBJECT_BEGIN)
        return error_set(err, ERR_INVALID, "the document is no JSON object");
    while ((token = json_scan_next(scan, err)) == SCAN_KEY)
        if (find_member(scan, s, depth, active, err) < 0)
            return -1;
    if (token == SCAN_ERROR)
        return -1;
    return json_scan_next(scan, err) == SCAN_ERROR ? -1 : 0;
}

int body_find(const char *body, size_t len, struct body_member *members, size_t n,
              struct error **err)
{
    for (size_t i = 0; i < n; i++)
        members[i].value = (struct span){ 0 };
    struct json_scan scan;
    json_scan_init(&scan, body, len);
    const struct search s = { members, n };
    if (find_in(&scan, &s, 0, UINT32_MAX, err) < 0)
        return -1;
    /* What no tree can hold could be written but never read. */
    if (scan.deepest > JSON_DEPTH_MAX)
        return error_set(err, ERR_INVALID, "the document is nested deeper than %d", JSON_DEPTH_MAX);
    if (scan.nul_key)
        return error_set(err, ERR_INVALID, "the document has a key with a NUL");
    return 0;
}

/* ---- values ---- */

bool span_is_set(struct span v)
{
    return v.text && v.text[0] != 'n';
}

bool span_is_true(struct span v)
{
    return v.text && v.text[0] == 't';
}

char *span_give_text(struct span v)
{
    if (!v.text || v.text[0] != '"')
        return NULL;
    struct json_scan scan;
    json_scan_init(&scan, v.text, v.len);
    if (json_scan_next(&scan, NULL) != SCAN_STR)
        return NULL;
    return json_scan_give_text(&scan);
}

int64_t span_int(struct span v, int64_t dflt)
{
    char text[64];
    if (!v.text || v.len >= sizeof(text) ||
        (v.text[0] != '-' && (v.text[0] < '0' || v.text[0] > '9')))
        return dflt;
    memcpy(text, v.text, v.len);
    text[v.len] = '\0';
    long long n;
    if (str_to_int(text, INT64_MIN, INT64_MAX, &n))
        return n;
    double d = strtod(text, NULL);
    return fabs(d) < 0x1p63 ? (int64_t)d : dflt;
}

/* ---- editing ---- */

/* What becomes of one member: another value, or none (value NULL). */
struct edit {
    const char *key;
    const char *value;
    bool if_unset; /* only where it is absent, null or 0 */
    bool done;
};

static void add_member(struct buf *b, const char *key, size_t key_len, const char *value,
                       size_t value_len)
{
    buf_adds(b, b->data[b->len - 1] == '{' ? "\"" : ",\"");
    buf_add(b, key, key_len);
    buf_adds(b, "\":");
    buf_add(b, value, value_len);
}

static void add_edited(struct buf *b, struct edit *e)
{
    if (e->value && !e->done)
        add_member(b, e->key, strlen(e->key), e->value, strlen(e->value));
    e->done = true;
}

static struct edit *edit_of(const struct json_scan *scan, struct edit *edits, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (json_scan_key_is(scan, edits[i].key))
            return &edits[i];
    return NULL;
}

static bool keeps(const struct edit *e, struct span v)
{
    return e->if_unset && span_is_set(v) && span_int(v, 1) != 0;
}

/* The object v with its edits; duplicate keys of edited members become one. */
static int edit_object(struct span v, struct edit *edits, size_t n, struct buf *b,
                       struct error **err)
{
    struct json_scan scan;
    json_scan_init(&scan, v.text, v.len);
    enum scan_token token = json_scan_next(&scan, err);
    if (token != SCAN_OBJECT_BEGIN)
        return token == SCAN_ERROR ? -1 : error_set(err, ERR_INVALID, "not an object");
    buf_addc(b, '{');
    while ((token = json_scan_next(&scan, err)) == SCAN_KEY) {
        const char *key = scan.text;
        size_t key_len = scan.len;
        struct edit *e = edit_of(&scan, edits, n);
        struct span value;
        if (json_scan_skip(&scan, &value.text, &value.len, err) < 0)
            return -1;
        if (e && !keeps(e, value)) {
            add_edited(b, e);
            continue;
        }
        add_member(b, key, key_len, value.text, value.len);
        if (e)
            e->done = true;
    }
    if (token == SCAN_ERROR)
        return -1;
    for (size_t i = 0; i < n; i++)
        add_edited(b, &edits[i]);
    buf_addc(b, '}');
    return 0;
}

/* The server's own members at the top of a document, and room for what triggers set. */
#define SYSTEM_EDITS \
    { .key = "_rid" }, { .key = "_self" }, { .key = "_etag" }, { .key = "_ts" }, \
        { .key = "_attachments" }, { .key = "_lsn" }, \
    { \
        .key = "_metadata" \
    }
#define SYSTEM_FIELDS 7

#define NUMBER_MAX 24
static void write_number(char *text, int64_t n)
{
    (void)snprintf(text, NUMBER_MAX, "%" PRId64, n);
}

/* `billing` with its times, as a text of its own. */
static int edit_billing(const char *body, size_t len, unsigned triggers, const char *now,
                        struct buf *b, struct error **err)
{
    struct body_member billing = { .path = { "billing" } };
    if (body_find(body, len, &billing, 1, err) < 0)
        return -1;
    if (!billing.value.text)
        return error_set(err, ERR_INVALID, "billing: missing, so its times cannot be set");
    struct edit edits[2];
    size_t n = 0;
    if (triggers & TRIGGER_CREATION_TIME)
        edits[n++] = (struct edit){ .key = "creationTime", .value = now, .if_unset = true };
    if (triggers & TRIGGER_DELETION_TIME)
        edits[n++] = (struct edit){ .key = "deletionTime", .value = now, .if_unset = true };
    if (edit_object(billing.value, edits, n, b, err) < 0)
        return error_wrap(err, "billing");
    return 0;
}

int body_prepare(const char *body, size_t len, const struct body_edits *e, struct buf *ret,
                 struct error **err)
{
    char now[NUMBER_MAX], lease[NUMBER_MAX];
    unsigned triggers = e->triggers;
    write_number(now, e->now_s);
    struct edit edits[SYSTEM_FIELDS + 2] = { SYSTEM_EDITS };
    size_t n = SYSTEM_FIELDS;
    if (triggers & (TRIGGER_RENEW_LEASE | TRIGGER_RETRY_LATER)) {
        bool later = triggers & TRIGGER_RETRY_LATER;
        write_number(lease, e->now_s + (later ? e->leases->retry_later_s : e->leases->lease_s));
        edits[n++] = (struct edit){ .key = "leaseExpires", .value = lease };
    }
    cleanup_buf struct buf billing = BUF_INIT(STORE_BODY_MAX_BYTES + NUMBER_MAX * 4);
    if (triggers & (TRIGGER_CREATION_TIME | TRIGGER_DELETION_TIME)) {
        if (edit_billing(body, len, triggers, now, &billing, err) < 0 ||
            buf_check(&billing, err) < 0)
            return -1;
        edits[n++] = (struct edit){ .key = "billing", .value = buf_str(&billing) };
    }
    return edit_object((struct span){ body, len }, edits, n, ret, err);
}
