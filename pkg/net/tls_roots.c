#include "pkg/net/tls_roots.h"

#include <dirent.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/thread.h"
#include "pkg/net/http.h"

#define BUNDLE_MAX ((size_t)16 << 20)

struct print { /* of what lies in the files: tells whether they have changed */
    unsigned char bytes[EVP_MAX_MD_SIZE];
};

struct tls_roots {
    char *file, *dirs; /* where the roots come from; NULL: not from there */
    bool required;     /* the environment names them, so that nothing there is an error */
    const struct clock *clock;
    const struct log *log;
    atomic_uint generation;
    pthread_mutex_t load_mu; /* of one who loads, and of what is below */
    int64_t looked_ns;
    struct print print;
    char *last_fault; /* logged already */
    pthread_mutex_t store_mu;
    X509_STORE *store;
};

int tls_fail(struct error **err, const char *what)
{
    const char *reason = ERR_reason_error_string(ERR_peek_last_error());
    ERR_clear_error();
    (void)error_set(err, ERR_INVALID, "%s: %s", what, reason ? reason : "not usable");
    error_code(err, HTTP_ERR_TLS);
    return -1;
}

X509_STORE *tls_store_new(void)
{
    X509_STORE *store = X509_STORE_new();
    if (!store)
        abort(); /* for lack of memory only */
    /* Any certificate of the bundle is an anchor, an intermediate too: as Go's verifier has it. */
    X509_STORE_set_flags(store, X509_V_FLAG_TRUSTED_FIRST | X509_V_FLAG_PARTIAL_CHAIN);
    return store;
}

/* ---- where they are ---- */

/* Whether OpenSSL can find certificates in it by their hash: then none is loaded before it is needed. */
static bool is_hashed_dir(const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    bool found = false;
    for (const struct dirent *e; !found && (e = readdir(dir));) /* NOLINT(concurrency-mt-unsafe) */
        found = str_ends(e->d_name, ".0");
    (void)closedir(dir);
    return found;
}

static void find_system(struct tls_roots *r)
{
    static const char *const bundles[] = { "/etc/ssl/certs/ca-certificates.crt",
                                           "/etc/pki/tls/certs/ca-bundle.crt",
                                           "/etc/ssl/cert.pem" };
    const char *dir = X509_get_default_cert_dir();
    if (is_hashed_dir(dir)) {
        r->dirs = xstrdup(dir);
        return;
    }
    for (size_t i = 0; i < ARRAY_LEN(bundles) && !r->file; i++) {
        if (access(bundles[i], R_OK) == 0)
            r->file = xstrdup(bundles[i]);
    }
}

struct tls_roots *tls_roots_new(const struct env *env, const struct clock *clock,
                                const struct log *log)
{
    struct tls_roots *r = xnew(struct tls_roots);
    r->file = xstrdup(env_get_or(env, "SSL_CERT_FILE", NULL));
    r->dirs = xstrdup(env_get_or(env, "SSL_CERT_DIR", NULL));
    r->required = r->file || r->dirs;
    r->clock = clock;
    r->log = log;
    atomic_init(&r->generation, 0);
    mutex_init(&r->load_mu);
    mutex_init(&r->store_mu);
    return r;
}

void tls_roots_free(struct tls_roots *r)
{
    if (!r)
        return;
    X509_STORE_free(r->store);
    pthread_mutex_destroy(&r->store_mu);
    pthread_mutex_destroy(&r->load_mu);
    free(r->last_fault);
    free(r->file);
    free(r->dirs);
    free(r);
}

/* ---- whether they have changed ---- */

static int print_file(EVP_MD_CTX *md, const char *path, struct error **err)
{
    cleanup_free char *text = NULL;
    size_t len;
    if (file_read(path, BUNDLE_MAX, &text, &len, err) < 0)
        return -1;
    (void)EVP_DigestUpdate(md, text, len);
    return 0;
}

/* Names, sizes and times of the files in a folder, whatever their order; their number. A folder of several may be
 * missing. */
static size_t print_dir(EVP_MD_CTX *md, const char *path)
{
    DIR *dir = opendir(path);
    if (!dir)
        return 0;
    cleanup_strv struct strv lines = STRV_INIT;
    for (const struct dirent *e; (e = readdir(dir));) { /* NOLINT(concurrency-mt-unsafe) */
        struct stat st;
        if (fstatat(dirfd(dir), e->d_name, &st, 0) == 0 && S_ISREG(st.st_mode))
            strv_addf(&lines, "%s %lld %lld.%ld\n", e->d_name, (long long)st.st_size,
                      (long long)st.st_mtim.tv_sec, st.st_mtim.tv_nsec);
    }
    (void)closedir(dir);
    strv_sort(&lines);
    for (size_t i = 0; i < lines.len; i++)
        (void)EVP_DigestUpdate(md, lines.v[i], strlen(lines.v[i]));
    return lines.len;
}

