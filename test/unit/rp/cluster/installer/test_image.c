#include <string.h>

#include "rp/cluster/installer/image.h"
#include "test/unit/support/test.h"

struct image_case {
    const char *name, *stream;
    const char *want_sku, *want_version; /* NULL: none is found */
    const char *want;                    /* then, a part of why */
};
#define EXTENSION(url) \
    "{'architectures':{'x86_64':{'rhel-coreos-extensions':{'azure-disk':{'url':'" url "'}}}}}"
#define ARTIFACT(url) \
    "{'architectures':{'x86_64':{'artifacts':{'azure':{'formats':{'vhd.gz':{'disk':{'location':" \
    "'" url "'}}}}}}}}"
static struct image_case cases[] = {
    { "a disk of the extensions",
      EXTENSION("https://rhcos.example/imagebucket/"
                "rhcos-417.94.202409051434-0-azure.x86_64.vhd"),
      "aro_417", "417.94.20240905", NULL },
    { "a disk of the artifacts",
      ARTIFACT("https://rhcos.example/prod/rhcos-48.84.202109241901-0-azure.x86_64.vhd.gz"),
      "aro_48", "48.84.20210924", NULL },
    { "one of the first releases",
      EXTENSION("https://rhcos.example/rhcos-43.81.201911221453.0-azure.x86_64.vhd"), "aro_43",
      "43.81.20191122", NULL },
    { "a disk for other machines",
      EXTENSION("https://rhcos.example/rhcos-417.94.202409051434-0-azure.aarch64.vhd"), NULL, NULL,
      "aarch64" },
    { "a disk of another name", EXTENSION("https://rhcos.example/latest.vhd"), NULL, NULL,
      "latest.vhd" },
    { "a build without the time of day",
      EXTENSION("https://rhcos.example/rhcos-417.94.20240905-0-azure.x86_64.vhd"), NULL, NULL,
      "20240905" },
    { "no disk at all", "{'architectures':{'x86_64':{'artifacts':{'aws':{}}}}}", NULL, NULL,
      "no disk of Azure" },
};

static void check(void **state)
{
    const struct image_case *c = *state;
    cleanup_json json *stream = json_make(c->stream);
    cleanup_machine_image struct machine_image image = { 0 };
    cleanup_error struct error *err = NULL;

    int rcode = machine_image_find(stream, &image, &err);

    assert_int_equal(rcode, c->want ? -1 : 0);
    if (c->want) {
        assert_true(error_is(err, ERR_INVALID));
        assert_non_null(strstr(error_text(err), c->want));
        assert_null(image.sku);
        return;
    }
    assert_string_equal(image.sku, c->want_sku);
    assert_string_equal(image.version, c->want_version);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("image of the machines", tests);
}
