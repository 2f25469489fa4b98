#include "rp/env/variables.h"

const struct rp_variable_info rp_variables[ENV_VARIABLES] = {
#define X(id, type, need, name, aliases, dflt, dev, doc) \
    [ENV_##id] = { name, aliases, dflt, dev, doc, VAR_##type, need },
    RP_VARIABLES(X)
#undef X
};
