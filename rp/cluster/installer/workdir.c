#include "rp/cluster/installer/workdir.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"

#define PREFIX "aro-install-"
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

static void remove_leftovers(const char *parent, const char *prefix)
{
    cleanup_dir DIR *d = opendir(parent);
    if (!d)
        return;
    for (const struct dirent *e; (e = readdir(d));)
        if (str_starts(e->d_name, prefix))
            remove_tree(dirfd(d), e->d_name, 0);
}

int workdir_make(const char *parent, const char *id, struct workdir *ret, struct error **err)
{
    cleanup_free char *prefix = xasprintf(PREFIX "%s-", id);
    remove_leftovers(parent, prefix);
    cleanup_free char *path = xasprintf("%s/%sXXXXXX", parent, prefix);
    if (!mkdtemp(path))
        return error_set_errno(err, errno, "making a working folder in %s", parent);
    ret->path = take(path);
    return 0;
}

void workdir_release(struct workdir *w)
{
    if (w->path)
        remove_tree(AT_FDCWD, w->path, 0);
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
