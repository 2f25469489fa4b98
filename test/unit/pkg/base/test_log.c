#include <fcntl.h>
#include <string.h>

#include "pkg/base/log.h"
#include "pkg/base/mem.h"
#include "pkg/base/thread.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/test.h"

struct fixture {
    struct fake_clock clock;
    struct log_capture capture;
    struct log root;
};

static int setup(void **state)
{
    static struct fixture f;
    fake_clock_init(&f.clock);
    log_capture_init(&f.capture, &f.clock.base);
    f.root = log_root(&f.capture.base);
    *state = &f;
    return 0;
}

static int teardown(void **state)
{
    struct fixture *f = *state;
    log_capture_release(&f->capture);
    fake_clock_release(&f->clock);
    return 0;
}

static void check_text_line(void **state)
{
    struct fixture *f = *state;
    struct log controller = log_with(&f->root, "controller", "Banner");
    struct log id = log_with(&controller, "resource_id", "/s/1 x");
    struct log none = log_with(&id, "err", NULL);

    log_info(&none, "done in %d ms", 5);

    assert_string_equal(f->capture.lines.v[0],
                        "time=\"2024-02-03T04:05:06Z\" level=info msg=\"done in 5 ms\" "
                        "controller=Banner resource_id=\"/s/1 x\"");
}

static void check_json_line(void **state)
{
    struct fixture *f = *state;
    f->capture.base.format = LOG_JSON;
    struct log controller = log_with(&f->root, "controller", "Banner");

    log_error(&controller, "no");

    assert_string_equal(f->capture.lines.v[0],
                        "{\"time\":\"2024-02-03T04:05:06Z\",\"level\":\"error\",\"msg\":\"no\","
                        "\"controller\":\"Banner\"}");
}

struct escape_case {
    const char *value, *text, *json;
};

static void check_escapes(void **state)
{
    struct fixture *f = *state;
    static const struct escape_case cases[] = {
        { "a\nlevel=error", "\"a\\nlevel=error\"", "\"a\\nlevel=error\"" },
        { "\"\\\t\r", "\"\\\"\\\\\\t\\r\"", "\"\\\"\\\\\\t\\r\"" },
        { "\x1b[31m", "\"\\x1b[31m\"", "\"\\u001b[31m\"" },
        { "\x7f", "\"\\x7f\"", "\"\\u007f\"" },
        { "caf\xc3\xa9 \xf0\x9f\x98\x80", "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"",
          "\"caf\xc3\xa9 \xf0\x9f\x98\x80\"" },
        { "\xff!", "\"\\xff!\"", "\"\\ufffd!\"" },
        { "\xc2\x9b", "\"\\xc2\\x9b\"", "\"\\ufffd\\ufffd\"" },
        { "", "\"\"", "\"\"" },
        { "plain-1.2/x", "plain-1.2/x", "\"plain-1.2/x\"" },
        { "a=b", "\"a=b\"", "\"a=b\"" },
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        struct log field = log_with(&f->root, "k", cases[i].value);
        f->capture.base.format = LOG_TEXT;
        log_info(&field, "m");
        f->capture.base.format = LOG_JSON;
        log_info(&field, "m");
        cleanup_free char *text = xasprintf(" k=%s", cases[i].text);
        cleanup_free char *json = xasprintf(",\"k\":%s}", cases[i].json);
        assert_true(str_ends(f->capture.lines.v[2 * i], text));
        assert_true(str_ends(f->capture.lines.v[2 * i + 1], json));
    }
}

static void check_forged_keys(void **state)
{
    struct fixture *f = *state;
    struct log level = log_with(&f->root, "level", "error");
    struct log odd = log_with(&level, "a b=\"c\n", "1");

    log_info(&odd, "m");

    assert_true(
        str_ends(f->capture.lines.v[0], " level=info msg=\"m\" fields.level=error a_b__c_=1"));
}

static void check_override(void **state)
{
    struct fixture *f = *state;
    struct log old = log_with(&f->root, "k", "old");
    struct log other = log_with(&old, "other", "1");
    struct log new = log_with(&other, "k", "new");

    log_info(&new, "m");

    assert_true(str_ends(f->capture.lines.v[0], " msg=\"m\" other=1 k=new"));
}

static void check_cut(void **state)
{
    struct fixture *f = *state;
    cleanup_free char *value = xcalloc(1, 20001);
    for (size_t i = 0; i < 20000; i += 2)
        memcpy(value + i, "\xc3\xa9", 2);
    value[0] = 'x'; /* now the limit falls into a character */
    value[1] = 'x';
    memmove(value + 1, value + 2, 19999);
    struct log field = log_with(&f->root, "k", value);

    log_info(&field, "m");

    const char *line = f->capture.lines.v[0];
    assert_true(str_ends(line, "\xc3\xa9...\""));
    assert_in_range(strlen(line), 16000, 16600);
}

