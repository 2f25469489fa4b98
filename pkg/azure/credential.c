#include "pkg/azure/azure.h"

void azure_credential_release(struct azure_credential *c)
{
    free(c->tenant_id);
    free(c->client_id);
    secret_unref(c->client_secret);
    free(c->certificate_pem);
    secret_unref(c->key_pem);
    free(c->federated_token_file);
    *c = (struct azure_credential){ 0 };
}

void azure_credential_free(struct azure_credential *c)
{
    if (c)
        azure_credential_release(c);
    free(c);
}
