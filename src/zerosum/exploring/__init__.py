"""A page to explore a generator: on this machine, or as a folder for a Space of the Hub."""
