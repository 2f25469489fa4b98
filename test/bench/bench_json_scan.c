/*
 * bench_json_scan - MB/s of the JSON scanner, skipper, splitter, parser and writer on a list of
 * ConfigMaps as a kube-apiserver sends it (about 34 MB). Prints figures, judges nothing.
 *
 *   bench_json_scan [OBJECTS [PAYLOAD]]     payload bytes an object; 0 shows the cost of names and
 * brackets
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "pkg/base/buf.h"
#include "pkg/base/json.h"
#include "pkg/base/json_scan.h"
#include "pkg/base/mem.h"
#include "pkg/base/strv.h"

#define ROUNDS 5
#define PIECE ((size_t)16384)

static double now_s(void)
{
    struct timespec t;
    (void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Text with quotes and line ends now and then, that does not repeat. */
static void add_payload(struct buf *b, long long bytes, uint64_t *seed)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+/";
    for (long long i = 0; i < bytes; i++) {
        *seed = *seed * 6364136223846793005u + 1442695040888963407u;
        unsigned pick = (unsigned)(*seed >> 33);
        if (pick % 70 == 0)
            buf_adds(b, pick & 1024 ? "\\n" : "\\\"");
        else
            buf_addc(b, letters[pick % (sizeof(letters) - 1)]);
    }
}

static void add_config_map(struct buf *b, int i, long long payload, uint64_t *seed)
{
    buf_addf(
        b,
        "{\"metadata\":{\"name\":\"settings-%06d\",\"namespace\":\"openshift-fleet-%03d\","
        "\"uid\":\"6b1f8c2e-8a6e-4f5c-9d3b-%012d\",\"resourceVersion\":\"%d\","
        "\"creationTimestamp\":\"2023-04-05T06:07:08Z\",\"labels\":{\"app\":\"fleet\",\"tier\":\"t%"
        "d\"},"
        "\"managedFields\":[{\"manager\":\"fleet\",\"operation\":\"Update\",\"apiVersion\":\"v1\","
        "\"time\":\"2023-04-05T06:07:08Z\",\"fieldsType\":\"FieldsV1\",\"fieldsV1\":{\"f:data\":{"
        "\".\":{},"
        "\"f:payload\":{},\"f:generation\":{}},\"f:metadata\":{\"f:labels\":{\".\":{},\"f:app\":{},"
        "\"f:tier\":{}}}}}]},\"data\":{\"generation\":\"%d\",\"payload\":\"",
        i, i % 50, i, 100000 + i, i % 3, i % 7);
    add_payload(b, payload, seed);
    buf_adds(b, "\"}}");
}

static void add_list(struct buf *b, long long objects, long long payload)
{
    uint64_t seed = 42;
    buf_adds(b, "{\"kind\":\"ConfigMapList\",\"apiVersion\":\"v1\",\"metadata\":{"
                "\"resourceVersion\":\"7\"},\"items\":[");
    for (int i = 0; i < (int)objects; i++) {
        if (i)
            buf_addc(b, ',');
        add_config_map(b, i, payload, &seed);
    }
    buf_adds(b, "]}\n");
}

/* Each returns a count that depends on the whole text, so that nothing is optimised away. */

static size_t scan(const struct buf *b)
{
    struct json_scan s;
    size_t n = 0;
    json_scan_init(&s, b->data, b->len);
    for (enum scan_token t = SCAN_NULL; t != SCAN_END && t != SCAN_ERROR; n++)
        t = json_scan_next(&s, NULL);
    return n;
}

static size_t skip(const struct buf *b)
{
    struct json_scan s;
    const char *text;
    size_t len = 0;
    json_scan_init(&s, b->data, b->len);
    return json_scan_skip(&s, &text, &len, NULL) < 0 ? 0 : len;
}

static size_t split(const struct buf *b)
{
    struct json_split s = { 0 };
    size_t values = 0;
    for (size_t at = 0; at < b->len;) {
        size_t room = b->len - at < PIECE ? b->len - at : PIECE;
        bool complete;
        at += json_split_feed(&s, b->data + at, room, &complete);
        values += complete;
    }
    return values;
}

static size_t parse(const struct buf *b)
{
    cleanup_json json *j = NULL;
    return json_parse(b->data, b->len, &j, NULL) < 0 ? 0 : json_len(j);
}

static size_t parse_and_write(const struct buf *b)
{
    cleanup_json json *j = NULL;
    cleanup_buf struct buf out = BUF_INIT(BUF_UNBOUNDED);
    if (json_parse(b->data, b->len, &j, NULL) < 0)
        return 0;
    json_write(&out, j);
    return out.len;
}

/* Reads every byte once. */
static size_t find_nothing(const struct buf *b)
{
    return memchr(b->data, '\001', b->len) ? 0 : b->len;
}

static const struct measure {
    const char *name, *bar;
    size_t (*run)(const struct buf *);
} measures[] = {
    { "scan: every token of it", "400 MB/s", scan },
    { "skip: over whole values", "400 MB/s", skip },
    { "split: into objects, in pieces of 16 KB", "400 MB/s", split },
    { "parse: into a tree", "", parse },
    { "parse and write", "", parse_and_write },
};

static double best_mb_s(const struct buf *b, size_t (*run)(const struct buf *))
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        double start = now_s();
        if (run(b) == 0)
            abort(); /* it did not read it */
        double used = now_s() - start;
        best = used < best ? used : best;
    }
    return (double)b->len / best / 1e6;
}

int main(int argc, char **argv)
{
    cleanup_buf struct buf b = BUF_INIT(BUF_UNBOUNDED);
    long long objects = 20000, payload = 1000;
    if ((argc > 1 && !str_to_int(argv[1], 1, 10000000, &objects)) ||
        (argc > 2 && !str_to_int(argv[2], 0, 1000000, &payload))) {
        (void)fprintf(stderr, "usage: bench_json_scan [OBJECTS [PAYLOAD]]\n");
        return 2;
    }
    add_list(&b, objects, payload);
    cleanup_free char *title =
        xasprintf("JSON, %lld ConfigMaps, %.1f MB", objects, (double)b.len / 1e6);
    double limit = best_mb_s(&b, find_nothing);
    (void)printf("%-46s %16s  %-22s %s\n", title, "measured", "bar", "the machine's limit");
    for (size_t i = 0; i < ARRAY_LEN(measures); i++)
        (void)printf("  %-44s %11.0f MB/s  %-22s memchr %.0f MB/s\n", measures[i].name,
                     best_mb_s(&b, measures[i].run), measures[i].bar, limit);
    return 0;
}