static void check_levels(void **state)
{
    struct fixture *f = *state;
    f->capture.base.level = LOG_WARNING;

    log_info(&f->root, "hidden");
    log_error(NULL, "nowhere");
    log_warning(&f->root, "shown");

    assert_int_equal(log_capture_len(&f->capture), 1);
    assert_true(log_capture_has(&f->capture, "level=warning msg=\"shown\""));
    assert_false(log_enabled(&f->root, LOG_INFO));
    assert_false(log_enabled(NULL, LOG_ERROR));
    struct log orphan = log_with(NULL, "k", "v");
    assert_false(log_enabled(&orphan, LOG_ERROR));
}

static void check_parsing(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum log_level level;
    } levels[] = { { "error", LOG_ERROR }, { "warn", LOG_WARNING }, { "warning", LOG_WARNING },
                   { "INFO", LOG_INFO },   { "debug", LOG_DEBUG },  { "trace", LOG_TRACE } };
    for (size_t i = 0; i < ARRAY_LEN(levels); i++) {
        enum log_level level = LOG_ERROR;
        assert_true(log_level_parse(levels[i].text, &level));
        assert_int_equal(level, levels[i].level);
    }
    enum log_level level;
    assert_false(log_level_parse("loud", &level));
    enum log_format format = LOG_TEXT;
    assert_true(log_format_parse("json", &format));
    assert_int_equal(format, LOG_JSON);
    assert_true(log_format_parse("text", &format));
    assert_int_equal(format, LOG_TEXT);
    assert_false(log_format_parse("xml", &format));
}

#define PIPE_LINES 200
#define LINE_LEN_MIN 2000

static void write_lines(void *arg)
{
    cleanup_free char *long_text = xcalloc(1, LINE_LEN_MIN + 1);
    memset(long_text, 'x', LINE_LEN_MIN);
    for (int i = 0; i < PIPE_LINES; i++)
        log_info(arg, "%s", long_text);
}

/* More than a pipe holds, into a pipe that refuses to wait. */
static void check_fd_sink(void **state)
{
    struct fixture *f = *state;
    int fds[2];
    assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
    assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
    struct log_fd_sink sink;
    log_fd_sink_init(&sink, fds[1], LOG_INFO, LOG_TEXT, &f->clock.base);
    struct log log = log_root(&sink.base);
    pthread_t thread;
    assert_int_equal(thread_start(&thread, "logger", write_lines, &log, NULL), 0);

    size_t lines = 0;
    char chunk[4096];
    while (lines < PIPE_LINES) {
        ssize_t n = read(fds[0], chunk, sizeof(chunk));
        assert_true(n > 0);
        for (ssize_t i = 0; i < n; i++)
            lines += chunk[i] == '\n';
    }

    assert_int_equal(lines, PIPE_LINES);
    pthread_join(thread, NULL);
    close(fds[0]);
    close(fds[1]);
}

/* Nobody reads: the logger lives on, and its lines come again when somebody does. */
static void check_stuck_descriptor(void **state)
{
    struct fixture *f = *state;
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_int_equal(fcntl(fds[1], F_SETFL, O_NONBLOCK), 0);
    struct log_fd_sink sink;
    log_fd_sink_init(&sink, fds[1], LOG_INFO, LOG_TEXT, &f->clock.base);
    sink.wait_ms = 1;
    struct log log = log_root(&sink.base);

    write_lines(&log); /* more than the pipe takes */

    char chunk[4096];
    assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
    while (read(fds[0], chunk, sizeof(chunk)) > 0)
        ;
    log_info(&log, "heard again");
    ssize_t n = read(fds[0], chunk, sizeof(chunk) - 1);
    assert_true(n > 0);
    chunk[n] = '\0';
    assert_non_null(strstr(chunk, "heard again"));
    close(fds[0]);
    close(fds[1]);
}

#define FIXTURE_CASE(sentence, fn) \
    { \
        .name = (sentence), .test_func = (fn), .setup_func = setup, .teardown_func = teardown \
    }

int main(void)
{
    const struct CMUnitTest tests[] = {
        FIXTURE_CASE("a text line has time, level, message and fields in order", check_text_line),
        FIXTURE_CASE("a JSON line has the same", check_json_line),
        FIXTURE_CASE("values cannot forge a line", check_escapes),
        FIXTURE_CASE("keys cannot forge a field", check_forged_keys),
        FIXTURE_CASE("the newest of equal keys is written", check_override),
        FIXTURE_CASE("a long value is cut between characters", check_cut),
        FIXTURE_CASE("levels above the sink's are dropped, as is a NULL log", check_levels),
        FIXTURE_CASE("levels and formats have names", check_parsing),
        FIXTURE_CASE("lines survive a full pipe that does not block", check_fd_sink),
        FIXTURE_CASE("a full pipe that nobody reads holds nobody up", check_stuck_descriptor),
    };
    return RUN_CASES("log", tests);
}
