-- Nothing of the service is left.
DROP TABLE audit;
DROP TABLE role_bindings;
DROP TABLE idempotency;
DROP TABLE cursors;
DROP TABLE revision;
DROP TABLE events;
DROP TABLE cluster_work;
DROP TABLE tracked_resources;
DROP TABLE sync_statuses;
DROP TABLE syncset_targets;
DROP TABLE object_labels;
DROP TABLE namespaces;
DROP TABLE clustersyncs;
DROP TABLE secrets;
DROP TABLE selectorsyncsets;
DROP TABLE syncsets;
DROP TABLE clusters;
