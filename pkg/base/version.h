#ifndef PKG_BASE_VERSION_H
#define PKG_BASE_VERSION_H

/*
 * version_commit - which source this executable was built from.
 *
 * Returns  the short git commit hash given at build time ("unknown" outside a git checkout);
 *          static storage, never NULL, never empty.
 * Threads  pure; safe from any thread.
 */
const char *version_commit(void);

#endif
