#include <string.h>

#include "pkg/base/mem.h"
#include "pkg/kube/merge_keys.h"
#include "rp/syncsets/apply/three_way.h"
#include "test/unit/support/test.h"

/* kind NULL: JSON merge patch; want NULL: nothing to do. */
static const struct three_case {
    const char *name, *kind, *original, *modified, *current, *want;
} cases[] = {
    { "sets what differs", NULL, "{}", "{'a':1,'b':{'c':2}}", "{'a':0,'b':{'c':2}}", "{'a':1}" },
    { "keeps foreign fields", NULL, "{'a':1}", "{'a':1}", "{'a':1,'x':2}", NULL },
    { "removes what was applied before", NULL, "{'a':1,'b':2}", "{'a':1}", "{'a':1,'b':2,'x':3}",
      "{'b':null}" },
    { "removes nothing that is gone already", NULL, "{'a':1,'b':2}", "{'a':1}", "{'a':1}", NULL },
    { "removes nothing when nothing is known", NULL, NULL, "{'a':1}", "{'a':1,'b':2}", NULL },
    { "takes null as unwanted", NULL, NULL, "{'a':null,'b':null}", "{'a':1}", "{'a':null}" },
    { "leaves nulls out of new values", NULL, NULL, "{'a':{'b':null,'c':1}}", "{}",
      "{'a':{'c':1}}" },
    { "puts another kind of value", NULL, NULL, "{'a':{'b':1}}", "{'a':[1]}", "{'a':{'b':1}}" },
    { "sees integers and decimals alike", NULL, NULL, "{'a':8}", "{'a':8.0}", NULL },
    { "replaces a list of another length", NULL, NULL, "{'l':[1,2]}", "{'l':[1]}", "{'l':[1,2]}" },
    { "leaves filled-in fields of list items", NULL, NULL, "{'l':[{'port':1}]}",
      "{'l':[{'port':1,'protocol':'TCP'}]}", NULL },
    { "replaces a list when an item loses a field", NULL, "{'l':[{'a':1,'b':2}]}",
      "{'l':[{'a':1}]}", "{'l':[{'a':1,'b':2}]}", "{'l':[{'a':1}]}" },
    { "does not fight over empty values that the server drops", NULL, "{'a':{},'b':''}",
      "{'a':{},'b':''}", "{}", NULL },
    { "adds empty values that are new", NULL, "{'s':{'x':1}}", "{'e':{}}", "{'s':{'x':1}}",
      "{'e':{},'s':null}" },
    { "restores drift", NULL, "{'a':1}", "{'a':1}", "{'a':2}", "{'a':1}" },
    { "adds an item and leaves others", "Pod", NULL, "{'spec':{'containers':[{'name':'a'}]}}",
      "{'spec':{'containers':[{'name':'z'}]}}",
      "{'spec':{'$setElementOrder/containers':[{'name':'a'}],'containers':[{'name':'a'}]}}" },
    { "changes an item by its key", "Pod", NULL,
      "{'spec':{'containers':[{'name':'a','image':'2'}]}}",
      "{'spec':{'containers':[{'name':'z'},{'name':'a','image':'1','x':1}]}}",
      "{'spec':{'$setElementOrder/containers':[{'name':'a'}],"
      "'containers':[{'image':'2','name':'a'}]}}" },
    { "is content with foreign items", "Pod", "{'spec':{'containers':[{'name':'a'}]}}",
      "{'spec':{'containers':[{'name':'a'}]}}",
      "{'spec':{'containers':[{'name':'z'},{'name':'a'}]}}", NULL },
    { "deletes an item that it applied before", "Pod",
      "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}",
      "{'spec':{'containers':[{'name':'a'}]}}",
      "{'spec':{'containers':[{'name':'a'},{'name':'b'},{'name':'z'}]}}",
      "{'spec':{'$setElementOrder/containers':[{'name':'a'}],"
      "'containers':[{'name':'b','$patch':'delete'}]}}" },
    { "puts items in order", "Pod", NULL, "{'spec':{'containers':[{'name':'b'},{'name':'a'}]}}",
      "{'spec':{'containers':[{'name':'a'},{'name':'b'}]}}",
      "{'spec':{'$setElementOrder/containers':[{'name':'b'},{'name':'a'}]}}" },
    { "replaces a list whose keys are not unique", "Service", NULL,
      "{'spec':{'ports':[{'port':53,'protocol':'UDP'},{'port':53,'protocol':'TCP'}]}}",
      "{'spec':{'ports':[{'port':53,'protocol':'UDP'}]}}",
      "{'spec':{'ports':[{'port':53,'protocol':'UDP'},{'port':53,'protocol':'TCP'},"
      "{'$patch':'replace'}]}}" },
    { "leaves such a list when it is as wanted", "Service", NULL,
      "{'spec':{'ports':[{'port':53,'protocol':'UDP'},{'port':53,'protocol':'TCP'}]}}",
      "{'spec':{'ports':[{'port':53,'protocol':'UDP','targetPort':53},"
      "{'port':53,'protocol':'TCP','targetPort':53}]}}",
      NULL },
    { "unites plain values", "ConfigMap", "{'metadata':{'finalizers':['a/a','a/b']}}",
      "{'metadata':{'finalizers':['a/a','a/c']}}",
      "{'metadata':{'finalizers':['a/b','a/a','x/x']}}",
      "{'metadata':{'$setElementOrder/finalizers':['a/a','a/c'],"
      "'$deleteFromPrimitiveList/finalizers':['a/b'],'finalizers':['a/c']}}" },
    { "retains the keys of a union", "Deployment",
      "{'spec':{'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1}}}}",
      "{'spec':{'strategy':{'type':'Recreate'}}}",
      "{'spec':{'strategy':{'type':'RollingUpdate','rollingUpdate':{'maxSurge':1}}}}",
      "{'spec':{'strategy':{'$retainKeys':['type'],'type':'Recreate'}}}" },
    { "retains the keys of a volume", "Pod", NULL,
      "{'spec':{'volumes':[{'name':'v','emptyDir':{}}]}}",
      "{'spec':{'volumes':[{'name':'v','secret':{'secretName':'s'}}]}}",
      "{'spec':{'$setElementOrder/volumes':[{'name':'v'}],"
      "'volumes':[{'$retainKeys':['emptyDir','name'],'emptyDir':{},'name':'v'}]}}" },
    { "merges lists in lists", "DaemonSet", NULL,
      "{'spec':{'template':{'spec':{'containers':[{'name':'a','env':[{'name':'E','value':'2'}]}]}}}"
      "}",
      "{'spec':{'template':{'spec':{'containers':[{'name':'a','env':[{'name':'F'},"
      "{'name':'E','value':'1'}]}]}}}}",
      "{'spec':{'template':{'spec':{'$setElementOrder/containers':[{'name':'a'}],'containers':"
      "[{'$setElementOrder/env':[{'name':'E'}],'env':[{'name':'E','value':'2'}],'name':'a'}]}}}}" },
};

