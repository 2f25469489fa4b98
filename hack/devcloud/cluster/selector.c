#include "hack/devcloud/cluster/selector.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "hack/devcloud/cluster/fail.h"
#include "hack/devcloud/cluster/names.h"
#include "pkg/base/mem.h"

/* ---- labels ---- */

enum label_op { OP_IN, OP_NOT_IN, OP_EXISTS, OP_ABSENT, OP_GREATER, OP_LESS };

struct requirement {
    char *key;
    enum label_op op;
    struct strv values;
    long long bound;
};

struct label_selector {
    struct requirement *v;
    size_t len;
};

/* The text as words and signs. */
struct lexer {
    const char *pos;
    char *word; /* of the last token; "" at the end */
    bool is_word;
};

static void lexer_next(struct lexer *x)
{
    static const char *const signs[] = { "==", "!=", "=", "!", "(", ")", ",", "<", ">" };
    free(x->word);
    while (isspace((unsigned char)*x->pos))
        x->pos++;
    x->is_word = false;
    for (size_t i = 0; i < ARRAY_LEN(signs); i++)
        if (str_starts(x->pos, signs[i])) {
            x->word = xstrdup(signs[i]);
            x->pos += strlen(signs[i]);
            return;
        }
    size_t len = strcspn(x->pos, "=!(),<> \t\r\n");
    x->word = xstrndup(x->pos, len);
    x->is_word = len > 0;
    x->pos += len;
}

static bool lexer_accept(struct lexer *x, const char *word)
{
    if (strcmp(x->word, word) != 0)
        return false;
    lexer_next(x);
    return true;
}

static int parse_values(struct lexer *x, struct requirement *r, struct error **err)
{
    if (!lexer_accept(x, "("))
        return fail_bad_request(err, "unable to parse requirement: found '%s' expected: '('",
                                x->word);
    while (!lexer_accept(x, ")")) {
        if (lexer_accept(x, ",")) {
            if (strcmp(x->word, ")") == 0 || strcmp(x->word, ",") == 0)
                strv_add(&r->values, "");
            continue;
        }
        if (!x->is_word)
            return fail_bad_request(
                err, "unable to parse requirement: found '%s', expected: ',', or identifier",
                x->word);
        strv_add(&r->values, x->word);
        lexer_next(x);
    }
    if (!r->values.len)
        strv_add(&r->values, "");
    return 0;
}

static int parse_bound(struct lexer *x, struct requirement *r, struct error **err)
{
    if (!x->is_word || !str_to_int(x->word, INT64_MIN, INT64_MAX, &r->bound))
        return fail_bad_request(err, "unable to parse requirement: for 'Gt', 'Lt' operators, the "
                                     "value must be an integer");
    lexer_next(x);
    return 0;
}

static int parse_operation(struct lexer *x, struct requirement *r, struct error **err)
{
    bool in = strcmp(x->word, "in") == 0, out = strcmp(x->word, "notin") == 0;
    if (in || out) {
        r->op = in ? OP_IN : OP_NOT_IN;
        lexer_next(x);
        return parse_values(x, r, err);
    }
    if (strcmp(x->word, ">") == 0 || strcmp(x->word, "<") == 0) {
        r->op = x->word[0] == '>' ? OP_GREATER : OP_LESS;
        lexer_next(x);
        return parse_bound(x, r, err);
    }
    bool differs = strcmp(x->word, "!=") == 0;
    if (differs || strcmp(x->word, "=") == 0 || strcmp(x->word, "==") == 0) {
        r->op = differs ? OP_NOT_IN : OP_IN;
        lexer_next(x);
        if (!x->is_word && *x->word && strcmp(x->word, ",") != 0)
            return fail_bad_request(
                err, "unable to parse requirement: found '%s', expected: identifier", x->word);
        strv_add(&r->values, x->is_word ? x->word : "");
        if (x->is_word)
            lexer_next(x);
        return 0;
    }
    if (*x->word && strcmp(x->word, ",") != 0)
        return fail_bad_request(
            err, "unable to parse requirement: found '%s', expected: '=', '!=', '==', 'in', notin'",
            x->word);
    r->op = OP_EXISTS;
    return 0;
}

static int check_requirement(const struct requirement *r, struct error **err)
{
    cleanup_free char *why = names_give_label_key_fault(r->key);
    if (why)
        return fail_bad_request(err, "unable to parse requirement: invalid label key \"%s\": %s",
                                r->key, why);
    for (size_t i = 0; i < r->values.len; i++) {
        cleanup_free char *fault = names_give_label_value_fault(r->values.v[i]);
        if (fault)
            return fail_bad_request(
                err, "unable to parse requirement: invalid label value: \"%s\": at key: \"%s\": %s",
                r->values.v[i], r->key, fault);
    }
    return 0;
}

static int parse_requirement(struct lexer *x, struct requirement *r, struct error **err)
{
    bool negated = lexer_accept(x, "!");
    if (!x->is_word)
        return fail_bad_request(err, "found '%s', expected: !, identifier, or 'end of string'",
                                x->word);
    r->key = xstrdup(x->word);
    lexer_next(x);
    if (negated)
        r->op = OP_ABSENT;
    else if (parse_operation(x, r, err) < 0)
        return -1;
    return check_requirement(r, err);
}

void label_selector_free(struct label_selector *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->len; i++) {
        free(s->v[i].key);
        strv_release(&s->v[i].values);
    }
    free(s->v);
    free(s);
}

