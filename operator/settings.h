/* settings.h - every interval of the operator, with its default and the variable that changes it.
 */
#ifndef OPERATOR_SETTINGS_H
#define OPERATOR_SETTINGS_H

#include "pkg/base/env.h"

/* X(id, variable, default, min, max, doc): milliseconds */
#define OPERATOR_SETTINGS(X) \
    X(CHECK_INTERVAL_MS, "ARO_CHECK_INTERVAL_MS", 3600000, 100, 86400000, \
      "How long after a successful run the periodic controllers run again.") \
    X(INTERNET_ATTEMPT_MS, "ARO_INTERNET_ATTEMPT_MS", 10000, 10, 600000, \
      "How long one attempt of the internet check lasts; a failed one waits out its time.") \
    X(RESYNC_MS, "ARO_RESYNC_MS", 36000000, 1000, 864000000, \
      "How often every cached object is reconciled again.") \
    X(LEASE_DURATION_MS, "ARO_LEASE_DURATION_MS", 137000, 1000, 3600000, \
      "How long others wait for a silent leader.") \
    X(LEASE_RENEW_DEADLINE_MS, "ARO_LEASE_RENEW_DEADLINE_MS", 107000, 500, 3600000, \
      "How long a leader tries to renew its lease before it gives up.") \
    X(LEASE_RETRY_MS, "ARO_LEASE_RETRY_MS", 26000, 100, 3600000, \
      "The pause between attempts to get or renew the lease.") \
    X(GRACE_MS, "ARO_GRACE_MS", 30000, 0, 600000, \
      "How long running reconciles may take to end on a signal.") \
    X(REQUEST_TIMEOUT_MS, "ARO_REQUEST_TIMEOUT_MS", 60000, 1000, 600000, \
      "How long one request to the API server may take, watches excepted.") \
    X(CONN_IDLE_MS, "ARO_CONN_IDLE_MS", 30000, 100, 600000, \
      "How long a connection with open requests may be silent before it is probed.") \
    X(CONN_PING_MS, "ARO_CONN_PING_MS", 15000, 100, 600000, \
      "How long a probe may stay unanswered.") \
    X(WATCH_GATHER_MS, "ARO_WATCH_GATHER_MS", 20, 0, 1000, \
      "How long watch events that follow one another quickly may wait to be read together; 0: " \
      "not at all.")

enum operator_setting {
#define X(id, var, dflt, min, max, doc) SETTING_##id,
    OPERATOR_SETTINGS(X)
#undef X
        SETTING_COUNT
};
extern const struct setting operator_settings[SETTING_COUNT];

#endif
