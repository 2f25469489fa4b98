#include "hack/devcloud/boot/ignition.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/json.h"
#include "pkg/base/mem.h"

static const char *const versions[] = { "2.2.0", "3.2.0" };

static void file_free(void *p)
{
    struct ignition_file *f = p;
    free(f->data);
    free(f);
}

void ignition_free(struct ignition *i)
{
    if (!i)
        return;
    free(i->version);
    free(i->authorities_pem);
    map_free(i->files);
    strv_release(&i->order);
    strv_release(&i->sources);
    strv_release(&i->core_keys);
    free(i);
}

const char *ignition_text(const struct ignition *i, const char *path)
{
    const struct ignition_file *f = map_get(i->files, path);
    return f ? f->data : NULL;
}

/* ---- data URLs ---- */

int ignition_data_url(const char *url, char **ret, size_t *ret_len, struct error **err)
{
    const char *comma = strchr(url, ',');
    cleanup_free char *plain = NULL;
    if (!str_starts(url, "data:") || !comma)
        return error_set(err, ERR_INVALID, "no data URL");
    cleanup_free char *head = xstrndup(url, (size_t)(comma - url));
    if (!percent_parse(comma + 1, &plain))
        return error_set(err, ERR_INVALID, "a data URL with a broken escape");
    if (str_ends(head, ";base64"))
        return base64_parse(plain, strlen(plain), ret, ret_len, err);
    *ret_len = strlen(plain);
    *ret = take(plain);
    return 0;
}

/* ---- files ---- */

static int check_path(const char *path, struct error **err)
{
    cleanup_strv struct strv parts = STRV_INIT;
    strv_split(&parts, path, "/", false);
    if (*path != '/' || strlen(path) > 4096 || strv_has(&parts, "..") || strv_has(&parts, "."))
        return error_set(err, ERR_INVALID, "path '%s' is not absolute and plain", path);
    return 0;
}

static int read_content(const json *contents, struct ignition_file *f, struct error **err)
{
    const char *source = json_path_str(contents, "source");
    const char *compression = json_path_str(contents, "compression");
    if (compression && *compression)
        return error_set(err, ERR_UNSUPPORTED, "compression '%s'", compression);
    if (!source || !*source) {
        f->data = xstrdup(""); /* an empty file */
        f->len = 0;
        return 0;
    }
    return ignition_data_url(source, &f->data, &f->len, err);
}

static void append_content(struct ignition_file *to, const struct ignition_file *more)
{
    to->data = xrealloc(to->data, to->len + more->len + 1);
    memcpy(to->data + to->len, more->data, more->len + 1);
    to->len += more->len;
}

static struct ignition_file *give_empty(void)
{
    struct ignition_file *f = xnew(struct ignition_file);
    f->data = xstrdup("");
    return f;
}

/* Content for a path: the file itself, or more of it. Consumes f. */
static int keep(struct ignition *i, const char *path, struct ignition_file *f, bool appends,
                struct error **err)
{
    struct ignition_file *old = map_get(i->files, path);
    if (appends && old) {
        append_content(old, f);
        file_free(f);
        return 0;
    }
    if (old) {
        file_free(f);
        return error_set(err, ERR_INVALID, "it is there twice");
    }
    strv_add(&i->order, path);
    map_set(i->files, path, f);
    return 0;
}

static int add_content(struct ignition *i, const char *path, const json *contents, bool appends,
                       struct error **err)
{
    struct ignition_file *f = give_empty();
    free(f->data);
    f->data = NULL;
    if (read_content(contents, f, err) < 0) {
        file_free(f);
        return -1;
    }
    return keep(i, path, f, appends, err);
}

