"""Rights of an ordinary user, also where the tests are run by the super-user."""

import contextlib
import ctypes
import os
from collections.abc import Iterator

VERSION = 0x20080522
"""Of the kernel's interface of two sets of 32 capabilities each (man 2 capset)."""
FILE_RIGHTS = 1 << 1 | 1 << 2
"""CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH: to go over what a file's mode says."""


@contextlib.contextmanager
def ordinary_rights() -> Iterator[None]:
    """Let the modes of files count for this process, as they do for everybody but root.

    Root keeps its name, so that Python's own files stay readable. Processes that are started
    meanwhile have root's rights again.
    """
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted, inheritable; low words, then high ones
    _demand(libc.capget(header, sets))
    before = sets[0]
    sets[0] = before & ~FILE_RIGHTS
    _demand(libc.capset(header, sets))
    try:
        yield
    finally:
        sets[0] = before
        _demand(libc.capset(header, sets))


def _demand(result: int) -> None:
    if result != 0:
        raise OSError(ctypes.get_errno(), "the rights of root cannot be laid down here")
