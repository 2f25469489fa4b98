-- What sets come to in bytes, by namespace (that of SelectorSyncSets is ''), kept by the database itself: exact whatever writes,
-- programs of the version before among them, and read with one row where all sets had to be read before. The row is locked behind
-- those of sets, and before that of the revision.
CREATE TABLE set_bytes (
    namespace TEXT COLLATE "C" PRIMARY KEY,
    bytes BIGINT NOT NULL
) WITH (fillfactor = 50);
ALTER TABLE syncsets
    ADD COLUMN data_bytes BIGINT GENERATED ALWAYS AS (octet_length(data::text)) STORED;
ALTER TABLE selectorsyncsets
    ADD COLUMN data_bytes BIGINT GENERATED ALWAYS AS (octet_length(data::text)) STORED;

CREATE FUNCTION add_set_bytes(of_namespace TEXT, n BIGINT) RETURNS void LANGUAGE sql AS $$
    INSERT INTO set_bytes (namespace, bytes) VALUES (of_namespace, n)
        ON CONFLICT (namespace) DO UPDATE SET bytes = set_bytes.bytes + excluded.bytes
$$;
CREATE FUNCTION count_set_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        PERFORM add_set_bytes(NEW.namespace, NEW.data_bytes);
    ELSIF TG_OP = 'DELETE' THEN
        PERFORM add_set_bytes(OLD.namespace, -OLD.data_bytes);
    ELSIF NEW.data_bytes <> OLD.data_bytes THEN
        PERFORM add_set_bytes(NEW.namespace, NEW.data_bytes - OLD.data_bytes);
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER syncsets_bytes AFTER INSERT OR DELETE OR UPDATE OF data ON syncsets
    FOR EACH ROW EXECUTE FUNCTION count_set_bytes();
CREATE TRIGGER selectorsyncsets_bytes AFTER INSERT OR DELETE OR UPDATE OF data ON selectorsyncsets
    FOR EACH ROW EXECUTE FUNCTION count_set_bytes();

-- Behind the triggers, which nobody writes beside until all of this is there.
INSERT INTO set_bytes (namespace, bytes)
    SELECT namespace, sum(data_bytes) FROM syncsets GROUP BY namespace;
INSERT INTO set_bytes (namespace, bytes) SELECT '', coalesce(sum(data_bytes), 0) FROM selectorsyncsets;
