#include "pkg/base/mem.h"
#include "rp/cluster/installer/installer.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/test.h"

struct driver {
    int runs, ends;
};

static int generate(void *arg, const struct opctx *ctx, const struct installer_inputs *in,
                    json **ret_graph, struct error **err)
{
    struct driver *d = arg;
    (void)ctx;
    (void)err;
    d->runs++;
    *ret_graph = json_make("{'infra':%s}", in->infra_id);
    return 0;
}

static int find_image(void *arg, const struct opctx *ctx, const char *id, struct machine_image *ret,
                      struct error **err)
{
    (void)arg;
    (void)ctx;
    (void)err;
    *ret = (struct machine_image){ xstrdup("aro_1"), xstrdup(id) };
    return 0;
}

static void end(void *arg)
{
    ((struct driver *)arg)->ends++;
}

static const struct installer_ops ops = { generate, find_image, end };

static void asks_its_driver(void **state)
{
    (void)state;
    struct fake_clock clock;
    struct fake_rng rng;
    fake_clock_init(&clock);
    fake_rng_init(&rng, 1);
    struct driver driver = { 0 };
    struct stop *stop = stop_new(NULL);
    struct opctx ctx = opctx_root(&clock.base, &rng.base, stop, NULL);
    struct installer *i = xnew(struct installer);
    *i = (struct installer){ &ops, &driver };
    struct installer_inputs in = { .infra_id = "aro-x7kq2" };
    cleanup_json json *graph = NULL, *none = NULL;
    cleanup_machine_image struct machine_image image = { 0 };
    cleanup_error struct error *err = NULL;

    assert_int_equal(installer_generate(i, &ctx, &in, &graph, NULL), 0);
    assert_int_equal(installer_find_image(i, &ctx, "id", &image, NULL), 0);
    stop_request(stop);
    assert_int_equal(installer_find_image(i, &ctx, "other", &image, NULL), -1);
    assert_int_equal(installer_generate(i, &ctx, &in, &none, &err), -1);
    installer_free(i);
    installer_free(NULL);

    assert_string_equal(json_path_str(graph, "infra"), "aro-x7kq2");
    assert_true(error_is(err, ERR_CANCELLED));
    assert_string_equal(image.version, "id");
    assert_int_equal(driver.runs, 1);
    assert_int_equal(driver.ends, 1);
    stop_unref(stop);
    fake_clock_release(&clock);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("a driver is asked, but not when the work has to stop, and ended once",
             asks_its_driver),
    };
    return RUN_CASES("installer", tests);
}
