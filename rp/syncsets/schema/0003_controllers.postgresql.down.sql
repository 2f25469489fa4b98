DELETE FROM cursors WHERE name = 'matcher';
DROP INDEX cluster_work_queued;
DROP TABLE cluster_probes;
ALTER TABLE events DROP COLUMN status_only;
