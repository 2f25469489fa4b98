/* Reading YAML never fails badly, and what was read is written as YAML that reads as the same tree. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "pkg/base/yaml.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_round_trip(const json *j)
{
    cleanup_free char *text = yaml_give_text(j), *want = json_give_text(j);
    cleanup_json json *again = NULL;
    if (yaml_parse(text, strlen(text), &again, NULL) < 0)
        abort();
    cleanup_free char *got = json_give_text(again);
    if (strcmp(got, want) != 0)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    cleanup_json json *all = NULL, *one = NULL;
    const char *text = (const char *)data;
    if (yaml_parse_all(text, size, &all, NULL) < 0) {
        if (yaml_parse(text, size, &one, NULL) == 0)
            abort();
        return 0;
    }
    for (size_t i = 0; i < json_len(all); i++)
        check_round_trip(json_at(all, i));
    return 0;
}
