/* Masters, workers, and the two endpoints: API server and ingress. */
#include <string.h>

#include "pkg/api/cidr.h"
#include "pkg/api/names.h"
#include "pkg/api/validate.h"
#include "pkg/api/vm_sizes.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define MASTER "properties.masterProfile"
#define DISK_GB_MIN 128
#define WORKERS_MIN 2
#define WORKERS_MAX 50

/* Masters or one worker profile: where it is, and what it is called. */
struct machines {
    const struct checks *c;
    const json *profile;
    const char *path; /* of targets */
    const char *word; /* "master", "worker" */
    unsigned role;    /* of vm_role */
};

static const char *text_of(const json *profile, const char *name)
{
    const char *text = json_str(json_get(profile, name));
    return text ? text : "";
}

/* InvalidParameter at a member of the profile. */
#define REFUSE(m, member, ...) \
    __extension__({ \
        cleanup_free char *target_ = xasprintf("%s.%s", (m)->path, (member)); \
        api_refuse_value((m)->c->err, target_, __VA_ARGS__); \
    })

static int check_size(const struct machines *m)
{
    const char *size = text_of(m->profile, "vmSize");
    const char *version = checked_text(m->c, "properties.clusterProfile.version");
    if (!vm_size_is_valid(size, m->role, m->c->rules->require_d2s_workers))
        return REFUSE(m, "vmSize", "The provided VM size '%s' is invalid for the '%s' role.", size,
                      m->word);
    if (!vm_size_fits_version(size, version))
        return REFUSE(m, "vmSize",
                      "The provided %s VM size '%s' is invalid for the chosen OpenShift version.",
                      m->word, size);
    return 0;
}

static int check_subnet(const struct machines *m)
{
    const char *text = text_of(m->profile, "subnetId");
    cleanup_resource_id struct resource_id id = { 0 };
    if (!subnet_id_parse(text, &id))
        return REFUSE(m, "subnetId", "The provided %s VM subnet '%s' is invalid.", m->word, text);
    if (m->role == VM_MASTER && !is_own_subscription(m->c, &id))
        return REFUSE(m, "subnetId",
                      "The provided %s VM subnet '%s' is invalid: must be in same subscription as "
                      "cluster.",
                      m->word, text);
    return 0;
}

static int check_encryption(const struct machines *m)
{
    const char *text = text_of(m->profile, "encryptionAtHost");
    if (checks_in(m->c, V_FROM(V_C)) && !api_enum_has(&enum_encryption_at_host, text, m->c->bit))
        return REFUSE(m, "encryptionAtHost", "The provided value '%s' is invalid.", text);
    return 0;
}

static int check_master_disks(const struct machines *m)
{
    const char *text = text_of(m->profile, "diskEncryptionSetId");
    cleanup_resource_id struct resource_id id = { 0 };
    if (!checks_in(m->c, V_FROM(V_C)) || !*text)
        return 0;
    if (!disk_encryption_set_id_parse(text, &id))
        return REFUSE(m, "diskEncryptionSetId",
                      "The provided master disk encryption set '%s' is invalid.", text);
    if (!is_own_subscription(m->c, &id))
        return REFUSE(m, "diskEncryptionSetId",
                      "The provided master disk encryption set '%s' is invalid: must be in same "
                      "subscription as cluster.",
                      text);
    return 0;
}

int validate_master_profile(const struct checks *c)
{
    const struct machines m = { .c = c,
                                .profile = json_path(c->ext, MASTER),
                                .path = MASTER,
                                .word = "master",
                                .role = VM_MASTER };
    if (check_size(&m) < 0 || check_subnet(&m) < 0 || check_encryption(&m) < 0)
        return -1;
    return check_master_disks(&m);
}

/* ---- workers ---- */

/* Both in one network, each in a subnet of its own. */
static int check_neighbours(const struct machines *m)
{
    const char *worker = text_of(m->profile, "subnetId");
    const char *master = checked_text(m->c, MASTER ".subnetId");
    cleanup_free char *worker_vnet = resource_id_give_parent(worker);
    cleanup_free char *master_vnet = resource_id_give_parent(master);
    if (!str_eq_nocase(worker_vnet, master_vnet))
        return REFUSE(m, "subnetId",
                      "The provided worker VM subnet '%s' is invalid: must be in the same vnet as "
                      "master VM subnet '%s'.",
                      worker, master);
    if (str_eq_nocase(worker, master))
        return REFUSE(m, "subnetId",
                      "The provided worker VM subnet '%s' is invalid: must be different to master "
                      "VM subnet '%s'.",
                      worker, master);
    return 0;
}

