/*
 * kubeconfig.h - whether a kubeconfig may be kept, and whether it can be used.
 *
 * Never kept: what would run a program or read a file on the server that uses it. What merely cannot be used is kept, and the
 * reason is told.
 * Threads: pure.
 * Source: k8s.io/client-go tools/clientcmd/api/v1.
 */
#ifndef RP_SYNCSETS_TYPES_KUBECONFIG_H
#define RP_SYNCSETS_TYPES_KUBECONFIG_H

#include "rp/syncsets/types/types.h"

#define KUBECONFIG_MAX ((size_t)256 << 10)

/* A reason of kubeconfig_check that a setting of who dials may overrule. */
#define KUBECONFIG_WHY_INSECURE "insecure-skip-tls-verify is not allowed"

/* Adds causes for what is never kept, at path. True: it can be used; otherwise *ret_why is an owned text without anything
 * that is secret. */
bool kubeconfig_check(const char *text, size_t len, const char *path, struct api_causes *causes,
                      char **ret_why);

#endif
