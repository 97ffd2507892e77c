"""A trained generator's pictures: samples, interpolations, the film of its training, and pictures
that it restores.

Picture i of a run and seed is always the same picture, however many are made beside it.
"""

from zerosum.generation.restore import restore_files, restore_picture

__all__ = ["restore_files", "restore_picture"]
