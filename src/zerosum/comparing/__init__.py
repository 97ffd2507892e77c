"""Which scores may stand side by side, which is best, and whether that is more than luck."""
