#include "test/unit/support/pkg/azure/torture.h"

#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

static const struct script_step faults[] = {
    { .fail = ERR_CONN, .fail_code = HTTP_ERR_RESET },
    { .status = 200, .reply = "{\"trunc", .fail = ERR_CONN, .fail_code = HTTP_ERR_EOF },
    { .status = 500, .reply = "<html>trouble</html>" },
    { .status = 503, .headers = "Retry-After: 2" },
    { .status = 429,
      .headers = "Retry-After: 3",
      .reply = "{\"error\":{\"code\":\"TooManyRequests\",\"message\":\"slow down\"}}" },
    { .status = 409,
      .reply = "{\"error\":{\"code\":\"AnotherOperationInProgress\",\"message\":\"Please retry "
               "later.\"}}" },
};

static void run_with(const struct script_step *steps, size_t len, size_t at,
                     const struct script_step *fault, void (*run)(struct azure_fixture *f))
{
    cleanup_free struct script_step *all = xcalloc(len + 1, sizeof(*all));
    memcpy(all, steps, at * sizeof(*all));
    all[at] = *fault;
    all[at].request = steps[at].request;
    memcpy(all + at + 1, steps + at, (len - at) * sizeof(*all));
    struct azure_fixture f;
    azure_fixture_init(&f, all, len + 1);

    run(&f);

    azure_fixture_finish(&f);
}

void torture(const struct script_step *steps, size_t len, void (*run)(struct azure_fixture *f))
{
    for (size_t at = 0; at < len; at++)
        for (size_t i = 0; i < ARRAY_LEN(faults); i++)
            run_with(steps, len, at, &faults[i], run);
}
