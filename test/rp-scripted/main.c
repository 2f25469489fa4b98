/* rp-scripted - the resource provider with clusters that exist in its documents only (script.h). Development only. */
#include "cmd/aro-rp/process.h"
#include "test/rp-scripted/script.h"

int main(int argc, char **argv)
{
    const struct process p = { .prog = "rp-scripted", .manager = &script_ops };
    return process_main(&p, argc, argv);
}