/* append is a flag in 2.2 (of the only content), a list of more contents in 3.2. */
static int add_file(struct ignition *i, const json *file, struct error **err)
{
    const char *path;
    const json *append = json_get(file, "append");
    if (json_need_str(file, "path", &path, err) < 0 || check_path(path, err) < 0)
        return -1;
    bool only_more = json_is_array(append) && json_len(append) && !json_get(file, "contents");
    if (!only_more &&
        add_content(i, path, json_get(file, "contents"), json_bool(append, false), err) < 0)
        return error_wrap(err, "file %s", path);
    for (size_t k = 0; json_is_array(append) && k < json_len(append); k++)
        if (add_content(i, path, json_at(append, k), true, err) < 0)
            return error_wrap(err, "file %s", path);
    return 0;
}

static int read_files(struct ignition *i, const json *config, struct error **err)
{
    const json *files = json_path(config, "storage.files");
    if (json_len(files) > IGNITION_FILES_MAX || (files && !json_is_array(files)))
        return error_set(err, ERR_INVALID, "storage.files: no list of at most %d",
                         IGNITION_FILES_MAX);
    for (size_t k = 0; k < json_len(files); k++)
        if (add_file(i, json_at(files, k), err) < 0)
            return error_wrap(err, "storage.files[%zu]", k);
    return 0;
}

/* ---- users ---- */

/* A line break would make one key two. */
static int add_key(struct ignition *i, const json *key, struct error **err)
{
    const char *text = json_str(key);
    if (!text || !*text || text[strcspn(text, "\r\n")])
        return error_set(err, ERR_INVALID, "no SSH key on one line");
    strv_add_unique(&i->core_keys, text);
    return 0;
}

static int read_users(struct ignition *i, const json *config, struct error **err)
{
    const json *users = json_path(config, "passwd.users");
    for (size_t k = 0; k < json_len(users); k++) {
        const json *keys = json_get(json_at(users, k), "sshAuthorizedKeys");
        if (!str_eq(json_path_str(json_at(users, k), "name"), "core"))
            continue;
        for (size_t n = 0; n < json_len(keys); n++)
            if (add_key(i, json_at(keys, n), err) < 0)
                return error_wrap(err, "passwd.users[%zu].sshAuthorizedKeys[%zu]", k, n);
    }
    return 0;
}

/* ---- the configuration ---- */

static int add_source(struct ignition *i, const json *reference, struct error **err)
{
    const char *source;
    if (json_need_str(reference, "source", &source, err) < 0)
        return error_wrap(err, "ignition.config");
    strv_add(&i->sources, source);
    return 0;
}

static int read_sources(struct ignition *i, const json *config, struct error **err)
{
    const json *replace = json_path(config, "ignition.config.replace");
    const char *list = i->version[0] == '2' ? "ignition.config.append" : "ignition.config.merge";
    const json *more = json_path(config, list);
    if (json_path_str(replace, "source")) {
        i->is_replaced = true;
        return add_source(i, replace, err);
    }
    if (more && !json_is_array(more))
        return error_set(err, ERR_INVALID, "%s: no list", list);
    for (size_t k = 0; k < json_len(more); k++)
        if (add_source(i, json_at(more, k), err) < 0)
            return -1;
    return 0;
}

static int read_authorities(struct ignition *i, const json *config, struct error **err)
{
    const json *list = json_path(config, "ignition.security.tls.certificateAuthorities");
    cleanup_buf struct buf all = BUF_INIT(IGNITION_CUSTOM_DATA_MAX);
    for (size_t k = 0; k < json_len(list); k++) {
        struct ignition_file f = { 0 };
        if (read_content(json_at(list, k), &f, err) < 0)
            return error_wrap(err, "ignition.security.tls.certificateAuthorities[%zu]", k);
        buf_add(&all, f.data, f.len);
        buf_addc(&all, '\n');
        free(f.data);
    }
    return json_len(list) ? buf_take(&all, &i->authorities_pem, err) : 0;
}

static int check_version(const char *version, struct error **err)
{
    for (size_t k = 0; k < ARRAY_LEN(versions); k++)
        if (str_eq(version, versions[k]))
            return 0;
    return error_set(err, ERR_UNSUPPORTED, "ignition.version '%s': neither 2.2.0 nor 3.2.0",
                     version);
}

