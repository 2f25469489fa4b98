/* rp-scripted - the resource provider with clusters that exist in its documents only (script.h). Development only. */
#include "cmd/aro-rp/process.h"
#include "rp/env/env.h"
#include "test/rp-scripted/script.h"

int main(int argc, char **argv)
{
    cleanup_rp_env struct rp_env *env = NULL;
    (void)rp_env_load(env_process(), &env, NULL); /* what is wrong, the process itself tells */
    const struct process p = { .prog = "rp-scripted", .manager = &script_ops, .manager_arg = env };
    return process_main(&p, argc, argv);
}
