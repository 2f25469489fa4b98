#include "hack/devcloud/main/whole_cloud.h"

#include "hack/devcloud/main/here.h"
#include "hack/devcloud/up/shell.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"

int whole_cloud_run(const struct whole_cloud *w, const struct cli_values *v, const char *dir)
{
    cleanup_error struct error *err = NULL;
    cleanup_free char *executable = here_give_executable();
    cleanup_free char *bin = path_give_dir(executable);
    cleanup_free char *program = shell_give_word(executable);
    cleanup_free char *dir_word = shell_give_word(dir);
    cleanup_free char *command = cli_is_set(v, "dir")
                                     ? xasprintf("%s down --dir %s", program, dir_word)
                                     : xasprintf("%s down", program);
    struct cloud_config cfg = { .dir = dir,
                                .bin = bin,
                                .rp = cli_str(v, "rp"),
                                .command = command,
                                .syncsets = cli_bool(v, "syncsets"),
                                .out = stdout,
                                .on_ready = w->on_ready,
                                .arg = w->arg,
                                .ready_s = w->ready_s,
                                .tells_last = w->tells_last };
    for (size_t i = 0; i < CLOUD_PORTS; i++)
        cfg.ports[i] = (int)cli_int(v, cloud_port_option(i));
    if (!cfg.syncsets)
        cfg.ports[CLOUD_PORT_SYNCSETS] = 0; /* any port will do that is not used */
    if (cloud_run(&cfg, &err) < 0) {
        fprintf(stderr, "%s: error: %s\n", w->prog, error_text(err));
        return 1;
    }
    printf("devcloud: ended\n");
    return 0;
}
