#include <string.h>

#include "hack/devcloud/cluster/decode_protobuf.h"
#include "hack/devcloud/cluster/wire.h"
#include "pkg/base/mem.h"
#include "test/unit/support/test.h"

/* A message: fields are added, then it is put into the one around it. */
struct part {
    struct buf b;
};
static struct part part(void)
{
    return (struct part){ BUF_INIT(BUF_UNBOUNDED) };
}
static void put(struct part *to, unsigned number, struct part *p)
{
    wire_put_bytes(&to->b, number, p->b.data ? p->b.data : "", p->b.len);
    buf_release(&p->b);
}

static struct part named(const char *name)
{
    struct part meta = part();
    wire_put_text(&meta.b, 1, name);
    wire_put_text(&meta.b, 2, ""); /* Go's own structures write empty texts */
    return meta;
}

static struct part entry(const char *key, const char *value)
{
    struct part p = part();
    wire_put_text(&p.b, 1, key);
    wire_put_text(&p.b, 2, value);
    return p;
}

/* Consumes the object; gives the body. */
static struct buf give_body(const char *version, const char *kind, struct part *object)
{
    struct buf body = BUF_INIT(BUF_UNBOUNDED);
    struct part type = part();
    wire_put_text(&type.b, 1, version);
    wire_put_text(&type.b, 2, kind);
    buf_add(&body, "k8s", 4);
    struct part envelope = part();
    put(&envelope, 1, &type);
    put(&envelope, 2, object);
    buf_add(&body, envelope.b.data, envelope.b.len);
    buf_release(&envelope.b);
    return body;
}

static void expect_object(const char *version, const char *kind, struct part *object,
                          const char *want)
{
    cleanup_catalog struct catalog *c = catalog_new();
    cleanup_buf struct buf body = give_body(version, kind, object);
    cleanup_json json *got = NULL;
    cleanup_error struct error *err = NULL;

    if (decode_protobuf(c, body.data, body.len, &got, &err) < 0)
        fail_msg("%s", error_text(err));

    cleanup_free char *text = json_give_sorted(got);
    assert_string_equal(text, want);
}

static void reads_maps(void **state)
{
    (void)state;
    struct part cm = part(), meta = named("a"), k = entry("k", "v"), l = entry("l", "");
    put(&cm, 1, &meta);
    put(&cm, 2, &k);
    put(&cm, 2, &l);
    struct part raw = entry("b", "\x01\x02");
    put(&cm, 3, &raw);

    expect_object("v1", "ConfigMap", &cm,
                  "{\"apiVersion\":\"v1\",\"binaryData\":{\"b\":\"AQI=\"},\"data\":{\"k\":\"v\","
                  "\"l\":\"\"},\"kind\":\"ConfigMap\",\"metadata\":{\"generateName\":\"\","
                  "\"name\":\"a\"}}");
}

static void reads_lists_numbers_and_ports(void **state)
{
    (void)state;
    struct part service = part(), spec = part(), first = part(), second = part(), port = part(),
                name = part();
    wire_put_int(&port.b, 2, 8080);
    wire_put_int(&first.b, 3, 80);
    put(&first, 4, &port);
    wire_put_int(&name.b, 1, 1);
    wire_put_text(&name.b, 3, "web");
    wire_put_int(&second.b, 3, 443);
    put(&second, 4, &name);
    put(&spec, 1, &first);
    put(&spec, 1, &second);
    put(&service, 2, &spec);

    expect_object("v1", "Service", &service,
                  "{\"apiVersion\":\"v1\",\"kind\":\"Service\",\"spec\":{\"ports\":[{\"port\":80,"
                  "\"targetPort\":8080},{\"port\":443,\"targetPort\":\"web\"}]}}");
}

static void reads_times(void **state)
{
    (void)state;
    struct part lease = part(), spec = part(), time = part(), meta = part(), zero = part();
    wire_put_int(&time.b, 1, 1136214245);
    wire_put_int(&time.b, 2, 5000);
    put(&spec, 4, &time);
    put(&meta, 8, &zero);
    put(&lease, 1, &meta);
    put(&lease, 2, &spec);

    expect_object("coordination.k8s.io/v1", "Lease", &lease,
                  "{\"apiVersion\":\"coordination.k8s.io/v1\",\"kind\":\"Lease\",\"metadata\":{},"
                  "\"spec\":{\"renewTime\":\"2006-01-02T15:04:05.000005Z\"}}");
}

