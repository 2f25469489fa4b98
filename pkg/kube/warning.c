#include "pkg/kube/warning.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/thread.h"

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Reads a quoted string at *p, which stands on the quote; false when it does not end. */
static bool read_quoted(const char **p, struct buf *text)
{
    const char *s = *p;
    if (*s++ != '"')
        return false;
    for (; *s != '"'; s++) {
        if (*s == '\\')
            s++;
        if (!*s)
            return false;
        buf_addc(text, *s);
    }
    *p = s + 1;
    return true;
}

/* One `299 - "text" ["date"]`; false when malformed. */
static bool read_warning(const char **p, char code[4], struct buf *text)
{
    const char *s = *p;
    for (int i = 0; i < 3; i++) {
        if (!is_digit(s[i]))
            return false;
        code[i] = s[i];
    }
    code[3] = '\0';
    s += 3;
    if (*s++ != ' ')
        return false;
    size_t agent = strcspn(s, " ,\"");
    if (agent == 0 || s[agent] != ' ')
        return false;
    s += agent;
    s += strspn(s, " ");
    if (!read_quoted(&s, text))
        return false;
    const char *after = s + strspn(s, " ");
    if (*after == '"') {
        cleanup_buf struct buf date = BUF_INIT(256);
        if (!read_quoted(&after, &date))
            return false;
        s = after;
    }
    *p = s;
    return true;
}

void warning_parse(const char *value, struct strv *texts)
{
    const char *p = value;
    for (;;) {
        p += strspn(p, " \t,");
        if (!*p)
            return;
        cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
        char code[4];
        if (!read_warning(&p, code, &text))
            return;
        p += strspn(p, " \t");
        if (*p && *p != ',')
            return;
        if (strcmp(code, "299") == 0 && text.len > 0)
            strv_add(texts, buf_str(&text));
    }
}

void warnings_init(struct warnings *w)
{
    w->seen = map_new(NULL);
    mutex_init(&w->mu);
}

void warnings_release(struct warnings *w)
{
    map_free(w->seen);
    pthread_mutex_destroy(&w->mu);
}

static bool note(struct warnings *w, const char *text)
{
    pthread_mutex_lock(&w->mu);
    bool is_new = !map_has(w->seen, text);
    if (is_new && map_len(w->seen) >= WARNINGS_SEEN_MAX)
        map_clear(w->seen);
    if (is_new)
        map_set(w->seen, text, w);
    pthread_mutex_unlock(&w->mu);
    return is_new;
}

void warnings_log(struct warnings *w, const struct http_headers *headers, const struct log *log)
{
    cleanup_strv struct strv texts = STRV_INIT;
    for (size_t i = 0; i < headers->len; i++) {
        if (str_eq_nocase(headers->v[i].name, "Warning"))
            warning_parse(headers->v[i].value, &texts);
    }
    for (size_t i = 0; i < texts.len; i++) {
        if (note(w, texts.v[i]))
            log_warning(log, "the API server warns: %s", texts.v[i]);
    }
}
