/* Conditions of a request on what is there. */
#include <string.h>

#include "hack/devcloud/azure/blob.h"
#include "pkg/base/strv.h"

static bool is_read(const struct blob_call *b)
{
    return blob_is(b, "GET") || blob_is(b, "HEAD");
}

/* "*" or one etag, with quotes or without. */
static bool etag_matches(const char *wanted, const json *object)
{
    const char *etag = json_path_str(object, "etag");
    if (!object)
        return false;
    size_t len = strlen(etag);
    return str_eq(wanted, "*") || str_eq(wanted, etag) ||
           (len > 2 && strlen(wanted) == len - 2 && strncmp(wanted, etag + 1, len - 2) == 0);
}

/* Whether the object changed after the header's time; without either, dflt. */
static bool changed_after(const struct blob_call *b, const char *header, const json *object,
                          bool dflt)
{
    const char *text = blob_header(b, header), *changed = json_path_str(object, "lastModified");
    int64_t limit_ns, changed_ns;
    if (!text || !changed || !time_parse_http(text, &limit_ns) ||
        !time_parse_http(changed, &changed_ns))
        return dflt;
    return changed_ns > limit_ns;
}

bool blob_condition_holds(struct blob_call *b, const json *object)
{
    const char *match = blob_header(b, "If-Match"), *none = blob_header(b, "If-None-Match");
    bool present = none && *none && etag_matches(none, object);
    bool lost = (match && *match && !etag_matches(match, object)) ||
                changed_after(b, "If-Unmodified-Since", object, false);
    bool stale = present || (!none && !changed_after(b, "If-Modified-Since", object, true));
    if (is_read(b) && str_eq(none, "*")) {
        blob_refuse(b, 400, "UnsatisfiableCondition",
                    "The request includes an unsatisfiable condition for this operation.");
    } else if (lost || (stale && !is_read(b) && !str_eq(none, "*"))) {
        blob_refuse(b, 412, "ConditionNotMet",
                    "The condition specified using HTTP conditional header(s) is not met.");
    } else if (present && !is_read(b)) {
        blob_refuse(b, 409, "BlobAlreadyExists", "The specified blob already exists.");
    } else if (stale) {
        blob_set_version(b, object);
        blob_refuse(b, 304, "ConditionNotMet",
                    "The condition specified using HTTP conditional header(s) is not met.");
    } else {
        return true;
    }
    return false;
}
