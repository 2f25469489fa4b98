#include "cmd/aro-rp/enricher.h"
#include "test/unit/support/rp/enrich/enrich_rig.h"
#include "test/unit/support/test.h"

static void asks_the_clusters(void **state)
{
    (void)state;
    cleanup_enrich_rig struct enrich_rig r;
    struct enricher_of_clusters e;
    enrich_rig_open(&r, "{'networkProfile':{'privateEndpointIp':'10.0.0.9'}}");
    enricher_init(&e, &r.cfg);

    e.base.enrich(&e.base, &r.inside.ctx, &r.cluster, 1);

    assert_true(r.inside.reads > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { CASE("asks the clusters", asks_the_clusters) };
    return RUN_CASES("enricher", tests);
}
