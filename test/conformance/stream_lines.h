/* stream_lines.h - bytes that one thread adds and lines that another takes. */
#ifndef TEST_CONFORMANCE_STREAM_LINES_H
#define TEST_CONFORMANCE_STREAM_LINES_H

#include <pthread.h>

#include "pkg/base/buf.h"
#include "pkg/base/clock.h"

struct lines {
    pthread_mutex_t mu;
    pthread_cond_t cv;
    struct buf data;
    bool ended;
};
void lines_init(struct lines *l);
void lines_release(struct lines *l);
void lines_add(struct lines *l, const char *data, size_t len);
void lines_end(struct lines *l);
/* Without the line end; NULL at the end of the stream or at the deadline (monotonic). */
char *lines_give_next(struct lines *l, int64_t deadline_ns);

#endif
