/*
 * tls_files.h - authorities, certificate and key in effect, and the files that they come from.
 * Private to pkg/kube. Threads: one at a time.
 */
#ifndef PKG_KUBE_TLS_FILES_H
#define PKG_KUBE_TLS_FILES_H

#include "pkg/kube/config.h"
#include "pkg/metrics/metrics.h"

struct tls_files {
    char *ca_pem, *cert_pem; /* NULL: none */
    struct secret *key_pem;
};
void tls_files_release(struct tls_files *t);
void tls_files_copy(struct tls_files *to, const struct tls_files *from); /* to: zeroed */
bool tls_files_same_cert(const struct tls_files *a, const struct tls_files *b);
bool tls_files_same_ca(const struct tls_files *a, const struct tls_files *b);

/* What cfg holds; forms that are files only are read. */
int tls_files_load(struct tls_files *t, const struct kube_config *cfg, struct error **err);

/* Reads the files of cfg again. What is missing, empty, no PEM, or a key that does not fit its
 * certificate changes nothing; it is logged and counted in the family (labels material, result,
 * cause), and so is each change. */
void tls_files_reload(struct tls_files *t, const struct kube_config *cfg, struct metric *family,
                      const struct log *log);
struct metric *tls_files_metric(struct metrics *m);

#endif
