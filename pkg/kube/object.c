#include "pkg/kube/object.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/object_impl.h"
#include "pkg/kube/store_codec.h"

int kube_object_new(const char *text, size_t len, enum kube_projection projection,
                    struct kube_object **ret, struct error **err)
{
    struct draft d;
    struct json_scan s;
    draft_init(&d);
    json_scan_init(&s, text, len);

    int status = draft_scan(&d, &s, projection, NULL, err);
    if (status == 0 && json_scan_next(&s, err) != SCAN_END)
        status = -1;
    if (status == 0)
        status = draft_check(&d, err);
    if (status == 0)
        *ret = draft_give_object(&d);
    draft_release(&d);
    return status;
}

/* What malloc keeps before each allocation. */
#define MALLOC_HEAD sizeof(size_t)

/*
 * Packed lengths differ from update to update. Allocated to the byte, every update would leave a hole
 * that the next ones do not fit; measured, a store grew by a quarter that way. In few classes they do.
 */
static size_t packed_size(size_t need)
{
    size_t step = need < 256 ? 32 : need < 512 ? 64 : 128;
    return (need + MALLOC_HEAD + step - 1) / step * step - MALLOC_HEAD;
}

static struct kube_object *object_alloc(size_t strings_len, size_t payload_len, bool packed)
{
    size_t need = sizeof(struct kube_object) + strings_len + payload_len;
    struct kube_object *o = xmalloc(packed ? packed_size(need) : need);
    memset(o, 0, sizeof(*o));
    atomic_init(&o->refs, 1);
    return o;
}

static char *put_str(char *p, const struct buf *b)
{
    if (b->len)
        memcpy(p, b->data, b->len);
    p[b->len] = '\0';
    return p + b->len + 1;
}

static struct kube_object *give_header(const struct draft *d, size_t payload_len, unsigned flags)
{
    size_t strings_len = d->name.len + d->nspace.len + d->version.len + d->uid.len + 4;
    struct kube_object *o = object_alloc(strings_len, payload_len, flags & OBJECT_PACKED);
    o->generation = d->generation;
    o->text_len = (uint32_t)d->text.len;
    o->payload_len = (uint32_t)payload_len;
    o->labels_at = (uint32_t)d->labels_at;
    o->owners_at = (uint32_t)d->owners_at;
    o->name_len = (uint16_t)d->name.len;
    o->nspace_len = (uint8_t)d->nspace.len;
    o->version_len = (uint8_t)d->version.len;
    o->uid_len = (uint8_t)d->uid.len;
    o->flags = (uint8_t)flags;
    if (d->deleting)
        o->flags |= OBJECT_DELETING;

    char *p = put_str(o->data, &d->name);
    p = put_str(p, &d->nspace);
    p = put_str(p, &d->version);
    (void)put_str(p, &d->uid);
    return o;
}

struct kube_object *draft_give_object(const struct draft *d)
{
    struct kube_object *o = give_header(d, d->text.len + 1, 0);
    memcpy(object_payload(o), d->text.data, d->text.len + 1);
    return o;
}

struct kube_object *draft_give_packed(const struct draft *d, const char *packed, size_t len)
{
    struct kube_object *o = give_header(d, len, OBJECT_PACKED);
    memcpy(object_payload(o), packed, len);
    return o;
}

/* The payload of a lazy object, aligned. */
struct lazy {
    struct kube_object *packed;
    struct codec *codec;
    _Atomic(char *) text; /* NULL: nobody asked */
};

static size_t strings_len(const struct kube_object *o)
{
    return (size_t)o->name_len + o->nspace_len + o->version_len + o->uid_len + 4;
}

static struct lazy *lazy_of(const struct kube_object *o)
{
    uintptr_t end = (uintptr_t)o->data + strings_len(o);
    return (struct lazy *)((end + _Alignof(struct lazy) - 1) & ~(_Alignof(struct lazy) - 1));
}

