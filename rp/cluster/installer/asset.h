/*
 * asset.h - assets of the install graph and the files in them, as the installer keeps them: {"Filename": "tls/root-ca.crt",
 * "Data": BASE64}. Private to this folder.
 *
 * Threads: pure.
 */
#ifndef RP_CLUSTER_INSTALLER_ASSET_H
#define RP_CLUSTER_INSTALLER_ASSET_H

#include "pkg/base/json.h"
#include "pkg/base/secret.h"

json *asset_give_file(const char *name, const char *data, size_t len);
/* {"File": ...}, with the members of more (consumed; may be NULL). */
json *asset_give_single(const char *name, const char *data, size_t len, json *more);
/* As {"FileList": [...]} has it: adds, or replaces the one of that name. */
void asset_put_file(json *asset, const char *name, const char *data, size_t len);

/* A file entry's name (borrowed) and bytes. */
int asset_read_file(const json *file, const char **ret_name, struct secret **ret_data,
                    struct error **err);

/* The only file of an asset of the graph: member File, or file. */
int asset_need_file(const json *graph, const char *asset, struct secret **ret, struct error **err);
/* Base64 in a member of an asset: "CertRaw". */
int asset_need_bytes(const json *graph, const char *asset, const char *member, struct secret **ret,
                     struct error **err);
void asset_put_bytes(json *asset, const char *member, const char *data, size_t len);

#endif
