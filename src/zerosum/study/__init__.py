"""Many runs: the grid, the runner, the table.

A study is a TOML file; each of its cells is a run as `zerosum train` makes it.
"""