static void reads_structures_without_a_name(void **state)
{
    (void)state;
    struct part pod = part(), spec = part(), volume = part(), source = part(), map = part(),
                reference = named("cm");
    put(&map, 1, &reference);
    put(&source, 19, &map);
    wire_put_text(&volume.b, 1, "v");
    put(&volume, 2, &source);
    put(&spec, 1, &volume);
    put(&pod, 2, &spec);

    expect_object("v1", "Pod", &pod,
                  "{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"spec\":{\"volumes\":[{\"configMap\":"
                  "{\"name\":\"cm\"},\"name\":\"v\"}]}}");
}

static void reads_quantities(void **state)
{
    (void)state;
    struct part quota = part(), spec = part(), hard = part(), quantity = part();
    wire_put_text(&quantity.b, 1, "3");
    wire_put_text(&hard.b, 1, "pods");
    put(&hard, 2, &quantity);
    put(&spec, 1, &hard);
    put(&quota, 2, &spec);

    expect_object("v1", "ResourceQuota", &quota,
                  "{\"apiVersion\":\"v1\",\"kind\":\"ResourceQuota\",\"spec\":{\"hard\":{"
                  "\"pods\":\"3\"}}}");
}

static void leaves_unknown_fields_out(void **state)
{
    (void)state;
    struct part cm = part();
    wire_put_text(&cm.b, 99, "x");
    wire_put_int(&cm.b, 4, 1);

    expect_object("v1", "ConfigMap", &cm,
                  "{\"apiVersion\":\"v1\",\"immutable\":true,\"kind\":\"ConfigMap\"}");
}

struct refusal {
    const char *name, *version, *kind;
    unsigned number;
    const char *bytes; /* NULL: a number instead */
    enum err_kind want;
};
static struct refusal refusals[] = {
    { "a custom kind", "example.com/v1", "Widget", 1, "", ERR_UNSUPPORTED },
    { "a definition", "apiextensions.k8s.io/v1", "CustomResourceDefinition", 1, "",
      ERR_UNSUPPORTED },
    { "a number for an object", "v1", "ConfigMap", 1, NULL, ERR_INVALID },
    { "a number for a map", "v1", "ConfigMap", 2, NULL, ERR_INVALID },
    { "bytes for a flag", "v1", "ConfigMap", 4, "x", ERR_INVALID },
    { "a broken object", "v1", "ConfigMap", 1, "\x0a\x05x", ERR_INVALID },
    { "a name that is not UTF-8", "v1", "ConfigMap", 1, "\x0a\x01\xff", ERR_INVALID },
    { "a port's name that is not UTF-8", "v1", "Service", 2, "\x0a\x07\x22\x05\x08\x01\x1a\x01\xff",
      ERR_INVALID },
    { "a quantity that is not UTF-8", "v1", "ResourceQuota", 2,
      "\x0a\x08\x0a\x01p\x12\x03\x0a\x01\xff", ERR_INVALID },
    { "a time with more than a second of nanoseconds", "v1", "ConfigMap", 1,
      "\x42\x0b\x10\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", ERR_INVALID },
};

static void refuses(void **state)
{
    const struct refusal *r = *state;
    cleanup_catalog struct catalog *c = catalog_new();
    struct part object = part();
    cleanup_error struct error *err = NULL;
    cleanup_json json *got = NULL;
    if (r->bytes)
        wire_put_text(&object.b, r->number, r->bytes);
    else
        wire_put_int(&object.b, r->number, 1);
    cleanup_buf struct buf body = give_body(r->version, r->kind, &object);

    assert_int_equal(decode_protobuf(c, body.data, body.len, &got, &err), -1);
    assert_int_equal(error_kind(err), r->want);
}

static void refuses_other_bytes(void **state)
{
    (void)state;
    cleanup_catalog struct catalog *c = catalog_new();
    cleanup_error struct error *err = NULL;
    cleanup_json json *got = NULL;

    assert_int_equal(decode_protobuf(c, "{\"kind\":1}", 10, &got, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
    error_clear(&err);
    assert_int_equal(decode_protobuf(c, "k8", 2, &got, &err), -1);
    assert_true(error_is(err, ERR_INVALID));
}

int main(void)
{
    struct CMUnitTest tests[7 + ARRAY_LEN(refusals)] = {
        CASE("reads maps of texts and bytes", reads_maps),
        CASE("reads lists, numbers, numbers or texts", reads_lists_numbers_and_ports),
        CASE("reads times; the zero time is none", reads_times),
        CASE("reads structures that JSON has no name for", reads_structures_without_a_name),
        CASE("reads quantities", reads_quantities),
        CASE("leaves unknown fields out", leaves_unknown_fields_out),
        CASE("refuses what does not begin as protobuf", refuses_other_bytes),
    };
    for (size_t i = 0; i < ARRAY_LEN(refusals); i++)
        tests[7 + i] = (struct CMUnitTest)CASE_OF(refusals[i].name, refuses, &refusals[i]);
    return RUN_CASES("decode_protobuf", tests);
}
