#include "operator/settings.h"

const struct setting operator_settings[SETTING_COUNT] = {
#define X(id, var, dflt, min, max, doc) [SETTING_##id] = { #id, var, dflt, min, max, doc },
    OPERATOR_SETTINGS(X)
#undef X
};
