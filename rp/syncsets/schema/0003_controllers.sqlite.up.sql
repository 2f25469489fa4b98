-- What controllers need beside cluster_work: which changes were of a status alone, when to look at a cluster, where the matcher is.
ALTER TABLE events ADD COLUMN status_only INTEGER NOT NULL DEFAULT 0;

-- generation: of the cluster when it was last looked at or marked; failures: how often in a row it could not be reached.
CREATE TABLE cluster_probes (
    cluster_uid TEXT PRIMARY KEY,
    generation BIGINT NOT NULL,
    due_at BIGINT NOT NULL,
    failures BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX cluster_probes_due ON cluster_probes (due_at);
CREATE INDEX cluster_work_queued ON cluster_work (class, queued_at) WHERE queued_at IS NOT NULL;

-- Clusters that are older than controllers are all looked at once.
INSERT INTO cluster_probes (cluster_uid, generation, due_at) SELECT uid, generation, 0 FROM clusters;
INSERT INTO cluster_work (cluster_uid, namespace, dirty_revision, due_at, class)
    SELECT c.uid, c.namespace, r.last, 0, 'slow' FROM clusters c, revision r WHERE r.type = ''
    ON CONFLICT (cluster_uid) DO NOTHING;
INSERT INTO cursors (name, revision) SELECT 'matcher', last FROM revision WHERE type = '';
