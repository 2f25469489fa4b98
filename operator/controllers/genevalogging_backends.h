/*
 * genevalogging_backends.h - the two log shippers of the controller GenevaLogging.
 *
 * Each makes its objects from the Cluster alone; the controller applies them. Threads: pure.
 */
#ifndef OPERATOR_CONTROLLERS_GENEVALOGGING_BACKENDS_H
#define OPERATOR_CONTROLLERS_GENEVALOGGING_BACKENDS_H

#include "operator/deploy/mdsd.h"
#include "operator/flags.h"
#include "pkg/base/json.h"
#include "pkg/kube/client.h"

/* What a shipper consists of beside what both need. */
struct shipper {
    json *
        objects; /* array, owned; namespace labels that it wants are in the Namespace given to it */
    bool can_run; /* its pods are among the objects: the other shipper may go */
};

/* Whether the Cluster asks for mdsd: a configuration version, and no gateway to ship through. */
bool genevalogging_uses_mdsd(const json *cluster);

/* The image of the flag, else `image` in the cluster's registry. ERR_INVALID: the Cluster names no registry. */
int genevalogging_give_image(const json *cluster, enum operator_flag pull_spec, const char *image,
                             char **ret, struct error **err);

/*
 * The OpenTelemetry collectors of masters and workers. Their DaemonSets come only once the Cluster
 * has a gateway address; ERR_INVALID when that is no IP address, the telemetry domain is empty or a
 * profile unknown.
 */
int genevalogging_otel_objects(const json *cluster, struct shipper *ret, struct error **err);
/* What an exporter runs with: role "master" or "worker", profile "minimal-logs", "reduced-logs" or
 * "max-logs". *ret is YAML text, owned. */
int genevalogging_otel_config(const char *role, const char *profile, char **ret,
                              struct error **err);

/* fluent bit and mdsd. operator_secret (borrowed) holds their certificate; ERR_INVALID without. */
int genevalogging_mdsd_objects(const json *cluster, const json *operator_secret,
                               struct shipper *ret, struct error **err);

/* What the other shipper leaves behind, ended by an entry without kind. */
extern const struct kube_ref genevalogging_otel_leftovers[], genevalogging_mdsd_leftovers[];

#endif
