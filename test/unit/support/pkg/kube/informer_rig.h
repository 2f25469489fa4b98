/*
 * informer_rig.h - an informer of ConfigMaps over a scripted server, on fake time.
 *
 * Without rig_start everything runs on the test's thread: rig_run runs the reflector until a step's
 * hook (rig_stop) or the end of the script stops it; waits jump to their ends. Requests are compared
 * without User-Agent.
 */
#ifndef TEST_UNIT_SUPPORT_PKG_KUBE_INFORMER_RIG_H
#define TEST_UNIT_SUPPORT_PKG_KUBE_INFORMER_RIG_H

#include "pkg/kube/informer_impl.h"
#include "pkg/kube/reflector.h"
#include "test/unit/support/fake_clock.h"
#include "test/unit/support/fake_rng.h"
#include "test/unit/support/log_capture.h"
#include "test/unit/support/pkg/net/scripted_transport.h"

#define RIG_REQUESTS_MAX 64

/* Keeps what it hears as text: "+a:1" added (i: initial), "~a:1>2" updated (r: resync), "-a:2"
 * deleted (u: unknown final state), "synced"; blanks between. */
struct recorder {
    struct informer_handler handler;
    struct buf text;
};
void recorder_init(struct recorder *r);
void recorder_release(struct recorder *r);

struct rig {
    struct fake_clock clock;
    struct fake_rng rng;
    struct log_capture sink;
    struct log log;
    struct metrics *metrics;
    struct scripted_transport script;
    struct http_transport timed; /* before the script: notes when each request came */
    int64_t times_ms[RIG_REQUESTS_MAX];
    size_t times_len;
    size_t script_len;
    struct kube_config config;
    struct kube_client *client;
    struct kube_cache *cache;
    struct informer *informer;
    struct recorder recorder;
    struct stop *stop;
};

struct rig_options {
    const struct informer_config *informer; /* NULL: ConfigMaps of all namespaces */
    bool allow_streaming_list;
    int64_t resync_ms;
    size_t pack_above_bytes;
};
void rig_init(struct rig *r, const struct script_step *steps, size_t len,
              const struct rig_options *opt);
void rig_release(struct rig *r);
/* Runs the reflector until it is stopped; the script must then be used up. */
void rig_run(struct rig *r);
/* A hook: ends the run. */
void rig_stop(void *rig);
/* Hooks: time passes while the request runs. */
void rig_pass_2s(void *rig);
void rig_pass_5m(void *rig);
/* Compares what the recorder heard since the last call. */
void rig_heard(struct rig *r, const char *want);
/* Milliseconds between request i - 1 and request i. */
int64_t rig_gap_ms(const struct rig *r, size_t i);
double rig_metric(struct rig *r, const char *name);

#define RIG_BASE "https://k/api/v1/configmaps"
#define RIG_LIST(query) "GET " RIG_BASE "?" query "\nAccept: application/json"
#define RIG_WATCH(query) \
    "GET " RIG_BASE "?watch=true&allowWatchBookmarks=true" query \
    "&timeoutSeconds=300\nAccept: application/json\n@traffic: watch"
#define RIG_FIRST RIG_LIST("limit=500&resourceVersion=0")

/* Replies. */
#define RIG_ITEM(name, version) RIG_ITEM_UID(name, version, "u-" name)
#define RIG_ITEM_UID(name, version, uid) \
    "{\"metadata\":{\"name\":\"" name "\",\"namespace\":\"n\",\"resourceVersion\":\"" version \
    "\",\"uid\":\"" uid "\"}}"
#define RIG_ITEMS(version, items) \
    "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":" \
    "\"" version "\"},\"items\":[" items "]}"
#define RIG_PAGE(version, token, items) \
    "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{\"resourceVersion\":" \
    "\"" version "\",\"continue\":\"" token "\"},\"items\":[" items "]}"
#define RIG_EVENT(type, name, version) \
    "{\"type\":\"" type "\",\"object\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\"," \
    "\"metadata\":{\"name\":\"" name "\",\"namespace\":\"n\",\"resourceVersion\":\"" version \
    "\",\"uid\":\"u-" name "\"}}}\n"
#define RIG_BOOKMARK(version) \
    "{\"type\":\"BOOKMARK\",\"object\":{\"kind\":\"ConfigMap\",\"apiVersion\":\"v1\"," \
    "\"metadata\":{\"resourceVersion\":\"" version "\",\"creationTimestamp\":null}}}\n"
#define RIG_STATUS(code, reason, message) \
    "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"metadata\":{},\"status\":\"Failure\"," \
    "\"message\":\"" message "\",\"reason\":\"" reason "\",\"code\":" code "}"
#define RIG_ERROR(code, reason, message) \
    "{\"type\":\"ERROR\",\"object\":" RIG_STATUS(code, reason, message) "}\n"

#endif
