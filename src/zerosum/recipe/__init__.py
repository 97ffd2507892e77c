"""What to train: typed settings, the shipped recipes, overrides from the command line.

A recipe is a TOML file; `load` reads one by name or path and says what is wrong with it.
"""
