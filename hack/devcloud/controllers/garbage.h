/*
 * garbage.h - what the garbage collector decides, apart from where it gets its knowledge. Threads: pure.
 * Source: k8s.io/kubernetes pkg/controller/garbagecollector.
 */
#ifndef HACK_DEVCLOUD_CONTROLLERS_GARBAGE_H
#define HACK_DEVCLOUD_CONTROLLERS_GARBAGE_H

#include "pkg/base/json.h"

#define FINALIZER_FOREGROUND "foregroundDeletion"
#define FINALIZER_ORPHAN "orphan"

bool garbage_has_finalizer(const json *object, const char *finalizer);

/* How an object's owner is. */
enum owner_state {
    OWNER_SOLID,  /* is there and stays */
    OWNER_ABSENT, /* is gone, or another one has its name */
    OWNER_WAITING /* is being deleted and waits for this object to go */
};

/* What becomes of an object that is not being deleted. */
enum verdict {
    VERDICT_KEEP,
    VERDICT_TRIM,      /* keep, without the references that are not solid */
    VERDICT_DELETE,    /* with the policy that its finalizers ask for, else in the background */
    VERDICT_FOREGROUND /* delete, its own dependents first, since its owner waits */
};
enum verdict garbage_judge(const enum owner_state *owners, size_t len, bool has_dependents);

/* The policy of a deletion: what finalizers of the object ask for already. */
const char *garbage_policy(const json *object);
/* ownerReferences of an object without some: keep[i] false drops the i-th. Owned by the caller. */
json *garbage_give_references(const json *object, const bool *keep);
/* metadata.finalizers without one. Owned by the caller. */
json *garbage_give_finalizers(const json *object, const char *without);

#endif
