#include "test/unit/support/log_capture.h"

#include <string.h>

#include "pkg/base/mem.h"

static void capture(struct log_sink *sink, const char *line, size_t len)
{
    struct log_capture *c = container_of(sink, struct log_capture, base);
    pthread_mutex_lock(&c->mu);
    strv_take(&c->lines, xstrndup(line, len - 1));
    pthread_mutex_unlock(&c->mu);
}

void log_capture_init(struct log_capture *c, const struct clock *clock)
{
    *c = (struct log_capture){
        .base = { .write = capture, .level = LOG_TRACE, .format = LOG_TEXT, .clock = clock },
    };
    pthread_mutex_init(&c->mu, NULL);
}

void log_capture_release(struct log_capture *c)
{
    strv_release(&c->lines);
    pthread_mutex_destroy(&c->mu);
}

size_t log_capture_len(struct log_capture *c)
{
    pthread_mutex_lock(&c->mu);
    size_t n = c->lines.len;
    pthread_mutex_unlock(&c->mu);
    return n;
}

bool log_capture_has(struct log_capture *c, const char *part)
{
    bool found = false;
    pthread_mutex_lock(&c->mu);
    for (size_t i = 0; i < c->lines.len && !found; i++)
        found = strstr(c->lines.v[i], part) != NULL;
    pthread_mutex_unlock(&c->mu);
    return found;
}
