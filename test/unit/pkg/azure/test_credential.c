#include "pkg/azure/azure.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static void check_free(void **state)
{
    (void)state;
    struct azure_credential *c = xnew(struct azure_credential);
    c->tenant_id = xstrdup("t");
    c->client_secret = secret_new("s", 1);

    azure_credential_free(c); /* the sanitizer tells what would leak */
    azure_credential_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = { CASE("a half-filled credential is released", check_free) };
    return RUN_CASES("credential", tests);
}
