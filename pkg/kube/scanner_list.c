#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/scanner.h"

#define FIELD_MAX_BYTES ((size_t)64 << 10)

static int on_value(void *arg, const char *key, const char *text, size_t len, struct error **err);

static int on_item(void *arg, const char *text, size_t len, struct error **err)
{
    struct list_scan *l = arg;
    l->items_len++;
    return l->on_item(l->arg, text, len, err);
}

#define FIELDS(l) \
    { \
        &(l)->kind, &(l)->api_version, &(l)->version, &(l)->continue_token, &(l)->message, \
            &(l)->reason \
    }

void list_scan_init(struct list_scan *l, list_item_fn item, void *arg)
{
    *l = (struct list_scan){ .on_item = item, .arg = arg };
    const struct json_items_config items = { "items", KUBE_OBJECT_MAX, on_item, on_value, l };
    json_items_init(&l->items, &items);
    struct buf *fields[] = FIELDS(l);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        buf_init(fields[i], FIELD_MAX_BYTES);
}

void list_scan_release(struct list_scan *l)
{
    json_items_release(&l->items);
    struct buf *fields[] = FIELDS(l);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        buf_release(fields[i]);
}

void list_scan_reset(struct list_scan *l)
{
    json_items_reset(&l->items);
    struct buf *fields[] = FIELDS(l);
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        buf_clear(fields[i]);
    l->code = 0;
    l->has_null_items = false;
    l->items_len = 0;
}

/* The text of a string token; other types leave the field empty. */
static void note_token(struct buf *field, struct json_scan *s, enum scan_token token)
{
    buf_clear(field);
    if (token != SCAN_STR)
        return;
    cleanup_free char *text = json_scan_give_text(s);
    buf_adds(field, text);
}

static int skip(struct json_scan *s, const struct json_scan *before, struct error **err)
{
    const char *text;
    size_t len;
    *s = *before;
    return json_scan_skip(s, &text, &len, err);
}

static int note_metadata(struct list_scan *l, struct json_scan *s, struct error **err)
{
    enum scan_token token;
    while ((token = json_scan_next(s, err)) == SCAN_KEY) {
        struct buf *field = NULL;
        if (json_scan_key_is(s, "resourceVersion"))
            field = &l->version;
        else if (json_scan_key_is(s, "continue"))
            field = &l->continue_token;
        struct json_scan before = *s;
        token = json_scan_next(s, err);
        if (field)
            note_token(field, s, token);
        if (skip(s, &before, err) < 0)
            return -1;
    }
    return token == SCAN_OBJECT_END ? 0 : -1;
}

static struct buf *field_of(struct list_scan *l, const char *key)
{
    if (strcmp(key, "kind") == 0)
        return &l->kind;
    if (strcmp(key, "apiVersion") == 0)
        return &l->api_version;
    if (strcmp(key, "message") == 0)
        return &l->message;
    if (strcmp(key, "reason") == 0)
        return &l->reason;
    return NULL;
}

/* The piece may end with the number: nothing behind it can be read. */
static int64_t give_code(const char *text, size_t len)
{
    char number[16];
    long long code = 0;
    if (len >= sizeof(number))
        return 0;
    memcpy(number, text, len);
    number[len] = '\0';
    return str_to_int(number, 0, INT32_MAX, &code) ? code : 0;
}

/* A whole value that is not the array of items. */
static int on_value(void *arg, const char *key, const char *text, size_t len, struct error **err)
{
    struct list_scan *l = arg;
    struct json_scan s;
    json_scan_init(&s, text, len);
    struct json_scan before = s;
    enum scan_token token = json_scan_next(&s, err);
    struct buf *field = field_of(l, key);
    if (field)
        note_token(field, &s, token);
    else if (token == SCAN_OBJECT_BEGIN && strcmp(key, "metadata") == 0)
        return note_metadata(l, &s, err);
    else if (token == SCAN_NUMBER && strcmp(key, "code") == 0)
        l->code = give_code(s.text, s.len);

    if (skip(&s, &before, err) < 0)
        return -1;
    if (strcmp(key, "items") != 0)
        return 0;
    if (token != SCAN_NULL)
        return error_set(err, ERR_INVALID, "list whose items are no array");
    l->has_null_items = true;
    return 0;
}

int list_scan_feed(struct list_scan *l, const char *data, size_t len, struct error **err)
{
    return json_items_feed(&l->items, data, len, err);
}

static int fail_status(const struct list_scan *l, struct error **err)
{
    enum err_kind kind =
        l->code >= 400 && l->code < 600 ? err_kind_from_http_status((int)l->code) : ERR_INTERNAL;
    (void)error_set(err, kind, "the list is a Status: %s", buf_str(&l->message));
    if (l->reason.len)
        error_code(err, buf_str(&l->reason));
    return -1;
}

int list_scan_finish(const struct list_scan *l, struct error **err)
{
    if (!json_items_is_whole(&l->items))
        return error_set(err, ERR_CONN, "the list ended early");
    if (strcmp(buf_str(&l->kind), "Status") == 0)
        return fail_status(l, err);
    if (strcmp(buf_str(&l->kind), "Table") == 0)
        return error_set(err, ERR_UNSUPPORTED, "the server answered with a Table, not with a list");
    if (!l->items.has_array && !l->has_null_items && !l->kind.len)
        return error_set(err, ERR_INVALID, "the reply is no list");
    if (l->version.spoiled || l->continue_token.spoiled)
        return error_set(err, ERR_TOO_LARGE, "list with oversized metadata");
    return 0;
}
