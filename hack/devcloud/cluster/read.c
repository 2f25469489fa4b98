#include "hack/devcloud/cluster/read.h"

#include <string.h>

#include "hack/devcloud/cluster/continue_token.h"
#include "hack/devcloud/cluster/reply.h"
#include "pkg/base/mem.h"

/* ---- selections ---- */

int selection_parse(const struct op *op, struct selection *ret, struct error **err)
{
    *ret = (struct selection){ NULL, NULL };
    if (label_selector_parse(api_query(op->rq, "labelSelector"), &ret->labels, err) < 0)
        return -1;
    if (field_selector_parse(api_query(op->rq, "fieldSelector"), op->r->fields, &ret->fields, err) <
        0) {
        selection_release(ret);
        return -1;
    }
    return 0;
}

void selection_release(struct selection *s)
{
    label_selector_free(s->labels);
    field_selector_free(s->fields);
    *s = (struct selection){ NULL, NULL };
}

bool selection_matches(const struct selection *s, const struct record *r)
{
    return label_selector_matches(s->labels, r->labels, r->labels_len) &&
           field_selector_matches(s->fields, r);
}

/* ---- versions ---- */

int read_version(const struct op *op, int64_t *ret, bool *ret_given, struct error **err)
{
    const char *text = api_query(op->rq, "resourceVersion");
    long long n = 0;
    *ret = 0;
    *ret_given = text && *text;
    if (!*ret_given)
        return 0;
    if (!str_to_int(text, 0, INT64_MAX, &n))
        return fail_with(err, 500, NULL, NULL,
                         "resourceVersion: Invalid value: \"%s\": strconv.ParseUint: parsing "
                         "\"%s\": invalid syntax",
                         text, text);
    *ret = n;
    return 0;
}

static int fail_too_large(int64_t asked, int64_t current, struct error **err)
{
    return fail_with(err, 504, "Timeout",
                     json_make("{'causes':[{'reason':'ResourceVersionTooLarge','message':'Too "
                               "large resource version'}],'retryAfterSeconds':1}"),
                     "Timeout: Too large resource version: %lld, current: %lld", (long long)asked,
                     (long long)current);
}

int read_check_match(const struct op *op, bool of_watch, struct error **err)
{
    const char *match = api_query(op->rq, "resourceVersionMatch");
    const char *version = api_query(op->rq, "resourceVersion");
    bool exact = str_eq(match, "Exact");
    struct fail_object o = { "meta.k8s.io", "", "ListOptions", "" };
    struct invalid faults = { NULL };
    const char field[] = "resourceVersionMatch";
    if (!match || !*match)
        return 0;
    cleanup_json json *shown = json_new_str(match);
    if (of_watch && !api_query_true(op->rq, "sendInitialEvents"))
        invalid_forbidden(&faults, field, "resourceVersionMatch is forbidden for watch");
    else if (!of_watch && (!version || !*version))
        invalid_forbidden(&faults, field,
                          "resourceVersionMatch is forbidden unless resourceVersion is provided");
    else if (!exact && !str_eq(match, "NotOlderThan"))
        invalid_unsupported(&faults, field, shown, "\"Exact\", \"NotOlderThan\", \"\"");
    else if (exact && str_eq(version, "0"))
        invalid_forbidden(&faults, field,
                          "resourceVersionMatch \"exact\" is forbidden for resourceVersion \"0\"");
    else if (api_query(op->rq, "continue") && *api_query(op->rq, "continue"))
        invalid_forbidden(&faults, field,
                          "resourceVersionMatch is forbidden when continue is provided");
    int rc = invalid_check(&faults, &o, err);
    invalid_release(&faults);
    return rc;
}

/* ---- get ---- */

int read_get(const struct op *op, struct error **err)
{
    int64_t version;
    bool given;
    struct fail_object o = op_object(op, NULL);
    if (read_version(op, &version, &given, err) < 0)
        return -1;
    int64_t current = state_revision(op->c->state);
    if (version > current)
        return fail_too_large(version, current, err);
    cleanup_record struct record *r =
        state_get(op->c->state, op->r->collection, op_nspace(op), op->rq->name);
    if (!r)
        return fail_not_found(err, &o);
    reply_record(op, 200, r);
    return 0;
}

/* ---- list ---- */

