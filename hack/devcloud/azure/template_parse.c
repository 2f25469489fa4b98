/* Expressions of templates: read once, by recursive descent. */
#include <ctype.h>
#include <string.h>

#include "hack/devcloud/azure/template.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

struct reader {
    const char *text, *at;
    int depth;
};

static int read_expr(struct reader *r, struct expr **ret, struct error **err);

static struct expr *expr_new(enum expr_kind kind, char *text)
{
    struct expr *e = xnew(struct expr);
    e->kind = kind;
    e->text = text;
    return e;
}

static void add_arg(struct expr *e, struct expr *arg)
{
    e->args = xreallocarray(e->args, e->args_len + 1, sizeof(struct expr *));
    e->args[e->args_len++] = arg;
}

void expr_free(struct expr *e)
{
    if (!e)
        return;
    for (size_t i = 0; i < e->args_len; i++)
        expr_free(e->args[i]);
    free(e->args);
    free(e->text);
    free(e);
}

static void skip_space(struct reader *r)
{
    while (isspace((unsigned char)*r->at))
        r->at++;
}

static bool skip(struct reader *r, char c)
{
    skip_space(r);
    bool here = *r->at == c;
    r->at += here;
    return here;
}

static int fail(const struct reader *r, const char *want, struct error **err)
{
    return error_set(err, ERR_INVALID,
                     "Unable to parse language expression '%s': expected %s at position %zu",
                     r->text, want, (size_t)(r->at - r->text));
}

static char *give_name(struct reader *r)
{
    const char *begin = r->at;
    while (isalnum((unsigned char)*r->at) || *r->at == '_' || *r->at == '$' || *r->at == '-')
        r->at++;
    return xstrndup(begin, (size_t)(r->at - begin));
}

/* 'it''s' */
static int read_literal(struct reader *r, struct expr **ret, struct error **err)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    buf_adds(&b, "");
    for (r->at++; *r->at && (*r->at != '\'' || r->at[1] == '\''); r->at++) {
        r->at += *r->at == '\'';
        buf_addc(&b, *r->at);
    }
    char *text = buf_give(&b);
    if (!skip(r, '\'')) {
        free(text);
        return fail(r, "the end of a string", err);
    }
    *ret = expr_new(EXPR_STR, text);
    return 0;
}

static int read_number(struct reader *r, struct expr **ret, struct error **err)
{
    const char *begin = r->at;
    r->at += *r->at == '-';
    while (isdigit((unsigned char)*r->at))
        r->at++;
    cleanup_free char *text = xstrndup(begin, (size_t)(r->at - begin));
    long long number;
    if (!str_to_int(text, INT64_MIN, INT64_MAX, &number))
        return fail(r, "an integer", err);
    *ret = expr_new(EXPR_INT, NULL);
    (*ret)->number = number;
    return 0;
}

static int read_call(struct reader *r, struct expr **ret, struct error **err)
{
    cleanup_expr struct expr *call = expr_new(EXPR_CALL, give_name(r));
    if (!*call->text)
        return fail(r, "a value", err);
    while (skip(r, '.')) { /* functions of a namespace: sys.concat */
        cleanup_free char *name = give_name(r);
        free(call->text);
        call->text = take(name);
    }
    if (!skip(r, '('))
        return fail(r, "'('", err);
    while (!skip(r, ')')) {
        struct expr *arg = NULL;
        if (call->args_len > 0 && !skip(r, ','))
            return fail(r, "',' or ')'", err);
        if (read_expr(r, &arg, err) < 0)
            return -1;
        add_arg(call, arg);
    }
    *ret = take(call);
    return 0;
}

static int read_primary(struct reader *r, struct expr **ret, struct error **err)
{
    skip_space(r);
    if (*r->at == '\'')
        return read_literal(r, ret, err);
    if (*r->at == '-' || isdigit((unsigned char)*r->at))
        return read_number(r, ret, err);
    return read_call(r, ret, err);
}

/* .name or [index] behind a value */
static int read_suffix(struct reader *r, struct expr **base, bool *ret_more, struct error **err)
{
    bool member = skip(r, '.'), index = !member && skip(r, '[');
    struct expr *inner = NULL;
    *ret_more = member || index;
    if (member) {
        skip_space(r);
        inner = expr_new(EXPR_MEMBER, give_name(r));
        add_arg(inner, take(*base));
        *base = inner;
        return *inner->text ? 0 : fail(r, "a property's name", err);
    }
    if (!index)
        return 0;
    if (read_expr(r, &inner, err) < 0)
        return -1;
    struct expr *outer = expr_new(EXPR_INDEX, NULL);
    add_arg(outer, take(*base));
    add_arg(outer, inner);
    *base = outer;
    return skip(r, ']') ? 0 : fail(r, "']'", err);
}

static int read_expr(struct reader *r, struct expr **ret, struct error **err)
{
    cleanup_expr struct expr *e = NULL;
    bool more = true;
    if (r->depth >= EXPR_DEPTH_MAX)
        return fail(r, "less nesting", err);
    r->depth++;
    if (read_primary(r, &e, err) < 0)
        return -1;
    while (more)
        if (read_suffix(r, &e, &more, err) < 0)
            return -1;
    r->depth--;
    *ret = take(e);
    return 0;
}

int expr_parse(const char *text, struct expr **ret, struct error **err)
{
    struct reader r = { .text = text, .at = text };
    cleanup_expr struct expr *e = NULL;
    if (read_expr(&r, &e, err) < 0)
        return -1;
    skip_space(&r);
    if (*r.at)
        return fail(&r, "the end", err);
    *ret = take(e);
    return 0;
}
