#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/kube/scanner.h"

enum state {
    AT_BEGIN,
    AT_FIRST_KEY, /* or the end */
    AT_KEY,
    AT_COLON,
    AT_VALUE,
    IN_VALUE,
    AT_COMMA,      /* or the end */
    AT_FIRST_ITEM, /* or the end of items */
    AT_ITEM,
    AT_ITEM_COMMA, /* or the end of items */
    AT_END
};

#define FIELD_MAX_BYTES ((size_t)64 << 10)

void list_scan_init(struct list_scan *l, list_item_fn on_item, void *arg)
{
    *l = (struct list_scan){ .on_item = on_item, .arg = arg };
    collector_init(&l->collector, KUBE_OBJECT_MAX);
    struct buf *fields[] = { &l->key,     &l->kind,           &l->api_version,
                             &l->version, &l->continue_token, &l->message,
                             &l->reason };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        buf_init(fields[i], FIELD_MAX_BYTES);
}

void list_scan_release(struct list_scan *l)
{
    collector_release(&l->collector);
    struct buf *fields[] = { &l->key,     &l->kind,           &l->api_version,
                             &l->version, &l->continue_token, &l->message,
                             &l->reason };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        buf_release(fields[i]);
}

void list_scan_reset(struct list_scan *l)
{
    collector_reset(&l->collector);
    struct buf *fields[] = { &l->key,     &l->kind,           &l->api_version,
                             &l->version, &l->continue_token, &l->message,
                             &l->reason };
    for (size_t i = 0; i < ARRAY_LEN(fields); i++)
        buf_clear(fields[i]);
    l->code = 0;
    l->has_items = false;
    l->items_len = 0;
    l->state_ = AT_BEGIN;
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

static struct buf *field_of(struct list_scan *l)
{
    const char *key = buf_str(&l->key);
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
static int on_value(struct list_scan *l, const char *text, size_t len, struct error **err)
{
    struct json_scan s;
    json_scan_init(&s, text, len);
    struct json_scan before = s;
    enum scan_token token = json_scan_next(&s, err);
    struct buf *field = field_of(l);
    if (field)
        note_token(field, &s, token);
    else if (token == SCAN_OBJECT_BEGIN && strcmp(buf_str(&l->key), "metadata") == 0)
        return note_metadata(l, &s, err);
    else if (token == SCAN_NUMBER && strcmp(buf_str(&l->key), "code") == 0)
        l->code = give_code(s.text, s.len);

    if (skip(&s, &before, err) < 0)
        return -1;
    if (strcmp(buf_str(&l->key), "items") != 0)
        return 0;
    if (token != SCAN_NULL)
        return error_set(err, ERR_INVALID, "list whose items are no array");
    l->has_items = true; /* "items":null is an empty list */
    return 0;
}

static int on_key(struct list_scan *l, const char *text, size_t len, struct error **err)
{
    struct json_scan s;
    json_scan_init(&s, text, len);
    enum scan_token token = json_scan_next(&s, err);
    if (token != SCAN_STR)
        return token == SCAN_ERROR ? -1 : error_set(err, ERR_INVALID, "list: a key is expected");
    note_token(&l->key, &s, token);
    return 0;
}

static int on_item(struct list_scan *l, const char *text, size_t len, struct error **err)
{
    l->items_len++;
    return l->on_item(l->arg, text, len, err);
}

/* States in which a whole value is collected. 1: go on with the next byte; 0: the piece is used up. */
static int feed_value(struct list_scan *l, const char **p, const char *end, struct error **err)
{
    const char *text;
    size_t len;
    int status = collector_feed(&l->collector, p, end, &text, &len, err);
    if (status <= 0)
        return status;

    switch ((enum state)l->state_) {
    case AT_KEY:
        l->state_ = AT_COLON;
        return on_key(l, text, len, err) < 0 ? -1 : 1;
    case AT_ITEM:
        l->state_ = AT_ITEM_COMMA;
        return on_item(l, text, len, err) < 0 ? -1 : 1;
    default:
        l->state_ = AT_COMMA;
        return on_value(l, text, len, err) < 0 ? -1 : 1;
    }
}

static bool is_space(char c)
{
    return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

static int unexpected(char c, struct error **err)
{
    return error_set(err, ERR_INVALID, "list: unexpected byte 0x%02x", (unsigned char)c);
}

/* Decides on one byte between values. 1: taken; 0: it belongs to a value that begins here. */
static int feed_mark(struct list_scan *l, char c, struct error **err)
{
    switch ((enum state)l->state_) {
    case AT_BEGIN:
        l->state_ = AT_FIRST_KEY;
        return c == '{' ? 1 : unexpected(c, err);
    case AT_FIRST_KEY:
        l->state_ = c == '}' ? AT_END : AT_KEY;
        return c == '}';
    case AT_COLON:
        l->state_ = AT_VALUE;
        return c == ':' ? 1 : unexpected(c, err);
    case AT_VALUE:
        if (c == '[' && strcmp(buf_str(&l->key), "items") == 0) {
            l->has_items = true;
            l->state_ = AT_FIRST_ITEM;
            return 1;
        }
        l->state_ = IN_VALUE;
        return 0;
    case AT_COMMA:
        l->state_ = c == '}' ? AT_END : AT_KEY;
        return c == '}' || c == ',' ? 1 : unexpected(c, err);
    case AT_FIRST_ITEM:
        l->state_ = c == ']' ? AT_COMMA : AT_ITEM;
        return c == ']';
    case AT_ITEM_COMMA:
        l->state_ = c == ']' ? AT_COMMA : AT_ITEM;
        return c == ']' || c == ',' ? 1 : unexpected(c, err);
    case AT_KEY:
    case AT_ITEM:
    case IN_VALUE:
        return 0;
    case AT_END:
        break;
    }
    return unexpected(c, err);
}

static bool collects(const struct list_scan *l)
{
    return l->state_ == AT_KEY || l->state_ == AT_ITEM || l->state_ == IN_VALUE;
}

int list_scan_feed(struct list_scan *l, const char *data, size_t len, struct error **err)
{
    const char *p = data, *end = data + len;
    while (p < end) {
        int status = 1;
        if (collects(l)) {
            status = feed_value(l, &p, end, err);
        } else if (is_space(*p)) {
            p++;
        } else {
            status = feed_mark(l, *p, err);
            p += status > 0;
        }
        if (status < 0)
            return -1;
    }
    return 0;
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
    if (l->state_ != AT_END)
        return error_set(err, ERR_CONN, "the list ended early");
    if (strcmp(buf_str(&l->kind), "Status") == 0)
        return fail_status(l, err);
    if (strcmp(buf_str(&l->kind), "Table") == 0)
        return error_set(err, ERR_UNSUPPORTED, "the server answered with a Table, not with a list");
    if (!l->has_items && !l->kind.len)
        return error_set(err, ERR_INVALID, "the reply is no list");
    if (l->version.spoiled || l->continue_token.spoiled)
        return error_set(err, ERR_TOO_LARGE, "list with oversized metadata");
    return 0;
}
