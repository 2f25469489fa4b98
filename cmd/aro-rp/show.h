/* show.h - a cluster's document for people who repair it. */
#ifndef CMD_ARO_RP_SHOW_H
#define CMD_ARO_RP_SHOW_H

#include <stdio.h>

#include "pkg/database/database.h"

/* As service_show (service.h). */
int show_cluster(const struct opctx *ctx, struct database *db, const char *key, const char *member,
                 FILE *out, struct error **err);

#endif
