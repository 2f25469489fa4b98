-- Hints of work where no broker keeps them. Not logged: what a crash of the database loses is put again.
-- slow: 1 for one of many; taken_until: seconds since the epoch until which a taker has it, 0: nobody.
CREATE UNLOGGED TABLE work_hints (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    cluster_uid TEXT COLLATE "C" NOT NULL,
    dirty_revision BIGINT NOT NULL,
    slow INTEGER NOT NULL,
    deliveries BIGINT NOT NULL DEFAULT 0,
    taken_until BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (id)
);
CREATE INDEX work_hints_turn ON work_hints (slow, id);
