#include "pkg/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

#define FILE_CHUNK_BYTES (64 * 1024)

/* Reads to the end, stopping behind the limit. */
static int read_all(int fd, size_t hint, struct buf *b)
{
    size_t room = hint < FILE_CHUNK_BYTES ? hint + 1 : FILE_CHUNK_BYTES;
    for (;;) {
        char *into = buf_reserve(b, room);
        if (!into)
            return 0; /* over the limit: buf_take reports it */
        ssize_t n = read(fd, into, room);
        if (n == 0)
            return 0;
        if (n > 0)
            buf_advance(b, (size_t)n);
        else if (errno != EINTR)
            return -1;
    }
}

int file_read(const char *path, size_t max, char **ret, size_t *ret_len, struct error **err)
{
    cleanup_close int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, errno, "%s", path);
    struct stat st;
    if (fstat(fd, &st) != 0)
        return error_set_errno(err, errno, "%s", path);
    if (S_ISDIR(st.st_mode))
        return error_set(err, ERR_IO, "%s: is a directory", path);

    cleanup_buf struct buf b = BUF_INIT(max);
    size_t hint = S_ISREG(st.st_mode) && st.st_size > 0 ? (size_t)st.st_size : FILE_CHUNK_BYTES;
    if (read_all(fd, hint, &b) < 0)
        return error_set_errno(err, errno, "%s", path);
    size_t len = b.len;
    if (buf_take(&b, ret, err) < 0)
        return error_wrap(err, "%s", path);
    *ret_len = len;
    return 0;
}

static int write_all(int fd, const char *data, size_t len)
{
    while (len > 0) {
        ssize_t n = write(fd, data, len);
        if (n < 0 && errno != EINTR)
            return -1;
        if (n > 0) {
            data += n;
            len -= (size_t)n;
        }
    }
    return 0;
}

/* The rename is durable only when the folder is; file systems that cannot sync one say EINVAL. */
static int sync_folder(const char *path)
{
    cleanup_free char *dir = path_give_dir(path);
    cleanup_close int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return errno == EACCES ? 0 : -1; /* a folder may be writable but not readable */
    return fsync(fd) == 0 || errno == EINVAL ? 0 : -1;
}

static int fill_and_rename(int fd, const char *tmp, const char *path, const void *data, size_t len,
                           unsigned mode)
{
    if (write_all(fd, data, len) < 0 || fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0)
        return -1;
    return rename(tmp, path);
}

/* Hidden, so that what a kill leaves behind is no file of the folder's readers. */
static char *give_temporary(const char *path)
{
    const char *slash = strrchr(path, '/');
    const char *name = slash ? slash + 1 : path;
    return xasprintf("%.*s.%s.XXXXXX", (int)(name - path), path, name);
}

int file_write_atomic(const char *path, const void *data, size_t len, unsigned mode,
                      struct error **err)
{
    cleanup_free char *tmp = give_temporary(path);
    cleanup_close int fd = mkostemp(tmp, O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, errno, "writing %s", path);
    if (fill_and_rename(fd, tmp, path, data, len, mode) < 0) {
        int errnum = errno;
        (void)unlink(tmp);
        return error_set_errno(err, errnum, "writing %s", path);
    }
    if (sync_folder(path) < 0)
        return error_set_errno(err, errno, "syncing the folder of %s", path);
    return 0;
}

char *path_give_joined(const char *dir, const char *name)
{
    size_t n = strlen(dir);
    if (n == 0 || name[0] == '/')
        return xstrdup(name);
    return xasprintf("%s%s%s", dir, dir[n - 1] == '/' ? "" : "/", name);
}

char *path_give_dir(const char *path)
{
    size_t n = strlen(path);
    while (n > 1 && path[n - 1] == '/')
        n--;
    while (n > 0 && path[n - 1] != '/')
        n--;
    while (n > 1 && path[n - 1] == '/')
        n--;
    return n > 0 ? xstrndup(path, n) : xstrdup(".");
}

/* ---- folders ---- */

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
    (void)st;
    (void)type;
    (void)at;
    return remove(path) < 0 && errno != ENOENT ? -1 : 0;
}

int dir_remove(const char *path, struct error **err)
{
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): only with FTW_CHDIR */
    if (nftw(path, remove_one, 8, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT)
        return 0;
    return error_set_errno(err, errno, "removing %s", path);
}
