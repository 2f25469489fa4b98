#include <stdlib.h>

#include "pkg/base/mem.h"
#include "rp/syncsets/types/types.h"

void api_causes_init(struct api_causes *c)
{
    c->list = json_new_array();
}

void api_causes_release(struct api_causes *c)
{
    json_free(c->list);
    c->list = NULL;
}

void api_cause_add(struct api_causes *c, const char *reason, const char *field, const char *fmt,
                   ...)
{
    if (json_len(c->list) >= CAUSES_MAX)
        return;
    va_list ap;
    va_start(ap, fmt);
    cleanup_free char *message = xvasprintf(fmt, ap);
    va_end(ap);
    json_append(c->list,
                json_make("{'reason':%s,'message':%s,'field':%s}", reason, message, field));
}

int api_causes_check(const struct api_causes *c, const char *what, struct error **err)
{
    if (json_len(c->list) == 0)
        return 0;
    struct buf text = BUF_INIT(BUF_UNBOUNDED);
    for (size_t i = 0; i < json_len(c->list); i++) {
        const json *cause = json_at(c->list, i);
        buf_addf(&text, "%s%s: %s", i ? ", " : "", json_path_str(cause, "field"),
                 json_path_str(cause, "message"));
    }
    (void)error_set(err, ERR_UNPROCESSABLE, "%s is invalid: %s", what, buf_str(&text));
    buf_release(&text);
    cleanup_free char *body = json_give_text(c->list);
    error_code(err, "Invalid");
    error_body(err, body);
    return -1;
}
