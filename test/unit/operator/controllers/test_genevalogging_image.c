#include <string.h>

#include "operator/controllers/genevalogging_backends.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

struct image_case {
    const char *name, *spec, *want; /* want NULL: an error */
};
static struct image_case cases[] = {
    { "the cluster's registry", "{'acrDomain':'a.azurecr.us'}", "a.azurecr.us/x:1" },
    { "a registry that is given by its name", "{'acrName':'arosvc'}", "arosvc.azurecr.io/x:1" },
    { "the domain wins over the name", "{'acrDomain':'a.example','acrName':'b'}", "a.example/x:1" },
    { "the flag wins over all",
      "{'acrDomain':'a.example','operatorflags':{'aro.genevalogging.mdsd.pullSpec':'r/y:2'}}",
      "r/y:2" },
    { "an empty flag counts as absent",
      "{'acrDomain':'a.example','operatorflags':{'aro.genevalogging.mdsd.pullSpec':''}}",
      "a.example/x:1" },
    { "the flag alone is enough", "{'operatorflags':{'aro.genevalogging.mdsd.pullSpec':'r/y:2'}}",
      "r/y:2" },
    { "no registry at all is an error", "{'acrDomain':'','acrName':''}", NULL },
};

static void check_image(void **state)
{
    const struct image_case *c = *state;
    cleanup_json json *spec = json_make(c->spec);
    cleanup_json json *cluster = json_make("{'spec':%j}", json_ref(spec));
    cleanup_free char *got = NULL;
    cleanup_error struct error *err = NULL;

    int rcode =
        genevalogging_give_image(cluster, FLAG_GENEVALOGGING_MDSD_PULLSPEC, "x:1", &got, &err);

    assert_int_equal(rcode, c->want ? 0 : -1);
    if (c->want) {
        assert_string_equal(got, c->want);
    } else {
        assert_true(error_is(err, ERR_INVALID));
        assert_non_null(strstr(error_text(err), "aro.genevalogging.mdsd.pullSpec"));
    }
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check_image, &cases[i]);
    return RUN_CASES("genevalogging_image", tests);
}
