#include "test/unit/support/pkg/kube/informer_rig.h"
#include "test/unit/support/test.h"

#define EXPIRED RIG_STATUS("410", "Expired", "too old")
#define END \
    { \
        .request = RIG_WATCH("&resourceVersion=10"), .hook = rig_stop, .hook_arg = &rig \
    }

static void first(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST,
          .reply = RIG_ITEMS("10", RIG_ITEM("a", "1") "," RIG_ITEM("b", "2")) },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i +b:2i synced");
    assert_true(informer_has_synced(rig.informer));
    cleanup_kube_object struct kube_object *a = informer_get(rig.informer, "n", "a");
    cleanup_json json *tree = kube_object_give_json(a);
    /* Items of a list do not name their kind. */
    assert_string_equal("v1", json_path_str(tree, "apiVersion"));
    assert_string_equal("ConfigMap", json_path_str(tree, "kind"));
    assert_int_equal(1, (int)rig_metric(&rig, "kr_reflector_lists_total"));
    rig_release(&rig);
}

static void empty(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST,
          .reply = "{\"kind\":\"ConfigMapList\",\"metadata\":{\"resourceVersion\":\"10\"},"
                   "\"items\":null}" },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "synced");
    rig_release(&rig);
}

static void pieces(void **state)
{
    (void)state;
    for (size_t piece = 1; piece < 40; piece++) {
        struct rig rig;
        const struct script_step steps[] = {
            { .request = RIG_FIRST,
              .reply = RIG_ITEMS("10", RIG_ITEM("a", "1") "," RIG_ITEM("b", "2")),
              .piece = piece },
            { .request = RIG_WATCH("&resourceVersion=10"),
              .reply = RIG_EVENT("ADDED", "c", "11") RIG_EVENT("DELETED", "a", "12"),
              .piece = piece,
              .hook = rig_stop,
              .hook_arg = &rig },
        };
        rig_init(&rig, steps, ARRAY_LEN(steps), NULL);
        struct script_step *watch = (struct script_step *)(uintptr_t)&steps[1];
        watch->hook = rig_pass_2s;

        rig_run(&rig);

        rig_heard(&rig, "+a:1i +b:2i synced +c:11 -a:12");
        rig_release(&rig);
    }
}

static void pages(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = RIG_PAGE("10", "t1", RIG_ITEM("a", "1")) },
        { .request = RIG_LIST("limit=500&continue=t1"),
          .reply = RIG_PAGE("11", "t2", RIG_ITEM("b", "2")) },
        { .request = RIG_LIST("limit=500&continue=t2"),
          .reply = RIG_ITEMS("12", RIG_ITEM("c", "3")) },
        END, /* from the first page's version */
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i +b:2i +c:3i synced");
    rig_release(&rig);
}

static void expired_page(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST,
          .reply = RIG_PAGE("9", "t1", RIG_ITEM("a", "1") "," RIG_ITEM("x", "1")) },
        { .request = RIG_LIST("limit=500&continue=t1"), .status = 410, .reply = EXPIRED },
        { .request = RIG_LIST("resourceVersion=0"), .reply = RIG_ITEMS("10", RIG_ITEM("a", "2")) },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:2i synced");
    rig_release(&rig);
}

/* Makes a relist at version 10, after what the first list said. */
#define LEAVE \
    { \
        .request = RIG_WATCH("&resourceVersion=10"), .reply = RIG_ERROR("410", "Expired", "old") \
    }

static void relist(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST,
          .reply = RIG_ITEMS("10", RIG_ITEM("a", "1") "," RIG_ITEM("b", "2")) },
        LEAVE,
        /* From the server's cache, not older than what was seen. */
        { .request = RIG_LIST("resourceVersion=10"),
          .reply = RIG_ITEMS("20", RIG_ITEM("b", "3") "," RIG_ITEM("c", "4")) },
        { .request = RIG_WATCH("&resourceVersion=20"), .hook = rig_stop, .hook_arg = &rig },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i +b:2i synced -a:1u ~b:2>3 +c:4");
    assert_int_equal(1, (int)rig_metric(&rig, "kr_reflector_relist_410_total"));
    rig_release(&rig);
}

static void expired_relist(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM("a", "1")) },
        LEAVE,
        { .request = RIG_LIST("resourceVersion=10"), .status = 410, .reply = EXPIRED },
        { .request = RIG_LIST("limit=500"), .reply = RIG_ITEMS("20", RIG_ITEM("a", "1")) },
        { .request = RIG_WATCH("&resourceVersion=20"), .reply = RIG_ERROR("410", "Gone", "old") },
        /* After a success, versions are relied on again. */
        { .request = RIG_LIST("resourceVersion=20"), .reply = RIG_ITEMS("30", "") },
        { .request = RIG_WATCH("&resourceVersion=30"), .hook = rig_stop, .hook_arg = &rig },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced -a:1u");
    assert_int_equal(0, rig_gap_ms(&rig, 3)); /* at once */
    rig_release(&rig);
}

