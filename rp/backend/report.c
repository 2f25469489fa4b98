#include "rp/backend/report.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

/* Of each text of an error, so that a report stays below REPORT_MAX_BYTES. */
#define PART_MAX_BYTES 8192

static char *give_cut(const char *text)
{
    size_t len = text ? strlen(text) : 0;
    if (len > PART_MAX_BYTES)
        for (len = PART_MAX_BYTES; len > 0 && ((unsigned char)text[len] & 0xc0U) == 0x80;)
            len--;
    return text ? xstrndup(text, len) : NULL;
}

static json *give_error(const struct error *e)
{
    const char *body = error_get_body(e);
    cleanup_free char *text = give_cut(error_text(e));
    if (body && strlen(body) > PART_MAX_BYTES)
        body = NULL; /* half a document is none */
    return json_make("{'kind':%s,'text':%s,'code':%s,'target':%s,'body':%s,'status':%d,"
                     "'terminal':%b}",
                     err_kind_name(error_kind(e)), text, error_get_code(e), error_get_target(e),
                     body, error_get_status(e), error_is_marked_terminal(e));
}

char *report_give_text(enum operation_end end, const struct error *e)
{
    cleanup_json json *report = json_make("{'end':%s}", operation_end_words[end]);
    if (e)
        json_put(report, "error", give_error(e));
    return json_give_text(report);
}

static enum err_kind parse_kind(const char *name)
{
    for (enum err_kind k = 0; k < ERR_KINDS; k++)
        if (str_eq(name, err_kind_name(k)))
            return k;
    return ERR_INTERNAL;
}

static struct error *give_parsed_error(const json *j)
{
    struct error *e = NULL;
    const char *text = json_path_str(j, "text");
    (void)error_set(&e, parse_kind(json_path_str(j, "kind")), "%s",
                    text ? text : "no reason given");
    if (json_path_str(j, "code"))
        error_code(&e, json_path_str(j, "code"));
    if (json_path_str(j, "target"))
        error_target(&e, json_path_str(j, "target"));
    if (json_path_str(j, "body"))
        error_body(&e, json_path_str(j, "body"));
    error_status(&e, (int)json_path_int(j, "status", 0));
    if (json_path_bool(j, "terminal", false))
        error_mark_terminal(&e);
    return e;
}

int report_parse(const char *text, size_t len, enum operation_end *ret, struct error **ret_error,
                 struct error **err)
{
    cleanup_json json *report = NULL;
    const char *end;
    if (json_parse_object(text, len, &report, err) < 0 ||
        json_need_str(report, "end", &end, err) < 0)
        return error_wrap(err, "the report of an operation");
    for (enum operation_end e = 0; e < OPERATION_ENDS; e++) {
        if (!str_eq(end, operation_end_words[e]))
            continue;
        *ret = e;
        *ret_error =
            json_get(report, "error") ? give_parsed_error(json_get(report, "error")) : NULL;
        return 0;
    }
    return error_set(err, ERR_INVALID, "the report of an operation: no end is called '%s'", end);
}
