#include "hack/devcloud/up/place.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define LOCK "lock"
#define LOGS "log"

/* ---- the lock ---- */

enum fact { TAKEN, READY }; /* bytes of the file that are locked while it holds */

static struct flock lock_of(enum fact fact)
{
    return (struct flock){
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)fact, .l_len = 1
    };
}

static int open_lock(const char *dir, int flags)
{
    cleanup_free char *path = path_give_joined(dir, LOCK);
    return open(path, O_RDWR | O_CLOEXEC | flags, 0600);
}

/* Whose fact it is; 0: nobody's. */
static pid_t find_holder(const char *dir, enum fact fact)
{
    struct flock f = lock_of(fact);
    int lock = open_lock(dir, 0);
    if (lock < 0)
        return 0;
    bool told = fcntl(lock, F_GETLK, &f) == 0;
    (void)close(lock);
    return told && f.l_type != F_UNLCK ? f.l_pid : 0;
}

pid_t place_holder(const char *dir)
{
    return find_holder(dir, TAKEN);
}

bool place_is_ready(const char *dir)
{
    return find_holder(dir, READY) != 0;
}

int place_set_ready(const struct place *p, struct error **err)
{
    struct flock f = lock_of(READY);
    if (fcntl(p->lock, F_SETLK, &f) < 0)
        return error_set_errno(err, errno, "locking %s", p->dir);
    return 0;
}

static int take_lock(struct place *p, struct error **err)
{
    struct flock f = lock_of(TAKEN);
    p->lock = open_lock(p->dir, O_CREAT);
    if (p->lock < 0)
        return error_set_errno(err, errno, "opening the lock of %s", p->dir);
    if (fcntl(p->lock, F_SETLK, &f) == 0)
        return 0;
    if (errno != EAGAIN && errno != EACCES)
        return error_set_errno(err, errno, "locking %s", p->dir);
    return error_set(
        err, ERR_EXISTS,
        "a development cloud runs in %s already (process %d): 'devcloud down' ends it, "
        "--dir DIR makes room for another",
        p->dir, (int)place_holder(p->dir));
}

/* ---- the folder ---- */

/* The next name in the folder but "." and ".."; NULL: no more. Borrowed until the next call. */
static const char *next_name(DIR *d)
{
    struct dirent *e;
    do
        e = readdir(d); /* NOLINT(concurrency-mt-unsafe): nobody else has d */
    while (e && (str_eq(e->d_name, ".") || str_eq(e->d_name, "..")));
    return e ? e->d_name : NULL;
}

static bool is_empty(const char *dir)
{
    DIR *d = opendir(dir);
    if (!d)
        return false;
    bool empty = next_name(d) == NULL;
    (void)closedir(d);
    return empty;
}

static int make(struct place *p, const char *dir, struct error **err)
{
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return error_set_errno(err, errno, "making the folder %s", dir);
    p->dir = realpath(dir, NULL);
    if (!p->dir)
        return error_set_errno(err, errno, "finding the folder %s", dir);
    cleanup_free char *lock = path_give_joined(p->dir, LOCK);
    if (access(lock, F_OK) < 0 && !is_empty(p->dir))
        return error_set(err, ERR_INVALID,
                         "%s is no folder of a development cloud, and not empty: choose another",
                         p->dir);
    if (chmod(p->dir, 0700) < 0)
        return error_set_errno(err, errno, "making %s private", p->dir);
    return 0;
}

/* All but the lock and the logs, which somebody may still want to read. */
static int clear(const struct place *p, struct error **err)
{
    DIR *d = opendir(p->dir);
    if (!d)
        return error_set_errno(err, errno, "reading %s", p->dir);
    int rcode = 0;
    for (const char *name; rcode == 0 && (name = next_name(d));) {
        cleanup_free char *path = path_give_joined(p->dir, name);
        if (str_eq(name, LOCK) || str_eq(name, LOGS))
            continue;
        rcode = dir_remove(path, err);
    }
    (void)closedir(d);
    return rcode;
}

int place_take(const char *dir, struct place *ret, struct error **err)
{
    *ret = (struct place){ .lock = -1 };
    if (make(ret, dir, err) < 0 || take_lock(ret, err) < 0 || clear(ret, err) < 0)
        return -1;
    return place_make_dir(ret, LOGS, err);
}

void place_release(struct place *p)
{
    if (p->lock >= 0)
        (void)close(p->lock);
    free(p->dir);
    *p = (struct place){ .lock = -1 };
}

char *place_give_path(const struct place *p, const char *name)
{
    return path_give_joined(p->dir, name);
}

int place_write(const struct place *p, const char *name, const char *text, unsigned mode,
                struct error **err)
{
    cleanup_free char *path = place_give_path(p, name);
    return file_write_atomic(path, text, strlen(text), mode, err);
}

int place_make_dir(const struct place *p, const char *name, struct error **err)
{
    cleanup_free char *path = place_give_path(p, name);
    if (mkdir(path, 0700) < 0 && errno != EEXIST)
        return error_set_errno(err, errno, "making %s", path);
    return 0;
}

/* ---- the holder ---- */

int place_refuse_nobody(const char *dir, struct error **err)
{
    cleanup_free char *log = path_give_joined(dir, PLACE_LOG);
    if (access(log, F_OK) < 0)
        return error_set(err, ERR_NOT_FOUND, "no development cloud runs in %s", dir);
    return error_set(
        err, ERR_NOT_FOUND,
        "no development cloud runs in %s; what the last one in the background said: %s", dir, log);
}

int place_end_holder(const char *dir, int timeout_ms, struct error **err)
{
    pid_t pid = place_holder(dir);
    int process = pid > 0 ? pidfd_open(pid, 0) : -1;
    /* Still that one: so the descriptor is the holder's, and not of somebody who got its number meanwhile. */
    if (process < 0 || place_holder(dir) != pid) {
        if (process >= 0)
            (void)close(process);
        return place_refuse_nobody(dir, err);
    }
    struct pollfd ended = { .fd = process, .events = POLLIN };
    int rcode = pidfd_send_signal(process, SIGTERM, NULL, 0);
    if (rcode < 0)
        (void)error_set_errno(err, errno, "telling process %d to end", (int)pid);
    else if (poll(&ended, 1, timeout_ms) != 1)
        rcode = error_set(err, ERR_TIMEOUT, "process %d does not end", (int)pid);
    (void)close(process);
    return rcode;
}