int ignition_parse(const char *text, size_t len, struct ignition **ret, struct error **err)
{
    cleanup_json json *config = NULL;
    const char *version;
    if (len > IGNITION_CONFIG_MAX)
        return error_set(err, ERR_TOO_LARGE, "an Ignition configuration of %zu bytes", len);
    if (json_parse_object(text, len, &config, err) < 0 ||
        json_need_str(config, "ignition.version", &version, err) < 0 ||
        check_version(version, err) < 0)
        return error_wrap(err, "Ignition configuration");
    cleanup_ignition struct ignition *i = xnew(struct ignition);
    i->version = xstrdup(version);
    i->files = map_new(file_free);
    if (read_sources(i, config, err) < 0 || read_authorities(i, config, err) < 0 ||
        read_files(i, config, err) < 0 || read_users(i, config, err) < 0)
        return error_wrap(err, "Ignition configuration");
    *ret = take(i);
    return 0;
}

/* ---- pointers ---- */

/* What a URL may be called in logs: its query is a secret (a shared access signature). */
static char *give_shown(const char *url)
{
    return xstrndup(url, strcspn(url, "?"));
}

static int get(struct http_transport *t, const struct opctx *ctx, const char *url, struct buf *body,
               struct error **err)
{
    struct http_request req = {
        .method = "GET", .url = url, .max_body = IGNITION_CONFIG_MAX, .timeout_ms = 60000
    };
    cleanup_response struct http_response response = { 0 };
    cleanup_free char *shown = give_shown(url);
    if (!str_starts(url, "https://"))
        return error_set(err, ERR_INVALID, "source '%s' is no https URL", shown);
    if (http_send(t, ctx, &req, &response, err) < 0)
        return error_wrap(err, "GET %s", shown);
    if (response.status != 200) {
        cleanup_free char *text = xstrndup(buf_str(&response.body), 300);
        return error_set(err, ERR_UNAVAILABLE, "GET %s: status %d: %s", shown, response.status,
                         text);
    }
    buf_add(body, response.body.data, response.body.len);
    return 0;
}

static int fetch_one(struct http_transport *t, const struct opctx *ctx, const char *url,
                     struct ignition **ret, struct error **err)
{
    cleanup_buf struct buf body = BUF_INIT(IGNITION_CONFIG_MAX);
    cleanup_ignition struct ignition *i = NULL;
    if (get(t, ctx, url, &body, err) < 0 || ignition_parse(buf_str(&body), body.len, &i, err) < 0)
        return -1;
    if (i->sources.len)
        return error_set(err, ERR_UNSUPPORTED, "a pointer to a pointer");
    *ret = take(i);
    return 0;
}

/* Later files win over those that are there. */
static void merge(struct ignition *to, struct ignition *from)
{
    for (size_t k = 0; k < from->order.len; k++) {
        struct ignition_file *f = map_take(from->files, from->order.v[k]);
        strv_add_unique(&to->order, from->order.v[k]);
        map_set(to->files, from->order.v[k], f);
    }
    for (size_t k = 0; k < from->core_keys.len; k++)
        strv_add_unique(&to->core_keys, from->core_keys.v[k]);
}

int ignition_fetch(struct http_transport *t, const struct opctx *ctx, const char *custom_data,
                   size_t len, struct ignition **ret, struct error **err)
{
    cleanup_ignition struct ignition *i = NULL;
    if (len > IGNITION_CUSTOM_DATA_MAX)
        return error_set(err, ERR_TOO_LARGE, "customData has more than %d bytes",
                         IGNITION_CUSTOM_DATA_MAX);
    if (ignition_parse(custom_data, len, &i, err) < 0)
        return error_wrap(err, "customData");
    for (size_t k = 0; k < i->sources.len; k++) {
        cleanup_ignition struct ignition *more = NULL;
        if (fetch_one(t, ctx, i->sources.v[k], &more, err) < 0)
            return error_wrap(err, "fetching what customData points to");
        if (i->is_replaced) {
            *ret = take(more);
            return 0;
        }
        merge(i, more);
    }
    *ret = take(i);
    return 0;
}
