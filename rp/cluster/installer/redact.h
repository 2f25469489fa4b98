/*
 * redact.h - what a program prints, without what must not be seen. Private to this folder.
 * Threads: pure.
 */
#ifndef RP_CLUSTER_INSTALLER_REDACT_H
#define RP_CLUSTER_INSTALLER_REDACT_H

#include "pkg/base/strv.h"

/* Collects what is secret in a pull secret: it, and each host's part, also decoded. Wipe the texts when they are no longer
 * needed (redact_forget). */
void redact_add_pull_secret(struct strv *secrets, const char *pull_secret);
void redact_add(struct strv *secrets, const char *secret); /* NULL and short ones: nothing */
void redact_forget(struct strv *secrets);

/* The text with "[redacted]" in the place of secrets and of private keys in PEM. The caller's. */
char *redact_give(const char *text, const struct strv *secrets);

#endif
