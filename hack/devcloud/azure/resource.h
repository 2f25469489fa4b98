/*
 * resource.h - types of resources that are kept much as they are put: a table of kinds, and hooks for what a kind's service
 * checks, adds, refuses and shows. The simulator's lock is held throughout.
 *
 * A resource lies in the state's "resources" under its ID in lower case. Its member "inside" is what the service knows and
 * nobody is shown. What points to what is never stored twice: references are as they were put, and what they lead to is found
 * when it is asked for.
 */
#ifndef HACK_DEVCLOUD_AZURE_RESOURCE_H
#define HACK_DEVCLOUD_AZURE_RESOURCE_H

#include "hack/devcloud/azure/arm_id.h"
#include "hack/devcloud/azure/sim.h"

struct resource_kind;

/* A resource that a call is about. */
struct resource_at {
    const struct resource_kind *kind;
    const struct arm_id *id;
    json *old; /* as it is stored; borrowed; NULL: there is none */
};

enum resource_etag {
    RESOURCE_ETAG_WEAK, /* W/"UUID" */
    RESOURCE_ETAG_BARE, /* UUID */
    RESOURCE_ETAG_NONE,
};

struct resource_kind {
    const char *type; /* "Microsoft.Network/loadBalancers" */
    const char
        *location; /* the only one ("global"); "" : it has none, as a part of another; NULL: any */
    enum resource_etag etag;
    bool at_once; /* its writes end with their answer */
    const char *const *
        owned; /* properties of the service's: ignored when sent, kept; a NULL at the end; NULL: none */

    /* Hooks; each may be NULL. */
    bool (*check)(struct sim_call *c,
                  const struct resource_at *at); /* of a PUT (c->body); false after answering */
    /* What the service adds to what was put, before it is stored. */
    void (*settle)(struct sim_call *c, const struct resource_at *at, json *object);
    /* It is stored, and its operation (unless at_once) has begun. */
    void (*stored)(struct sim_call *c, const struct resource_at *at, json *object);
    bool (*may_go)(struct sim_call *c, const struct resource_at *at); /* false after answering */
    /* Its operation has ended, and it is still there. */
    void (*finished)(struct azure_sim *sim, const char *key, json *object, bool failed);
    void (*removed)(struct azure_sim *sim, const char *key,
                    const json *object); /* it is not there any more */
    void (*show)(struct sim_call *c, const char *key, const json *object,
                 json *view); /* view: a copy */
    /* .../ACTION, by whatever method. false: it has no such action. */
    bool (*act)(struct sim_call *c, const struct resource_at *at, const char *action);
};

/* resource_kinds.c: NULL: none of these. */
const struct resource_kind *resource_find_kind(const char *type);

/* resource.c: resource_serve (sim.h) and its parts. */
/* A stored resource as it is shown. Owned. */
json *resource_give_view(struct sim_call *c, const char *key, const json *object);
/* The path of the call leads to nothing. */
void resource_refuse_absent(struct sim_call *c, const struct arm_id *id);

/* resource_write.c */
void resource_put(struct sim_call *c, const struct resource_at *at);
void resource_patch(struct sim_call *c, const struct resource_at *at);
void resource_delete(struct sim_call *c, const struct resource_at *at);

/* resource_store.c: what there is. */
/* What is a member of the lists of what it belongs to, with an ID but no life of its own; owner: stored or shown. Borrowed from it;
 * NULL: it has none of that ID. */
json *resource_find_part(const json *owner, const char *id);
json *resource_table(struct azure_sim *sim); /* the state's resources; borrowed */
json *resource_get(struct azure_sim *sim,
                   const char *id); /* by ID in any letter case; NULL: absent or no ID; borrowed */
bool resource_is_type(const json *object, const char *type); /* letter case ignored */
json *resource_inside(json *object); /* its "inside", made when missing; borrowed */
void resource_remove(struct azure_sim *sim,
                     const char *key); /* with all its parts, through their hooks */
void resource_finish(struct azure_sim *sim, const char *key,
                     bool failed); /* its operation has ended */
void resource_set_etag(struct azure_sim *sim, json *object, enum resource_etag form);
/* Answers that what this ID names is not there; id NULL: none was given. by: what refers to it; NULL: the call's path. */
void resource_refuse_reference(struct sim_call *c, const char *id, const char *by);
/* A reference ({"id": ID}) in what is put that leads nowhere: answers InvalidResourceReference. true: it holds, or is absent. */
bool resource_reference_holds(struct sim_call *c, const char *id);

#endif