/* A new object with the header of o, but other flags, and uninitialised payload. */
static struct kube_object *give_like(const struct kube_object *o, unsigned flags,
                                     size_t payload_len)
{
    size_t strings = strings_len(o);
    struct kube_object *copy = object_alloc(strings, payload_len, flags & OBJECT_PACKED);
    copy->generation = o->generation;
    copy->text_len = o->text_len;
    copy->payload_len = (uint32_t)payload_len;
    copy->labels_at = o->labels_at;
    copy->owners_at = o->owners_at;
    copy->name_len = o->name_len;
    copy->nspace_len = o->nspace_len;
    copy->version_len = o->version_len;
    copy->uid_len = o->uid_len;
    copy->flags = (uint8_t)((o->flags & OBJECT_DELETING) | flags);
    memcpy(copy->data, o->data, strings);
    return copy;
}

struct kube_object *object_give_packed(const struct kube_object *o, const char *packed, size_t len)
{
    struct kube_object *copy = give_like(o, OBJECT_PACKED, len);
    memcpy(object_payload(copy), packed, len);
    return copy;
}

struct kube_object *object_give_lazy(struct kube_object *packed, struct codec *codec)
{
    struct kube_object *o =
        give_like(packed, OBJECT_LAZY, sizeof(struct lazy) + _Alignof(struct lazy));
    struct lazy *l = lazy_of(o);
    l->packed = kube_object_ref(packed);
    l->codec = codec_ref(codec);
    atomic_init(&l->text, NULL);
    return o;
}

static const char *lazy_text(const struct kube_object *o)
{
    struct lazy *l = lazy_of(o);
    char *text = atomic_load_explicit(&l->text, memory_order_acquire);
    if (text)
        return text;

    text = xmalloc((size_t)o->text_len + 1);
    if (!codec_unpack(l->codec, object_payload(l->packed), l->packed->payload_len, text,
                      o->text_len))
        abort(); /* it was packed by this codec: memory is damaged */
    text[o->text_len] = '\0';
    char *other = NULL;
    if (atomic_compare_exchange_strong_explicit(&l->text, &other, text, memory_order_acq_rel,
                                                memory_order_acquire))
        return text;
    free(text); /* somebody was faster */
    return other;
}

static void lazy_release(struct kube_object *o)
{
    struct lazy *l = lazy_of(o);
    free(atomic_load_explicit(&l->text, memory_order_relaxed));
    kube_object_unref(l->packed);
    codec_unref(l->codec);
}

struct kube_object *kube_object_ref(struct kube_object *o)
{
    if (o)
        atomic_fetch_add_explicit(&o->refs, 1, memory_order_relaxed);
    return o;
}

void kube_object_unref(struct kube_object *o)
{
    if (!o || atomic_fetch_sub_explicit(&o->refs, 1, memory_order_acq_rel) != 1)
        return;
    if (o->flags & OBJECT_LAZY)
        lazy_release(o);
    free(o);
}

const char *kube_object_name(const struct kube_object *o)
{
    return o->data;
}

const char *kube_object_namespace(const struct kube_object *o)
{
    return o->data + o->name_len + 1;
}

const char *kube_object_resource_version(const struct kube_object *o)
{
    return o->data + o->name_len + o->nspace_len + 2;
}

const char *kube_object_uid(const struct kube_object *o)
{
    return o->data + o->name_len + o->nspace_len + o->version_len + 3;
}

int64_t kube_object_generation(const struct kube_object *o)
{
    return o->generation;
}

bool kube_object_is_deleting(const struct kube_object *o)
{
    return o->flags & OBJECT_DELETING;
}

const char *kube_object_bytes(const struct kube_object *o, size_t *ret_len)
{
    assert(!(o->flags & OBJECT_PACKED)); /* those never leave the store */
    if (ret_len)
        *ret_len = o->text_len;
    return o->flags & OBJECT_LAZY ? lazy_text(o) : o->data + strings_len(o);
}

/* As the allocator rounds it. */
static size_t allocated(size_t need)
{
    return (need + MALLOC_HEAD + 15) & ~(size_t)15;
}

size_t kube_object_footprint(const struct kube_object *o)
{
    size_t need = sizeof(*o) + strings_len(o);
    if (o->flags & OBJECT_PACKED)
        return allocated(packed_size(need + o->payload_len));
    if (!(o->flags & OBJECT_LAZY))
        return allocated(need + o->payload_len);
    bool unpacked = atomic_load(&lazy_of(o)->text) != NULL;
    return allocated(need + sizeof(struct lazy) + _Alignof(struct lazy)) +
           (unpacked ? allocated((size_t)o->text_len + 1) : 0);
}

