/*
 * azure_fixture.h - tokens and an ARM client over a scripted transport. Time and randomness belong to the test;
 * User-Agent, request ids and token values are not compared.
 *
 *   azure_fixture_init(&f, steps, len);  ...  azure_fixture_finish(&f);
 */
#ifndef TEST_UNIT_SUPPORT_PKG_AZURE_AZURE_FIXTURE_H
#define TEST_UNIT_SUPPORT_PKG_AZURE_AZURE_FIXTURE_H

#include "pkg/azure/azure.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/pkg/net/scripted_transport.h"

struct azure_fixture {
    struct fake_clock clock;
    struct fake_rng rng;
    struct scripted_transport transport;
    struct azure_credential credential; /* its strings are constants: never released */
    struct secret *secret;
    struct opctx ctx;
    struct azure_tokens *tokens;
    struct arm *arm;
};
void azure_fixture_init(struct azure_fixture *f, const struct script_step *steps, size_t len);
void azure_fixture_finish(struct azure_fixture *f); /* checks the script */

/* The request that fetches the ARM token, and its good answer. */
#define TOKEN_REQUEST \
    "POST https://login.microsoftonline.com/tenant/oauth2/v2.0/token\n" \
    "Content-Type: application/x-www-form-urlencoded\n" \
    "Accept: application/json\n" \
    "\n" \
    "grant_type=client_credentials&client_id=app&scope=https%3A%2F%2Fmanagement.azure.com%2F%2F." \
    "default&" \
    "client_secret=s%26cret"
#define TOKEN_REPLY "{\"token_type\":\"Bearer\",\"expires_in\":3599,\"access_token\":\"t1\"}"
#define TOKEN_STEP \
    { \
        .request = TOKEN_REQUEST, .reply = TOKEN_REPLY \
    }

#endif
