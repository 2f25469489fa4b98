/* stamp_lines - copies the lines of its input, each behind the time at which it came: microseconds, from any beginning. */
#include <stdio.h>
#include <stdlib.h>

#include "pkg/base/clock.h"

int main(void)
{
    char *line = NULL;
    size_t cap = 0;
    while (getline(&line, &cap, stdin) > 0) {
        printf("%lld %s", (long long)(clock_mono_ns(clock_system()) / 1000), line);
        (void)fflush(stdout);
    }
    free(line);
    return 0;
}
