/*
 * flags.h - the operator flags: spec.operatorflags of the Cluster resource, a map of strings.
 *
 * A boolean flag is on only when its key is present and equals "true" in any letter case. The
 * operator never assumes what the resource provider stamps (pkg/api/operatorflags.h), because flags
 * that are newer than a cluster are absent there. Threads: pure.
 */
#ifndef OPERATOR_FLAGS_H
#define OPERATOR_FLAGS_H

#include <stdbool.h>

#include "pkg/api/operatorflags.h"
#include "pkg/base/json.h"

/*
 * flag_is_on - whether a boolean flag is on; true for FLAG_NONE.
 *
 * An older form decides when the flag's own key is absent: the January 2022 keys, then the booleans
 * of spec.features (reconcileNSGs decides only when neither of the two flags that it stands for is
 * in the map).
 */
bool flag_is_on(const json *cluster, enum operator_flag flag);
/* Whether the key itself, or an older form that decides for it, is there. */
bool flag_is_set(const json *cluster, enum operator_flag flag);
/* The text; dflt when the key is absent. Borrowed from cluster or dflt. */
const char *flag_text(const json *cluster, enum operator_flag flag, const char *dflt);
/* As flag_text, and dflt also for an empty text (image pull specs). */
const char *flag_text_or(const json *cluster, enum operator_flag flag, const char *dflt);

#endif
