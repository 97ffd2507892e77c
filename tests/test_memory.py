"""Memory that is freed while a training computes on the processor."""

import ctypes
import resource

import pytest
import torch

from zerosum.processor.memory import kept_memory

BLOCKS, VALUES = 16, 2**21
PAGES = BLOCKS * VALUES * 4 // resource.getpagesize()


def faults_of_using() -> int:
    """Pages that the system had to give for 128 MB in blocks of 8 MB, which are freed again."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    blocks = [torch.ones(VALUES) for _ in range(BLOCKS)]
    assert all(float(block[-1]) == 1 for block in blocks)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


@pytest.mark.skipif(not hasattr(ctypes.CDLL(None), "mallopt"), reason="no glibc")
def test_memory_that_is_freed_is_used_again_and_given_back_at_the_end() -> None:
    if faults_of_using() < PAGES / 3:
        pytest.skip("the system gives huge pages, and too few of them to count")
    with kept_memory():
        faults_of_using()
        assert faults_of_using() < PAGES / 4
    assert faults_of_using() > PAGES / 2