static int check_count(const struct machines *m)
{
    long long count = json_path_int(m->profile, "count", 0);
    if (count < WORKERS_MIN || count > WORKERS_MAX)
        return REFUSE(m, "count", "The provided worker count '%lld' is invalid.", count);
    return 0;
}

static int check_worker_disks(const struct machines *m)
{
    const char *worker = text_of(m->profile, "diskEncryptionSetId");
    const char *master = checked_text(m->c, MASTER ".diskEncryptionSetId");
    if (checks_in(m->c, V_FROM(V_C)) && !str_eq_nocase(worker, master))
        return REFUSE(m, "subnetId",
                      "The provided worker disk encryption set '%s' is invalid: must be the same "
                      "as master disk encryption set '%s'.",
                      worker, master);
    return 0;
}

static int check_worker(const struct machines *m)
{
    const char *name = text_of(m->profile, "name");
    long long disk = json_path_int(m->profile, "diskSizeGB", 0);
    if (!str_eq(name, "worker"))
        return REFUSE(m, "name", "The provided worker name '%s' is invalid.", name);
    if (check_size(m) < 0)
        return -1;
    if (disk < DISK_GB_MIN)
        return REFUSE(m, "diskSizeGB", "The provided worker disk size '%lld' is invalid.", disk);
    if (check_subnet(m) < 0 || check_encryption(m) < 0 || check_neighbours(m) < 0 ||
        check_count(m) < 0)
        return -1;
    return check_worker_disks(m);
}

static int for_worker(const struct checks *c, const json *profile,
                      int (*check)(const struct machines *))
{
    cleanup_free char *path =
        xasprintf("properties.workerProfiles['%s']", text_of(profile, "name"));
    const struct machines m = {
        .c = c, .profile = profile, .path = path, .word = "worker", .role = VM_WORKER
    };
    return check(&m);
}

int validate_worker_profiles(const struct checks *c)
{
    const json *profiles = json_path(c->ext, "properties.workerProfiles");
    if (!c->is_create) {
        /* The version that scales. */
        for (size_t i = 0; checks_in(c, V_A) && i < json_len(profiles); i++)
            if (for_worker(c, json_at(profiles, i), check_count) < 0)
                return -1;
        return 0;
    }
    if (json_len(json_path(c->ext, "properties.workerProfilesStatus")))
        return api_refuse_value(c->err, "properties.workerProfilesStatus",
                                "Worker Profile Status must be set to nil.");
    if (json_len(profiles) != 1)
        return api_refuse_value(c->err, "properties.workerProfiles",
                                "There should be exactly one worker profile.");
    return for_worker(c, json_at(profiles, 0), check_worker);
}

/* ---- endpoints ---- */

static int check_visibility(const struct machines *m)
{
    const char *text = text_of(m->profile, "visibility");
    if (!api_enum_has(&enum_visibility, text, m->c->bit))
        return REFUSE(m, "visibility", "The provided visibility '%s' is invalid.", text);
    return 0;
}

static int check_ip(const struct machines *m)
{
    const char *text = text_of(m->profile, "ip");
    enum cidr_form form = *text ? ip_parse(text) : CIDR_IPV4;
    if (form == CIDR_BAD)
        return REFUSE(m, "ip", "The provided IP '%s' is invalid.", text);
    if (form == CIDR_IPV6)
        return REFUSE(m, "ip", "The provided IP '%s' is invalid: must be IPv4.", text);
    return 0;
}

int validate_apiserver_profile(const struct checks *c)
{
    static const char path[] = "properties.apiserverProfile";
    const struct machines m = { .c = c, .profile = json_path(c->ext, path), .path = path };
    const char *url = text_of(m.profile, "url");
    if (check_visibility(&m) < 0)
        return -1;
    if (*url && !url_is_valid(url))
        return REFUSE(&m, "url", "The provided URL '%s' is invalid.", url);
    return check_ip(&m);
}

static int check_ingress(const struct checks *c, const json *profile)
{
    const char *name = text_of(profile, "name");
    cleanup_free char *path = xasprintf("properties.ingressProfiles['%s']", name);
    const struct machines m = { .c = c, .profile = profile, .path = path };
    if (!str_eq(name, "default"))
        return REFUSE(&m, "name", "The provided ingress name '%s' is invalid.", name);
    if (check_visibility(&m) < 0)
        return -1;
    return check_ip(&m);
}

int validate_ingress_profiles(const struct checks *c)
{
    static const char path[] = "properties.ingressProfiles";
    const json *profiles = json_path(c->ext, path);
    if (!c->is_create && !checks_in(c, V_A))
        return 0;
    if (json_len(profiles) != 1)
        return api_refuse_value(c->err, path, "There should be exactly one ingress profile.");
    return check_ingress(c, json_at(profiles, 0));
}