static struct spelling_case {
    const char *name;
    int status;
    const char *reply;
} spellings[] = {
    { "a too large version by its cause is listed without one", 504,
      "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Timeout\","
      "\"code\":504,\"message\":"
      "\"x\",\"details\":{\"causes\":[{\"reason\":\"ResourceVersionTooLarge\",\"message\":\"y\"}],"
      "\"retryAfterSeconds\":1}}" },
    { "a too large version by its cause's message is listed without one", 504,
      "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Timeout\","
      "\"code\":504,\"message\":"
      "\"x\",\"details\":{\"causes\":[{\"message\":\"Too large resource version\"}]}}" },
    { "a too large version by its message is listed without one", 504,
      RIG_STATUS("504", "Timeout", "Timeout: Too large resource version: 10, current: 5") },
};

static void too_large(void **state)
{
    const struct spelling_case *c = *state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM("a", "1")) },
        LEAVE,
        { .request = RIG_LIST("resourceVersion=10"), .status = c->status, .reply = c->reply },
        { .request = RIG_LIST("limit=500"), .reply = RIG_ITEMS("5", RIG_ITEM("a", "1")) },
        { .request = RIG_WATCH("&resourceVersion=5"), .hook = rig_stop, .hook_arg = &rig },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced");
    rig_release(&rig);
}

static void unavailable_stays(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM("a", "1")) },
        LEAVE,
        { .request = RIG_LIST("resourceVersion=10"), .status = 410, .reply = EXPIRED },
        { .request = RIG_LIST("limit=500"),
          .status = 403,
          .reply = RIG_STATUS("403", "Forbidden", "no") },
        { .request = RIG_LIST("limit=500"), .reply = RIG_ITEMS("30", RIG_ITEM("a", "1")) },
        { .request = RIG_WATCH("&resourceVersion=30"), .hook = rig_stop, .hook_arg = &rig },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced");
    rig_release(&rig);
}

static void no_watch_cache(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = RIG_PAGE("10", "t1", RIG_ITEM("a", "1")) },
        { .request = RIG_LIST("limit=500&continue=t1"), .reply = RIG_ITEMS("10", "") },
        LEAVE,
        { .request = RIG_LIST("limit=500&resourceVersion=10"), .reply = RIG_ITEMS("10", "") },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced -a:1u");
    rig_release(&rig);
}

static void explicit_size(void **state)
{
    (void)state;
    struct rig rig;
    const struct informer_config cfg = { .gvr = &GVR_CONFIGMAPS, .page_size = 7 };
    const struct script_step steps[] = {
        { .request = RIG_LIST("limit=7&resourceVersion=0"), .reply = RIG_ITEMS("10", "") },
        LEAVE,
        { .request = RIG_LIST("limit=7&resourceVersion=10"), .reply = RIG_ITEMS("10", "") },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &(struct rig_options){ .informer = &cfg });

    rig_run(&rig);

    rig_heard(&rig, "synced");
    rig_release(&rig);
}

static void selectors(void **state)
{
    (void)state;
    struct rig rig;
    const struct informer_config cfg = { .gvr = &GVR_SECRETS,
                                         .nspace = "ns",
                                         .label_selector = "a in (b,c)",
                                         .field_selector = "metadata.name=x",
                                         .projection = PROJECT_METADATA };
    const struct script_step steps[] = {
        { .request =
              "GET https://k/api/v1/namespaces/ns/secrets?labelSelector=a%20in%20%28b%2Cc%29&"
              "fieldSelector=metadata.name%3Dx&limit=500&resourceVersion=0\n"
              "Accept: application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1,"
              "application/json",
          .reply =
              "{\"kind\":\"PartialObjectMetadataList\",\"apiVersion\":\"meta.k8s.io/v1\","
              "\"metadata\":{\"resourceVersion\":\"10\"},\"items\":[{\"metadata\":{\"name\":\"x\","
              "\"resourceVersion\":\"1\"},\"data\":{\"secret\":\"s\"}}]}" },
        { .request = "GET https://k/api/v1/namespaces/ns/secrets?watch=true&"
                     "labelSelector=a%20in%20%28b%2Cc%29&fieldSelector=metadata.name%3Dx&"
                     "allowWatchBookmarks=true&resourceVersion=10&timeoutSeconds=300\n"
                     "Accept: application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1,"
                     "application/json\n@traffic: watch",
          .hook = rig_stop,
          .hook_arg = &rig },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), &(struct rig_options){ .informer = &cfg });

    rig_run(&rig);

    cleanup_kube_object struct kube_object *o = informer_get(rig.informer, "", "x");
    assert_non_null(o);
    assert_string_equal("{\"metadata\":{\"name\":\"x\",\"resourceVersion\":\"1\"},"
                        "\"apiVersion\":\"v1\",\"kind\":\"Secret\"}",
                        kube_object_bytes(o, NULL));
    rig_release(&rig);
}

