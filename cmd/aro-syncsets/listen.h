/* listen.h - addresses to listen on, as settings have them. */
#ifndef CMD_ARO_SYNCSETS_LISTEN_H
#define CMD_ARO_SYNCSETS_LISTEN_H

#include <stdint.h>

#include "pkg/base/error.h"

/* "host:port", ":port", "[::1]:port". setting: its name, for errors. *ret_host: owned, NULL for every address. ERR_INVALID. */
int listen_parse(const char *setting, const char *text, char **ret_host, uint16_t *ret_port,
                 struct error **err);

#endif
