ALTER TABLE sync_statuses DROP COLUMN allows_protected;
