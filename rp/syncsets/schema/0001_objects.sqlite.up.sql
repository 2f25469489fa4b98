-- Objects, their labels, the log of their changes, and what controllers keep. Times are seconds since the epoch.

CREATE TABLE clusters (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    kubeconfig_enc TEXT,
    key_id TEXT,
    fingerprint TEXT,
    labels TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE UNIQUE INDEX clusters_name ON clusters (namespace, name);
CREATE UNIQUE INDEX clusters_uid ON clusters (uid);

CREATE TABLE syncsets (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    labels TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE UNIQUE INDEX syncsets_name ON syncsets (namespace, name);
CREATE UNIQUE INDEX syncsets_uid ON syncsets (uid);

CREATE TABLE selectorsyncsets (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    labels TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE UNIQUE INDEX selectorsyncsets_name ON selectorsyncsets (namespace, name);
CREATE UNIQUE INDEX selectorsyncsets_uid ON selectorsyncsets (uid);

CREATE TABLE secrets (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    data_enc TEXT,
    key_id TEXT,
    fingerprint TEXT,
    labels TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE UNIQUE INDEX secrets_name ON secrets (namespace, name);
CREATE UNIQUE INDEX secrets_uid ON secrets (uid);

CREATE TABLE clustersyncs (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    labels TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE UNIQUE INDEX clustersyncs_name ON clustersyncs (namespace, name);
CREATE UNIQUE INDEX clustersyncs_uid ON clustersyncs (uid);

CREATE TABLE namespaces (
    id INTEGER PRIMARY KEY,
    uid TEXT NOT NULL,
    name TEXT NOT NULL,
    namespace TEXT NOT NULL,
    generation BIGINT NOT NULL,
    resource_version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    deletion_at BIGINT,
    labels TEXT NOT NULL,
    data TEXT NOT NULL
);
CREATE UNIQUE INDEX namespaces_name ON namespaces (namespace, name);
CREATE UNIQUE INDEX namespaces_uid ON namespaces (uid);

CREATE TABLE object_labels (
    type TEXT NOT NULL,
    uid TEXT NOT NULL,
    key TEXT NOT NULL,
    value TEXT NOT NULL,
    PRIMARY KEY (type, uid, key)
);
CREATE INDEX object_labels_value ON object_labels (type, key, value, uid);

CREATE TABLE syncset_targets (
    syncset_uid TEXT NOT NULL,
    namespace TEXT NOT NULL,
    cluster_name TEXT NOT NULL,
    PRIMARY KEY (syncset_uid, cluster_name)
);
CREATE INDEX syncset_targets_cluster ON syncset_targets (namespace, cluster_name);

CREATE TABLE sync_statuses (
    cluster_uid TEXT NOT NULL,
    kind TEXT NOT NULL,
    name TEXT NOT NULL,
    syncset_uid TEXT NOT NULL,
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
    cluster_uid TEXT NOT NULL,
    set_kind TEXT NOT NULL,
    set_name TEXT NOT NULL,
    api_group TEXT NOT NULL,
    kind TEXT NOT NULL,
    version TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (cluster_uid, set_kind, set_name, api_group, kind, namespace, name)
);
CREATE INDEX tracked_resources_object ON tracked_resources (cluster_uid, api_group, kind, namespace, name);

CREATE TABLE cluster_work (
    cluster_uid TEXT PRIMARY KEY,
    namespace TEXT NOT NULL,
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
);
CREATE INDEX cluster_work_due ON cluster_work (due_at) WHERE lease_until IS NULL;
CREATE INDEX cluster_work_lease ON cluster_work (lease_until);

CREATE TABLE events (
    revision BIGINT PRIMARY KEY,
    prev BIGINT NOT NULL,
    type TEXT NOT NULL,
    op TEXT NOT NULL,
    uid TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
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
    type TEXT PRIMARY KEY,
    last BIGINT NOT NULL,
    prev BIGINT NOT NULL
);
INSERT INTO revision (type, last, prev) VALUES ('', 0, 0), ('clusters', 0, 0), ('syncsets', 0, 0),
    ('selectorsyncsets', 0, 0), ('secrets', 0, 0), ('clustersyncs', 0, 0), ('namespaces', 0, 0);

-- relay and matcher: the last revision that each has worked on; floor: revisions up to it are no longer in events.
CREATE TABLE cursors (
    name TEXT PRIMARY KEY,
    revision BIGINT NOT NULL
);
INSERT INTO cursors (name, revision) VALUES ('floor', 0), ('relay', 0);

CREATE TABLE idempotency (
    actor TEXT NOT NULL,
    key TEXT NOT NULL,
    request_hash TEXT NOT NULL,
    reply TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (actor, key)
);
CREATE INDEX idempotency_age ON idempotency (created_at);

CREATE TABLE role_bindings (
    subject TEXT NOT NULL,
    namespace TEXT NOT NULL,
    role TEXT NOT NULL,
    PRIMARY KEY (subject, namespace)
);

CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at BIGINT NOT NULL,
    actor TEXT NOT NULL,
    verb TEXT NOT NULL,
    type TEXT NOT NULL,
    namespace TEXT NOT NULL,
    name TEXT NOT NULL,
    uid TEXT NOT NULL,
    resource_version BIGINT NOT NULL
);
CREATE INDEX audit_at ON audit (at);
