/* fake_cloud.h - an Azure that only says what a test told it, for a virtual cluster (boot_files.h). Threads: any. */
#ifndef TEST_UNIT_SUPPORT_HACK_DEVCLOUD_FAKE_CLOUD_H
#define TEST_UNIT_SUPPORT_HACK_DEVCLOUD_FAKE_CLOUD_H

#include <pthread.h>

#include "hack/devcloud/boot/cloud.h"
#include "test/unit/support/hack/devcloud/boot_files.h"

struct fake_cloud {
    struct cloud base;
    pthread_mutex_t mu;
    pthread_cond_t changed;
    struct buf log;                         /* serial, of all machines */
    json *settings, *frontends, *endpoints; /* may be NULL */
    json *resources;                        /* by ID, as they are put and got by ask */
    json *machines; /* ID -> {"runs": bool, "custom": customData, "subnet", "size", ...} */
    char *refusal;  /* code with which machines are refused; NULL: they are made */
};
void fake_cloud_init(struct fake_cloud *c); /* the three masters run */
void fake_cloud_release(struct fake_cloud *c);
#define cleanup_fake_cloud CLEANUP_WITH(fake_cloud_release)
void fake_cloud_set(struct fake_cloud *c, json **which, const char *loose);
/* Waits until the serial log has the text. */
void fake_cloud_await(struct fake_cloud *c, const char *text);
size_t fake_cloud_machines(struct fake_cloud *c);
bool fake_cloud_has_machine(struct fake_cloud *c, const char *name);

#endif
