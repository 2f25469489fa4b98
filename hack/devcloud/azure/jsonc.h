/* jsonc.h - JSON as the Azure CLI sends templates: with comments, and with names that have no quotes. */
#ifndef HACK_DEVCLOUD_AZURE_JSONC_H
#define HACK_DEVCLOUD_AZURE_JSONC_H

#include <stddef.h>

/* Strict JSON of the same meaning; what is broken stays broken. Owned by the caller. */
char *jsonc_give_strict(const char *text, size_t len);

#endif
