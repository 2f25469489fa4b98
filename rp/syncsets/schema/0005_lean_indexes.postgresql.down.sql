CREATE INDEX tracked_resources_object ON tracked_resources (cluster_uid, api_group, kind, namespace, name);
DROP INDEX clustersyncs_failed;
CREATE INDEX clustersyncs_data ON clustersyncs USING gin (data jsonb_path_ops);
