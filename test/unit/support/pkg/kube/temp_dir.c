#include "test/unit/support/pkg/kube/temp_dir.h"

#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"

char *temp_dir_give(void)
{
    const char *tmp = getenv("TMPDIR");
    char *dir = xasprintf("%s/testXXXXXX", tmp ? tmp : "/tmp");
    if (!mkdtemp(dir))
        abort();
    return dir;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
    (void)st;
    (void)type;
    (void)ftw;
    return remove(path);
}

void temp_dir_free(char *dir)
{
    (void)nftw(dir, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(dir);
}

char *temp_dir_write(const char *dir, const char *name, const char *text)
{
    char *path = path_give_joined(dir, name);
    for (char *slash = path + strlen(dir) + 1; (slash = strchr(slash, '/')); slash++) {
        *slash = '\0';
        (void)mkdir(path, 0700);
        *slash = '/';
    }
    if (file_write_atomic(path, text, strlen(text), 0600, NULL) < 0)
        abort();
    return path;
}
