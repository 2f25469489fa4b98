#include "rp/env/secrets.h"

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

#define SECRET_MAX ((size_t)64 * 1024)
#define YEAR_NS (365 * 24 * 3600 * NS_PER_S)

struct rp_secrets {
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
    buf_reserve(&text, SECRET_MAX);
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

int rp_secrets_open(const char *dir, bool make_missing, struct rp_secrets **ret, struct error **err)
{
    if (make_missing && make_missing_secrets(dir, err) < 0)
        return -1;
    struct rp_secrets *s = xnew(struct rp_secrets);
    s->dir = xstrdup(dir);
    *ret = s;
    return 0;
}

void rp_secrets_free(struct rp_secrets *s)
{
    if (!s)
        return;
    free(s->dir);
    free(s);
}

/* ---- reading ---- */

int rp_secrets_get(const struct rp_secrets *s, const char *name, struct secret **ret,
                   struct error **err)
{
    cleanup_free char *path = path_give_joined(s->dir, name);
    char *text;
    size_t len;
    if (file_read(path, SECRET_MAX, &text, &len, err) < 0)
        return -1;
    size_t used = len > 0 && text[len - 1] == '\n' ? len - 1 : len;
    *ret = secret_new(text, used);
    secret_wipe(text, len);
    free(text);
    return 0;
}

int rp_secrets_get_pair(const struct rp_secrets *s, const char *name, char **ret_cert_pem,
                        struct secret **ret_key_pem, struct error **err)
{
    cleanup_secret struct secret *bundle = NULL;
    if (rp_secrets_get(s, name, &bundle, err) < 0)
        return -1;
    if (pem_split_bundle(secret_reveal(bundle, NULL), ret_cert_pem, ret_key_pem, err) < 0)
        return error_wrap(err, "%s/%s", s->dir, name);
    return 0;
}

/* ---- versions of keys ---- */

/* Whether file is name, or name with a dot and something behind it. */
static bool is_version(const char *file, const char *name)
{
    size_t len = strlen(name);
    return strncmp(file, name, len) == 0 && (file[len] == '\0' || file[len] == '.');
}

static int add_version(const struct rp_key_source *k, const char *file, enum aead_format format,
                       struct aead_keys *keys, struct error **err)
{
    cleanup_free char *path = path_give_joined(k->secrets->dir, file);
    struct stat st;
    struct secret *value;
    if (stat(path, &st) < 0)
        return error_set_errno(err, errno, "%s", path);
    if (rp_secrets_get(k->secrets, file, &value, err) < 0)
        return -1;
    if (aead_keys_add(keys, format, value, st.st_mtime, false, err) < 0)
        return error_wrap(err, "%s", path);
    return 0;
}

static int list_versions(struct aead_source *source, const struct opctx *ctx, struct aead_keys *ret,
                         struct error **err)
{
    const struct rp_key_source *k = container_of(source, struct rp_key_source, base);
    cleanup_free char *v2 = xasprintf("%s-v2", k->name);
    DIR *dir = opendir(k->secrets->dir);
    int result = 0;

    (void)ctx;
    if (!dir)
        return error_set_errno(err, errno, "%s", k->secrets->dir);
    const struct dirent *entry;
    /* NOLINTNEXTLINE(concurrency-mt-unsafe): the stream is this call's own */
    while (result == 0 && (entry = readdir(dir)) != NULL) {
        if (is_version(entry->d_name, v2))
            result = add_version(k, entry->d_name, AEAD_V2, ret, err);
        else if (is_version(entry->d_name, k->name))
            result = add_version(k, entry->d_name, AEAD_LEGACY, ret, err);
    }
    (void)closedir(dir);
    return result;
}

void rp_key_source_init(struct rp_key_source *k, const struct rp_secrets *s, const char *name)
{
    *k = (struct rp_key_source){ .base.list = list_versions, .secrets = s, .name = name };
}
