#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/base/strv.h"
#include "test/unit/support/rp/frontend/cluster_rig.h"
#include "test/unit/support/test.h"

struct fake_service {
    struct diagnostics base;
    const char *answer; /* NULL: it fails */
    enum err_kind kind;
    char *asked; /* the last question */
};

static int answer(struct diagnostics *base, const struct opctx *ctx, const char *cluster_id,
                  const char *detector, char **ret, struct error **err)
{
    struct fake_service *s = container_of(base, struct fake_service, base);
    (void)ctx;
    free(s->asked);
    s->asked = xasprintf("%s %s", cluster_id, detector ? detector : "all");
    if (!s->answer)
        return error_set(err, s->kind, "verysecret");
    *ret = xstrdup(s->answer);
    return 0;
}

struct detector_case {
    const char *name, *path, *answer;
    enum err_kind kind;
    const char *want, *want_asked; /* NULL: nobody */
};
#define MISSING FRONT_GROUP FRONT_TYPE "/none"
static struct detector_case cases[] = {
    { "the list is passed through, byte for byte", FRONT_CLUSTER "/detectors", "{\"value\":  []}",
      ERR_INTERNAL, "200 {\"value\":  []}", FRONT_CLUSTER " all" },
    { "no version is asked for", FRONT_CLUSTER "/detectors?api-version=moon", "{}", ERR_INTERNAL,
      "200 {}", FRONT_CLUSTER " all" },
    { "a detector keeps its letters", FRONT_CLUSTER "/Detectors/NodeDrain", "{\"id\":1}",
      ERR_INTERNAL, "200 {\"id\":1}", FRONT_CLUSTER " NodeDrain" },
    { "a cluster that is not there has none", MISSING "/detectors", "{}", ERR_INTERNAL,
      "404 ResourceNotFound: The Resource 'openshiftclusters/none' under resource group 'group' "
      "was "
      "not found.",
      NULL },
    { "a detector that the service does not know is not found", FRONT_CLUSTER "/detectors/x", NULL,
      ERR_NOT_FOUND, "404 NotFound: The detector 'x' was not found.", FRONT_CLUSTER " x" },
    { "a cluster that the service does not know has none", FRONT_CLUSTER "/detectors", NULL,
      ERR_NOT_FOUND, "404 NotFound: The cluster has no detectors.", FRONT_CLUSTER " all" },
    { "what fails within is ours", FRONT_CLUSTER "/detectors", NULL, ERR_UNAVAILABLE,
      "500 InternalServerError: Internal server error.", FRONT_CLUSTER " all" },
};

static void check(void **state)
{
    const struct detector_case *k = *state;
    struct fake_service service = { { answer }, k->answer, k->kind, NULL };
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);
    c.front.f.cfg.diagnostics = &service.base;

    cleanup_free char *got = strncmp(k->want, "200", 3) == 0
                                 ? front_give_answer(&c.front, "GET", k->path, NULL)
                                 : front_give_error(&c.front, "GET", k->path, NULL);

    assert_string_equal(got, k->want);
    if (k->want_asked)
        assert_true(str_eq_nocase(service.asked, k->want_asked));
    else
        assert_null(service.asked);
    if (k->want_asked) /* the detector's own letters */
        assert_string_equal(strrchr(service.asked, ' '), strrchr(k->want_asked, ' '));
    free(service.asked);
    clusters_release(&c);
}

static void tells_that_there_is_no_service(void **state)
{
    (void)state;
    struct clusters c;
    clusters_init(&c);
    clusters_create(&c);

    cleanup_free char *got = front_give_error(&c.front, "GET", FRONT_CLUSTER "/detectors", NULL);

    assert_string_equal(got, "503 InternalServerError: No diagnostics service is configured here.");
    clusters_release(&c);
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases) + 1] = {
        CASE("tells that no service is configured", tells_that_there_is_no_service),
    };
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i + 1] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("detectors", tests);
}
