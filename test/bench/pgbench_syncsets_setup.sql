-- The objects that pgbench_syncsets.sql changes, in an empty schema of SyncSets.
INSERT INTO syncsets (uid, name, namespace, generation, resource_version, created_at, labels, data)
    SELECT '00000000-0000-0000-0000-' || (100000000000 + n), 'w' || n, 'bench-writes', 1, 0, 0, '{}', '{}'
    FROM generate_series(0, 63) n;
