/*
 * vm_sizes.h - the sizes of machines that clusters may have: whose quota they use, and for what.
 *
 * Names are Azure's and match exactly. Threads: constants.
 */
#ifndef PKG_API_VM_SIZES_H
#define PKG_API_VM_SIZES_H

#include <stdbool.h>
#include <stddef.h>

enum vm_role {
    VM_MASTER = 1,
    VM_WORKER = 2,
    VM_DEVELOPMENT = 4, /* workers where small ones are required, and nowhere else */
};

struct vm_size {
    const char *name, *family; /* family: the name of the quota */
    unsigned cores;
    unsigned roles; /* bits of vm_role */
    unsigned minor; /* OpenShift 4.minor or newer; 0: any */
};
extern const struct vm_size vm_sizes[];
extern const size_t vm_sizes_len;

const struct vm_size *vm_size_find(const char *name); /* NULL when unknown */
/* role: VM_MASTER or VM_WORKER. */
bool vm_size_is_valid(const char *name, unsigned role, bool require_d2s_workers);
/* A version that cannot be read fits, and so does an unknown size. */
bool vm_size_fits_version(const char *name, const char *openshift_version);

#endif
