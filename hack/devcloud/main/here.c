#include "hack/devcloud/main/here.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

char *here_give_executable(void)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof(path));
    return len > 0 ? xstrndup(path, (size_t)len) : xstrdup("devcloud");
}

char *here_give_dir(const struct cli_values *v)
{
    if (cli_str(v, "dir"))
        return xstrdup(cli_str(v, "dir"));
    cleanup_free char *executable = here_give_executable();
    cleanup_free char *bin = path_give_dir(executable);
    cleanup_free char *build = path_give_dir(bin);
    return path_give_joined(build, "devcloud");
}
