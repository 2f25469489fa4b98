/* What waits for what. */
#include <string.h>

#include "hack/devcloud/azure/template_plan.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

static bool waits_for(const json *item, size_t other)
{
    json *after = json_get(item, "after");
    int64_t index;
    for (size_t i = 0; i < json_len(after); i++)
        if (json_int(json_at(after, i), &index) && (size_t)index == other)
            return true;
    return false;
}

static void add_wait(json *item, size_t other)
{
    if (!waits_for(item, other))
        json_append(json_get(item, "after"), json_new_int((int64_t)other));
}

/* Everything that the text means: one resource, or all of a loop. false: nothing. */
static bool add_named(json *plan, json *item, const char *text)
{
    bool found = false;
    for (size_t i = 0; i < json_len(plan); i++) {
        const json *other = json_at(plan, i);
        bool meant = plan_names(other, text) || str_eq_nocase(json_path_str(other, "loop"), text);
        found = found || meant;
        if (meant && other != item)
            add_wait(item, i);
    }
    return found;
}

struct finder {
    json *plan, *item;
};

static void see_reference(void *arg, const char *first)
{
    const struct finder *f = arg;
    (void)add_named(f->plan, f->item, first);
}

/* Batches of a serial loop follow each other. */
static void add_serial(json *plan, size_t at)
{
    json *item = json_at(plan, at);
    const char *loop = json_path_str(item, "loop");
    const char *mode = json_path_str(item, "source.copy.mode");
    int64_t batch = json_path_int(item, "source.copy.batchSize", 1);
    json *copies = json_get(item, "copies");
    int64_t mine = json_path_int(json_at(copies, json_len(copies) - 1), "index", 0);
    if (!loop || !str_eq_nocase(mode, "serial") || batch < 1)
        return;
    for (size_t i = 0; i < at; i++) {
        const json *other = json_at(plan, i);
        json *its = json_get(other, "copies");
        if (str_eq_nocase(json_path_str(other, "loop"), loop) &&
            json_path_int(json_at(its, json_len(its) - 1), "index", 0) / batch == mine / batch - 1)
            add_wait(item, i);
    }
}

static int add_waits(const struct template_scope *s, json *plan, size_t at, struct error **err)
{
    json *item = json_at(plan, at);
    struct template_scope inner = *s;
    inner.copies = json_get(item, "copies");
    const json *depends = json_path(item, "source.dependsOn");
    for (size_t i = 0; json_is_array(depends) && i < json_len(depends); i++) {
        cleanup_free char *text = NULL;
        if (template_evaluate_str(&inner, json_at(depends, i), &text, err) < 0)
            return error_wrap(err, "dependsOn of '%s'", json_path_str(item, "name"));
        if (!add_named(plan, item, text))
            return error_set(err, ERR_INVALID, "The resource '%s' is not defined in the template",
                             text);
    }
    struct finder finder = { plan, item };
    template_each_call(&inner, json_path(item, "source.properties"), "reference", see_reference,
                       &finder);
    add_serial(plan, at);
    return 0;
}

/* Takes away what waits for nothing until nothing is left; what stays waits for itself. */
static int refuse_circles(const json *plan, struct error **err)
{
    size_t len = json_len(plan);
    cleanup_free bool *done = xcalloc(len + 1, sizeof(bool));
    bool progress = true;
    while (progress) {
        progress = false;
        for (size_t i = 0; i < len; i++) {
            bool free_to_go = !done[i];
            for (size_t j = 0; free_to_go && j < len; j++)
                free_to_go = done[j] || !waits_for(json_at(plan, i), j);
            done[i] = done[i] || free_to_go;
            progress = progress || free_to_go;
        }
    }
    for (size_t i = 0; i < len; i++)
        if (!done[i])
            return error_set(err, ERR_INVALID, "Circular dependency detected on resource: '%s'",
                             json_path_str(json_at(plan, i), "id"));
    return 0;
}

int plan_order(const struct template_scope *s, json *plan, struct error **err)
{
    for (size_t i = 0; i < json_len(plan); i++)
        if (add_waits(s, plan, i, err) < 0)
            return -1;
    return refuse_circles(plan, err);
}
