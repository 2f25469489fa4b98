/* aro-rp - the resource provider: `aro rp` ends here. */
#include "cmd/aro-rp/process.h"

int main(int argc, char **argv)
{
    const struct process p = { .prog = "aro-rp" };
    return process_main(&p, argc, argv);
}
