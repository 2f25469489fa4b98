/* What ARM publishes for resource providers: the certificates that it shows them. */
#include <ctype.h>
#include <string.h>

#include "hack/devcloud/azure/forward.h"
#include "pkg/base/encoding.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "pkg/crypt/crypt.h"

static char *give_thumbprint(const char *der, size_t len)
{
    unsigned char digest[SHA1_LEN];
    sha1(der, len, digest);
    char *hex = hex_give(digest, sizeof(digest));
    for (char *p = hex; *p; p++)
        *p = (char)toupper((unsigned char)*p);
    return hex;
}

static json *give_entry(const char *pem)
{
    cleanup_free char *der = NULL;
    size_t len;
    struct x509_facts facts = { 0 };
    if (pem_give_der(pem, &der, &len, NULL) < 0 || x509_read_der(der, len, &facts, NULL) < 0)
        return NULL;
    char from[TIME_TEXT_MAX], to[TIME_TEXT_MAX];
    time_rfc3339(facts.not_before_wall_ns, from);
    time_rfc3339(facts.not_after_wall_ns, to);
    x509_facts_release(&facts);
    cleanup_free char *thumbprint = give_thumbprint(der, len), *base64 = base64_give(der, len);
    return json_make("{'thumbprint':%s,'notBefore':%s,'notAfter':%s,'certificate':%s}", thumbprint,
                     from, to, base64);
}

bool metadata_serve(struct sim_call *c)
{
    if (!str_eq(c->path, "/metadata/authentication"))
        return false;
    cleanup_json json *body = json_make("{'clientCertificates':[]}");
    json *entry = give_entry(c->sim->arm_cert_pem);
    if (entry)
        json_append(json_get(body, "clientCertificates"), entry);
    sim_reply(c, 200, body);
    return true;
}
