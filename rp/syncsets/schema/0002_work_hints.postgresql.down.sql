DROP TABLE work_hints;
