/*
 * common_name.h - callers known by the common name of a certificate that given authorities issued for
 * clients: administrators, and in development ARM. Threads: safe from any.
 */
#ifndef RP_FRONTEND_AUTH_COMMON_NAME_H
#define RP_FRONTEND_AUTH_COMMON_NAME_H

#include "rp/frontend/authorizer.h"

/* who is for messages: "the admin API". ca_pem: these authorities and no others. Both texts are copied.
 * ERR_INVALID: an empty name, or no authority in ca_pem. */
int common_name_new(const char *who, const char *common_name, const char *ca_pem,
                    struct authorizer **ret, struct error **err);

#endif
