#include <string.h>

#include "hack/devcloud/cluster/builtin.h"
#include "hack/devcloud/cluster/catalog.h"
#include "hack/devcloud/cluster/schema_fill.h"
#include "test/unit/support/test.h"

static void defaults_have_fields(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    for (size_t i = 0; i < builtin_defaults_len; i++) {
        const struct builtin_default *d = &builtin_defaults[i];
        const struct schema_field *f = schema_field(catalog_type(c, d->type), d->field);
        if (!f)
            fail_msg("%s has no field %s", d->type, d->field);
        json *value = NULL;
        if (json_parse(f->dflt, strlen(f->dflt), &value, NULL) < 0)
            fail_msg("%s.%s: bad JSON %s", d->type, d->field, f->dflt);
        json_free(value);
    }
}

static void newer_kinds_have_types(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    for (size_t i = 0; i < builtin_newer_kinds_len; i++) {
        assert_non_null(catalog_type(c, builtin_newer_kinds[i].type));
        assert_true(builtin_newer_kinds[i].since_minor > 20);
    }
}

static void omitted_names_occur(void **state)
{
    (void)state;
    for (size_t i = 0; i < builtin_omitted_len; i++) {
        bool seen = false;
        for (size_t k = 0; k < builtin_rows_len && !seen; k++)
            seen = builtin_rows[k].name && strcmp(builtin_rows[k].name, builtin_omitted[i]) == 0;
        if (!seen)
            fail_msg("no field is called %s", builtin_omitted[i]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("every default belongs to a field and is JSON", defaults_have_fields),
        CASE("kinds of newer servers have types and a version", newer_kinds_have_types),
        CASE("every omitted field occurs", omitted_names_occur),
    };
    return RUN_CASES("builtin_facts", tests);
}
