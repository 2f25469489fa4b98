-- What sets come to in bytes, by namespace (that of SelectorSyncSets is ''), kept by the database itself: exact whatever writes, and
-- read with one row where all sets had to be read before.
CREATE TABLE set_bytes (
    namespace TEXT NOT NULL PRIMARY KEY,
    bytes INTEGER NOT NULL
) WITHOUT ROWID;

ALTER TABLE syncsets ADD COLUMN data_bytes INTEGER
    AS (length(CAST(data AS BLOB))) VIRTUAL;
CREATE TRIGGER syncsets_bytes_insert AFTER INSERT ON syncsets BEGIN
    INSERT INTO set_bytes (namespace, bytes) VALUES (NEW.namespace, NEW.data_bytes)
        ON CONFLICT (namespace) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER syncsets_bytes_update AFTER UPDATE OF data ON syncsets WHEN NEW.data_bytes <> OLD.data_bytes BEGIN
    UPDATE set_bytes SET bytes = bytes + NEW.data_bytes - OLD.data_bytes WHERE namespace = NEW.namespace;
END;
CREATE TRIGGER syncsets_bytes_delete AFTER DELETE ON syncsets BEGIN
    UPDATE set_bytes SET bytes = bytes - OLD.data_bytes WHERE namespace = OLD.namespace;
END;

ALTER TABLE selectorsyncsets ADD COLUMN data_bytes INTEGER
    AS (length(CAST(data AS BLOB))) VIRTUAL;
CREATE TRIGGER selectorsyncsets_bytes_insert AFTER INSERT ON selectorsyncsets BEGIN
    INSERT INTO set_bytes (namespace, bytes) VALUES (NEW.namespace, NEW.data_bytes)
        ON CONFLICT (namespace) DO UPDATE SET bytes = bytes + excluded.bytes;
END;
CREATE TRIGGER selectorsyncsets_bytes_update AFTER UPDATE OF data ON selectorsyncsets WHEN NEW.data_bytes <> OLD.data_bytes BEGIN
    UPDATE set_bytes SET bytes = bytes + NEW.data_bytes - OLD.data_bytes WHERE namespace = NEW.namespace;
END;
CREATE TRIGGER selectorsyncsets_bytes_delete AFTER DELETE ON selectorsyncsets BEGIN
    UPDATE set_bytes SET bytes = bytes - OLD.data_bytes WHERE namespace = OLD.namespace;
END;

INSERT INTO set_bytes (namespace, bytes)
    SELECT namespace, sum(data_bytes) FROM syncsets GROUP BY namespace;
INSERT INTO set_bytes (namespace, bytes) SELECT '', coalesce(sum(data_bytes), 0) FROM selectorsyncsets;
