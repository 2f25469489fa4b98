#include "test/conformance/suite.h"

#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"

#define SUITE_MAX ((size_t)4 << 20)

static void step_release(struct step *s)
{
    free(s->method);
    free(s->path);
    free(s->name);
    strv_release(&s->headers);
    strv_release(&s->body);
    strv_release(&s->captures);
    strv_release(&s->ignored);
    strv_release(&s->want);
}

void suite_release(struct suite *s)
{
    for (size_t i = 0; i < s->len; i++) {
        struct suite_case *c = &s->cases[i];
        for (size_t k = 0; k < c->len; k++)
            step_release(&c->steps[k]);
        free(c->steps);
        free(c->name);
        strv_release(&c->needs);
    }
    free(s->cases);
    free(s->path);
    strv_release(&s->head);
    *s = (struct suite){ 0 };
}

static struct suite_case *add_case(struct suite *s, const char *name)
{
    s->cases = xreallocarray(s->cases, s->len + 1, sizeof(*s->cases));
    s->cases[s->len] = (struct suite_case){ .name = xstrdup(name) };
    return &s->cases[s->len++];
}

static struct step *add_step(struct suite_case *c, enum step_kind kind)
{
    c->steps = xreallocarray(c->steps, c->len + 1, sizeof(*c->steps));
    c->steps[c->len] = (struct step){ .kind = kind };
    return &c->steps[c->len++];
}

/* ---- reading ---- */

static bool is_method(const char *word)
{
    static const char *const methods[] = { "GET", "POST", "PUT", "PATCH", "DELETE", "HEAD" };
    for (size_t i = 0; i < ARRAY_LEN(methods); i++)
        if (str_eq(word, methods[i]))
            return true;
    return false;
}

/* A line that begins a step; false: it is none. */
static bool begin_step(struct suite_case *c, const char *line, bool *await)
{
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, line, " ", false);
    const char *first = words.len ? words.v[0] : "";
    const char *second = words.len > 1 ? words.v[1] : "";
    struct step *s = NULL;
    if (str_eq(first, "AWAIT")) {
        *await = true;
        return true;
    }
    if (is_method(first) && words.len == 2) {
        s = add_step(c, STEP_REQUEST);
        s->method = xstrdup(first);
        s->path = xstrdup(second);
        s->await = *await;
        *await = false;
    } else if (str_eq(first, "OPEN") && words.len == 3) {
        s = add_step(c, STEP_OPEN);
        s->path = xstrdup(words.v[2]);
    } else if (str_eq(first, "READ") && words.len == 3) {
        long long n = 0;
        s = add_step(c, STEP_READ);
        (void)str_to_int(words.v[2], 0, 1000, &n);
        s->count = (int)n;
    } else if (str_eq(first, "CLOSE")) {
        s = add_step(c, STEP_CLOSE);
    } else if (str_eq(first, "COMPACT")) {
        (void)add_step(c, STEP_COMPACT);
        return true;
    }
    if (s && s->kind != STEP_REQUEST)
        s->name = xstrdup(second);
    return s;
}

/* A line that belongs to the step before it. */
static bool add_detail(struct step *s, const char *line)
{
    struct strv *list = line[0] == ':'   ? &s->headers
                        : line[0] == '>' ? &s->body
                        : line[0] == '@' ? &s->captures
                        : line[0] == '~' ? &s->ignored
                        : line[0] == '<' ? &s->want
                                         : NULL;
    if (!list || (line[1] && line[1] != ' '))
        return false;
    strv_add(list, line[1] ? line + 2 : "");
    return true;
}

static int read_line(struct suite *s, const char *line, bool *await)
{
    struct suite_case *c = s->len ? &s->cases[s->len - 1] : NULL;
    if (str_starts(line, "== ")) {
        (void)add_case(s, line + 3);
        return 0;
    }
    if (!c) {
        strv_add(&s->head, line);
        return 0;
    }
    if (!*line || *line == '#')
        return 0;
    if (str_starts(line, "needs ")) {
        strv_split(&c->needs, line + 6, " ", false);
        return 0;
    }
    if (c->len && add_detail(&c->steps[c->len - 1], line))
        return 0;
    return begin_step(c, line, await) ? 0 : -1;
}

int suite_read(const char *path, struct suite *ret, struct error **err)
{
    cleanup_free char *text = NULL;
    cleanup_strv struct strv lines = STRV_INIT;
    size_t len;
    bool await = false;
    if (file_read(path, SUITE_MAX, &text, &len, err) < 0)
        return -1;
    *ret = (struct suite){ .path = xstrdup(path) };
    strv_split(&lines, text, "\n", true);
    for (size_t i = 0; i < lines.len; i++)
        if (read_line(ret, lines.v[i], &await) < 0) {
            suite_release(ret);
            return error_set(err, ERR_INVALID, "%s:%zu: not understood: %s", path, i + 1,
                             lines.v[i]);
        }
    return 0;
}

/* ---- writing ---- */

static void write_lines(struct buf *b, char sign, const struct strv *lines)
{
    for (size_t i = 0; i < lines->len; i++)
        buf_addf(b, *lines->v[i] ? "%c %s\n" : "%c%s\n", sign, lines->v[i]);
}

static void write_step(struct buf *b, const struct step *s)
{
    if (s->await)
        buf_adds(b, "AWAIT\n");
    if (s->kind == STEP_REQUEST)
        buf_addf(b, "%s %s\n", s->method, s->path);
    else if (s->kind == STEP_OPEN)
        buf_addf(b, "OPEN %s %s\n", s->name, s->path);
    else if (s->kind == STEP_READ)
        buf_addf(b, "READ %s %d\n", s->name, s->count);
    else if (s->kind == STEP_CLOSE)
        buf_addf(b, "CLOSE %s\n", s->name);
    else
        buf_adds(b, "COMPACT\n");
    write_lines(b, ':', &s->headers);
    write_lines(b, '>', &s->body);
    write_lines(b, '@', &s->captures);
    write_lines(b, '~', &s->ignored);
    write_lines(b, '<', &s->want);
}

int suite_write(const struct suite *s, struct error **err)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < s->head.len; i++)
        buf_addf(&b, "%s\n", s->head.v[i]);
    for (size_t i = 0; i < s->len; i++) {
        const struct suite_case *c = &s->cases[i];
        buf_addf(&b, "%s== %s\n", i ? "\n" : "", c->name);
        if (c->needs.len) {
            cleanup_free char *needs = strv_give_joined(&c->needs, " ");
            buf_addf(&b, "needs %s\n", needs);
        }
        for (size_t k = 0; k < c->len; k++)
            write_step(&b, &c->steps[k]);
    }
    return file_write_atomic(s->path, b.data, b.len, 0644, err);
}
