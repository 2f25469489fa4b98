-- Objects, their labels, the log of their changes, and what controllers keep. Times are seconds since the epoch.

CREATE TABLE clusters (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    uid TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    kubeconfig_enc TEXT,
    key_id TEXT,
    fingerprint TEXT,
    labels JSONB NOT NULL,
    data JSONB NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX clusters_name ON clusters (namespace, name);
CREATE UNIQUE INDEX clusters_uid ON clusters (uid);
CREATE INDEX clusters_labels ON clusters USING gin (labels);
CREATE INDEX clusters_data ON clusters USING gin (data jsonb_path_ops);

CREATE TABLE syncsets (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    uid TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    labels JSONB NOT NULL,
    data JSONB NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX syncsets_name ON syncsets (namespace, name);
CREATE UNIQUE INDEX syncsets_uid ON syncsets (uid);
CREATE INDEX syncsets_labels ON syncsets USING gin (labels);
CREATE INDEX syncsets_data ON syncsets USING gin (data jsonb_path_ops);

CREATE TABLE selectorsyncsets (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    uid TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    labels JSONB NOT NULL,
    data JSONB NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX selectorsyncsets_name ON selectorsyncsets (namespace, name);
CREATE UNIQUE INDEX selectorsyncsets_uid ON selectorsyncsets (uid);
CREATE INDEX selectorsyncsets_labels ON selectorsyncsets USING gin (labels);
CREATE INDEX selectorsyncsets_data ON selectorsyncsets USING gin (data jsonb_path_ops);

CREATE TABLE secrets (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    uid TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    data_enc TEXT,
    key_id TEXT,
    fingerprint TEXT,
    labels JSONB NOT NULL,
    data JSONB NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX secrets_name ON secrets (namespace, name);
CREATE UNIQUE INDEX secrets_uid ON secrets (uid);
CREATE INDEX secrets_labels ON secrets USING gin (labels);
CREATE INDEX secrets_data ON secrets USING gin (data jsonb_path_ops);

CREATE TABLE clustersyncs (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    uid TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    labels JSONB NOT NULL,
    data JSONB NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX clustersyncs_name ON clustersyncs (namespace, name);
CREATE UNIQUE INDEX clustersyncs_uid ON clustersyncs (uid);
CREATE INDEX clustersyncs_labels ON clustersyncs USING gin (labels);
CREATE INDEX clustersyncs_data ON clustersyncs USING gin (data jsonb_path_ops);

CREATE TABLE namespaces (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    uid TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    labels JSONB NOT NULL,
    data JSONB NOT NULL,
    PRIMARY KEY (id)
);
CREATE UNIQUE INDEX namespaces_name ON namespaces (namespace, name);
CREATE UNIQUE INDEX namespaces_uid ON namespaces (uid);
CREATE INDEX namespaces_labels ON namespaces USING gin (labels);
CREATE INDEX namespaces_data ON namespaces USING gin (data jsonb_path_ops);

CREATE TABLE object_labels (
    type TEXT COLLATE "C" NOT NULL,
    uid TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    value TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (type, uid, key)
);
CREATE INDEX object_labels_value ON object_labels (type, key, value, uid);

CREATE TABLE syncset_targets (
    syncset_uid TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    cluster_name TEXT COLLATE "C" NOT NULL,
    PRIMARY KEY (syncset_uid, cluster_name)
);
CREATE INDEX syncset_targets_cluster ON syncset_targets (namespace, cluster_name);

CREATE TABLE sync_statuses (
    cluster_uid TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    syncset_uid TEXT COLLATE "C" NOT NULL,
    observed_generation BIGINT NOT NULL,
    applied_hash TEXT,
    result TEXT,
    failure_message TEXT,
    last_transition BIGINT,
    first_success BIGINT,
    retry_at BIGINT,
    attempts BIGINT NOT NULL DEFAULT 0,
    PRIMARY KEY (cluster_uid, kind, name)
);
CREATE INDEX sync_statuses_set ON sync_statuses (syncset_uid, result);

CREATE TABLE tracked_resources (
    cluster_uid TEXT COLLATE "C" NOT NULL,
    set_kind TEXT COLLATE "C" NOT NULL,
    set_name TEXT COLLATE "C" NOT NULL,
    api_group TEXT COLLATE "C" NOT NULL,
    kind TEXT COLLATE "C" NOT NULL,
    version TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (cluster_uid, set_kind, set_name, api_group, kind, namespace, name)
);
CREATE INDEX tracked_resources_object ON tracked_resources (cluster_uid, api_group, kind, namespace, name);

CREATE TABLE cluster_work (
    cluster_uid TEXT COLLATE "C" PRIMARY KEY,
    namespace TEXT COLLATE "C" NOT NULL,
    dirty_revision BIGINT NOT NULL,
    done_revision BIGINT NOT NULL DEFAULT 0,
    due_at BIGINT NOT NULL,
    next_full_at BIGINT NOT NULL DEFAULT 0,
    class TEXT NOT NULL DEFAULT 'fast',
    queued_at BIGINT,
    lease_owner TEXT,
    lease_until BIGINT,
    fence BIGINT NOT NULL DEFAULT 0,
    attempts BIGINT NOT NULL DEFAULT 0,
    quarantined BIGINT
) WITH (fillfactor = 70);
CREATE INDEX cluster_work_due ON cluster_work (due_at) WHERE lease_until IS NULL;
CREATE INDEX cluster_work_lease ON cluster_work (lease_until);

CREATE TABLE events (
    revision BIGINT PRIMARY KEY,
    prev BIGINT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    op TEXT NOT NULL,
    uid TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    old_labels TEXT,
    labels TEXT,
    object TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX events_type ON events (type, revision);
CREATE INDEX events_age ON events (created_at);

-- The row '' is the revision of the last change; its lock makes the order of revisions that of commits. The others
-- hold the last revision of their type.
CREATE TABLE revision (
    type TEXT COLLATE "C" PRIMARY KEY,
    last BIGINT NOT NULL,
    prev BIGINT NOT NULL
);
INSERT INTO revision (type, last, prev) VALUES ('', 0, 0), ('clusters', 0, 0), ('syncsets', 0, 0),
    ('selectorsyncsets', 0, 0), ('secrets', 0, 0), ('clustersyncs', 0, 0), ('namespaces', 0, 0);

-- relay and matcher: the last revision that each has worked on; floor: revisions up to it are no longer in events.
CREATE TABLE cursors (
    name TEXT COLLATE "C" PRIMARY KEY,
    revision BIGINT NOT NULL
);
INSERT INTO cursors (name, revision) VALUES ('floor', 0), ('relay', 0);

CREATE TABLE idempotency (
    actor TEXT COLLATE "C" NOT NULL,
    key TEXT COLLATE "C" NOT NULL,
    request_hash TEXT NOT NULL,
    reply TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE role_bindings (
    subject TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (subject, namespace)
);

CREATE TABLE audit (
    id BIGINT GENERATED ALWAYS AS IDENTITY,
    at BIGINT NOT NULL,
    actor TEXT COLLATE "C" NOT NULL,
    verb TEXT NOT NULL,
    type TEXT COLLATE "C" NOT NULL,
    namespace TEXT COLLATE "C" NOT NULL,
    name TEXT COLLATE "C" NOT NULL,
    uid TEXT COLLATE "C" NOT NULL,
    resource_version BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX audit_at ON audit (at);
