/*
 * model_types.h - the parts of the table of fields for each other; inside pkg/api/model*.c only.
 *
 * Sets of versions that several fields share, and the types that model.c puts together.
 */
#ifndef PKG_API_MODEL_TYPES_H
#define PKG_API_MODEL_TYPES_H

#include "pkg/api/model.h"
#include "pkg/base/cleanup.h"

#define FIELDS(a) .fields = (a), .len = ARRAY_LEN(a)

#define V_SYSTEM_DATA V_FROM(V_C)
#define V_ENCRYPTION (V_FROM(V_C) | V_ADMIN)
#define V_FIPS (V_FROM(V_D) | V_ADMIN)
#define V_SDN (V_C | V_ADMIN)
#define V_OUTBOUND (V_FROM(V_F) | V_ADMIN)
#define V_NSG (V_FROM(V_H) | V_ADMIN)
#define V_STATUS (V_FROM(V_H) | V_ADMIN)
#define V_LB (V_G | V_FROM(V_I) | V_ADMIN)
#define V_LB_OTHER (V_G | V_ADMIN)
#define V_IDENTITY (V_FROM(V_J) | V_ADMIN)
/* Where the addresses that the service fills in are marked as such. */
#define V_MARKED V_FROM(V_I)

extern const struct api_enum enum_install_phase; /* model_enums.c */

/* model_identity.c */
extern const struct api_type service_principal_type, workload_profile_type, identity_type;

/* model_network.c */
extern const struct api_type network_profile_type, apiserver_profile_type, ingress_profile_type;

#endif
