/* here.h - where this executable lies, and where its cloud therefore is. */
#ifndef HACK_DEVCLOUD_MAIN_HERE_H
#define HACK_DEVCLOUD_MAIN_HERE_H

#include "pkg/base/cli.h"

/* The option --dir of every command about a cloud. */
#define HERE_DIR_OPTION \
    { \
        "dir", CLI_STR, NULL, "DEVCLOUD_DIR", false, "DIR", \
            "The cloud's folder. Default: devcloud beside the folder of the executables.", 0, 0 \
    }

/* All owned by the caller. */
char *here_give_executable(void);
char *here_give_dir(const struct cli_values *v); /* of the cloud */

#endif
