#include "rp/cluster/installer/kubeconfig.h"

#include <string.h>

#include "pkg/base/encoding.h"
#include "pkg/base/yaml.h"

static void put_base64(json *object, const char *key, const char *data, size_t len)
{
    cleanup_secret_text char *text = base64_give(data, len);
    json_put(object, key, json_new_str(text));
}

json *kubeconfig_give_tree(const struct kubeconfig_parts *p)
{
    json *cluster = json_make("{'server':%s}", p->server);
    if (p->ca_pem)
        put_base64(cluster, "certificate-authority-data", p->ca_pem, strlen(p->ca_pem));
    json *user = json_new_object();
    if (p->cert_pem) {
        size_t len;
        const char *key = secret_reveal(p->key, &len);
        put_base64(user, "client-certificate-data", p->cert_pem, strlen(p->cert_pem));
        put_base64(user, "client-key-data", key, len);
    }
    if (p->token_file)
        json_put(user, "tokenFile", json_new_str(p->token_file));
    return json_make("{'apiVersion':'v1','kind':'Config','preferences':{},"
                     "'clusters':[{'name':%s,'cluster':%j}],"
                     "'users':[{'name':%s,'user':%j}],"
                     "'contexts':[{'name':%s,'context':{'cluster':%s,'user':%s}}],"
                     "'current-context':%s}",
                     p->cluster, cluster, p->user, user, p->user, p->cluster, p->user, p->user);
}

struct secret *kubeconfig_give_text(const json *tree)
{
    cleanup_secret_text char *text = yaml_give_text(tree);
    return secret_new(text, strlen(text));
}
