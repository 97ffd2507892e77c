"""What a run wrote down: its folder, its lock, its lines, and which score is its result."""
