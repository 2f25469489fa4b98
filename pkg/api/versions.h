/*
 * versions.h - the registry of API versions, as the field table and the swagger generator see it.
 *
 * Letters stand for versions in tables: V_D | V_E, V_FROM(V_F) without admin, V_UPTO(V_C). Bits grow
 * with age, admin is the last. Threads: constants.
 */
#ifndef PKG_API_VERSIONS_H
#define PKG_API_VERSIONS_H

#include <stdint.h>

#include "pkg/api/api.h"

#define V_A 0x001u     /* 2019-12-31-preview */
#define V_B 0x002u     /* 2020-04-30 */
#define V_C 0x004u     /* 2021-09-01-preview */
#define V_D 0x008u     /* 2022-04-01 */
#define V_E 0x010u     /* 2022-09-04 */
#define V_F 0x020u     /* 2023-04-01 */
#define V_G 0x040u     /* 2023-07-01-preview */
#define V_H 0x080u     /* 2023-09-04 */
#define V_I 0x100u     /* 2023-11-22 */
#define V_J 0x200u     /* 2024-08-12-preview */
#define V_K 0x400u     /* 2025-07-25 */
#define V_ADMIN 0x800u /* admin */

#define V_PUBLIC 0x7ffu
#define V_ALL 0xfffu
#define V_FROM(v) (V_PUBLIC & ~((v)-1u))
#define V_UPTO(v) (((v) << 1) - 1u)

struct api_version {
    const char *name;
    uint32_t bit;
    const char *common_types; /* folder of the shared swagger types; NULL: no swagger */
};
extern const struct api_version api_versions[];
extern const size_t api_versions_len;

#endif
