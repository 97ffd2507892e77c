"""The game: losses of both players, penalties on the discriminator, what each player minimises.

Pure functions of tensors, found by the names that recipes use.
"""
