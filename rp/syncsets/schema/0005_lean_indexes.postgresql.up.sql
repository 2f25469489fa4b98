-- The status of a ClusterSync is its largest document and changes most often: an index of all of it was most of what a change of
-- a set cost the database. Only those that fail are looked for. Nothing looks for tracked objects but by their cluster and set.
DROP INDEX clustersyncs_data;
CREATE INDEX clustersyncs_failed ON clustersyncs (namespace, name)
    WHERE data @> '{"status":{"conditions":[{"type":"Failed","status":"True"}]}}';
DROP INDEX tracked_resources_object;
