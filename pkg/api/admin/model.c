#include "pkg/api/admin/admin.h"
#include "pkg/base/cleanup.h"

#define FIELDS(a) .fields = (a), .len = ARRAY_LEN(a)
#define TEXT(field, text) \
    { \
        .name = (field), .kind = KIND_STR, .versions = V_ADMIN, .doc = (text) \
    }
#define NUMBER(field, text) \
    { \
        .name = (field), .kind = KIND_INT, .versions = V_ADMIN, .doc = (text) \
    }
#define TEXT_SET(field, text) \
    { \
        .name = (field), .kind = KIND_STR, .versions = V_ADMIN, .read_only = V_ADMIN, \
        .doc = (text) \
    }

static const struct api_field manifest_fields[] = {
    TEXT_SET("state", "Pending, InProgress, Completed, Failed, RetriesExceeded, TimedOut, "
                      "Cancelled."),
    TEXT_SET("statusText", "What the task said of its end."),
    TEXT("maintenanceTaskID", "The task to run."),
    TEXT_SET("createdBySchedule", "The schedule that made it."),
    NUMBER("priority", "Lower ones first."),
    NUMBER("runAfter", "Not before this time, in seconds since the epoch."),
    NUMBER("runBefore", "Not begun after this time."),
};
const struct api_type manifest_type = { "MaintenanceManifest",
                                        "A maintenance task to be run on one cluster.",
                                        FIELDS(manifest_fields) };

static const struct api_field selector_fields[] = {
    TEXT("key", "What is compared, as GET .../selectors shows it."),
    TEXT("operator", "eq, in or notin."),
    TEXT("value", "For eq."),
    { .name = "values", .kind = KIND_STR_LIST, .versions = V_ADMIN, .doc = "For in and notin." },
};
static const struct api_type selector_type = { "MaintenanceScheduleSelector",
                                               "One condition on clusters.",
                                               FIELDS(selector_fields) };

static const struct api_field schedule_fields[] = {
    { .name = "id",
      .kind = KIND_STR,
      .versions = V_ADMIN,
      .flags = FIELD_OUTSIDE,
      .doc = "The id of its document." },
    TEXT("state", "Enabled or Disabled."),
    TEXT("maintenanceTaskID", "The task to run."),
    TEXT("schedule", "When: a calendar expression."),
    TEXT("scheduleAcross", "Over which time clusters are spread, as 1h30m."),
    NUMBER("lookForwardCount", "How many times ahead manifests are made for."),
    { .name = "selectors",
      .kind = KIND_LIST,
      .versions = V_ADMIN,
      .type = &selector_type,
      .doc = "Clusters that match all of these." },
};
const struct api_type schedule_type = { "MaintenanceSchedule",
                                        "When a maintenance task runs on which clusters.",
                                        FIELDS(schedule_fields) };

static const struct api_field bill_fields[] = {
    NUMBER("creationTime", "When the cluster came, in seconds since the epoch."),
    NUMBER("deletionTime", "When it went."),
    NUMBER("lastBillingTime", "Until when it was billed."),
    TEXT("location", "The Azure region."),
    TEXT("tenantID", "The tenant of its subscription."),
};
static const struct api_type bill_type = { "Billing", "What the billing service reads.",
                                           FIELDS(bill_fields) };

static const struct api_field billing_fields[] = {
    TEXT("id", "The id of the cluster's document."),
    TEXT("key", "The resource ID of the cluster, in lower case."),
    TEXT("clusterResourceGroupIDKey", "The managed resource group, in lower case."),
    TEXT("infraId", "The name of the cluster's infrastructure."),
    { .name = "billing",
      .kind = KIND_VALUE,
      .versions = V_ADMIN,
      .type = &bill_type,
      .doc = "When it came and went." },
};
const struct api_type billing_type = { "BillingDocument", "The bill of one cluster.",
                                       FIELDS(billing_fields) };
