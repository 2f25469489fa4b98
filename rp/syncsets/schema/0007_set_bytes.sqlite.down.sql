DROP TRIGGER syncsets_bytes_insert;
DROP TRIGGER syncsets_bytes_update;
DROP TRIGGER syncsets_bytes_delete;
DROP TRIGGER selectorsyncsets_bytes_insert;
DROP TRIGGER selectorsyncsets_bytes_update;
DROP TRIGGER selectorsyncsets_bytes_delete;
ALTER TABLE syncsets DROP COLUMN data_bytes;
ALTER TABLE selectorsyncsets DROP COLUMN data_bytes;
DROP TABLE set_bytes;
