-- What is deleted of a set that is gone is as it was when it was last applied: 1, when its protectedDeletes was Allow.
ALTER TABLE sync_statuses ADD COLUMN allows_protected INTEGER NOT NULL DEFAULT 0;
