#include "pkg/controller/crash.h"

#include <execinfo.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pkg/base/cleanup.h"

#define LINE_MAX_BYTES 1024
#define FRAMES_MAX 64

static const int signals[] = { SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL };
static const char *const signal_names[] = { "SIGABRT", "SIGSEGV", "SIGBUS", "SIGFPE", "SIGILL" };

/* A handler gets no argument of ours. */
static _Thread_local const char *volatile note_controller, *volatile note_key;
static volatile sig_atomic_t report_fd = -1;

void crash_forbid_dumps(void)
{
    static const struct rlimit none = { 0, 0 };
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

void crash_note_set(const char *controller, const char *key)
{
    note_key = key;
    note_controller = controller;
}

void crash_note_clear(void)
{
    note_controller = NULL;
    note_key = NULL;
}

/* Only what a signal handler may use, down to the end. */
static size_t append(char *line, size_t len, const char *text)
{
    while (*text && len < LINE_MAX_BYTES - 1)
        line[len++] = *text++;
    return len;
}

/* A quoted value; what could forge a line is shown as '?'. */
static size_t append_value(char *line, size_t len, const char *name, const char *value)
{
    if (!value)
        return len;
    len = append(line, len, name);
    for (; *value && len < LINE_MAX_BYTES - 2; value++) {
        unsigned char c = (unsigned char)*value;
        line[len++] = c < 0x20 || c == '"' || c == '\\' || c == 0x7f ? '?' : (char)c;
    }
    return append(line, len, "\"");
}

static const char *name_of(int signum)
{
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        if (signals[i] == signum)
            return signal_names[i];
    return "unknown";
}

static void report(int signum)
{
    char line[LINE_MAX_BYTES];
    size_t len = append(line, 0, "level=fatal msg=\"crashed\"");
    len = append_value(line, len, " signal=\"", name_of(signum));
    len = append_value(line, len, " controller=\"", note_controller);
    len = append_value(line, len, " key=\"", note_key);
    line[len++] = '\n';
    int fd = report_fd;
    if (write(fd, line, len) < 0)
        return; /* nowhere else to say it */
    void *frames[FRAMES_MAX];
    backtrace_symbols_fd(frames, backtrace(frames, FRAMES_MAX), fd);
}

/* The handler is reset: returning from a fault repeats it, and ends the process as it would have. */
static void on_crash(int signum)
{
    report(signum);
    (void)raise(signum);
}

void crash_report_install(int fd)
{
    void *frame[1];
    (void)backtrace(frame, 1); /* the first call loads a library, which no handler may do */
    report_fd = fd;
    struct sigaction action = { .sa_handler = on_crash, .sa_flags = (int)SA_RESETHAND };
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < ARRAY_LEN(signals); i++)
        (void)sigaction(signals[i], &action, NULL);
}
