"""Randomness by counter: every draw is a pure function of what it is for and when.

Nothing random is ever stored. A resumed run draws what the uninterrupted one would have drawn,
and an evaluation in the middle of a training cannot shift the draws that follow it.

All are drawn on the processor, latents and a penalty's epsilon too, and go to the device from
pinned memory: a GPU's generator has other numbers than a processor's, so that no two devices would
train the same. 128 latents of 100 numbers are 51 kB, and take 0.2 ms of a core, in which a GPU
works on the step before.
"""

import hashlib

import numpy as np


def random_for(seed: int, purpose: str, *counters: int) -> np.random.Generator:
    """A fresh generator that depends on the arguments alone.

    `purpose` keeps draws apart that share their counters ("latents", "flips"); `counters` say
    which draw it is (a step, an epoch, the index of an image). The generator is Philox (Salmon et
    al. 2011, "Parallel random numbers: as easy as 1, 2, 3"), keyed with a hash of the arguments,
    so that neighbouring counters give unrelated streams.
    """
    name = "/".join(map(str, (seed, purpose, *counters)))
    digest = hashlib.blake2b(name.encode(), digest_size=16).digest()
    return np.random.Generator(np.random.Philox(key=int.from_bytes(digest, "little")))


def seed_for(seed: int, purpose: str, *counters: int) -> int:
    """A 63-bit seed for generators that are not ours (torch's, for dropout masks)."""
    return int(random_for(seed, purpose, *counters).integers(0, 2**63))
