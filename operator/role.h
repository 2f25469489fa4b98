/*
 * role.h - the RBAC objects that the operator runs under, made from the controllers' own tables.
 *
 * Rights on objects in a namespace of the platform become a Role there; everything else one ClusterRole. Where a right
 * names objects, only these names are granted: creating goes by server-side apply, whose request carries the name.
 */
#ifndef OPERATOR_ROLE_H
#define OPERATOR_ROLE_H

#include "operator/services.h"
#include "pkg/base/json.h"

/* Name of ClusterRole, Roles and ServiceAccount: "aro-operator-master", "aro-operator-worker". */
const char *operator_role_name(enum operator_role role);
/* ClusterRole, ClusterRoleBinding, Roles, RoleBindings as an array, in a stable order. Cannot fail. */
json *operator_role_give_objects(enum operator_role role);

#endif
