#include "cmd/aro-rp/first_party.h"

#include "pkg/base/mem.h"
#include "pkg/base/thread.h"

struct first_party {
    char *client_id;
    struct secret *client_secret; /* NULL: the certificate counts */
    pthread_mutex_t mu;           /* guards the next two */
    char *cert_pem;
    struct secret *key_pem;
};

struct first_party *first_party_new(const char *client_id, struct secret *client_secret)
{
    struct first_party *f = xnew(struct first_party);
    f->client_id = xstrdup(client_id);
    f->client_secret = client_secret ? secret_ref(client_secret) : NULL;
    mutex_init(&f->mu);
    return f;
}

void first_party_free(struct first_party *f)
{
    if (!f)
        return;
    free(f->client_id);
    secret_unref(f->client_secret);
    free(f->cert_pem);
    secret_unref(f->key_pem);
    (void)pthread_mutex_destroy(&f->mu);
    free(f);
}

void first_party_set_cert(struct first_party *f, const char *cert_pem, struct secret *key_pem)
{
    pthread_mutex_lock(&f->mu);
    free(f->cert_pem);
    secret_unref(f->key_pem);
    f->cert_pem = xstrdup(cert_pem);
    f->key_pem = secret_ref(key_pem);
    pthread_mutex_unlock(&f->mu);
}

struct azure_credential *first_party_give_credential(struct first_party *f, const char *tenant_id)
{
    struct azure_credential *c = xnew(struct azure_credential);
    c->tenant_id = xstrdup(tenant_id);
    c->client_id = xstrdup(f->client_id);
    if (f->client_secret) {
        c->type = AZURE_CLIENT_SECRET;
        c->client_secret = secret_ref(f->client_secret);
        return c;
    }
    c->type = AZURE_CLIENT_CERTIFICATE;
    c->send_chain = true; /* known by subject name and issuer, not by its thumbprint */
    pthread_mutex_lock(&f->mu);
    c->certificate_pem = xstrdup(f->cert_pem);
    c->key_pem = secret_ref(f->key_pem);
    pthread_mutex_unlock(&f->mu);
    return c;
}
