#include "rp/cluster/installer/workdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"

#define PREFIX "aro-install-"
#define MAKE_TRIES 5
#define DEPTH_MAX 16 /* of folders; what a program makes below is not followed for ever */

static void closedir_slot(DIR **d)
{
    if (*d)
        (void)closedir(*d);
}
#define cleanup_dir CLEANUP_WITH(closedir_slot)

static bool is_dots(const char *name)
{
    return str_eq(name, ".") || str_eq(name, "..");
}

static DIR *open_dir_at(int parent, const char *name)
{
    int fd = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    DIR *d = fd < 0 ? NULL : fdopendir(fd);
    if (!d && fd >= 0)
        (void)close(fd);
    return d;
}

static void remove_tree(int parent, const char *name, int depth)
{
    if (unlinkat(parent, name, 0) == 0 || depth > DEPTH_MAX)
        return;
    cleanup_dir DIR *d = open_dir_at(parent, name);
    if (!d)
        return;
    for (const struct dirent *e; (e = readdir(d));)
        if (!is_dots(e->d_name))
            remove_tree(dirfd(d), e->d_name, depth + 1);
    (void)unlinkat(parent, name, AT_REMOVEDIR);
}

/* Who makes a folder holds its lock for as long as it lives: what nobody holds is what a killed process left. */
void workdir_sweep(const char *parent)
{
    cleanup_dir DIR *d = opendir(parent);
    if (!d)
        return;
    for (const struct dirent *e; (e = readdir(d));) {
        cleanup_dir DIR *one =
            str_starts(e->d_name, PREFIX) ? open_dir_at(dirfd(d), e->d_name) : NULL;
        if (one && flock(dirfd(one), LOCK_EX | LOCK_NB) == 0)
            remove_tree(dirfd(d), e->d_name, 0);
    }
}

/* Not so when a sweep was quicker, which may have removed it since. */
static bool hold(const char *path, int *ret_lock)
{
    struct stat held, there;
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) == 0 && fstat(fd, &held) == 0 &&
        stat(path, &there) == 0 && held.st_ino == there.st_ino && held.st_dev == there.st_dev) {
        *ret_lock = fd;
        return true;
    }
    if (fd >= 0)
        (void)close(fd);
    return false;
}

int workdir_make(const char *parent, const char *id, struct workdir *ret, struct error **err)
{
    workdir_sweep(parent);
    for (int i = 0; i < MAKE_TRIES; i++) {
        cleanup_free char *path = xasprintf("%s/" PREFIX "%s-XXXXXX", parent, id);
        if (!mkdtemp(path))
            return error_set_errno(err, errno, "making a working folder in %s", parent);
        if (hold(path, &ret->lock)) {
            ret->path = take(path);
            return 0;
        }
        (void)rmdir(path);
    }
    return error_set(err, ERR_IO, "making a working folder in %s: it is locked or removed at once",
                     parent);
}

void workdir_release(struct workdir *w)
{
    if (!w->path)
        return;
    remove_tree(AT_FDCWD, w->path, 0);
    (void)close(w->lock);
    free(w->path);
    w->path = NULL;
}

int workdir_write(const struct workdir *w, const char *name, const void *data, size_t len,
                  struct error **err)
{
    cleanup_free char *path = path_give_joined(w->path, name);
    if (file_write_atomic(path, data, len, 0600, err) < 0)
        return error_wrap(err, "writing %s", name);
    return 0;
}

int workdir_make_folder(const struct workdir *w, const char *name, struct error **err)
{
    cleanup_free char *path = path_give_joined(w->path, name);
    return mkdir(path, 0700) == 0 ? 0 : error_set_errno(err, errno, "making the folder %s", name);
}

int workdir_read(const struct workdir *w, const char *name, size_t max, struct secret **ret,
                 struct error **err)
{
    cleanup_free char *path = path_give_joined(w->path, name);
    char *text = NULL;
    size_t len = 0;
    if (file_read(path, max, &text, &len, err) < 0)
        return -1;
    *ret = secret_new(text, len);
    secret_wipe(text, len);
    free(text);
    return 0;
}

int workdir_list(const struct workdir *w, const char *folder, struct strv *ret_names,
                 struct error **err)
{
    cleanup_free char *path = path_give_joined(w->path, folder);
    cleanup_dir DIR *d = opendir(path);
    if (!d)
        return errno == ENOENT ? 0 : error_set_errno(err, errno, "reading %s", folder);
    for (const struct dirent *e; (e = readdir(d));) {
        struct stat st;
        if (fstatat(dirfd(d), e->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
            strv_add(ret_names, e->d_name);
    }
    strv_sort(ret_names);
    return 0;
}
