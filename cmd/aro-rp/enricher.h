/* enricher.h - live data of clusters for the frontend's replies. */
#ifndef CMD_ARO_RP_ENRICHER_H
#define CMD_ARO_RP_ENRICHER_H

#include "rp/enrich/enrich.h"
#include "rp/frontend/frontend.h"

struct enricher_of_clusters {
    struct enricher base;
    struct enrich_config cfg;
};
/* cfg is copied, what it names is borrowed. */
void enricher_init(struct enricher_of_clusters *e, const struct enrich_config *cfg);

#endif
