/* The network of a cluster and its two ways in, in every API version. Source: the public REST API. */
#include "pkg/api/model_types.h"

static const struct api_field managed_ips_fields[] = {
    { .name = "count",
      .kind = KIND_INT,
      .versions = V_LB,
      .is_mutable = V_LB,
      .doc = "How many addresses the service makes for outbound traffic: 1 to 20." },
};
static const struct api_type managed_ips_type = {
    "ManagedOutboundIPs", "ManagedOutboundIPs are outbound addresses that the service makes.",
    FIELDS(managed_ips_fields)
};

static const struct api_field effective_ip_fields[] = {
    { .name = "id", .kind = KIND_STR, .versions = V_LB, .doc = "The ID of a public IP address." },
};
static const struct api_type effective_ip_type = {
    "EffectiveOutboundIP", "EffectiveOutboundIP is an address of the load balancer.",
    FIELDS(effective_ip_fields)
};

static const struct api_field outbound_ip_fields[] = {
    { .name = "id",
      .kind = KIND_STR,
      .versions = V_LB_OTHER,
      .doc = "The ID of a public IP address." },
};
static const struct api_type outbound_ip_type = { "OutboundIP",
                                                  "OutboundIP is an address of the customer.",
                                                  FIELDS(outbound_ip_fields) };

static const struct api_field outbound_prefix_fields[] = {
    { .name = "id",
      .kind = KIND_STR,
      .versions = V_LB_OTHER,
      .doc = "The ID of a public IP prefix." },
};
static const struct api_type outbound_prefix_type = {
    "OutboundIPPrefix", "OutboundIPPrefix is a range of addresses of the customer.",
    FIELDS(outbound_prefix_fields)
};

static const struct api_field load_balancer_fields[] = {
    { .name = "managedOutboundIps",
      .kind = KIND_OPTIONAL,
      .versions = V_LB,
      .is_mutable = V_LB,
      .type = &managed_ips_type,
      .doc = "The outbound addresses that the service makes." },
    { .name = "effectiveOutboundIps",
      .kind = KIND_LIST,
      .versions = V_LB,
      .read_only = V_LB,
      .type = &effective_ip_type,
      .doc = "The outbound addresses of the load balancer." },
    { .name = "outboundIps",
      .kind = KIND_LIST,
      .versions = V_LB_OTHER,
      .is_mutable = V_G,
      .read_only = V_ADMIN,
      .type = &outbound_ip_type,
      .doc = "Outbound addresses of the customer." },
    { .name = "outboundIpPrefixes",
      .kind = KIND_LIST,
      .versions = V_LB_OTHER,
      .is_mutable = V_G,
      .read_only = V_ADMIN,
      .type = &outbound_prefix_type,
      .doc = "Ranges of outbound addresses of the customer." },
    { .name = "allocatedOutboundPorts",
      .kind = KIND_INT,
      .versions = V_LB_OTHER,
      .is_mutable = V_G,
      .read_only = V_ADMIN,
      .doc = "The number of outbound ports of each machine." },
};
static const struct api_type load_balancer_type = {
    "LoadBalancerProfile", "LoadBalancerProfile is the public load balancer of the cluster.",
    FIELDS(load_balancer_fields)
};

static const struct api_field network_profile_fields[] = {
    { .name = "podCidr",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The CIDR used for OpenShift/Kubernetes Pods." },
    { .name = "serviceCidr",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The CIDR used for OpenShift/Kubernetes Services." },
    { .name = "softwareDefinedNetwork",
      .kind = KIND_STR,
      .versions = V_SDN,
      .required = V_C,
      .values = &enum_software_defined_network,
      .doc = "The network plugin of the cluster." },
    { .name = "mtuSize",
      .kind = KIND_INT,
      .versions = V_ADMIN,
      .doc = "The size of packets: 1500 or 3900." },
    { .name = "outboundType",
      .kind = KIND_STR,
      .versions = V_OUTBOUND,
      .is_mutable = V_ADMIN,
      .flags = FIELD_IN_SKELETON, /* a first PUT without it got the default: so may the second */
      .values = &enum_outbound_type,
      .doc = "How traffic leaves the cluster." },
    { .name = "privateEndpointIp",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .doc = "The address at which the service reaches the API server." },
    { .name = "gatewayPrivateEndpointIp",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .doc = "The address at which the cluster reaches the gateway." },
    { .name = "gatewayPrivateLinkId",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .doc = "The link by which the gateway knows the cluster." },
    { .name = "preconfiguredNSG",
      .kind = KIND_STR,
      .versions = V_NSG,
      .is_mutable = V_ADMIN,
      .flags = FIELD_IN_SKELETON,
      .values = &enum_preconfigured_nsg,
      .doc = "Whether the subnets come with network security groups of the customer." },
    { .name = "loadBalancerProfile",
      .kind = KIND_OPTIONAL,
      .versions = V_LB,
      .is_mutable = V_LB,
      .flags = FIELD_STICKY,
      .type = &load_balancer_type,
      .doc = "The public load balancer of the cluster." },
};
const struct api_type network_profile_type = { "NetworkProfile",
                                               "NetworkProfile is the cluster's network.",
                                               FIELDS(network_profile_fields) };

static const struct api_field apiserver_profile_fields[] = {
    { .name = "visibility",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .values = &enum_visibility,
      .doc = "Who can reach the API server." },
    { .name = "url",
      .kind = KIND_STR,
      .versions = V_ALL,
      .read_only = V_MARKED,
      .doc = "The URL to access the cluster API server." },
    { .name = "ip",
      .kind = KIND_STR,
      .versions = V_ALL,
      .read_only = V_MARKED,
      .doc = "The IP of the cluster API server." },
    { .name = "intIp",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .doc = "The IP of the API server inside the virtual network." },
};
const struct api_type apiserver_profile_type = { "APIServerProfile",
                                                 "APIServerProfile is the API server.",
                                                 FIELDS(apiserver_profile_fields) };

static const struct api_field ingress_profile_fields[] = {
    { .name = "name",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .doc = "The ingress profile name." },
    { .name = "visibility",
      .kind = KIND_STR,
      .versions = V_ALL,
      .required = V_PUBLIC,
      .values = &enum_visibility,
      .doc = "Who can reach the ingress." },
    { .name = "ip",
      .kind = KIND_STR,
      .versions = V_ALL,
      .read_only = V_MARKED,
      .doc = "The IP of the ingress." },
};
const struct api_type ingress_profile_type = { "IngressProfile",
                                               "IngressProfile is an ingress of the cluster.",
                                               FIELDS(ingress_profile_fields), .is_named = true };
