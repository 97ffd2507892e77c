"""A study whose cells take a second each: small networks on a few of the bundled digits."""

from collections.abc import Mapping
from typing import Any

from zerosum.studies.settings import Study

TINY: Mapping[str, Any] = {
    "network.generator.width": 4,
    "network.discriminator.width": 4,
    "schedule.batch": 16,
    "schedule.log_every": 4,
    "schedule.checkpoint_every": 160,
    "schedule.sample_every": 10_000,
    "data.limit": 256,
    "evaluation.images": 0,
}


def tiny_study(**fields: Any) -> Study:
    """Two latents, one seed, 320 images; `fields` of a study replace its own, `settings` add."""
    settings = {**TINY, **fields.pop("settings", {})}
    content = {
        "name": "tiny",
        "recipe": ("digits",),
        "data": ("digits",),
        "images": 320,
        "grid": {"latent": (2, 8)},
    }
    return Study(**{**content, **fields, "settings": settings})
