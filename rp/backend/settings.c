#include "rp/backend/settings.h"

#include "rp/env/env.h"

struct backend_settings backend_settings_of(const struct rp_env *env)
{
    return (struct backend_settings){
        .workers = rp_env_limit(env, LIMIT_BACKEND_WORKERS),
        .child_after = rp_env_limit(env, LIMIT_BACKEND_CHILD_AFTER),
        .tick_ms = rp_env_ms(env, INTERVAL_BACKEND_TICK),
        .heartbeat_ms = rp_env_ms(env, INTERVAL_BACKEND_HEARTBEAT),
        .trust_ms = rp_env_ms(env, INTERVAL_BACKEND_LEASE_TRUST),
        .retry_ms = rp_env_ms(env, INTERVAL_BACKEND_RETRY),
        .child_grace_ms = rp_env_ms(env, INTERVAL_BACKEND_CHILD_GRACE),
        .delete_delay_ms = rp_env_ms(env, INTERVAL_BACKEND_DELETE_DELAY),
        .queue_length_ms = rp_env_ms(env, INTERVAL_BACKEND_QUEUE_LENGTH),
        .reseal_ms = rp_env_ms(env, INTERVAL_BACKEND_RESEAL),
        .reseal_pause_ms = rp_env_ms(env, INTERVAL_BACKEND_RESEAL_PAUSE),
    };
}
