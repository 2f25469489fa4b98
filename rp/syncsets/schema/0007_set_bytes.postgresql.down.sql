DROP TRIGGER syncsets_bytes ON syncsets;
DROP TRIGGER selectorsyncsets_bytes ON selectorsyncsets;
DROP FUNCTION count_set_bytes();
DROP FUNCTION add_set_bytes(TEXT, BIGINT);
ALTER TABLE syncsets DROP COLUMN data_bytes;
ALTER TABLE selectorsyncsets DROP COLUMN data_bytes;
DROP TABLE set_bytes;
