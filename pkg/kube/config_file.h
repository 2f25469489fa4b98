/*
 * config_file.h - kubeconfig files read and merged, not yet judged. Private to pkg/kube.
 *
 * The first file wins: per entry as a whole, and for current-context. Within one file a name may
 * occur once.
 */
#ifndef PKG_KUBE_CONFIG_FILE_H
#define PKG_KUBE_CONFIG_FILE_H

#include "pkg/base/json.h"
#include "pkg/base/map.h"

#define KUBECONFIG_MAX ((size_t)16 << 20)

struct kubeconfig_entry {
    json *body; /* of the cluster, user or context; an object, never NULL */
    char *dir;  /* where relative paths start; NULL: text without a file */
};

struct kubeconfig { /* name -> struct kubeconfig_entry */
    struct map *clusters, *users, *contexts;
    char *current_context; /* NULL: none */
};
void kubeconfig_init(struct kubeconfig *k);
void kubeconfig_release(struct kubeconfig *k);
bool kubeconfig_is_empty(const struct kubeconfig *k);

/* YAML or JSON, UTF-8 with or without a byte order mark, or UTF-16. path names the file in errors
 * and gives the folder of its entries; NULL: none. On failure k is as before. */
int kubeconfig_add_text(struct kubeconfig *k, const char *text, size_t len, const char *path,
                        struct error **err);
int kubeconfig_add_file(struct kubeconfig *k, const char *path, struct error **err);

#endif
