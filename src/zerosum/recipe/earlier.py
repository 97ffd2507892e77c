"""What a run's recipe.toml means by a field that it does not have.

A run writes every field down. Where one is missing, an earlier version began the run, before there
was the field; what that version did is not always today's default.
"""

import copy
from collections.abc import Callable, Mapping
from functools import reduce
from operator import getitem
from typing import Any


def completed(content: dict[str, Any]) -> dict[str, Any]:
    """A recipe's tables; where a run wrote them, with what its version did about the fields that
    came later."""
    filled = copy.deepcopy(content)
    for name in missing_fields(content):
        *sections, field = name.split(".")
        reduce(getitem, sections, filled)[field] = LATER[name](content)
    if missing_fields(content):
        _say_same(filled)
    return filled


def _say_same(content: dict[str, Any]) -> None:
    """Say "same" where 0 meant it: of all last values but learning rates'."""
    optimizer = content.get("optimizer", {})
    for table, field in (
        (content.get("objective", {}), "last_penalty_weight"),
        (content.get("schedule", {}), "last_average"),
        (content.get("augmentation", {}), "last_probability"),
        (content.get("augmentation", {}), "last_strength"),
        (optimizer.get("generator", {}), "last_beta2"),
        (optimizer.get("discriminator", {}), "last_beta2"),
    ):
        if table.get(field) == 0:
            table[field] = "same"


def missing_fields(content: Mapping[str, Any]) -> list[str]:
    """The fields that came after the version that wrote a run's tables; none of any other's."""
    if not _is_of_a_run(content):
        return []
    return [name for name in LATER if _lacks(content, name)]


def _lacks(content: Mapping[str, Any], name: str) -> bool:
    """Whether the section of a field is there, and the field is not."""
    *sections, field = name.split(".")
    table: object = content
    for section in sections:
        table = table.get(section) if isinstance(table, Mapping) else None
    return isinstance(table, Mapping) and field not in table


def _is_of_a_run(content: Mapping[str, Any]) -> bool:
    """Whether a run wrote these tables: it alone knows the fingerprint of the images."""
    data = content.get("data")
    return isinstance(data, Mapping) and bool(data.get("fingerprint"))


def _bias_before(content: Mapping[str, Any], player: str) -> str:
    """Which layers of a player had a bias before that was a field."""
    network = content["network"]
    if network.get("kind") == "mlp":
        return "all"
    if network.get("kind") == "unet":
        # Only layers before batch norm did without.
        return "all" if network[player].get("norm") in ("instance", "layer") else "without-norm"
    return "none"


def _generator_label_before(content: Mapping[str, Any]) -> float:
    """The generator's target before that was a field: that of real images, or as far from 1 as that
    of generated ones is from 0."""
    objective = content["objective"]
    if objective.get("loss") == "saturating":
        return 1 - float(objective.get("fake_label", 0.0))
    return float(objective.get("real_label", 1.0))


LATER: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "network.generator.bias": lambda content: _bias_before(content, "generator"),
    "network.discriminator.bias": lambda content: _bias_before(content, "discriminator"),
    "objective.generator_label": _generator_label_before,
}
"""Fields that came later, each with what was done before it: of a run's tables → its value."""
