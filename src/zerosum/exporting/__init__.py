"""A run's generator for other programs: a file or folder that does without the run."""
