#include "operator/deploy/dnsmasq.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "operator/deploy/ignition.h"
#include "pkg/base/buf.h"
#include "pkg/base/mem.h"

#define CONFIG_MAX ((size_t)256 << 10)

/* ---- what is given ---- */

static int check_address(const char *field, const char *text, struct error **err)
{
    struct in_addr address;
    if (text && inet_pton(AF_INET, text, &address) == 1)
        return 0;
    return error_set(err, ERR_INVALID, "invalid %s: '%s' is no IP address", field,
                     text ? text : "");
}

/* A slash or a line break would begin another directive. */
static int check_name(const char *field, const char *text, struct error **err)
{
    bool good = text && *text && *text != '.';
    for (const char *c = text; good && *c; c++)
        good = isalnum((unsigned char)*c) || *c == '-' || *c == '.';
    if (good)
        return 0;
    return error_set(err, ERR_INVALID, "invalid %s: '%s' is no host name", field, text ? text : "");
}

int dnsmasq_names_check(const struct dnsmasq_names *n, struct error **err)
{
    if (check_name("domain", n->domain, err) < 0 ||
        check_address("apiIntIP", n->api_int_ip, err) < 0 ||
        check_address("ingressIP", n->ingress_ip, err) < 0)
        return -1;
    for (size_t i = 0; i < json_len(n->gateway_domains); i++)
        if (check_name("gatewayDomains", json_str(json_at(n->gateway_domains, i)), err) < 0)
            return -1;
    return json_len(n->gateway_domains)
               ? check_address("gatewayPrivateEndpointIP", n->gateway_private_endpoint_ip, err)
               : 0;
}

/* ---- files ---- */

static int give_conf(const struct dnsmasq_names *n, json **ret, struct error **err)
{
    cleanup_buf struct buf b = BUF_INIT(CONFIG_MAX);
    buf_adds(&b, "resolv-file=/etc/resolv.conf.dnsmasq\ndns-forward-max=10000\n");
    buf_addf(&b, "address=/api.%s/%s\n", n->domain, n->api_int_ip);
    buf_addf(&b, "address=/api-int.%s/%s\n", n->domain, n->api_int_ip);
    buf_addf(&b, "address=/.apps.%s/%s\n", n->domain, n->ingress_ip);
    for (size_t i = 0; i < json_len(n->gateway_domains); i++)
        buf_addf(&b, "address=/%s/%s\n", json_str(json_at(n->gateway_domains, i)),
                 n->gateway_private_endpoint_ip);
    buf_adds(&b, "user=dnsmasq\ngroup=dnsmasq\nno-hosts\ncache-size=0\n");
    if (buf_check(&b, err) < 0)
        return error_wrap(err, "dnsmasq.conf");
    *ret = ignition_give_file("/etc/dnsmasq.conf", 0644, buf_str(&b), b.len);
    return 0;
}

/* What of the machine runs, and where it is on it. */
static const struct {
    const char *embedded, *path;
    bool of_restarts;
} scripts[] = {
    { "dnsmasq/aro-dnsmasq-pre.sh", "/usr/local/bin/aro-dnsmasq-pre.sh", false },
    { "dnsmasq/99-dnsmasq-restart.sh", "/etc/NetworkManager/dispatcher.d/99-dnsmasq-restart",
      true },
};

static int add_files(const struct dnsmasq_names *names, json *files, struct error **err)
{
    json *conf;
    if (give_conf(names, &conf, err) < 0)
        return -1;
    json_append(files, conf);
    for (size_t i = 0; i < ARRAY_LEN(scripts); i++) {
        if (scripts[i].of_restarts && !names->restarts)
            continue;
        json *script;
        if (ignition_give_script(scripts[i].path, scripts[i].embedded, &script, err) < 0)
            return -1;
        json_append(files, script);
    }
    return 0;
}

int dnsmasq_give_config(const struct dnsmasq_names *names, json **ret, struct error **err)
{
    cleanup_json json *files = json_new_array();
    if (dnsmasq_names_check(names, err) < 0 || add_files(names, files, err) < 0)
        return -1;
    return ignition_give_config(files, "dnsmasq.service", "dnsmasq/dnsmasq.service", ret, err);
}

int dnsmasq_give_machineconfig(const struct dnsmasq_names *names, const char *role, json **ret,
                               struct error **err)
{
    cleanup_free char *name = xasprintf("99-%s" DNSMASQ_SUFFIX, role);
    json *config;
    if (dnsmasq_give_config(names, &config, err) < 0)
        return -1;
    *ret = ignition_take_machineconfig(name, role, config);
    return 0;
}
