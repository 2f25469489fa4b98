#include "hack/devcloud/azure/odata.h"

#include <ctype.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/net/url.h"

/* ---- reading ---- */

static void skip_space(const char **at)
{
    while (**at == ' ')
        (*at)++;
}

static bool skip_text(const char **at, const char *text)
{
    skip_space(at);
    if (!str_starts(*at, text))
        return false;
    *at += strlen(text);
    return true;
}

static char *give_word(const char **at)
{
    skip_space(at);
    const char *begin = *at;
    while (isalnum((unsigned char)**at) || (**at && strchr("_/.@", **at)))
        (*at)++;
    return xstrndup(begin, (size_t)(*at - begin));
}

/* 'it''s'; NULL: no literal. */
static char *give_literal(const char **at)
{
    if (!skip_text(at, "'"))
        return NULL;
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    while (**at && (**at != '\'' || (*at)[1] == '\'')) {
        *at += **at == '\'';
        buf_addc(&b, *(*at)++);
    }
    buf_adds(&b, "");
    char *text = buf_give(&b);
    if (skip_text(at, "'"))
        return text;
    free(text);
    return NULL;
}

static bool read_starts(const char **at, struct odata_clause *ret)
{
    ret->op = ODATA_STARTS;
    free(ret->field);
    ret->field = give_word(at);
    return skip_text(at, ",") && (ret->value = give_literal(at)) && skip_text(at, ")");
}

static bool read_contains(const char **at, struct odata_clause *ret)
{
    ret->op = ODATA_CONTAINS;
    ret->value = give_literal(at);
    free(ret->field);
    ret->field = ret->value && skip_text(at, ",") ? give_word(at) : NULL;
    return ret->field && skip_text(at, ")");
}

/* field/any(x:x eq 'value') */
static bool read_any(const char **at, struct odata_clause *ret)
{
    ret->op = ODATA_ANY;
    ret->field[strlen(ret->field) - strlen("/any")] = '\0';
    cleanup_free char *variable = give_word(at);
    bool good = skip_text(at, ":");
    cleanup_free char *again = give_word(at);
    return good && str_eq(variable, again) && skip_text(at, "eq") &&
           (ret->value = give_literal(at)) && skip_text(at, ")");
}

static bool read_call(const char **at, struct odata_clause *ret)
{
    if (str_eq_nocase(ret->field, "startswith"))
        return read_starts(at, ret);
    if (str_eq_nocase(ret->field, "substringof"))
        return read_contains(at, ret);
    if (str_ends(ret->field, "/any"))
        return read_any(at, ret);
    ret->op = ODATA_CALL;
    ret->value = give_literal(at);
    if (!ret->value)
        ret->value = xstrdup("");
    return skip_text(at, ")");
}

static bool read_clause(const char **at, struct odata_clause *ret)
{
    ret->field = give_word(at);
    if (skip_text(at, "("))
        return *ret->field && read_call(at, ret);
    ret->op = ODATA_EQ;
    return *ret->field && skip_text(at, "eq") && (ret->value = give_literal(at));
}

bool odata_init(struct sim_call *c, struct odata *ret)
{
    *ret = (struct odata){ 0 };
    cleanup_free char *text = query_give(sim_query(c), "$filter");
    const char *at = text ? text : "";
    bool good = true;
    while (good && (skip_space(&at), *at)) {
        ret->v = xreallocarray(ret->v, ret->len + 1, sizeof(*ret->v));
        struct odata_clause *clause = &ret->v[ret->len++];
        *clause = (struct odata_clause){ 0 };
        good = (ret->len == 1 || skip_text(&at, "and")) && read_clause(&at, clause);
    }
    if (!good)
        sim_reply_error(c, 400, "InvalidFilterInQueryString", "Invalid $filter '%s' in the query.",
                        text);
    return good;
}

void odata_release(struct odata *o)
{
    for (size_t i = 0; i < o->len; i++) {
        free(o->v[i].field);
        free(o->v[i].value);
    }
    free(o->v);
    *o = (struct odata){ 0 };
}

/* ---- judging ---- */

static json *find_field(const json *object, const char *field)
{
    cleanup_free char *path = xstrdup(str_eq(field, "resourceType") ? "type" : field);
    for (char *p = path; *p; p++)
        if (*p == '/')
            *p = '.';
    json *found = json_path(object, path);
    return found ? found : json_path(json_get(object, "properties"), path);
}

static bool is_in_group(const json *object, const char *group)
{
    cleanup_free char *part = xasprintf("*/resourceGroups/%s/*", group);
    const char *id = json_path_str(object, "id");
    return id && str_matches_nocase(part, id);
}

static bool has_tag(const struct odata *o, const json *object, const char *name)
{
    const char *value = odata_value(o, "tagValue"), *found = NULL;
    json *tags = json_get(object, "tags");
    found = json_str(json_get(tags, name));
    return found && (!value || str_eq(found, value));
}

static bool has_element(const json *list, const char *value)
{
    for (size_t i = 0; json_is_array(list) && i < json_len(list); i++)
        if (str_eq_nocase(json_str(json_at(list, i)), value))
            return true;
    return false;
}

static bool text_matches(const struct odata_clause *clause, const char *text)
{
    cleanup_free char *pattern = clause->op == ODATA_STARTS     ? xasprintf("%s*", clause->value)
                                 : clause->op == ODATA_CONTAINS ? xasprintf("*%s*", clause->value)
                                                                : xstrdup(clause->value);
    return text && (clause->op == ODATA_EQ ? str_eq_nocase(pattern, text)
                                           : str_matches_nocase(pattern, text));
}

static bool clause_holds(const struct odata *o, const struct odata_clause *clause,
                         const json *object)
{
    if (clause->op == ODATA_CALL || str_eq(clause->field, "tagValue"))
        return true;
    if (clause->op == ODATA_EQ && str_eq(clause->field, "tagName"))
        return has_tag(o, object, clause->value);
    if (clause->op == ODATA_EQ && str_eq(clause->field, "resourceGroup"))
        return is_in_group(object, clause->value);
    json *found = find_field(object, clause->field);
    return clause->op == ODATA_ANY ? has_element(found, clause->value)
                                   : text_matches(clause, json_str(found));
}

bool odata_matches(const struct odata *o, const json *object)
{
    for (size_t i = 0; i < o->len; i++)
        if (!clause_holds(o, &o->v[i], object))
            return false;
    return true;
}

const char *odata_value(const struct odata *o, const char *field)
{
    for (size_t i = 0; i < o->len; i++)
        if (str_eq_nocase(o->v[i].field, field))
            return o->v[i].value;
    return NULL;
}
