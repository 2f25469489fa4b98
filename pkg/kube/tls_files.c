#include "pkg/kube/tls_files.h"

#include <string.h>

#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/crypt/crypt.h"

#define PEM_MAX ((size_t)1 << 20)

static const struct metric_desc reloads_desc = {
    .name = "kr_tls_reload_total",
    .help = "Certificate files read again that had changed or could not be used.",
    .type = METRIC_COUNTER,
    .labels = { "material", "result", "cause" },
};

struct metric *tls_files_metric(struct metrics *m)
{
    return metrics_family(m, &reloads_desc);
}

void tls_files_release(struct tls_files *t)
{
    free(t->ca_pem);
    free(t->cert_pem);
    secret_unref(t->key_pem);
    *t = (struct tls_files){ 0 };
}

void tls_files_copy(struct tls_files *to, const struct tls_files *from)
{
    *to = (struct tls_files){ .ca_pem = xstrdup(from->ca_pem),
                              .cert_pem = xstrdup(from->cert_pem),
                              .key_pem = from->key_pem ? secret_ref(from->key_pem) : NULL };
}

bool tls_files_same_ca(const struct tls_files *a, const struct tls_files *b)
{
    return str_eq(a->ca_pem, b->ca_pem);
}

bool tls_files_same_cert(const struct tls_files *a, const struct tls_files *b)
{
    if (!str_eq(a->cert_pem, b->cert_pem) || !a->key_pem != !b->key_pem)
        return false;
    return !a->key_pem || secret_equal(a->key_pem, b->key_pem);
}

static int read_secret(const char *path, struct secret **ret, struct error **err)
{
    char *text = NULL;
    size_t len;
    if (file_read(path, PEM_MAX, &text, &len, err) < 0)
        return -1;
    *ret = secret_new(text, len);
    secret_wipe(text, len);
    free(text);
    return 0;
}

int tls_files_load(struct tls_files *t, const struct kube_config *cfg, struct error **err)
{
    size_t len;
    struct tls_files r = { .ca_pem = xstrdup(cfg->ca_pem),
                           .cert_pem = xstrdup(cfg->cert_pem),
                           .key_pem = cfg->key_pem ? secret_ref(cfg->key_pem) : NULL };
    int rc = 0;
    if (!r.ca_pem && cfg->ca_file)
        rc = file_read(cfg->ca_file, PEM_MAX, &r.ca_pem, &len, err);
    if (rc == 0 && !r.cert_pem && cfg->cert_file)
        rc = file_read(cfg->cert_file, PEM_MAX, &r.cert_pem, &len, err);
    if (rc == 0 && !r.key_pem && cfg->key_file)
        rc = read_secret(cfg->key_file, &r.key_pem, err);
    if (rc == 0)
        *t = r;
    else
        tls_files_release(&r);
    return rc;
}

/* ---- reading again ---- */

struct reload {
    const char *material; /* "ca", "client" */
    struct metric *family;
    const struct log *log;
};

static void count_failure(const struct reload *r, const char *cause, const struct error *e)
{
    metric_add(r->family, 1, METRIC_LABELS(r->material, "failure", cause));
    log_warning(r->log, "the %s certificate files cannot be used, the former ones stay: %s",
                r->material, e ? error_text(e) : cause);
}

static void count_success(const struct reload *r)
{
    metric_add(r->family, 1, METRIC_LABELS(r->material, "success", ""));
    log_info(r->log, "the %s certificate files have changed", r->material);
}

/* The file's text; NULL when there is none to be used. */
static char *read_again(const struct reload *r, const char *path)
{
    cleanup_error struct error *e = NULL;
    char *text = NULL;
    size_t len;
    if (file_read(path, PEM_MAX, &text, &len, &e) < 0) {
        count_failure(r, error_is(e, ERR_NOT_FOUND) ? "missing" : "unreadable", e);
        return NULL;
    }
    if (len > 0)
        return text;
    count_failure(r, "empty", NULL);
    free(text);
    return NULL;
}

static void reload_ca(struct tls_files *t, const char *path, const struct reload *r)
{
    cleanup_free char *text = read_again(r, path);
    cleanup_error struct error *e = NULL;
    if (!text || str_eq(text, t->ca_pem))
        return;
    if (pem_check_certs(text, NULL, NULL, &e) < 0) {
        count_failure(r, "unparsable", e);
        return;
    }
    free(t->ca_pem);
    t->ca_pem = take(text);
    count_success(r);
}

/* Both files, or one when the other's form is data. */
static void reload_pair(struct tls_files *t, const struct kube_config *cfg, const struct reload *r)
{
    cleanup_free char *cert = cfg->cert_file ? read_again(r, cfg->cert_file) : xstrdup(t->cert_pem);
    char *key_text = cfg->key_file ? read_again(r, cfg->key_file) : NULL;
    cleanup_secret struct secret *key = NULL;
    if (key_text) {
        key = secret_new(key_text, strlen(key_text));
        secret_wipe(key_text, strlen(key_text));
        free(key_text);
    } else if (!cfg->key_file && t->key_pem) {
        key = secret_ref(t->key_pem);
    }
    if (!cert || !key)
        return;
    const struct tls_files fresh = { .cert_pem = cert, .key_pem = key };
    if (tls_files_same_cert(t, &fresh))
        return;
    cleanup_error struct error *e = NULL;
    if (pem_check_certs(cert, NULL, NULL, &e) < 0) {
        count_failure(r, "unparsable", e);
        return;
    }
    if (pem_check_key_matches(cert, key, &e) < 0) {
        count_failure(r, "mismatch", e); /* perhaps one of the two is yet to come */
        return;
    }
    free(t->cert_pem);
    secret_unref(t->key_pem);
    t->cert_pem = take(cert);
    t->key_pem = take(key);
    count_success(r);
}

void tls_files_reload(struct tls_files *t, const struct kube_config *cfg, struct metric *family,
                      const struct log *log)
{
    struct reload r = { .material = "ca", .family = family, .log = log };
    if (cfg->ca_file)
        reload_ca(t, cfg->ca_file, &r);
    r.material = "client";
    if (cfg->cert_file || cfg->key_file)
        reload_pair(t, cfg, &r);
}
