#include <string.h>

#include "pkg/base/mem.h"
#include "test/unit/support/rp/frontend/admin/kube_rig.h"
#include "test/unit/support/test.h"

#define APPROVE ADMIN_CLUSTER "/approvecsr"
#define PATH "/apis/certificates.k8s.io/v1/certificatesigningrequests"
#define CSR(name, status) "{\"metadata\":{\"name\":\"" name "\"}" status "}"
#define CONDITION(type) ",\"status\":{\"conditions\":[{\"type\":\"" type "\",\"status\":\"True\"}]}"

/* What the last request had as its condition. */
static json *give_condition(struct kube_rig *r)
{
    const char *text = r->server.requests.v[r->server.requests.len - 1];
    const char *body = strstr(text, "\n\n") + 2;
    cleanup_json json *csr = NULL;
    assert_int_equal(json_parse(body, strlen(body), &csr, NULL), 0);
    return json_give_copy(json_path(csr, "status.conditions[0]"));
}

static void one_is_approved(void **state)
{
    static const struct script_step steps[] = { { .reply = CSR("csr-1", ",\"status\":{}") },
                                                { .reply = "{}" } };
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));

    assert_null(admin_rig_ask(&r.c, "POST", APPROVE "?csrName=csr-1", NULL, 200));

    assert_int_equal(r.server.requests.len, 2);
    assert_non_null(strstr(r.server.requests.v[0], "GET https://api.test:6443" PATH "/csr-1\n"));
    assert_non_null(
        strstr(r.server.requests.v[1], "PUT https://api.test:6443" PATH "/csr-1/approval\n"));
    cleanup_json json *condition = give_condition(&r);
    assert_string_equal(json_path_str(condition, "type"), "Approved");
    assert_string_equal(json_path_str(condition, "status"), "True");
    assert_string_equal(json_path_str(condition, "reason"), "AROSupportApprove");
    kube_rig_release(&r);
}

static void all_that_wait_are_approved(void **state)
{
    static const struct script_step steps[] = {
        { .reply = "{\"kind\":\"CertificateSigningRequestList\",\"metadata\":{},\"items\":[" CSR(
              "a", CONDITION(
                       "Approved")) "," CSR("b", "") "," CSR("d",
                                                             CONDITION(
                                                                 "Denied")) "," CSR("c", "") "]}" },
        { .reply = "{}" },
        { .reply = "{}" },
    };
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));

    assert_null(admin_rig_ask(&r.c, "POST", APPROVE, NULL, 200));

    assert_int_equal(r.server.requests.len, 3);
    assert_non_null(strstr(r.server.requests.v[1], PATH "/b/approval\n"));
    assert_non_null(strstr(r.server.requests.v[2], PATH "/c/approval\n"));
    kube_rig_release(&r);
}

static void one_that_was_denied_stays_so(void **state)
{
    static const struct script_step steps[] = { { .reply = CSR("x", CONDITION("Denied")) } };
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));

    admin_rig_refused(&r.c, "POST", APPROVE "?csrName=x", NULL,
                      "400 PropertyChangeNotAllowed: certificate signing request \"x\" is already "
                      "Denied");

    assert_int_equal(r.server.requests.len, 1);
    kube_rig_release(&r);
}

static void one_that_was_approved_is_left_alone(void **state)
{
    static const struct script_step steps[] = { { .reply = CSR("x", CONDITION("Approved")) } };
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));

    assert_null(admin_rig_ask(&r.c, "POST", APPROVE "?csrName=x", NULL, 200));

    assert_int_equal(r.server.requests.len, 1);
    kube_rig_release(&r);
}

static void one_that_is_not_there_is_an_error(void **state)
{
    static const struct script_step steps[] = {
        { .status = 404,
          .reply = "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":"
                   "\"NotFound\",\"code\":404}" }
    };
    (void)state;
    struct kube_rig r;
    kube_rig_init(&r, steps, ARRAY_LEN(steps));

    admin_rig_refused(&r.c, "POST", APPROVE "?csrName=x", NULL,
                      "400 ResourceNotFound: certificate signing request 'x' was not found.");
    admin_rig_refused(&r.c, "POST", APPROVE "?csrName=a%2fb", NULL,
                      "400 InvalidParameter: The provided name 'a/b' is invalid.");

    assert_int_equal(r.server.requests.len, 1);
    kube_rig_release(&r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE("one is approved", one_is_approved),
        CASE("all that wait are approved", all_that_wait_are_approved),
        CASE("one that was denied stays so", one_that_was_denied_stays_so),
        CASE("one that was approved is left alone", one_that_was_approved_is_left_alone),
        CASE("one that is not there is an error", one_that_is_not_there_is_an_error),
    };
    return RUN_CASES("certificate signing requests", tests);
}
