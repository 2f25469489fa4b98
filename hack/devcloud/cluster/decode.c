#include "hack/devcloud/cluster/decode.h"

#include <string.h>

#include "hack/devcloud/cluster/decode_protobuf.h"
#include "hack/devcloud/cluster/schema_fill.h"
#include "hack/devcloud/cluster/schema_validate.h"
#include "hack/devcloud/cluster/strategy.h"
#include "pkg/base/mem.h"
#include "pkg/base/yaml.h"

static bool is_yaml(const struct api_request *rq)
{
    return media_is(rq->content_type, "application/yaml") ||
           media_is(rq->content_type, "application/apply-patch+yaml");
}

static bool is_readable(const struct api_request *rq)
{
    return !rq->content_type || !*rq->content_type || is_yaml(rq) ||
           media_is(rq->content_type, "application/json");
}

static int fail_media(struct error **err)
{
    return fail_with(err, 415, "UnsupportedMediaType", NULL,
                     "the body of the request was in an unknown format - accepted media types "
                     "include: application/json, application/yaml, "
                     "application/vnd.kubernetes.protobuf");
}

static int read_protobuf(const struct op *op, json **ret, struct error **err)
{
    cleanup_error struct error *why = NULL;
    if (op->r->custom)
        return fail_media(err);
    if (decode_protobuf(op->c->catalog, op->rq->body, op->rq->body_len, ret, &why) == 0)
        return 0;
    return error_kind(why) == ERR_UNSUPPORTED ? fail_media(err)
                                              : fail_bad_request(err, "%s", error_text(why));
}

static int read_body(const struct op *op, const char *kind, json **ret, struct error **err)
{
    const struct api_request *rq = op->rq;
    cleanup_json json *tree = NULL;
    cleanup_error struct error *why = NULL;
    if (media_is(rq->content_type, PROTOBUF_TYPE))
        return read_protobuf(op, ret, err);
    if (!is_readable(rq))
        return fail_media(err);
    int rc = is_yaml(rq) ? yaml_parse(rq->body, rq->body_len, &tree, &why)
                         : json_parse(rq->body, rq->body_len, &tree, &why);
    if (rc < 0 || !json_is_object(tree))
        return fail_bad_request(err,
                                "the object provided is unrecognized (must be of type %s): "
                                "couldn't get version/kind; json parse error: %s",
                                kind, rc < 0 ? error_text(why) : "not an object");
    *ret = take(tree);
    return 0;
}

int decode_body(const struct op *op, json **ret, struct error **err)
{
    return read_body(op, op->r->kind, ret, err);
}

int decode_body_of(const struct op *op, const char *type, json **ret, struct error **err)
{
    const struct schema *schema = catalog_type(op->c->catalog, type);
    cleanup_strv struct strv words = STRV_INIT; /* group, version, kind */
    cleanup_json json *body = NULL;
    cleanup_error struct error *why = NULL;
    strv_split(&words, type, ".", false);
    if (read_body(op, words.v[2], &body, err) < 0)
        return -1;
    if (schema_check_types(schema, body, &why) < 0)
        return fail_bad_request(err, "%s in version \"%s\" cannot be handled as a %s: %s.%s%s",
                                words.v[2], words.v[1], words.v[2], words.v[1], words.v[2],
                                error_text(why));
    schema_zero_nulls(schema, body);
    schema_prune(schema, body, NULL);
    *ret = take(body);
    return 0;
}

int decode_check_kind(const struct op *op, json *obj, struct error **err)
{
    const char *version = json_path_str(obj, "apiVersion"), *kind = json_path_str(obj, "kind");
    if (op->r->custom && (!version || !kind))
        return fail_bad_request(err,
                                "%s in version \"%s\" cannot be handled as a %s: Object '%s' is "
                                "missing",
                                op->r->kind, op->r->version, op->r->kind,
                                kind ? "apiVersion" : "Kind");
    if (version && *version && !str_eq(version, op->api_version)) {
        if (op->r->custom)
            return fail_bad_request(
                err,
                "the API version in the data (%s) does not match the expected API version (%s)",
                version, op->api_version);
        return fail_bad_request(err,
                                "%s in version \"%s\" cannot be handled as a %s: no kind \"%s\" is "
                                "registered for version \"%s\"",
                                kind ? kind : op->r->kind, version, op->r->kind,
                                kind ? kind : op->r->kind, version);
    }
    if (kind && *kind && !str_eq(kind, op->r->kind)) {
        struct fail_object o = op_object(op, json_path_str(obj, "metadata.name"));
        struct invalid faults = { NULL };
        if (!op->r->custom)
            return fail_bad_request(err,
                                    "%s in version \"%s\" cannot be handled as a %s: unknown "
                                    "conversion",
                                    kind, op->r->version, op->r->kind);
        o.kind = kind;
        invalid_value(&faults, "kind", json_get(obj, "kind"), "must be %s", op->r->kind);
        (void)invalid_check(&faults, &o, err);
        invalid_release(&faults);
        return -1;
    }
    json_put(obj, "apiVersion", json_new_str(op->api_version));
    json_put(obj, "kind", json_new_str(op->r->kind));
    return 0;
}

