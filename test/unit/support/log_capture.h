/* log_capture.h - a log sink that keeps its lines. Threads: safe from any. */
#ifndef TEST_UNIT_SUPPORT_LOG_CAPTURE_H
#define TEST_UNIT_SUPPORT_LOG_CAPTURE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "pkg/base/log.h"
#include "pkg/base/strv.h"

struct log_capture {
    struct log_sink base; /* a test may change level and format */
    pthread_mutex_t mu;
    struct strv lines; /* without line ends; read it only when nobody logs any more */
};

/* Text, everything down to trace. */
void log_capture_init(struct log_capture *c, const struct clock *clock);
void log_capture_release(struct log_capture *c);
size_t log_capture_len(struct log_capture *c);
bool log_capture_has(struct log_capture *c, const char *part); /* some line contains part */

#endif
