#include "rp/env/secrets_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

#define YEAR_NS (365 * 24 * 3600 * NS_PER_S)

struct folder {
    struct rp_secrets base;
    char *dir;
};

/* ---- making what is missing ---- */

static int write_secret(const char *path, const char *text, size_t len, struct error **err)
{
    return file_write_atomic(path, text, len, 0600, err);
}

static int make_key(const char *path, struct error **err)
{
    unsigned char key[AEAD_V2_KEY_LEN];
    const struct rng *rng = rng_system();
    for (size_t i = 0; i < sizeof(key); i++)
        key[i] = (unsigned char)rng->next(rng);
    cleanup_free char *text = base64_give(key, sizeof(key));
    int result = write_secret(path, text, strlen(text), err);
    secret_wipe(key, sizeof(key));
    secret_wipe(text, strlen(text));
    return result;
}

static int make_server(const char *path, struct error **err)
{
    static const char *const names[] = { "localhost", NULL };
    static const char *const addresses[] = { "127.0.0.1", "::1", NULL };
    int64_t now = clock_wall_ns(clock_system());
    const struct x509_request req = {
        .common_name = "localhost",
        .dns_names = names,
        .ip_addresses = addresses,
        .is_server = true,
        .not_before_wall_ns = now - NS_PER_S,
        .not_after_wall_ns = now + 10 * YEAR_NS,
    };
    cleanup_free char *cert = NULL;
    cleanup_secret struct secret *key = NULL;
    if (x509_make(&req, &cert, &key, err) < 0)
        return -1;
    cleanup_buf struct buf text = BUF_INIT(BUF_UNBOUNDED);
    buf_reserve(&text, SECRET_MAX_BYTES);
    buf_addf(&text, "%s%s", secret_reveal(key, NULL), cert);
    int result = write_secret(path, text.data, text.len, err);
    buf_secure(&text);
    return result;
}

static const struct {
    const char *name;
    int (*make)(const char *path, struct error **err);
} makers[] = {
    { SECRET_RP_SERVER, make_server },
    { SECRET_ENCRYPTION_KEY "-v2", make_key },
    { SECRET_FRONTEND_ENCRYPTION_KEY "-v2", make_key },
};

/* Processes that start together do not make a key each, and seal with what the others have overwritten. */
static int lock_folder(const char *dir, struct error **err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return error_set_errno(err, errno, "%s", dir);
    while (flock(fd, LOCK_EX) < 0 && errno == EINTR)
        ;
    return fd;
}

static int make_missing_secrets(const char *dir, struct error **err)
{
    if (mkdir(dir, 0700) < 0 && errno != EEXIST)
        return error_set_errno(err, errno, "%s", dir);
    cleanup_close int lock = lock_folder(dir, err);
    if (lock < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(makers); i++) {
        cleanup_free char *path = path_give_joined(dir, makers[i].name);
        if (access(path, F_OK) < 0 && makers[i].make(path, err) < 0)
            return error_wrap(err, "making %s", path);
    }
    return 0;
}

/* ---- reading ---- */

static const char *dir_of(const struct rp_secrets *s)
{
    return ((const struct folder *)s)->dir; /* base is the first member */
}

static char *give_place(const struct rp_secrets *s, const char *name, const char *version)
{
    cleanup_free char *file = xasprintf("%s%s", name, version ? version : "");
    return path_give_joined(dir_of(s), file);
}

static int get(struct rp_secrets *s, const struct opctx *ctx, const char *name, const char *version,
               struct secret **ret, struct error **err)
{
    cleanup_free char *path = give_place(s, name, version);
    char *text;
    size_t len;
    (void)ctx;
    if (file_read(path, SECRET_MAX_BYTES, &text, &len, err) < 0)
        return -1;
    size_t used = len > 0 && text[len - 1] == '\n' ? len - 1 : len;
    *ret = secret_new(text, used);
    secret_wipe(text, len);
    free(text);
    return 0;
}

/* ---- versions ---- */

/* A version is what stands behind the name: nothing, or a dot and anything. */
static const char *version_of(const char *file, const char *name)
{
    size_t len = strlen(name);
    bool fits = strncmp(file, name, len) == 0 && (file[len] == '\0' || file[len] == '.');
    return fits ? file + len : NULL;
}

static int add_version(const struct rp_secrets *s, const char *name, const char *version,
                       struct rp_secret_versions *ret, struct error **err)
{
    cleanup_free char *path = give_place(s, name, version);
    struct stat st;
    if (stat(path, &st) < 0)
        return error_set_errno(err, errno, "%s", path);
    rp_secret_versions_add(ret, xstrdup(version), st.st_mtime, false);
    return 0;
}

static int list(struct rp_secrets *s, const struct opctx *ctx, const char *name,
                struct rp_secret_versions *ret, struct error **err)
{
    DIR *dir = opendir(dir_of(s));
    int result = 0;

    (void)ctx;
    if (!dir)
        return error_set_errno(err, errno, "%s", dir_of(s));
    while (result == 0) {
        errno = 0;
        /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's own */
        const struct dirent *entry = readdir(dir);
        if (!entry) {
            if (errno)
                result = error_set_errno(err, errno, "%s", dir_of(s));
            break;
        }
        const char *version = version_of(entry->d_name, name);
        if (version)
            result = add_version(s, name, version, ret, err);
    }
    (void)closedir(dir);
    return result;
}

/* ---- the source ---- */

static void folder_free(struct rp_secrets *s)
{
    struct folder *f = container_of(s, struct folder, base);
    free(f->dir);
    free(f);
}

static const struct rp_secrets_ops ops = { get, list, give_place, folder_free };

int rp_secrets_open_folder(const char *dir, bool make_missing, struct rp_secrets **ret,
                           struct error **err)
{
    if (make_missing && make_missing_secrets(dir, err) < 0)
        return -1;
    struct folder *f = xnew(struct folder);
    f->base.ops = &ops;
    f->dir = xstrdup(dir);
    *ret = &f->base;
    return 0;
}