/* ---- unknown fields ---- */

static int judge_unknown(const struct op *op, const struct strv *dropped, struct error **err)
{
    const char *how = api_query(op->rq, "fieldValidation");
    if (!dropped->len || !cluster_has(op->c, 25) || str_eq(how, "Ignore"))
        return 0;
    cleanup_strv struct strv parts = STRV_INIT;
    for (size_t i = 0; i < dropped->len; i++)
        strv_addf(&parts, "unknown field \"%s\"", dropped->v[i]);
    if (str_eq(how, "Strict")) {
        cleanup_free char *all = strv_give_joined(&parts, ", ");
        return fail_bad_request(err,
                                "%s in version \"%s\" cannot be handled as a %s: strict decoding "
                                "error: %s",
                                op->r->kind, op->r->version, op->r->kind, all);
    }
    for (size_t i = 0; op->reply && i < parts.len; i++)
        strv_add(&op->reply->warnings, parts.v[i]);
    return 0;
}

int decode_fail_types(const struct op *op, const struct error *why, struct error **err)
{
    if (str_eq(op->rq->method, "PATCH")) {
        cleanup_free char *text = xasprintf("Invalid value: %s", error_text(why));
        return fail_with(err, 422, "Invalid",
                         json_make("{'causes':[{'reason':'FieldValueInvalid','message':%s,"
                                   "'field':'patch'}]}",
                                   text),
                         " \"\" is invalid: patch: %s", text);
    }
    return fail_bad_request(err, "%s in version \"%s\" cannot be handled as a %s: %s.%s%s",
                            op->r->kind, op->r->version, op->r->kind, op->r->version, op->r->kind,
                            error_text(why));
}

/* Numbers as Go writes them after reading: whole ones without a fraction. */
static void respell(json *v)
{
    for (size_t i = 0; json_is_array(v) && i < json_len(v); i++) {
        int64_t n;
        if (json_kind(json_at(v, i)) == JSON_DECIMAL && json_int(json_at(v, i), &n))
            json_replace_at(v, i, json_new_int(n));
        else
            respell(json_at(v, i));
    }
    for (struct json_iter it = json_each(v); json_next(&it);) {
        int64_t n;
        if (json_kind(it.value) == JSON_DECIMAL && json_int(it.value, &n))
            json_put(v, it.key, json_new_int(n));
        else
            respell(it.value);
    }
}

static int normalise_custom(const struct op *op, json *obj, struct strv *dropped,
                            struct error **err)
{
    const struct schema *meta = catalog_type(op->c->catalog, "meta.v1.ObjectMeta");
    json *metadata = json_get(obj, "metadata");
    cleanup_error struct error *why = NULL;
    if (schema_check_types(meta, metadata, &why) < 0)
        return decode_fail_types(op, why, err);
    schema_zero_nulls(meta, metadata);
    respell(obj);
    schema_prune(op->r->schema, obj, dropped);
    schema_tidy(meta, metadata);
    schema_fill_custom(op->r->schema, obj);
    return 0;
}

int decode_normalise(const struct op *op, json *obj, struct error **err)
{
    const struct strategy *strategy = strategy_of(op->r->collection);
    cleanup_strv struct strv dropped = STRV_INIT;
    cleanup_error struct error *why = NULL;
    if (!json_get(obj, "metadata"))
        json_put(obj, "metadata", json_new_object());
    if (op->r->custom) {
        if (normalise_custom(op, obj, &dropped, err) < 0)
            return -1;
    } else {
        if (schema_check_types(op->r->schema, obj, &why) < 0)
            return decode_fail_types(op, why, err);
        schema_zero_nulls(op->r->schema, obj);
        schema_prune(op->r->schema, obj, &dropped);
        schema_tidy(op->r->schema, obj);
        schema_fill(op->r->schema, obj);
        if (strategy->decode)
            strategy->decode(op, obj);
    }
    return judge_unknown(op, &dropped, err);
}

json *decode_give_blank(const struct op *op)
{
    json *blank =
        json_make("{'apiVersion':%s,'kind':%s,'metadata':{}}", op->api_version, op->r->kind);
    if (!op->r->custom)
        schema_fill_blank(op->r->schema, blank);
    return blank;
}