static int print_all(const struct tls_roots *r, EVP_MD_CTX *md, struct error **err)
{
    if (r->file && print_file(md, r->file, err) < 0)
        return -1;
    cleanup_strv struct strv dirs = STRV_INIT;
    if (r->dirs)
        strv_split(&dirs, r->dirs, ":", false);
    size_t n = 0;
    for (size_t i = 0; i < dirs.len; i++)
        n += print_dir(md, dirs.v[i]);
    if (!r->file && n == 0)
        return error_set(err, ERR_NOT_FOUND, "%s: no file in it", r->dirs ? r->dirs : "");
    return 0;
}

static int take_print(const struct tls_roots *r, struct print *ret, struct error **err)
{
    EVP_MD_CTX *md = EVP_MD_CTX_new();
    if (!md || EVP_DigestInit_ex(md, EVP_sha256(), NULL) != 1)
        abort(); /* for lack of memory only */
    int status = print_all(r, md, err);
    *ret = (struct print){ { 0 } };
    (void)EVP_DigestFinal_ex(md, ret->bytes, NULL);
    EVP_MD_CTX_free(md);
    return status;
}

/* ---- loading ---- */

static int fill_store(const struct tls_roots *r, X509_STORE *store, struct error **err)
{
    if (r->file && X509_STORE_load_file(store, r->file) != 1)
        return tls_fail(err, r->file);
    if (r->dirs && X509_STORE_load_path(store, r->dirs) != 1)
        return tls_fail(err, r->dirs);
    return 0;
}

/* The print is taken before: what changes in between is loaded once too often, never too seldom. */
static int load(struct tls_roots *r, const struct print *print, struct error **err)
{
    X509_STORE *store = tls_store_new();
    if (fill_store(r, store, err) < 0) {
        X509_STORE_free(store);
        return -1;
    }
    r->print = *print;
    pthread_mutex_lock(&r->store_mu);
    X509_STORE *former = r->store;
    r->store = store;
    pthread_mutex_unlock(&r->store_mu);
    X509_STORE_free(former);
    atomic_fetch_add(&r->generation, 1);
    return 0;
}

static int load_first(struct tls_roots *r, struct error **err)
{
    struct print print;
    if (!r->required && !r->file && !r->dirs)
        find_system(r); /* nothing found: every public server will be refused, with its own error */
    (void)take_print(r, &print, NULL);
    return load(r, &print, err);
}

static void note_fault(struct tls_roots *r, const struct error *fault)
{
    if (str_eq(r->last_fault, error_text(fault)))
        return;
    log_warning(r->log, "the trusted roots cannot be read again, the former ones stay: %s",
                error_text(fault));
    free(r->last_fault);
    r->last_fault = xstrdup(error_text(fault));
}

static void look_again(struct tls_roots *r)
{
    cleanup_error struct error *fault = NULL;
    struct print print;
    if (take_print(r, &print, &fault) < 0) {
        note_fault(r, fault);
        return;
    }
    if (memcmp(&print, &r->print, sizeof(print)) != 0) {
        if (load(r, &print, &fault) < 0) {
            note_fault(r, fault);
            return;
        }
        log_info(r->log, "the trusted roots have changed");
    }
    free(take(r->last_fault));
}

int tls_roots_load(struct tls_roots *r, struct error **err)
{
    int status = 0;
    pthread_mutex_lock(&r->load_mu);
    int64_t now = clock_mono_ns(r->clock);
    bool loaded = atomic_load(&r->generation) > 0;
    if (!loaded)
        status = load_first(r, err);
    else if (now - r->looked_ns >= TLS_ROOTS_LOOK_EVERY_NS)
        look_again(r);
    else
        now = r->looked_ns;
    r->looked_ns = now;
    pthread_mutex_unlock(&r->load_mu);
    return status < 0 ? error_wrap(err, "loading the trusted roots") : 0;
}

X509_STORE *tls_roots_give_store(struct tls_roots *r)
{
    pthread_mutex_lock(&r->store_mu);
    X509_STORE *store = r->store;
    if (store && X509_STORE_up_ref(store) != 1)
        store = NULL;
    pthread_mutex_unlock(&r->store_mu);
    return store;
}

unsigned tls_roots_generation(const struct tls_roots *r)
{
    return atomic_load(&r->generation);
}