static int parse_labels(struct lexer *x, struct label_selector *s, struct error **err)
{
    lexer_next(x);
    while (*x->word) {
        s->v = xreallocarray(s->v, s->len + 1, sizeof(*s->v));
        s->v[s->len] = (struct requirement){ 0 };
        if (parse_requirement(x, &s->v[s->len++], err) < 0)
            return -1;
        if (!*x->word)
            return 0;
        if (!lexer_accept(x, ","))
            return fail_bad_request(err, "found '%s', expected: ',' or 'end of string'", x->word);
        if (!*x->word)
            return fail_bad_request(err, "found '', expected: identifier after ','");
    }
    return 0;
}

int label_selector_parse(const char *text, struct label_selector **ret, struct error **err)
{
    *ret = NULL;
    if (!text || !*text)
        return 0;
    struct lexer x = { .pos = text };
    struct label_selector *s = xnew(struct label_selector);
    int rc = parse_labels(&x, s, err);
    free(x.word);
    if (rc < 0)
        label_selector_free(s);
    else
        *ret = s;
    return rc;
}

static bool matches(const struct requirement *r, const char *value)
{
    long long n;
    switch (r->op) {
    case OP_IN:
        return value && strv_has(&r->values, value);
    case OP_NOT_IN:
        return !value || !strv_has(&r->values, value);
    case OP_EXISTS:
        return value;
    case OP_ABSENT:
        return !value;
    default:
        if (!value || !str_to_int(value, INT64_MIN, INT64_MAX, &n))
            return false;
        return r->op == OP_GREATER ? n > r->bound : n < r->bound;
    }
}

static int compare_key(const void *key, const void *label)
{
    return strcmp(key, ((const struct label *)label)->key);
}

bool label_selector_matches(const struct label_selector *s, const struct label *labels, size_t len)
{
    for (size_t i = 0; s && i < s->len; i++) {
        const struct label *l =
            len ? bsearch(s->v[i].key, labels, len, sizeof(*labels), compare_key) : NULL;
        if (!matches(&s->v[i], l ? l->value : NULL))
            return false;
    }
    return true;
}

/* ---- fields ---- */

struct field_term {
    char *field, *value;
    bool equal;
};

struct field_selector {
    struct field_term *v;
    size_t len;
};

void field_selector_free(struct field_selector *s)
{
    if (!s)
        return;
    for (size_t i = 0; i < s->len; i++) {
        free(s->v[i].field);
        free(s->v[i].value);
    }
    free(s->v);
    free(s);
}

static bool is_known(const char *field, const char *known)
{
    cleanup_strv struct strv words = STRV_INIT;
    strv_split(&words, known ? known : "", " ", false);
    return str_eq(field, "metadata.name") || str_eq(field, "metadata.namespace") ||
           strv_has(&words, field);
}

static int parse_term(const char *term, const char *known, struct field_selector *s,
                      struct error **err)
{
    const char *sign = strpbrk(term, "!=");
    if (!sign || (sign[0] == '!' && sign[1] != '='))
        return fail_bad_request(err, "invalid selector: '%s'; can't understand '%s'", term, term);
    bool two = sign[0] == '!' || sign[1] == '=';
    s->v = xreallocarray(s->v, s->len + 1, sizeof(*s->v));
    struct field_term *t = &s->v[s->len++];
    t->field = xstrndup(term, (size_t)(sign - term));
    t->value = xstrdup(sign + (two ? 2 : 1));
    t->equal = sign[0] == '=';
    if (!is_known(t->field, known))
        return fail_bad_request(err,
                                "\"%s\" is not a known field selector: only \"metadata.name\", "
                                "\"metadata.namespace\"",
                                t->field);
    return 0;
}

int field_selector_parse(const char *text, const char *known, struct field_selector **ret,
                         struct error **err)
{
    *ret = NULL;
    if (!text || !*text)
        return 0;
    cleanup_field_selector struct field_selector *s = xnew(struct field_selector);
    cleanup_strv struct strv terms = STRV_INIT;
    strv_split(&terms, text, ",", false);
    for (size_t i = 0; i < terms.len; i++)
        if (parse_term(terms.v[i], known, s, err) < 0)
            return -1;
    *ret = take(s);
    return 0;
}

/* A value as field selectors compare it; "" when absent. */
static char *give_value(const json *tree, const char *field)
{
    const json *value = json_path(tree, field);
    if (json_str(value))
        return xstrdup(json_str(value));
    return value ? json_give_text(value) : xstrdup(strstr(field, "unschedulable") ? "false" : "");
}

bool field_selector_matches(const struct field_selector *s, const struct record *r)
{
    cleanup_json json *tree = NULL;
    for (size_t i = 0; s && i < s->len; i++) {
        const struct field_term *t = &s->v[i];
        bool same;
        if (str_eq(t->field, "metadata.name")) {
            same = str_eq(t->value, r->name);
        } else if (str_eq(t->field, "metadata.namespace")) {
            same = str_eq(t->value, r->nspace);
        } else {
            tree = tree ? tree : record_give_tree(r);
            cleanup_free char *value = give_value(tree, t->field);
            same = str_eq(t->value, value);
        }
        if (same != t->equal)
            return false;
    }
    return true;
}

const char *field_selector_name(const struct field_selector *s)
{
    for (size_t i = 0; s && i < s->len; i++)
        if (s->v[i].equal && str_eq(s->v[i].field, "metadata.name"))
            return s->v[i].value;
    return NULL;
}
