/*
 * workdir.h - a folder that nobody else reads, for one run of a program, and gone with it. Private to this folder.
 *
 * A killed process leaves it, with the secrets that are in it: the next that makes one in the same place, or begins, removes it.
 * Threads: one at a time.
 */
#ifndef RP_CLUSTER_INSTALLER_WORKDIR_H
#define RP_CLUSTER_INSTALLER_WORKDIR_H

#include "pkg/base/error.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"

struct workdir {
    char *path; /* NULL: there is none */
    int lock;   /* held as long as there is one */
};

/* Removes the folders below parent whose processes have ended; those of others that run stay. */
void workdir_sweep(const char *parent);
/* Below parent, with mode 0700, after a sweep of what is there. id: letters, digits and hyphens. */
int workdir_make(const char *parent, const char *id, struct workdir *ret, struct error **err);
/* Removes everything; accepts one that was never made. */
void workdir_release(struct workdir *w);
#define cleanup_workdir CLEANUP_WITH(workdir_release)

/* name may have folders in front, which have to be there. Mode 0600. */
int workdir_write(const struct workdir *w, const char *name, const void *data, size_t len,
                  struct error **err);
/* A folder in it. */
int workdir_make_folder(const struct workdir *w, const char *name, struct error **err);
int workdir_read(const struct workdir *w, const char *name, size_t max, struct secret **ret,
                 struct error **err);
/* The files of a folder in it, sorted; none when there is no such folder. */
int workdir_list(const struct workdir *w, const char *folder, struct strv *ret_names,
                 struct error **err);

#endif
