#include "operator/controllers/etchosts.h"

#include "operator/controllers/dnsmasq.h"
#include "operator/deploy/ignition.h"
#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

#define CONFIG_MAX ((size_t)256 << 10)

static int give_conf(const struct dnsmasq_names *n, json **ret, struct error **err)
{
    cleanup_buf struct buf b = BUF_INIT(CONFIG_MAX);
    buf_addf(&b, "%s\tapi.%s api-int.%s\n", n->api_int_ip, n->domain, n->domain);
    size_t len = json_len(n->gateway_domains);
    for (size_t i = 0; i < len; i++) {
        if (i == 0)
            buf_addf(&b, "%s\t", n->gateway_private_endpoint_ip);
        buf_addf(&b, "%s%c", json_str(json_at(n->gateway_domains, i)), i + 1 < len ? ' ' : '\n');
    }
    if (buf_check(&b, err) < 0)
        return error_wrap(err, "aro.conf");
    *ret = ignition_give_file("/etc/hosts.d/aro.conf", 0644, buf_str(&b), b.len);
    return 0;
}

static int give(const json *cluster, const char *pool, json **ret, struct error **err)
{
    const struct dnsmasq_names names = dnsmasq_names_of(cluster);
    cleanup_json json *files = json_new_array();
    cleanup_free char *name = xasprintf("99-%s" ETCHOSTS_SUFFIX, pool);
    json *conf, *script, *config;
    if (dnsmasq_names_check(&names, err) < 0 || give_conf(&names, &conf, err) < 0)
        return -1;
    json_append(files, conf);
    if (ignition_give_script("/usr/local/bin/aro-etchosts-resolver.sh",
                             "etchosts/aro-etchosts-resolver.sh", &script, err) < 0)
        return -1;
    json_append(files, script);
    if (ignition_give_config(files, "aro-etchosts-resolver.service",
                             "etchosts/aro-etchosts-resolver.service", &config, err) < 0)
        return -1;
    *ret = ignition_take_machineconfig(name, pool, config);
    return 0;
}

const struct poolconfig etchosts_poolconfig = { .suffix = ETCHOSTS_SUFFIX, .give = give };
