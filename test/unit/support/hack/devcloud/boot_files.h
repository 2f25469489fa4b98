/*
 * boot_files.h - what an installer would write for a cluster "demo-x7k2p" of demo.example.com, as an Ignition configuration.
 * All fail the test when they cannot.
 */
#ifndef TEST_UNIT_SUPPORT_HACK_DEVCLOUD_BOOT_FILES_H
#define TEST_UNIT_SUPPORT_HACK_DEVCLOUD_BOOT_FILES_H

#include "hack/devcloud/boot/bootstrap.h"
#include "test/unit/support/test.h"

#define BOOT_INFRA "demo-x7k2p"
#define BOOT_DOMAIN "demo.example.com"
#define BOOT_GROUP "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/demo-rg"
#define BOOT_MACHINES BOOT_GROUP "/providers/Microsoft.Compute/virtualMachines/"

/* The files of a bootstrap machine, path by path; a test may change them before it makes the configuration. */
struct boot_files {
    json *files; /* {path: text} */
    char *admin_cert_pem, *serving_ca_pem;
    struct secret *admin_key_pem;
};
void boot_files_init(struct boot_files *f);
void boot_files_release(struct boot_files *f);
#define cleanup_boot_files CLEANUP_WITH(boot_files_release)
void boot_files_set(struct boot_files *f, const char *path, const char *text); /* NULL: not there */
/* "2.2.0" or "3.2.0". Owned by the caller. */
char *boot_files_give_config(const struct boot_files *f, const char *version);
struct bootstrap *boot_files_give_bootstrap(const struct boot_files *f);

#endif
