/* config_impl.h - steps of making a configuration. Private to pkg/kube. */
#ifndef PKG_KUBE_CONFIG_IMPL_H
#define PKG_KUBE_CONFIG_IMPL_H

#include "pkg/kube/config.h"
#include "pkg/kube/config_file.h"

#define CONFIG_PEM_MAX ((size_t)1 << 20)

/* error_get_code of a configuration in which nothing is said, so that another source is tried. */
#define CONFIG_ERR_EMPTY "EmptyConfig"

/* What is wrong with a configuration: collected, so that all of it is told at once. */
struct problems {
    struct error *all;
};
void problem(struct problems *p, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* One entry being read: its fields are checked for their type. */
struct config_source {
    struct problems *problems;
    const json *body; /* may be NULL: an absent entry */
    const char *dir;
    const char *what, *name; /* "user", "admin": for messages */
};
/* Borrowed; NULL when absent, empty, or a problem. */
const char *config_str(const struct config_source *s, const char *key);
bool config_bool(const struct config_source *s, const char *key);
/* The file that key names, relative to the entry's folder; owned; NULL as config_str. */
char *config_path(const struct config_source *s, const char *key);
/* What base64 in key holds; owned; NULL as config_str. */
char *config_data(const struct config_source *s, const char *key);

/* The entry's credentials into c. */
void config_read_user(const struct config_source *user, struct kube_config *c);
void config_read_exec(const struct config_source *user, const json *exec, struct kube_config *c);

/* The chosen context of k, with overrides; all problems are reported together. */
int config_build(const struct kubeconfig *k, const struct kube_config_options *opt,
                 struct kube_config **ret, struct error **err);
/* A DNS label (RFC 1123). */
bool config_is_label(const char *s);
/* Scheme added where it is missing (https when secure), query and fragment cut off, no slash at the
 * end; owned. ERR_INVALID. */
int config_give_server(const char *text, bool secure, char **ret, struct error **err);

#endif
