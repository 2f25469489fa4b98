/* The common tests of events. Without the object that a test needs, it lets the event pass only
 * where nothing can be compared: adds and deletes are no changes. */
#include <string.h>

#include "pkg/kube/informer.h"

bool predicate_generation_changed(const struct predicate *p, const struct informer_event *e)
{
    (void)p;
    if (e->type != INFORMER_UPDATE)
        return true;
    return e->old_obj && e->new_obj &&
           kube_object_generation(e->old_obj) != kube_object_generation(e->new_obj);
}

bool predicate_resource_version_changed(const struct predicate *p, const struct informer_event *e)
{
    (void)p;
    if (e->type != INFORMER_UPDATE)
        return true;
    return e->old_obj && e->new_obj &&
           strcmp(kube_object_resource_version(e->old_obj),
                  kube_object_resource_version(e->new_obj)) != 0;
}

static bool has_name(const struct predicate *p, const struct kube_object *o)
{
    return (!p->nspace || strcmp(kube_object_namespace(o), p->nspace) == 0) &&
           (!p->name || strcmp(kube_object_name(o), p->name) == 0);
}

bool predicate_name_is(const struct predicate *p, const struct informer_event *e)
{
    const struct kube_object *o = e->new_obj ? e->new_obj : e->old_obj;
    return o && has_name(p, o);
}

static bool has_label(const struct predicate *p, const struct kube_object *o)
{
    size_t len;
    const char *value = o ? kube_object_label(o, p->label_key, &len) : NULL;
    if (!value)
        return false;
    return !p->label_value ||
           (len == strlen(p->label_value) && memcmp(value, p->label_value, len) == 0);
}

bool predicate_label_is(const struct predicate *p, const struct informer_event *e)
{
    /* Losing the label matters as much as having it. */
    return has_label(p, e->new_obj) || has_label(p, e->old_obj);
}