static void repeated_page(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST,
          .reply = "{\"metadata\":{\"resourceVersion\":\"9\"},\"items\":[" RIG_ITEM("x", "1") ",",
          .fail = ERR_CONN,
          .fail_code = HTTP_ERR_RESET },
        { .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM("a", "1")) },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced"); /* nothing of the broken reply */
    rig_release(&rig);
}

static void circle(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = RIG_PAGE("9", "t1", RIG_ITEM("x", "1")) },
        { .request = RIG_LIST("limit=500&continue=t1"),
          .reply = RIG_PAGE("9", "t1", RIG_ITEM("x", "1")) },
        { .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM("a", "1")) },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced");
    assert_true(log_capture_has(&rig.sink, "goes in circles"));
    rig_release(&rig);
}

static struct defect_case {
    const char *name, *reply, *logged;
} defects[] = {
    { "a list cut short is tried again", "{\"items\":[" RIG_ITEM("x", "1"), "ended early" },
    { "a list with a bad item is tried again", RIG_ITEMS("9", "{\"metadata\":{}}"),
      "metadata.name" },
    { "a Status within a 200 is tried again", RIG_STATUS("500", "InternalError", "etcd is away"),
      "etcd is away" },
    { "a Table is refused", "{\"kind\":\"Table\",\"apiVersion\":\"meta.k8s.io/v1\",\"rows\":[]}",
      "Table" },
};

static void check_defect(void **state)
{
    const struct defect_case *c = *state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = c->reply },
        { .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM("a", "1")) },
        END,
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced");
    assert_int_equal(800, rig_gap_ms(&rig, 1));
    assert_true(log_capture_has(&rig.sink, c->logged));
    rig_release(&rig);
}

static void other_uid(void **state)
{
    (void)state;
    struct rig rig;
    const struct script_step steps[] = {
        { .request = RIG_FIRST, .reply = RIG_ITEMS("10", RIG_ITEM_UID("a", "1", "u1")) },
        LEAVE,
        { .request = RIG_LIST("resourceVersion=10"),
          .reply = RIG_ITEMS("20", RIG_ITEM_UID("a", "8", "u2")) },
        { .request = RIG_WATCH("&resourceVersion=20"), .hook = rig_stop, .hook_arg = &rig },
    };
    rig_init(&rig, steps, ARRAY_LEN(steps), NULL);

    rig_run(&rig);

    rig_heard(&rig, "+a:1i synced -a:1u +a:8");
    rig_release(&rig);
}

int main(void)
{
    struct CMUnitTest tests[32] = {
        CASE("the first list is what the server's cache has", first),
        CASE("an empty list is a list", empty),
        CASE("lists and watches may be cut anywhere", pieces),
        CASE("pages follow one another and count as one list", pages),
        CASE("an expired page falls back to one full list", expired_page),
        CASE("a relist is not older than what was seen", relist),
        CASE("an expired version is given up at once, until a list succeeds", expired_relist),
        CASE("a version stays given up while lists fail", unavailable_stays),
        CASE("a server that pages version 0 has no cache: relists are paged, too", no_watch_cache),
        CASE("a given page size is always used", explicit_size),
        CASE("selectors, namespace and projection are in the requests", selectors),
        CASE("a reply that broke leaves nothing behind", repeated_page),
        CASE("a token that comes again ends the list, which is tried again", circle),
        CASE("another uid found by a relist is a deletion and an addition", other_uid),
    };
    size_t n = 14;
    for (size_t i = 0; i < ARRAY_LEN(spellings); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(spellings[i].name, too_large, &spellings[i]);
    for (size_t i = 0; i < ARRAY_LEN(defects); i++)
        tests[n++] = (struct CMUnitTest)CASE_OF(defects[i].name, check_defect, &defects[i]);
    return _cmocka_run_group_tests("reflector_list", tests, n, NULL, NULL);
}
