#include "pkg/base/json_items.h"

#include <string.h>

#include "pkg/base/mem.h"

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

#define KEY_MAX_BYTES ((size_t)64 << 10)

void json_items_init(struct json_items *l, const struct json_items_config *cfg)
{
    *l = (struct json_items){ .cfg = *cfg, .key = BUF_INIT(KEY_MAX_BYTES) };
    json_collector_init(&l->collector, cfg->max);
}

void json_items_release(struct json_items *l)
{
    json_collector_release(&l->collector);
    buf_release(&l->key);
}

void json_items_reset(struct json_items *l)
{
    json_collector_reset(&l->collector);
    buf_clear(&l->key);
    l->has_array = false;
    l->state_ = AT_BEGIN;
}

static int on_key(struct json_items *l, const char *text, size_t len, struct error **err)
{
    struct json_scan s;
    json_scan_init(&s, text, len);
    enum scan_token token = json_scan_next(&s, err);
    if (token != SCAN_STR)
        return token == SCAN_ERROR ? -1 : error_set(err, ERR_INVALID, "list: a key is expected");
    cleanup_free char *key = json_scan_give_text(&s);
    buf_clear(&l->key);
    buf_adds(&l->key, key);
    return 0;
}

/* States in which a whole value is collected. 1: go on with the next byte; 0: the piece is used up. */
static int feed_value(struct json_items *l, const char **p, const char *end, struct error **err)
{
    const struct json_items_config *cfg = &l->cfg;
    const char *text;
    size_t len;
    int status = json_collector_feed(&l->collector, p, end, &text, &len, err);
    if (status <= 0)
        return status;

    switch ((enum state)l->state_) {
    case AT_KEY:
        l->state_ = AT_COLON;
        return on_key(l, text, len, err) < 0 ? -1 : 1;
    case AT_ITEM:
        l->state_ = AT_ITEM_COMMA;
        return cfg->on_item(cfg->arg, text, len, err) < 0 ? -1 : 1;
    default:
        l->state_ = AT_COMMA;
        return cfg->on_member(cfg->arg, buf_str(&l->key), text, len, err) < 0 ? -1 : 1;
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

/* Before the object: its begin, or a byte of the byte order mark, which some servers send. */
static int feed_begin(struct json_items *l, char c, struct error **err)
{
    if (c == '\xEF' || c == '\xBB' || c == '\xBF')
        return 1;
    l->state_ = AT_FIRST_KEY;
    return c == '{' ? 1 : unexpected(c, err);
}

static int feed_array_or_value(struct json_items *l, char c)
{
    bool is_array = c == '[' && strcmp(buf_str(&l->key), l->cfg.name) == 0;
    l->has_array = l->has_array || is_array;
    l->state_ = is_array ? AT_FIRST_ITEM : IN_VALUE;
    return is_array;
}

/* Decides on one byte between values. 1: taken; 0: it belongs to a value that begins here. */
static int feed_mark(struct json_items *l, char c, struct error **err)
{
    switch ((enum state)l->state_) {
    case AT_BEGIN:
        return feed_begin(l, c, err);
    case AT_FIRST_KEY:
        l->state_ = c == '}' ? AT_END : AT_KEY;
        return c == '}';
    case AT_COLON:
        l->state_ = AT_VALUE;
        return c == ':' ? 1 : unexpected(c, err);
    case AT_VALUE:
        return feed_array_or_value(l, c);
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

static bool collects(const struct json_items *l)
{
    return l->state_ == AT_KEY || l->state_ == AT_ITEM || l->state_ == IN_VALUE;
}

int json_items_feed(struct json_items *l, const char *data, size_t len, struct error **err)
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

bool json_items_is_whole(const struct json_items *l)
{
    return l->state_ == AT_END;
}
