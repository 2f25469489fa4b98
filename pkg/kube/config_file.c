#include "pkg/kube/config_file.h"

#include "pkg/base/encoding.h"
#include "pkg/base/file.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"
#include "pkg/base/yaml.h"

/* The named lists of a kubeconfig file. */
struct section {
    const char *list, *body; /* "clusters": items of {name, cluster} */
    struct map *(*into)(struct kubeconfig *k);
};

static struct map *clusters_of(struct kubeconfig *k)
{
    return k->clusters;
}
static struct map *users_of(struct kubeconfig *k)
{
    return k->users;
}
static struct map *contexts_of(struct kubeconfig *k)
{
    return k->contexts;
}

static const struct section sections[] = {
    { "clusters", "cluster", clusters_of },
    { "users", "user", users_of },
    { "contexts", "context", contexts_of },
};

static void entry_free(void *p)
{
    struct kubeconfig_entry *e = p;
    json_free(e->body);
    free(e->dir);
    free(e);
}

void kubeconfig_init(struct kubeconfig *k)
{
    *k = (struct kubeconfig){ .clusters = map_new(entry_free),
                              .users = map_new(entry_free),
                              .contexts = map_new(entry_free) };
}

void kubeconfig_release(struct kubeconfig *k)
{
    map_free(k->clusters);
    map_free(k->users);
    map_free(k->contexts);
    free(k->current_context);
}

bool kubeconfig_is_empty(const struct kubeconfig *k)
{
    return map_len(k->clusters) + map_len(k->users) + map_len(k->contexts) == 0 &&
           !k->current_context;
}

/* A list of {name, ...} in which each name occurs once; absent and null are empty. */
static int check_names(const json *list, const char *what, struct error **err)
{
    cleanup_strv struct strv seen = STRV_INIT;
    if (list && !json_is_array(list))
        return error_set(err, ERR_INVALID, "%s is not a list", what);
    for (size_t i = 0; i < json_len(list); i++) {
        const char *name = json_str(json_get(json_at(list, i), "name"));
        if (!name)
            return error_set(err, ERR_INVALID, "%s[%zu] has no name", what, i);
        if (strv_has(&seen, name))
            return error_set(err, ERR_INVALID, "%s: the name '%s' is given twice", what, name);
        strv_add(&seen, name);
    }
    return 0;
}

static int check_body(const json *item, const struct section *s, struct error **err)
{
    const json *body = json_get(item, s->body);
    const char *name = json_str(json_get(item, "name"));
    if (body && !json_is_object(body))
        return error_set(err, ERR_INVALID, "%s '%s' is not a map", s->body, name);
    if (check_names(json_get(body, "extensions"), "extensions", err) < 0)
        return error_wrap(err, "%s '%s'", s->body, name);
    return 0;
}

static int check_head(const json *root, struct error **err)
{
    const char *kind = json_path_str(root, "kind"), *version = json_path_str(root, "apiVersion");
    if (kind && *kind && !str_eq(kind, "Config"))
        return error_set(err, ERR_INVALID, "kind is '%s', not Config", kind);
    if (version && *version && !str_eq(version, "v1"))
        return error_set(err, ERR_INVALID, "apiVersion is '%s', not v1", version);
    const json *current = json_get(root, "current-context");
    if (current && !json_str(current))
        return error_set(err, ERR_INVALID, "current-context is not a string");
    return 0;
}

static int check(const json *root, struct error **err)
{
    if (!json_is_object(root))
        return error_set(err, ERR_INVALID, "it is not a map");
    if (check_head(root, err) < 0 ||
        check_names(json_get(root, "extensions"), "extensions", err) < 0 ||
        check_names(json_path(root, "preferences.extensions"), "preferences.extensions", err) < 0)
        return -1;
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        const json *list = json_get(root, sections[i].list);
        if (check_names(list, sections[i].list, err) < 0)
            return -1;
        for (size_t j = 0; j < json_len(list); j++) {
            if (check_body(json_at(list, j), &sections[i], err) < 0)
                return -1;
        }
    }
    return 0;
}

static void merge(struct kubeconfig *k, const json *root, const char *path)
{
    for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
        const struct section *s = &sections[i];
        const json *list = json_get(root, s->list);
        for (size_t j = 0; j < json_len(list); j++) {
            const json *item = json_at(list, j);
            const char *name = json_str(json_get(item, "name"));
            if (map_has(s->into(k), name))
                continue;
            struct kubeconfig_entry *e = xnew(struct kubeconfig_entry);
            json *body = json_get(item, s->body);
            e->body = body ? json_ref(body) : json_new_object();
            e->dir = path ? path_give_dir(path) : NULL;
            map_set(s->into(k), name, e);
        }
    }
    const char *current = json_path_str(root, "current-context");
    if (!k->current_context && current && *current)
        k->current_context = xstrdup(current);
}

static int add(struct kubeconfig *k, const char *text, size_t len, const char *path,
               struct error **err)
{
    cleanup_free char *utf8 = NULL;
    size_t utf8_len;
    if (utf_give_utf8(text, len, &utf8, &utf8_len, err) < 0)
        return -1;
    cleanup_json json *root = NULL;
    int rc = yaml_parse(utf8, utf8_len, &root, err);
    secret_wipe(utf8, utf8_len);
    if (rc < 0)
        return -1;
    if (!root) /* an empty file */
        return 0;
    if (check(root, err) < 0)
        return -1;
    merge(k, root, path);
    return 0;
}

int kubeconfig_add_text(struct kubeconfig *k, const char *text, size_t len, const char *path,
                        struct error **err)
{
    if (add(k, text, len, path, err) < 0)
        return path ? error_wrap(err, "%s", path) : error_wrap(err, "kubeconfig");
    return 0;
}

int kubeconfig_add_file(struct kubeconfig *k, const char *path, struct error **err)
{
    cleanup_free char *text = NULL;
    size_t len;
    if (file_read(path, KUBECONFIG_MAX, &text, &len, err) < 0)
        return -1;
    int rc = kubeconfig_add_text(k, text, len, path, err);
    secret_wipe(text, len);
    return rc;
}
