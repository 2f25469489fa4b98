CREATE INDEX tracked_resources_object ON tracked_resources (cluster_uid, api_group, kind, namespace, name);
