/* generate - writes the files that are made from the code's tables; --check only compares. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "hack/generate/generate.h"
#include "hack/generate/swagger.h"
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
    .summary = "Makes roles, reference pages, the readme's list of controllers and the swagger "
               "files from the tables in the code. ROOT is the repository (default: the current "
               "folder).",
    .options = options,
    .options_len = ARRAY_LEN(options),
};

/* One run: where to, and what was found. */
struct run {
    const char *root;
    bool check, found_stale;
};

/* The folders of a new file. */
static int make_folders(const char *path, struct error **err)
{
    cleanup_free char *folder = xstrdup(path);
    for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(folder, 0755) < 0 && errno != EEXIST)
            return error_set_errno(err, errno, "making the folder %s", folder);
        *slash = '/';
    }
    return 0;
}

/* old NULL: there is no file. */
static int put(struct run *r, const char *name, const char *old, const char *made,
               struct error **err)
{
    cleanup_free char *path = path_give_joined(r->root, name);
    if (old && strcmp(old, made) == 0)
        return 0;
    r->found_stale = true;
    printf("%s %s\n", r->check ? "stale:" : "wrote", name);
    if (r->check)
        return 0;
    if (!old && make_folders(path, err) < 0)
        return -1;
    return file_write_atomic(path, made, strlen(made), 0644, err);
}

/* *ret stays NULL when there is no file. */
static int read_old(const struct run *r, const char *name, char **ret, struct error **err)
{
    cleanup_free char *path = path_give_joined(r->root, name);
    struct error *missing = NULL;
    size_t len = 0;
    if (file_read(path, FILE_MAX, ret, &len, &missing) < 0 && !error_is(missing, ERR_NOT_FOUND))
        return error_move(err, &missing);
    error_free(missing);
    return 0;
}

static int generate_one(struct run *r, const struct generated_file *file, struct error **err)
{
    cleanup_free char *old = NULL;
    cleanup_free char *made = NULL;
    if (read_old(r, file->path, &old, err) < 0)
        return -1;
    if (generated_file_make(file, old ? old : "", &made, err) < 0)
        return error_wrap(err, "%s", file->path);
    return put(r, file->path, old, made, err);
}

static int visit_swagger(void *arg, const char *path, const char *text, struct error **err)
{
    cleanup_free char *old = NULL;
    if (read_old(arg, path, &old, err) < 0)
        return -1;
    return put(arg, path, old, text, err);
}

static int generate_all(struct run *r, struct error **err)
{
    for (size_t i = 0; i < generated_files_len; i++)
        if (generate_one(r, &generated_files[i], err) < 0)
            return -1;
    return swagger_each(visit_swagger, r, err);
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
    struct run run = { .root = cli_args_len(v) ? cli_arg(v, 0) : ".",
                       .check = cli_bool(v, "check") };
    if (generate_all(&run, &err) < 0) {
        fprintf(stderr, "generate: %s\n", error_text(err));
        return 1;
    }
    return run.check && run.found_stale ? 1 : 0;
}
