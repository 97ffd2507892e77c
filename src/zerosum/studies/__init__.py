"""Many runs: the grid, the runner, the results.

A study is a TOML file; each of its cells is a run as `zerosum train` makes it.
Its names are in its modules: those of the shipped studies are listed without importing the others.
"""
