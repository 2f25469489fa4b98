/* generate - writes the files that are made from the code's tables; --check only compares. */
#include <stdio.h>
#include <string.h>

#include "hack/generate/generate.h"
#include "pkg/base/cli.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"

#define FILE_MAX (4 << 20)

static const struct cli_option options[] = {
    { "check", CLI_BOOL, "false", NULL, false, NULL, "Write nothing; exit 1 if a file is stale.", 0,
      0 },
};
static const struct cli cli = {
    .prog = "generate",
    .usage = "[options] [ROOT]",
    .summary = "Makes roles, reference pages and the readme's list of controllers from the tables "
               "in the code. ROOT is the repository (default: the current folder).",
    .options = options,
    .options_len = ARRAY_LEN(options),
};

static int generate_one(const char *root, const struct generated_file *file, bool check,
                        bool *ret_stale, struct error **err)
{
    cleanup_free char *path = path_give_joined(root, file->path);
    cleanup_free char *old = NULL;
    cleanup_free char *made = NULL;
    struct error *missing = NULL;
    size_t len = 0;
    if (file_read(path, FILE_MAX, &old, &len, &missing) < 0 && !error_is(missing, ERR_NOT_FOUND))
        return error_move(err, &missing);
    error_free(missing);
    if (file->make(old ? old : "", &made, err) < 0)
        return error_wrap(err, "%s", file->path);
    *ret_stale = !old || strcmp(old, made) != 0;
    if (!*ret_stale || check)
        return 0;
    return file_write_atomic(path, made, strlen(made), 0644, err);
}

int main(int argc, char **argv)
{
    cleanup_error struct error *err = NULL;
    cleanup_cli struct cli_values *v = NULL;
    enum cli_outcome outcome;
    if (cli_parse(&cli, argc, argv, env_process(), stdout, &outcome, &v, &err) < 0) {
        fprintf(stderr, "generate: %s\n", error_text(err));
        cli_usage(&cli, stderr);
        return 2;
    }
    if (outcome == CLI_EXIT_OK)
        return 0;
    bool check = cli_bool(v, "check");
    const char *root = cli_args_len(v) ? cli_arg(v, 0) : ".";
    int exit_code = 0;
    for (size_t i = 0; i < generated_files_len; i++) {
        bool stale = false;
        if (generate_one(root, &generated_files[i], check, &stale, &err) < 0) {
            fprintf(stderr, "generate: %s\n", error_text(err));
            return 1;
        }
        if (stale)
            printf("%s %s\n", check ? "stale:" : "wrote", generated_files[i].path);
        if (stale && check)
            exit_code = 1;
    }
    return exit_code;
}
