"""What the permissions of files forbid, also where root runs the tests, as in many containers."""

import contextlib
import ctypes
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

VERSION = 0x20080522  # of the structures below (capget(2))
PAST_PERMISSIONS = 0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("thread", ctypes.c_int))


class _Half(ctypes.Structure):
    _fields_ = tuple((name, ctypes.c_uint32) for name in ("effective", "permitted", "inheritable"))


@contextlib.contextmanager
def ordinary_user() -> Iterator[None]:
    """This thread may only what the permissions of files say, even if it is root's."""
    if os.geteuid() != 0:
        yield
        return
    system = ctypes.CDLL(None, use_errno=True)
    if not hasattr(system, "capset"):
        pytest.skip("root may read everything here")
    header, halves = _Header(VERSION, 0), (_Half * 2)()
    assert system.capget(ctypes.byref(header), halves) == 0
    before = halves[0].effective
    halves[0].effective = before & ~PAST_PERMISSIONS
    assert system.capset(ctypes.byref(header), halves) == 0
    try:
        yield
    finally:
        halves[0].effective = before
        assert system.capset(ctypes.byref(header), halves) == 0


@contextlib.contextmanager
def closed(path: Path) -> Iterator[None]:
    """Nobody may read or enter the path, and this thread is an ordinary user's."""
    mode = path.stat().st_mode
    path.chmod(0)
    try:
        with ordinary_user():
            yield
    finally:
        path.chmod(mode)
