/* graph.h - the parts of the simulated Microsoft Graph for each other. The simulator's lock is held. */
#ifndef HACK_DEVCLOUD_AZURE_GRAPH_H
#define HACK_DEVCLOUD_AZURE_GRAPH_H

#include "hack/devcloud/azure/sim.h"

enum graph_kind { GRAPH_APPLICATION, GRAPH_PRINCIPAL };

json *graph_applications(const struct azure_sim *sim); /* borrowed; by application ID */
/* By the object's ID, or as "(appId='X')"; NULL: there is none. Borrowed, as *ret_app. */
json *graph_find(struct azure_sim *sim, enum graph_kind kind, const char *id, const char **ret_app);
json *graph_give_view(const struct azure_sim *sim, enum graph_kind kind, const char *app_id,
                      const json *application); /* owned */
void graph_refuse(struct sim_call *c, int status, const char *code, const char *message);
void graph_refuse_absent(struct sim_call *c, const char *id);

void graph_create_application(struct sim_call *c);
void graph_create_principal(struct sim_call *c);
void graph_add_password(struct sim_call *c, json *application);
void graph_remove_password(struct sim_call *c, json *application);

#endif
