/* plan.h - inside a plan. Private to rp/syncsets/apply. */
#ifndef RP_SYNCSETS_APPLY_PLAN_H
#define RP_SYNCSETS_APPLY_PLAN_H

#include "pkg/kube/client.h"
#include "rp/syncsets/apply/apply.h"

#define LABEL_MANAGED "hive.openshift.io/managed"
#define LABEL_GENERATED "syncsets.aro.openshift.io/generated"
#define ANNOTATION_APPLIED_BY "syncsets.aro.openshift.io/applied-by"
#define ANNOTATION_NEVER_REPLACE "syncsets.aro.openshift.io/never-replace"
#define ANNOTATION_LAST_APPLIED "kubectl.kubernetes.io/last-applied-configuration"

enum apply_behavior {
    BEHAVIOR_APPLY,
    BEHAVIOR_CREATE_OR_UPDATE,
    BEHAVIOR_CREATE_ONLY,
    BEHAVIOR_SERVER_SIDE,
    BEHAVIORS
};

struct plan_item { /* a resource, or a secret that is copied */
    size_t index;  /* in its list of the set */
    bool is_secret;
    json *
        object; /* ready to be sent, but for what belongs to a behavior; NULL: the source is absent */
    char *absent;           /* then: why */
    struct apply_object id; /* its strings belong to the item; name "" with generateName */
};
struct plan_patch {
    size_t index;
    enum kube_patch type;
    json *patch;
    char *api_version, *kind, *nspace, *name;
};
struct apply_plan {
    enum apply_behavior behavior;
    bool sync, block_protected, continue_on_error;
    struct plan_item *items; /* resources, then secrets */
    size_t items_len;
    struct plan_patch *patches;
    size_t patches_len;
    char hash[APPLY_HASH_LEN + 1];
};

/* object.c */
/* Takes out what belongs to the server: status, and the metadata that it keeps. */
void object_strip(json *object);
/* Values of stringData go to data, as the server does. */
void object_join_string_data(json *secret);
/* The label and the annotation of all that sets bring; by: "SyncSet/namespace/name". */
void object_mark(json *object, const char *by);
/* Group and version of an apiVersion; owned by the caller. */
void object_split_version(const char *api_version, char **ret_group, char **ret_version);
char *object_give_api_version(const struct apply_object *o);
/* "ConfigMap kube-system/a": for messages; owned by the caller. */
char *object_give_title(const struct apply_object *o);
void apply_object_release(struct apply_object *o); /* of one whose strings are owned */

#endif
