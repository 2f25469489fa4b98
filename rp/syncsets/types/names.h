/* names.h - the syntax of names: DNS-1123, label keys and values of Kubernetes. Threads: pure. */
#ifndef RP_SYNCSETS_TYPES_NAMES_H
#define RP_SYNCSETS_TYPES_NAMES_H

#include <stdbool.h>

#define NAME_MAX_LEN 253
#define LABEL_MAX_LEN 63

/* NULL: it is well formed; otherwise what is wrong, a constant ("must be ..."). */
const char *name_flaw_subdomain(const char *s);
const char *name_flaw_label(const char *s);
const char *name_flaw_label_key(const char *s);
const char *name_flaw_label_value(const char *s); /* may be empty */
/* Of a URL's path, as Kubernetes has them (source: k8s.io/apimachinery, api/validation/path), and no longer than the database's
 * indexes hold: NAME_MAX_LEN bytes. */
const char *name_flaw_segment(const char *s);
const char *name_flaw_version(const char *s); /* an apiVersion: "version" or "group/version" */
const char *name_flaw_kind(const char *s);    /* its length alone: LABEL_MAX_LEN bytes */
bool name_is_ip(const char *s);

#endif
