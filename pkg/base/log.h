/*
 * log.h - structured log lines: one event, one line, key=value text or JSON.
 *
 * Libraries return errors and never log above debug; edges (HTTP handler, reconcile loop, step runner,
 * main) log. Values are escaped: control bytes, quotes and invalid UTF-8 cannot forge a line.
 * Text:  time="2006-01-02T15:04:05Z" level=info msg="..." controller=Name
 * Threads: a sink may be shared; each line is one write.
 */
#ifndef PKG_BASE_LOG_H
#define PKG_BASE_LOG_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "pkg/base/cleanup.h"
#include "pkg/base/clock.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG, LOG_TRACE };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_sink {
    void (*write)(struct log_sink *sink, const char *line, size_t len); /* line ends in \n */
    enum log_level level;
    enum log_format format;
    const struct clock *clock;
};

/* Writes to fd with one write(2) a line; never closes it. */
/* Lines that fd does not take for wait_ms are lost, from then on at once until it takes one again: nobody works
 * less for lack of a reader. (Only of a descriptor that does not block.) */
struct log_fd_sink {
    struct log_sink base;
    int fd;
    int wait_ms; /* 5 s; may be changed before the first line */
    atomic_bool stuck;
};
void log_fd_sink_init(struct log_fd_sink *s, int fd, enum log_level level, enum log_format format,
                      const struct clock *clock);

/* A logger is a sink and a chain of fields; derived ones live on the stack. key and value are borrowed
 * for the logger's life. A NULL value drops the field. */
struct log {
    struct log_sink *sink;
    const struct log *parent;
    const char *key, *value;
};
struct log log_root(struct log_sink *sink);
struct log log_with(const struct log *parent, const char *key, const char *value);

/* NULL log: nothing happens. */
void log_at(const struct log *log, enum log_level level, const char *fmt, ...) PRINTF_LIKE(3, 4);
bool log_enabled(const struct log *log, enum log_level level);
#define log_error(log, ...) log_at((log), LOG_ERROR, __VA_ARGS__)
#define log_warning(log, ...) log_at((log), LOG_WARNING, __VA_ARGS__)
#define log_info(log, ...) log_at((log), LOG_INFO, __VA_ARGS__)
#define log_debug(log, ...) log_at((log), LOG_DEBUG, __VA_ARGS__)
#define log_trace(log, ...) log_at((log), LOG_TRACE, __VA_ARGS__)

/* error, warn, warning, info, debug or trace, in any letter case. */
bool log_level_parse(const char *text, enum log_level *ret);
bool log_format_parse(const char *text, enum log_format *ret); /* text json */

#endif