/* A scanner on the part of the text at an offset that the draft noted, behind its first bracket. */
static bool open_part(const struct kube_object *o, uint32_t at, struct json_scan *s)
{
    if (!at)
        return false;
    size_t len;
    const char *text = kube_object_bytes(o, &len);
    json_scan_init(s, text + at, len - at);
    return json_scan_next(s, NULL) != SCAN_ERROR;
}

const char *kube_object_label(const struct kube_object *o, const char *key, size_t *ret_len)
{
    struct json_scan s;
    const char *found = NULL;
    if (!open_part(o, o->labels_at, &s))
        return NULL;

    while (json_scan_next(&s, NULL) == SCAN_KEY) {
        bool wanted = json_scan_key_is(&s, key);
        enum scan_token value = json_scan_next(&s, NULL);
        if (value == SCAN_OBJECT_BEGIN || value == SCAN_ARRAY_BEGIN || value == SCAN_ERROR)
            return found; /* no label */
        if (!wanted)
            continue;
        found = value == SCAN_STR ? s.text : NULL;
        if (ret_len)
            *ret_len = s.len;
    }
    return found;
}

/* One owner reference: the fields that matter. */
struct owner {
    char *group, *kind, *name;
    bool controller;
};

static void owner_release(struct owner *w)
{
    free(w->group);
    free(w->kind);
    free(w->name);
    *w = (struct owner){ 0 };
}

static void replace_str(char **slot, char *text)
{
    free(*slot);
    *slot = text;
}

/* The group of "apps/v1"; "" for "v1". */
static char *give_group(const struct json_scan *s)
{
    char *text = json_scan_give_text(s);
    char *slash = strchr(text, '/');
    *(slash ? slash : text) = '\0';
    return text;
}

/* s is behind the opening brace. */
static bool read_owner(struct json_scan *s, struct owner *w)
{
    enum scan_token token;
    while ((token = json_scan_next(s, NULL)) == SCAN_KEY) {
        char **slot = NULL;
        bool group = json_scan_key_is(s, "apiVersion");
        bool controller = json_scan_key_is(s, "controller");
        if (json_scan_key_is(s, "kind"))
            slot = &w->kind;
        else if (json_scan_key_is(s, "name"))
            slot = &w->name;

        struct json_scan before = *s;
        enum scan_token value = json_scan_next(s, NULL);
        if (value == SCAN_STR && group)
            replace_str(&w->group, give_group(s));
        else if (value == SCAN_STR && slot)
            replace_str(slot, json_scan_give_text(s));
        else if (controller)
            w->controller = value == SCAN_TRUE;
        if (value == SCAN_OBJECT_BEGIN || value == SCAN_ARRAY_BEGIN) {
            const char *text;
            size_t len;
            *s = before;
            if (json_scan_skip(s, &text, &len, NULL) < 0)
                return false;
        }
    }
    return token == SCAN_OBJECT_END;
}

bool kube_object_owner(const struct kube_object *o, const char *group, const char *kind,
                       bool any_owner, char **ret_name)
{
    struct json_scan s;
    if (!open_part(o, o->owners_at, &s))
        return false;

    bool found = false;
    while (!found && json_scan_next(&s, NULL) == SCAN_OBJECT_BEGIN) {
        struct owner w = { 0 };
        if (!read_owner(&s, &w)) {
            owner_release(&w);
            return false;
        }
        found = (any_owner || w.controller) && w.name && w.kind && w.group &&
                strcmp(w.group, group) == 0 && strcmp(w.kind, kind) == 0;
        if (found)
            *ret_name = take(w.name);
        owner_release(&w);
    }
    return found;
}

json *kube_object_give_json(const struct kube_object *o)
{
    size_t len;
    const char *text = kube_object_bytes(o, &len);
    json *tree = NULL;
    /* draft_scan has refused what json_parse_object refuses: defects, depth, NUL in a key. */
    if (json_parse_object(text, len, &tree, NULL) < 0)
        abort();
    return tree;
}
