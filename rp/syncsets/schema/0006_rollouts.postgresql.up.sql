-- How far the roll-out of a set is. paused: too many clusters failed with this generation; resumed: somebody said to go on
-- since; forgiven: failures that did not count then.
CREATE TABLE rollouts (
    set_uid TEXT COLLATE "C" PRIMARY KEY,
    generation BIGINT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    resumed INTEGER NOT NULL DEFAULT 0,
    forgiven BIGINT NOT NULL DEFAULT 0
);

-- Clusters that are to get a generation: those that wait until they may (admitted 0), and those that may and have no result yet.
CREATE TABLE rollout_clusters (
    set_uid TEXT COLLATE "C" NOT NULL,
    cluster_uid TEXT COLLATE "C" NOT NULL,
    generation BIGINT NOT NULL,
    admitted INTEGER NOT NULL,
    PRIMARY KEY (set_uid, cluster_uid)
);
CREATE INDEX rollout_clusters_cluster ON rollout_clusters (cluster_uid);
