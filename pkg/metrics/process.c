#include "pkg/metrics/process.h"

#include <dirent.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "pkg/base/mem.h"
#include "pkg/metrics/text.h"

/* Fields of /proc/self/stat, counted from the state that follows the command name; proc(5). */
enum { STAT_UTIME = 11, STAT_STIME = 12, STAT_START = 19, STAT_VSIZE = 20, STAT_RSS = 21 };

/* One read: procfs answers what fits. False when the file is missing or empty. */
static bool read_text(const char *root, const char *name, char *text, size_t size)
{
    cleanup_free char *path = xasprintf("%s/%s", root, name);
    cleanup_file FILE *f = fopen(path, "re");
    if (!f)
        return false;
    size_t n = fread(text, 1, size - 1, f);
    text[n] = '\0';
    return n > 0;
}

/* The command name stands in parentheses and may hold spaces and parentheses itself. */
static bool read_stat(const char *root, double fields[STAT_RSS + 1])
{
    char text[1024];
    if (!read_text(root, "self/stat", text, sizeof(text)))
        return false;
    const char *p = strrchr(text, ')');
    if (!p || p[1] != ' ')
        return false;
    p += 2;
    for (int i = 0; i <= STAT_RSS; i++) {
        fields[i] = strtod(p, NULL);
        p = strchr(p, ' ');
        if (!p)
            return i == STAT_RSS;
        p++;
    }
    return true;
}

static bool read_boot_time(const char *root, double *ret)
{
    char text[65536]; /* the line follows one line a processor and the interrupt counts */
    if (!read_text(root, "stat", text, sizeof(text)))
        return false;
    const char *line = strstr(text, "\nbtime ");
    if (!line)
        return false;
    *ret = strtod(line + strlen("\nbtime "), NULL);
    return true;
}

static bool count_fds(const char *root, double *ret)
{
    cleanup_free char *path = xasprintf("%s/self/fd", root);
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    int count = 0;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is of this call alone */
    for (const struct dirent *e; (e = readdir(dir)) != NULL;)
        if (e->d_name[0] != '.')
            count++;
    closedir(dir);
    *ret = count - 1; /* without the descriptor of this listing */
    return true;
}

static void write_one(struct buf *out, const char *name, const char *type, const char *help,
                      double value)
{
    metrics_text_head(out, name, help, type);
    buf_addf(out, "%s ", name);
    metrics_text_number(out, value);
    buf_addc(out, '\n');
}

static void write_stat(const char *root, struct buf *out)
{
    double f[STAT_RSS + 1], boot;
    double ticks = (double)sysconf(_SC_CLK_TCK);

    if (!read_stat(root, f))
        return;
    write_one(out, "process_cpu_seconds_total", "counter",
              "Total user and system CPU time spent in seconds.",
              (f[STAT_UTIME] + f[STAT_STIME]) / ticks);
    write_one(out, "process_resident_memory_bytes", "gauge", "Resident memory size in bytes.",
              f[STAT_RSS] * (double)sysconf(_SC_PAGESIZE));
    if (read_boot_time(root, &boot))
        write_one(out, "process_start_time_seconds", "gauge",
                  "Start time of the process since unix epoch in seconds.",
                  boot + f[STAT_START] / ticks);
    write_one(out, "process_virtual_memory_bytes", "gauge", "Virtual memory size in bytes.",
              f[STAT_VSIZE]);
}

void process_metrics_write(const char *proc_root, struct buf *out)
{
    struct rlimit limit;
    double fds;

    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        write_one(out, "process_max_fds", "gauge", "Maximum number of open file descriptors.",
                  limit.rlim_cur == RLIM_INFINITY ? 0x1p64 : (double)limit.rlim_cur);
    if (count_fds(proc_root, &fds))
        write_one(out, "process_open_fds", "gauge", "Number of open file descriptors.", fds);
    write_stat(proc_root, out);
}
