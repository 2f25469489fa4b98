#include "rp/syncsets/types/page.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "rp/syncsets/types/swagger.h"

#define REF "#/components/schemas/"

static const char head[] =
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
    "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
    "<title>SyncSets API</title>\n<style>\n"
    "body{font:16px/1.5 sans-serif;max-width:60rem;margin:0 auto;padding:1rem;color:#222;"
    "background:#fff}\n"
    "code{font-family:monospace}\n"
    "details{border:1px solid #ccc;border-radius:4px;margin:.4rem 0;padding:.4rem .8rem}\n"
    "summary{cursor:pointer}\n"
    "table{border-collapse:collapse;width:100%}\n"
    "th,td{text-align:left;vertical-align:top;padding:.2rem .6rem .2rem 0;border-top:1px solid "
    "#ddd}\n"
    "b.method{display:inline-block;min-width:4.5rem}\n"
    "</style>\n</head>\n<body>\n<h1>SyncSets API</h1>\n"
    "<p>For programs: <a href=\"/swagger.json\">swagger.json</a>, "
    "<a href=\"/swagger.yaml\">swagger.yaml</a>, <a href=\"/openapi.json\">openapi.json</a>.</p>\n";

static void add_text(struct buf *out, const char *text)
{
    for (const char *p = text ? text : ""; *p; p++) {
        const char *escaped = *p == '<'   ? "&lt;"
                              : *p == '>' ? "&gt;"
                              : *p == '&' ? "&amp;"
                              : *p == '"' ? "&quot;"
                                          : NULL;
        if (escaped)
            buf_adds(out, escaped);
        else
            buf_addc(out, *p);
    }
}

static void add_cell(struct buf *out, const char *text, bool code)
{
    buf_adds(out, code ? "<td><code>" : "<td>");
    add_text(out, text);
    buf_adds(out, code ? "</code></td>" : "</td>");
}

/* A schema in a word, with a link to what it refers to. */
static void add_type(struct buf *out, const json *schema)
{
    const char *ref = json_path_str(schema, "$ref"), *type = json_path_str(schema, "type");
    if (ref && str_starts(ref, REF)) {
        const char *name = ref + strlen(REF);
        buf_addf(out, "<a href=\"#%s\">%s</a>", name, name);
    } else if (json_get(schema, "items")) {
        buf_adds(out, "list of ");
        add_type(out, json_get(schema, "items"));
    } else {
        add_text(out, type ? type : "any");
    }
}

/* ---- operations ---- */

static void add_params(struct buf *out, const json *params)
{
    if (json_len(params) == 0)
        return;
    buf_adds(out, "<table><tr><th>parameter</th><th>in</th><th>type</th><th></th></tr>\n");
    for (size_t i = 0; i < json_len(params); i++) {
        const json *p = json_at(params, i);
        buf_adds(out, "<tr>");
        add_cell(out, json_path_str(p, "name"), true);
        add_cell(out, json_path_str(p, "in"), false);
        add_cell(out, json_path_str(p, "schema.type"), false);
        add_cell(out, json_path_bool(p, "required", false) ? "required" : "", false);
        buf_adds(out, "</tr>\n");
    }
    buf_adds(out, "</table>\n");
}

static void add_body(struct buf *out, const json *operation)
{
    for (struct json_iter it = json_each(json_path(operation, "requestBody.content"));
         json_next(&it);) {
        buf_addf(out, "<p>Body: <code>%s</code>, ", it.key);
        add_type(out, json_get(it.value, "schema"));
        buf_adds(out, json_path_bool(operation, "requestBody.required", false)
                          ? "</p>\n"
                          : ", may be left out</p>\n");
    }
}

static void add_replies(struct buf *out, const json *operation)
{
    buf_adds(out, "<table><tr><th>status</th><th>reply</th></tr>\n");
    for (struct json_iter it = json_each(json_get(operation, "responses")); json_next(&it);) {
        const json *schema = json_path(it.value, "content[\"application/json\"].schema");
        buf_adds(out, "<tr>");
        add_cell(out, it.key, true);
        buf_adds(out, "<td>");
        if (schema)
            add_type(out, schema);
        else
            add_text(out, json_path_str(it.value, "description"));
        buf_adds(out, "</td></tr>\n");
    }
    buf_adds(out, "</table>\n");
}

static void add_operation(struct buf *out, const char *path, const char *method,
                          const json *operation)
{
    buf_addf(out, "<details id=\"%s\"><summary><b class=\"method\">",
             json_path_str(operation, "operationId"));
    for (const char *p = method; *p; p++)
        buf_addc(out, (char)(*p - ('a' - 'A')));
    buf_adds(out, "</b> <code>");
    add_text(out, path);
    buf_adds(out, "</code> ");
    add_text(out, json_path_str(operation, "summary"));
    buf_adds(out, "</summary>\n");
    add_params(out, json_get(operation, "parameters"));
    add_body(out, operation);
    add_replies(out, operation);
    buf_adds(out, "</details>\n");
}

static void add_operations(struct buf *out, const json *paths)
{
    const char *tag = NULL;
    for (struct json_iter p = json_each(paths); json_next(&p);)
        for (struct json_iter m = json_each(p.value); json_next(&m);) {
            const char *own = json_str(json_at(json_get(m.value, "tags"), 0));
            if (!str_eq(tag, own))
                buf_addf(out, "<h2>%s</h2>\n", tag = own);
            add_operation(out, p.key, m.key, m.value);
        }
}

/* ---- shapes ---- */

static void add_field(struct buf *out, const char *name, const json *field)
{
    buf_adds(out, "<tr>");
    add_cell(out, name, true);
    buf_adds(out, "<td>");
    add_type(out, field);
    buf_adds(out, "</td><td>");
    add_text(out, json_path_str(field, "description"));
    const json *words = json_get(field, "enum");
    for (size_t i = 0; i < json_len(words); i++) {
        buf_adds(out, i ? ", <code>" : " One of <code>");
        add_text(out, json_str(json_at(words, i)));
        buf_adds(out, "</code>");
    }
    buf_adds(out, "</td></tr>\n");
}

static void add_shapes(struct buf *out, const json *schemas)
{
    buf_adds(out, "<h2>Objects</h2>\n");
    for (struct json_iter s = json_each(schemas); json_next(&s);) {
        buf_addf(out, "<h3 id=\"%s\">%s</h3>\n<p>", s.key, s.key);
        add_text(out, json_path_str(s.value, "description"));
        buf_adds(out, "</p>\n<table>\n");
        for (struct json_iter f = json_each(json_get(s.value, "properties")); json_next(&f);)
            add_field(out, f.key, f.value);
        buf_adds(out, "</table>\n");
    }
}

char *sets_page_give(void)
{
    struct buf out = BUF_INIT(BUF_UNBOUNDED);
    cleanup_json json *tree = sets_swagger_give_tree(true);
    buf_adds(&out, head);
    add_operations(&out, json_get(tree, "paths"));
    add_shapes(&out, json_path(tree, "components.schemas"));
    buf_adds(&out, "</body>\n</html>\n");
    return buf_give(&out);
}
