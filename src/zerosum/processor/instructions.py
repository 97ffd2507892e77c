"""Which instructions this processor has for bfloat16, and oneDNN may use."""

import os
from functools import cache

import torch

VARIABLES = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA")
"""oneDNN's own: the first that is set holds it to so many of the instructions that there are. The
second is its earlier name, which it still reads."""


@cache
def has_amx() -> bool:
    """Whether oneDNN multiplies matrices of bfloat16 by AMX."""
    return torch.cpu._is_amx_tile_supported() and _may_use("AMX")


@cache
def has_bf16() -> bool:
    """Whether PyTorch multiplies bfloat16 by instructions of the processor: AMX or AVX512-BF16."""
    if torch.backends.cpu.get_cpu_capability() not in ("AVX512", "AVX512_VNNI", "AMX"):
        return False
    there = torch.cpu._is_amx_tile_supported() or torch.cpu._is_avx512_bf16_supported()
    return there and _may_use("BF16", "FP16", "AVX10", "AMX")


def _may_use(*names: str) -> bool:
    """Whether oneDNN is held to nothing, or to instructions of which one has such a name: those
    that came later have the earlier ones."""
    held_to = next(filter(None, map(os.environ.get, VARIABLES)), "").upper()
    return not held_to.startswith(("SSE", "AVX")) or any(name in held_to for name in names)
