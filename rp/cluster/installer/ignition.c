#include "rp/cluster/installer/ignition.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/secret.h"
#include "pkg/base/strv.h"

static bool is_second(const json *config)
{
    return str_starts(json_path_str(config, "ignition.version"), "2.");
}

/* Configurations of others leave out what is empty. */
static json *need_list(json *config, const char *path)
{
    if (!json_is_array(json_path(config, path)))
        (void)json_path_put(config, path, json_new_array(), NULL);
    return json_path(config, path);
}

static json *new_data_url(const char *data, size_t len)
{
    cleanup_secret_text char *text = base64_give(data, len);
    cleanup_secret_text char *url = xasprintf("data:text/plain;charset=utf-8;base64,%s", text);
    return json_new_str(url);
}

json *ignition_new(enum installer_layout layout)
{
    return json_make("{'ignition':{'version':%s},'passwd':{'users':[]},'storage':{'files':[]},"
                     "'systemd':{'units':[]}}",
                     layout == INSTALLER_V1 ? "2.2.0" : "3.2.0");
}

void ignition_add_file(json *config, const char *path, int mode, const char *data, size_t len)
{
    json *file = json_make("{'path':%s,'mode':%d,'user':{'name':'root'},'contents':{'source':%j}}",
                           path, mode, new_data_url(data, len));
    if (is_second(config)) {
        json_put(file, "filesystem", json_new_str("root"));
        json_put(json_get(file, "contents"), "verification", json_new_object());
    } else {
        json_put(file, "overwrite", json_new_bool(true));
    }
    json_put_keyed(need_list(config, "storage.files"), "path", file);
}

void ignition_add_unit(json *config, const char *name, bool enabled, const char *contents)
{
    json_append(json_path(config, "systemd.units"),
                json_make("{'name':%s,'enabled':%b,'contents':%s}", name, enabled, contents));
}

void ignition_add_user(json *config, const char *name, const char *ssh_key)
{
    json_append(json_path(config, "passwd.users"),
                json_make("{'name':%s,'sshAuthorizedKeys':[%s]}", name, ssh_key));
}

void ignition_add_all(json *config, const json *more)
{
    static const char *const lists[][2] = { { "storage.files", "path" },
                                            { "systemd.units", "name" } };
    for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
        const json *items = json_path(more, lists[i][0]);
        for (size_t k = 0; k < json_len(items); k++)
            json_put_keyed(need_list(config, lists[i][0]), lists[i][1],
                           json_give_copy(json_at(items, k)));
    }
}

json *ignition_give_pointer(enum installer_layout layout, const char *url, const char *ca_pem)
{
    bool second = layout == INSTALLER_V1;
    json *source = json_make("{'source':%s}", url);
    json *authority = json_make("{'source':%j}", new_data_url(ca_pem, strlen(ca_pem)));
    if (second) {
        json_put(source, "verification", json_new_object());
        json_put(authority, "verification", json_new_object());
    }
    json *config = json_new_object();
    json *sources = json_new_array();
    json_append(sources, source);
    json_put(config, second ? "append" : "merge", sources);
    return json_make("{'ignition':{'version':%s,'config':%j,"
                     "'security':{'tls':{'certificateAuthorities':[%j]}}}}",
                     second ? "2.2.0" : "3.2.0", config, authority);
}