static json *tree(const char *text)
{
    json *made = NULL;
    cleanup_free char *real = xstrdup(text);
    for (char *p = real; p && *p; p++)
        if (*p == '\'')
            *p = '"';
    if (real && json_parse(real, strlen(real), &made, NULL) < 0)
        fail_msg("%s", text);
    return made;
}

static const char *group_of(const char *kind)
{
    return strcmp(kind, "Deployment") == 0 || strcmp(kind, "DaemonSet") == 0 ? "apps" : "";
}

static json *patch_of(const struct three_case *c, const json *current)
{
    cleanup_json json *original = tree(c->original), *modified = tree(c->modified);
    const struct merge_keys *keys = merge_keys_builtin();
    if (!c->kind)
        return three_way_merge(original, modified, current);
    const struct merge_row *row = merge_keys_find(keys, group_of(c->kind), c->kind);
    assert_non_null(row);
    return three_way_strategic(merge_keys_schema(keys), row, original, modified, current);
}

static void check(void **state)
{
    const struct three_case *c = *state;
    cleanup_json json *current = tree(c->current), *want = tree(c->want);

    cleanup_json json *patch = patch_of(c, current);

    if (!json_equal(patch, want)) {
        cleanup_free char *got = json_give_text(patch);
        fail_msg("%s", got);
    }
}

/* What the patch makes of the live object needs no patch any more. */
static void settles(void **state)
{
    const struct three_case *c = *state;
    cleanup_json json *current = tree(c->current), *made = NULL;
    cleanup_json json *patch = patch_of(c, current);
    if (!patch)
        return;
    const struct merge_keys *keys = merge_keys_builtin();
    if (!c->kind)
        made = json_give_merged(json_give_copy(current), patch);
    else
        assert_int_equal(strategic_apply(merge_keys_schema(keys),
                                         merge_keys_find(keys, group_of(c->kind), c->kind), current,
                                         patch, &made, NULL),
                         0);

    struct three_case again = *c;
    again.original = c->modified;
    cleanup_json json *rest = patch_of(&again, made);

    if (rest) {
        cleanup_free char *got = json_give_text(rest);
        fail_msg("%s", got);
    }
}

int main(void)
{
    struct CMUnitTest tests[2 * ARRAY_LEN(cases)];
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        void *data = (void *)(uintptr_t)&cases[i];
        tests[2 * i] = (struct CMUnitTest)CASE_OF(cases[i].name, check, data);
        tests[2 * i + 1] = (struct CMUnitTest)CASE_OF("and is settled then", settles, data);
    }
    return RUN_CASES("three_way", tests);
}