struct list_plan {
    int64_t at;    /* a revision of the past; 0: now */
    int64_t limit; /* 0: none */
    struct continue_token from;
};

static int plan_continued(const struct op *op, const char *text, struct list_plan *plan,
                          struct error **err)
{
    const char *version = api_query(op->rq, "resourceVersion");
    if (version && *version && !str_eq(version, "0"))
        return fail_bad_request(err,
                                "specifying resource version is not allowed when using continue");
    if (continue_token_parse(text, &plan->from, err) < 0)
        return -1;
    plan->at = plan->from.revision > 0 ? plan->from.revision : 0;
    return 0;
}

static int make_plan(const struct op *op, struct list_plan *plan, struct error **err)
{
    const char *next = api_query(op->rq, "continue");
    const char *match = api_query(op->rq, "resourceVersionMatch");
    int64_t version, current = state_revision(op->c->state);
    bool given;
    if (api_query_int(op->rq, "limit", 0, &plan->limit, err) < 0 ||
        read_version(op, &version, &given, err) < 0 || read_check_match(op, false, err) < 0)
        return -1;
    if (plan->limit < 0)
        plan->limit = 0;
    if (next && *next)
        return plan_continued(op, next, plan, err);
    if (version > current)
        return fail_too_large(version, current, err);
    if (given && version == 0)
        plan->limit = 0; /* answered from a cache, which does not page */
    bool exact = str_eq(match, "Exact");
    if (exact || (version > 0 && plan->limit && !str_eq(match, "NotOlderThan")))
        plan->at = version;
    return 0;
}

static int fail_gone(const struct op *op, const struct list_plan *plan, struct error **err)
{
    if (!plan->from.nspace)
        return fail_expired(err, "The resourceVersion for the provided list is too old.");
    (void)op;
    struct continue_token inconsistent = plan->from;
    inconsistent.revision = -1;
    cleanup_free char *token = continue_token_give(&inconsistent);
    return fail_with(err, 410, "Expired", json_make("{'continue':%s}", token),
                     "The provided continue parameter is too old to display a consistent list "
                     "result. You can start a new list without the continue parameter, or use the "
                     "continue token in this response to retrieve the remainder of the results. "
                     "Continuing with the provided token results in an inconsistent list - objects "
                     "that were created, modified, or deleted between the time the first chunk was "
                     "returned and now may show up in the list.");
}

static bool is_before(const struct record *r, const struct continue_token *from)
{
    int order = strcmp(r->nspace, from->nspace);
    return order < 0 || (order == 0 && strcmp(r->name, from->name) <= 0);
}

static void answer(const struct op *op, const struct record_list *all, const struct list_plan *plan,
                   const struct selection *selection)
{
    const struct record **chosen = xcalloc(all->len + 1, sizeof(*chosen));
    struct list_page page = { .revision = all->revision };
    size_t i = 0, n = 0;
    cleanup_free char *token = NULL;
    while (i < all->len && plan->from.nspace && is_before(all->v[i], &plan->from))
        i++;
    for (; i < all->len && (!plan->limit || (int64_t)n < plan->limit); i++)
        if (selection_matches(selection, all->v[i]))
            chosen[n++] = all->v[i];
    if (i < all->len) {
        struct continue_token next = { .revision = all->revision,
                                       .nspace = all->v[i - 1]->nspace,
                                       .name = all->v[i - 1]->name };
        token = continue_token_give(&next);
        page.next = token;
        if (!selection->labels && !selection->fields)
            page.remaining = (int64_t)(all->len - i);
    }
    page.v = chosen;
    page.len = n;
    reply_list(op, &page);
    free(chosen);
}

int read_list(const struct op *op, struct error **err)
{
    cleanup_selection struct selection selection = { NULL, NULL };
    struct list_plan plan = { 0 };
    struct record_list all = { 0 };
    int rc = selection_parse(op, &selection, err);
    if (rc == 0)
        rc = make_plan(op, &plan, err);
    if (rc == 0 &&
        state_list(op->c->state, op->r->collection, op->rq->nspace, plan.at, &all, NULL)) {
        rc = fail_gone(op, &plan, err);
    } else if (rc == 0) {
        answer(op, &all, &plan, &selection);
        record_list_release(&all);
    }
    continue_token_release(&plan.from);
    return rc;
}
