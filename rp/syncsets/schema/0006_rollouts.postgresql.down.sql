DROP TABLE rollout_clusters;
DROP TABLE rollouts;
