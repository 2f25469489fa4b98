#include "rp/cluster/installer/asset.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/strv.h"

void asset_put_bytes(json *asset, const char *member, const char *data, size_t len)
{
    cleanup_secret_text char *text = base64_give(data, len);
    json_put(asset, member, json_new_str(text));
}

json *asset_give_file(const char *name, const char *data, size_t len)
{
    json *file = json_make("{'Filename':%s}", name);
    asset_put_bytes(file, "Data", data, len);
    return file;
}

json *asset_give_single(const char *name, const char *data, size_t len, json *more)
{
    json *asset = more ? more : json_new_object();
    json_put(asset, "File", asset_give_file(name, data, len));
    return asset;
}

void asset_put_file(json *asset, const char *name, const char *data, size_t len)
{
    json *files = json_get(asset, "FileList");
    if (!json_is_array(files)) {
        files = json_new_array();
        json_put(asset, "FileList", files);
    }
    json_put_keyed(files, "Filename", asset_give_file(name, data, len));
}

static int parse_base64(const json *value, struct secret **ret, struct error **err)
{
    const char *text = json_str(value);
    if (!text)
        return error_set(err, ERR_INVALID, "missing or not a string");
    cleanup_secret_text char *data = NULL;
    size_t len;
    if (base64_parse(text, json_str_len(value), &data, &len, err) < 0)
        return -1;
    *ret = secret_new(data, len);
    secret_wipe(data, len); /* beyond a NUL, too */
    return 0;
}

int asset_read_file(const json *file, const char **ret_name, struct secret **ret_data,
                    struct error **err)
{
    const char *name;
    if (json_need_str(file, "Filename", &name, err) < 0)
        return -1;
    if (parse_base64(json_get(file, "Data"), ret_data, err) < 0)
        return error_wrap(err, "Data of %s", name);
    *ret_name = name;
    return 0;
}

static const json *find_file(const json *asset)
{
    const json *file = json_get(asset, "File");
    return file ? file : json_get(asset, "file");
}

int asset_need_file(const json *graph, const char *asset, struct secret **ret, struct error **err)
{
    const json *file = find_file(json_get(graph, asset));
    const char *name;
    if (!file)
        return error_set(err, ERR_INVALID, "the install graph has no file of %s", asset);
    if (asset_read_file(file, &name, ret, err) < 0)
        return error_wrap(err, "the install graph, %s", asset);
    return 0;
}

int asset_need_bytes(const json *graph, const char *asset, const char *member, struct secret **ret,
                     struct error **err)
{
    if (parse_base64(json_get(json_get(graph, asset), member), ret, err) < 0)
        return error_wrap(err, "the install graph, %s, %s", asset, member);
    return 0;
}
