#include "pkg/kube/object.h"

#include <assert.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/object_impl.h"

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

static struct kube_object *object_alloc(size_t strings_len, size_t payload_len)
{
    struct kube_object *o = xmalloc(sizeof(*o) + strings_len + payload_len);
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

struct kube_object *draft_give_header(const struct draft *d, size_t payload_len)
{
    size_t strings_len = d->name.len + d->nspace.len + d->version.len + d->uid.len + 4;
    struct kube_object *o = object_alloc(strings_len, payload_len);
    o->generation = d->generation;
    o->text_len = (uint32_t)d->text.len;
    o->payload_len = (uint32_t)payload_len;
    o->labels_at = (uint32_t)d->labels_at;
    o->owners_at = (uint32_t)d->owners_at;
    o->name_len = (uint16_t)d->name.len;
    o->nspace_len = (uint8_t)d->nspace.len;
    o->version_len = (uint8_t)d->version.len;
    o->uid_len = (uint8_t)d->uid.len;
    if (d->deleting)
        o->flags |= OBJECT_DELETING;
    if (d->projection == PROJECT_METADATA || d->projection == PROJECT_KEY)
        o->flags |= OBJECT_PROJECTED;

    char *p = put_str(o->data, &d->name);
    p = put_str(p, &d->nspace);
    p = put_str(p, &d->version);
    (void)put_str(p, &d->uid);
    return o;
}

struct kube_object *draft_give_object(const struct draft *d)
{
    struct kube_object *o = draft_give_header(d, d->text.len + 1);
    memcpy(object_payload(o), d->text.data, d->text.len + 1);
    return o;
}

struct kube_object *object_give_blank(const struct kube_object *o)
{
    size_t strings_len = (size_t)o->name_len + o->nspace_len + o->version_len + o->uid_len + 4;
    size_t payload_len = (size_t)o->text_len + 1;
    struct kube_object *blank = object_alloc(strings_len, payload_len);
    blank->generation = o->generation;
    blank->text_len = o->text_len;
    blank->payload_len = (uint32_t)payload_len;
    blank->labels_at = o->labels_at;
    blank->owners_at = o->owners_at;
    blank->name_len = o->name_len;
    blank->nspace_len = o->nspace_len;
    blank->version_len = o->version_len;
    blank->uid_len = o->uid_len;
    blank->flags = (uint8_t)(o->flags & ~OBJECT_PACKED);
    memcpy(blank->data, o->data, strings_len);
    object_payload(blank)[o->text_len] = '\0';
    return blank;
}

struct kube_object *kube_object_ref(struct kube_object *o)
{
    if (o)
        atomic_fetch_add_explicit(&o->refs, 1, memory_order_relaxed);
    return o;
}

void kube_object_unref(struct kube_object *o)
{
    if (o && atomic_fetch_sub_explicit(&o->refs, 1, memory_order_acq_rel) == 1)
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

bool kube_object_is_projected(const struct kube_object *o)
{
    return o->flags & OBJECT_PROJECTED;
}

const char *kube_object_bytes(const struct kube_object *o, size_t *ret_len)
{
    assert(!(o->flags & OBJECT_PACKED)); /* those never leave the store */
    if (ret_len)
        *ret_len = o->text_len;
    return o->data + o->name_len + o->nspace_len + o->version_len + o->uid_len + 4;
}

size_t kube_object_footprint(const struct kube_object *o)
{
    size_t strings_len = (size_t)o->name_len + o->nspace_len + o->version_len + o->uid_len + 4;
    size_t need = sizeof(*o) + strings_len + o->payload_len;
    return (need + sizeof(size_t) + 15) & ~(size_t)15; /* as the allocator rounds it */
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
    /* The draft's scanner accepted this text and its depth; the parser stands on the same scanner. */
    if (json_parse_object(text, len, &tree, NULL) < 0)
        abort();
    return tree;
}
