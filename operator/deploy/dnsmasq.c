#include "operator/deploy/dnsmasq.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <string.h>

#include "pkg/base/buf.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "staticresources/embedded.h"

#define IGNITION_VERSION "3.2.0"
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

static int check(const struct dnsmasq_names *n, struct error **err)
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

static json *give_file(const char *path, int mode, const char *text, size_t len)
{
    cleanup_free char *data = base64_give(text, len);
    cleanup_free char *url = xasprintf("data:text/plain;charset=utf-8;base64,%s", data);
    return json_make("{'path':%s,'mode':%d,'overwrite':true,'user':{'name':'root'},"
                     "'contents':{'source':%s}}",
                     path, mode, url);
}

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
    *ret = give_file("/etc/dnsmasq.conf", 0644, buf_str(&b), b.len);
    return 0;
}

int dnsmasq_give_config(const struct dnsmasq_names *names, json **ret, struct error **err)
{
    const struct embedded_file *script = embedded_find("dnsmasq/aro-dnsmasq-pre.sh");
    const struct embedded_file *unit = embedded_find("dnsmasq/dnsmasq.service");
    json *conf;
    if (!script || !unit)
        return error_set(err, ERR_INTERNAL, "dnsmasq's files are not part of this build");
    if (check(names, err) < 0 || give_conf(names, &conf, err) < 0)
        return -1;
    *ret = json_make(
        "{'ignition':{'version':'" IGNITION_VERSION "'},'storage':{'files':[%j,%j]},"
        "'systemd':{'units':[{'name':'dnsmasq.service','enabled':true,"
        "'contents':%s}]}}",
        conf, give_file("/usr/local/bin/aro-dnsmasq-pre.sh", 0744, script->data, script->len),
        unit->data);
    return 0;
}

int dnsmasq_give_machineconfig(const struct dnsmasq_names *names, const char *role, json **ret,
                               struct error **err)
{
    cleanup_free char *name = xasprintf("99-%s-aro-dns", role);
    json *config;
    if (dnsmasq_give_config(names, &config, err) < 0)
        return -1;
    *ret = json_make("{'apiVersion':'machineconfiguration.openshift.io/v1','kind':'MachineConfig',"
                     "'metadata':{'name':%s,'labels':{"
                     "'machineconfiguration.openshift.io/role':%s}},'spec':{'config':%j}}",
                     name, role, config);
    return 0;
}
