/*
 * secrets_folder.h - secrets in a folder: one file for each, named as in the key vault ("rp-server": certificate, chain and
 * key in PEM; "encryption-key-v2": base64), a last line end left out. Whatever mounts a vault into a machine writes such a
 * folder. A file with anything behind a dot (encryption-key-v2.2024) is an older version; each is as old as its file.
 *
 * In development the resource provider makes what is missing, readable by its user only, so that a restart opens what was
 * sealed before.
 */
#ifndef RP_ENV_SECRETS_FOLDER_H
#define RP_ENV_SECRETS_FOLDER_H

#include "rp/env/secrets.h"

/* make_missing: development. dir is made, too, then. */
int rp_secrets_open_folder(const char *dir, bool make_missing, struct rp_secrets **ret,
                           struct error **err);

#endif
