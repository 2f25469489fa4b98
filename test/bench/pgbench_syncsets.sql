-- What one change of a SyncSet costs PostgreSQL: the statements of rp/syncsets/store for it, with texts of the same length. A colon
-- before a name is a variable of pgbench, in texts, too.
\set n random(0, 63)
\set value random(1, 1000000000000)
BEGIN;
SELECT o.uid, o.namespace, o.name, o.generation, o.resource_version, o.created_at, o.deletion_at, o.labels, o.data
    FROM syncsets o WHERE o.namespace = 'bench-writes' AND o.name = 'w' || :n FOR UPDATE;
UPDATE syncsets SET labels = '{"bench": "write"}', generation = generation + 1, data = jsonb_build_object('value', :value::text) || '{"spec": {"order": 0, "resources": [{"data": {"text": "what a set holds is a few lines of settings, often no more than a few hundred bytes for each of its objects"}, "kind": "ConfigMap", "metadata": {"name": "w0-0", "namespace": "default"}, "apiVersion": "v1"}], "applyBehavior": "Apply", "continueOnError": false, "protectedDeletes": "Block", "resourceApplyMode": "Upsert", "enablePatchTemplates": false, "clusterDeploymentRefs": [{"name": "none"}], "enableResourceTemplates": false}, "apiVersion": "syncsets.aro.openshift.io/v1"}'
    WHERE uid = '00000000-0000-0000-0000-' || (100000000000 + :n);
DELETE FROM object_labels WHERE type = 'syncsets' AND uid = '00000000-0000-0000-0000-' || (100000000000 + :n);
DELETE FROM syncset_targets WHERE syncset_uid = '00000000-0000-0000-0000-' || (100000000000 + :n);
INSERT INTO object_labels (type, uid, key, value) SELECT 'syncsets', '00000000-0000-0000-0000-' || (100000000000 + :n), l.key, l.value
    FROM jsonb_each_text('{"bench": "write"}'::jsonb) l;
INSERT INTO syncset_targets (syncset_uid, namespace, cluster_name)
    SELECT DISTINCT '00000000-0000-0000-0000-' || (100000000000 + :n), 'bench-writes', t ->> 'name'
    FROM jsonb_array_elements('[{"name": "none"}]'::jsonb) t;
SELECT pg_notify('syncsets_events', '');
UPDATE revision SET last = last + 1 WHERE type = '' RETURNING last \gset
UPDATE revision SET prev = last, last = :last WHERE type = 'syncsets' RETURNING prev \gset
UPDATE syncsets SET resource_version = :last WHERE uid = '00000000-0000-0000-0000-' || (100000000000 + :n);
INSERT INTO events (revision, prev, type, op, uid, namespace, name, generation, old_labels, labels, object, created_at, status_only)
    VALUES (:last, :prev, 'syncsets', 'MODIFIED', '00000000-0000-0000-0000-' || (100000000000 + :n), 'bench-writes', 'w' || :n, 2,
        '{"bench":"write"}', '{"bench":"write"}', '{"apiVersion":"syncsets.aro.openshift.io/v1","kind":"SyncSet","metadata":{"name":"w0","namespace":"bench-writes","uid":"00000000-0000-0000-0000-100000000000","resourceVersion":"66","generation": 2,"creationTimestamp":"2026-01-01T00-00-00Z","labels":{"bench":"write"}},"spec":{"clusterDeploymentRefs":[{"name":"none"}],"resources":[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"w0-0","namespace":"default"},"data":{"value":"32746533379227","text":"what a set holds is a few lines of settings, often no more than a few hundred bytes for each of its objects"}}],"resourceApplyMode":"Upsert","applyBehavior":"Apply","enableResourceTemplates": false,"enablePatchTemplates": false,"continueOnError": false,"order": 0,"protectedDeletes":"Block"}}',
        0, 0);
INSERT INTO audit (at, actor, verb, type, namespace, name, uid, resource_version)
    VALUES (0, 'anonymous', 'update', 'syncsets', 'bench-writes', 'w' || :n, '00000000-0000-0000-0000-' || (100000000000 + :n), :last);
COMMIT;
