-- Nothing looks for tracked objects but by their cluster and set.
DROP INDEX tracked_resources_object;
