#include <stdio.h>
#include <string.h>

#include "pkg/kube/informer.h"
#include "test/unit/support/test.h"

static struct kube_object *make(const char *name, const char *version, int generation,
                                const char *labels)
{
    char text[512];
    struct kube_object *o = NULL;
    (void)snprintf(text, sizeof(text),
                   "{\"metadata\":{\"namespace\":\"ns\",\"name\":\"%s\",\"resourceVersion\":\"%s\","
                   "\"generation\":%d,\"labels\":%s}}",
                   name, version, generation, labels);
    assert_int_equal(0, kube_object_new(text, strlen(text), PROJECT_FULL, &o, NULL));
    return o;
}

static struct predicate_case {
    const char *name;
    struct predicate predicate;
    enum informer_event_type type;
    const char *old_labels; /* NULL: no old object */
    int old_generation;
    const char *new_labels;
    int new_generation;
    bool want;
} cases[] = {
    { "a changed generation passes",
      { .test = predicate_generation_changed },
      INFORMER_UPDATE,
      "{}",
      1,
      "{}",
      2,
      true },
    { "an equal generation does not pass",
      { .test = predicate_generation_changed },
      INFORMER_UPDATE,
      "{}",
      1,
      "{\"a\":\"b\"}",
      1,
      false },
    { "an addition passes the generation test",
      { .test = predicate_generation_changed },
      INFORMER_ADD,
      NULL,
      0,
      "{}",
      1,
      true },
    { "a deletion passes the generation test",
      { .test = predicate_generation_changed },
      INFORMER_DELETE,
      "{}",
      1,
      NULL,
      0,
      true },
    { "an update without old object does not pass the generation test",
      { .test = predicate_generation_changed },
      INFORMER_UPDATE,
      NULL,
      0,
      "{}",
      1,
      false },
    { "a changed version passes",
      { .test = predicate_resource_version_changed },
      INFORMER_UPDATE,
      "{}",
      1,
      "{}",
      2,
      true },
    { "an equal version does not pass",
      { .test = predicate_resource_version_changed },
      INFORMER_UPDATE,
      "{}",
      1,
      "{}",
      1,
      false },
    { "an update without new object does not pass the version test",
      { .test = predicate_resource_version_changed },
      INFORMER_UPDATE,
      "{}",
      1,
      NULL,
      0,
      false },
    { "the name passes",
      { .test = predicate_name_is, .nspace = "ns", .name = "x" },
      INFORMER_ADD,
      NULL,
      0,
      "{}",
      1,
      true },
    { "the name passes on deletion",
      { .test = predicate_name_is, .name = "x" },
      INFORMER_DELETE,
      "{}",
      1,
      NULL,
      0,
      true },
    { "another name does not pass",
      { .test = predicate_name_is, .name = "y" },
      INFORMER_ADD,
      NULL,
      0,
      "{}",
      1,
      false },
    { "another namespace does not pass",
      { .test = predicate_name_is, .nspace = "n", .name = "x" },
      INFORMER_ADD,
      NULL,
      0,
      "{}",
      1,
      false },
    { "an event without objects does not pass the name test",
      { .test = predicate_name_is, .name = "x" },
      INFORMER_ADD,
      NULL,
      0,
      NULL,
      0,
      false },
    { "the label passes",
      { .test = predicate_label_is, .label_key = "k", .label_value = "v" },
      INFORMER_ADD,
      NULL,
      0,
      "{\"k\":\"v\"}",
      1,
      true },
    { "another value of the label does not pass",
      { .test = predicate_label_is, .label_key = "k", .label_value = "v" },
      INFORMER_ADD,
      NULL,
      0,
      "{\"k\":\"vv\"}",
      1,
      false },
    { "any value of the label passes",
      { .test = predicate_label_is, .label_key = "k" },
      INFORMER_ADD,
      NULL,
      0,
      "{\"k\":\"\"}",
      1,
      true },
    { "losing the label passes",
      { .test = predicate_label_is, .label_key = "k" },
      INFORMER_UPDATE,
      "{\"k\":\"v\"}",
      1,
      "{}",
      1,
      true },
    { "no label does not pass",
      { .test = predicate_label_is, .label_key = "k" },
      INFORMER_UPDATE,
      "{}",
      1,
      "{\"kk\":\"v\"}",
      1,
      false },
    { "an event without objects does not pass the label test",
      { .test = predicate_label_is, .label_key = "k" },
      INFORMER_UPDATE,
      NULL,
      0,
      NULL,
      0,
      false },
};

static void check(void **state)
{
    const struct predicate_case *c = *state;
    char old_version[16], new_version[16];
    (void)snprintf(old_version, sizeof(old_version), "%d", c->old_generation);
    (void)snprintf(new_version, sizeof(new_version), "%d", c->new_generation);
    cleanup_kube_object struct kube_object *old_obj =
        c->old_labels ? make("x", old_version, c->old_generation, c->old_labels) : NULL;
    cleanup_kube_object struct kube_object *new_obj =
        c->new_labels ? make("x", new_version, c->new_generation, c->new_labels) : NULL;
    const struct informer_event e = { .type = c->type, .old_obj = old_obj, .new_obj = new_obj };

    assert_int_equal(c->want, c->predicate.test(&c->predicate, &e));
}

int main(void)
{
    struct CMUnitTest tests[ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++)
        tests[i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, &cases[i]);
    return RUN_CASES("predicate", tests);
}
