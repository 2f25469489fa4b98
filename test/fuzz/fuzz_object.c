/*
 * The first byte chooses a projection, the rest is an object. What is accepted can be parsed, keeps
 * what it must, is the same when it is read again, and comes back from packing.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/strv.h"
#include "pkg/kube/object_impl.h"
#include "pkg/kube/store_codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool truth)
{
    if (!truth)
        abort();
}

static void check_tree(const struct kube_object *o, const char *text, size_t len,
                       enum kube_projection projection)
{
    cleanup_json json *tree = kube_object_give_json(o), *whole = NULL;
    must(json_parse_object(text, len, &whole, NULL) == 0);
    must(str_eq(json_path_str(tree, "metadata.name"), kube_object_name(o)));
    must(str_eq(json_path_str(whole, "metadata.name"), kube_object_name(o)));
    must(str_eq(json_path_str(tree, "metadata.resourceVersion"), kube_object_resource_version(o)));
    if (projection == PROJECT_RAW)
        must(json_equal(tree, whole));
    if (projection == PROJECT_FULL)
        must(!json_path_has(tree, "metadata.managedFields"));
}

static void check_again(const struct kube_object *o, enum kube_projection projection)
{
    size_t len, again_len;
    const char *text = kube_object_bytes(o, &len);
    struct kube_object *again = NULL;
    must(kube_object_new(text, len, projection, &again, NULL) == 0);
    const char *again_text = kube_object_bytes(again, &again_len);
    must(len == again_len && memcmp(text, again_text, len) == 0);
    kube_object_unref(again);
}

static void check_lookups(const struct kube_object *o)
{
    size_t len;
    char *owner = NULL;
    (void)kube_object_label(o, "app", &len);
    if (kube_object_owner(o, "apps", "ReplicaSet", true, &owner))
        must(owner != NULL);
    free(owner);
}

static void check_packing(const struct kube_object *o)
{
    size_t len;
    const char *text = kube_object_bytes(o, &len), *packed;
    struct codec_sample sample = { text, len };
    struct codec *codec = codec_new(&sample, 1);
    struct packer *packer = packer_new();
    size_t packed_len = packer_pack(packer, codec, text, len, &packed);
    if (packed_len) {
        struct kube_object *stored = object_give_packed(o, packed, packed_len);
        struct kube_object *lazy = object_give_lazy(stored, codec);
        must(memcmp(kube_object_bytes(lazy, NULL), text, len) == 0);
        kube_object_unref(stored);
        kube_object_unref(lazy);
    }
    packer_free(packer);
    codec_unref(codec);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    const char *text = (const char *)data + 1;
    enum kube_projection projection = (enum kube_projection)(data[0] % 4);
    struct kube_object *o = NULL;
    if (kube_object_new(text, size - 1, projection, &o, NULL) < 0)
        return 0;
    must(*kube_object_name(o) && *kube_object_resource_version(o));
    check_tree(o, text, size - 1, projection);
    check_again(o, projection);
    check_lookups(o);
    check_packing(o);
    kube_object_unref(o);
    return 0;
}
