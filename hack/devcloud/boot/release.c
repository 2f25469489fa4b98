#include "hack/devcloud/boot/release.h"

#include <stdlib.h>
#include <string.h>

#include "hack/devcloud/boot/release_files.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"

#define OBJECTS "test/harness/envtest/cluster-objects/"

/* What the fixture cluster has that comes from elsewhere here: the installer, the machine API, or the roll-out itself. */
static const struct {
    const char *kind, *name; /* name NULL: all */
} left_out[] = {
    { "Machine", NULL },
    { "MachineSet", NULL },
    { "Node", NULL },
    { "ControlPlaneMachineSet", NULL },
    { "Infrastructure", NULL },
    { "Secret", "pull-secret" },
    { "Secret", "azure-credentials" },
    { "Secret", "azure-cloud-credentials" },
    { "Secret", "master-user-data" },
    { "Secret", "worker-user-data" },
    { "ConfigMap", "cloud-provider-config" },
};

static bool is_left_out(const json *object)
{
    for (size_t i = 0; i < ARRAY_LEN(left_out); i++)
        if (str_eq(json_path_str(object, "kind"), left_out[i].kind) &&
            (!left_out[i].name || str_eq(json_path_str(object, "metadata.name"), left_out[i].name)))
            return true;
    return false;
}

/* ---- text ---- */

/* text with every `from` replaced; owned by the caller. */
static char *give_replaced(const char *text, const char *from, const char *to)
{
    struct buf b = BUF_INIT(BUF_UNBOUNDED);
    for (const char *at; (at = strstr(text, from)); text = at + strlen(from)) {
        buf_add(&b, text, (size_t)(at - text));
        buf_adds(&b, to);
    }
    buf_adds(&b, text);
    return buf_give(&b);
}

/* The fixture's names become this cluster's. */
static char *give_named(const struct bootstrap *b, const char *text)
{
    const char *const names[][2] = {
        { "x7k2p.eastus.aroapp.io", b->domain },
        { "aro-x7k2p", b->infra },
        { "4.16.30", b->version },
        { "7e57c0de-0000-4000-8000-000000000001-ingress", "router-certs-default" },
    };
    char *out = xstrdup(text);
    for (size_t i = 0; i < ARRAY_LEN(names); i++) {
        cleanup_free char *before = out;
        out = give_replaced(before, names[i][0], names[i][1]);
    }
    return out;
}

/* What is embedded parses, or the build is broken. */
static json *give_parsed(const char *text)
{
    json *all = NULL;
    if (yaml_parse_all(text, strlen(text), &all, NULL) < 0)
        abort();
    return all;
}

/* ---- kinds, objects ---- */

json *release_give_kinds(void)
{
    json *kinds = json_new_array();
    for (size_t i = 0; i < release_files_len; i++) {
        if (str_starts(release_files[i].path, OBJECTS))
            continue;
        cleanup_json json *some = give_parsed(release_files[i].data);
        for (size_t k = 0; k < json_len(some); k++)
            json_append(kinds, json_ref(json_at(some, k)));
    }
    return kinds;
}

/* The address of a Service is the cloud provider's to give. */
static json *give_unplaced(json *object)
{
    if (str_eq(json_path_str(object, "kind"), "Service"))
        (void)json_del(object, "status");
    return json_ref(object);
}

json *release_give_objects(const struct bootstrap *b)
{
    json *objects = json_new_array();
    for (size_t i = 0; i < release_files_len; i++) {
        if (!str_starts(release_files[i].path, OBJECTS))
            continue;
        cleanup_free char *text = give_named(b, release_files[i].data);
        cleanup_json json *some = give_parsed(text);
        for (size_t k = 0; k < json_len(some); k++)
            if (!is_left_out(json_at(some, k)))
                json_append(objects, give_unplaced(json_at(some, k)));
    }
    return objects;
}

/* ---- both together ---- */

static bool is_same(const json *a, const json *b)
{
    static const char *const paths[] = { "apiVersion", "kind", "metadata.name",
                                         "metadata.namespace" };
    for (size_t i = 0; i < ARRAY_LEN(paths); i++)
        if (!str_eq(json_path_str(a, paths[i]), json_path_str(b, paths[i])))
            return false;
    return true;
}

static json *find_same(const json *list, const json *object)
{
    for (size_t i = 0; i < json_len(list); i++)
        if (is_same(json_at(list, i), object))
            return json_at(list, i);
    return NULL;
}

json *release_give_all(const struct bootstrap *b)
{
    cleanup_json json *ours = release_give_objects(b);
    json *all = json_give_copy(b->manifests);
    for (size_t i = 0; i < json_len(ours); i++) {
        json *object = json_at(ours, i), *theirs = find_same(all, object);
        const json *status = json_get(object, "status");
        if (!theirs)
            json_append(all, json_ref(object));
        else if (status && !json_get(theirs, "status"))
            json_put(theirs, "status", json_give_copy(status));
    }
    return all;
}
