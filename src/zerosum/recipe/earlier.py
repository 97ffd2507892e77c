"""What a run's recipe.toml means by a field that it does not have.

A run writes every field down. Where one is missing, an earlier version began the run, before there
was the field; what that version did is not always today's default.
"""

from collections.abc import Mapping
from typing import Any

PLAYERS = ("generator", "discriminator")


def completed(content: dict[str, Any]) -> dict[str, Any]:
    """A recipe's tables; where a run wrote them, with what its version did about the fields that
    came later."""
    network = content.get("network")
    later = missing_fields(content)
    if not later or not isinstance(network, dict):
        return content
    players = {
        player: {**network[player], "bias": _bias_before(network.get("kind"), network[player])}
        for player in PLAYERS
        if f"network.{player}.bias" in later
    }
    return content | {"network": network | players}


def missing_fields(content: Mapping[str, Any]) -> list[str]:
    """The fields that came after the version that wrote a run's tables; none of any other's."""
    network = content.get("network")
    if not _is_of_a_run(content) or not isinstance(network, Mapping):
        return []
    tables = {player: network.get(player) for player in PLAYERS}
    return [
        f"network.{player}.bias"
        for player, table in tables.items()
        if isinstance(table, Mapping) and "bias" not in table
    ]


def _is_of_a_run(content: Mapping[str, Any]) -> bool:
    """Whether a run wrote these tables: it alone knows the fingerprint of the images."""
    data = content.get("data")
    return isinstance(data, Mapping) and bool(data.get("fingerprint"))


def _bias_before(kind: object, player: Mapping[str, Any]) -> str:
    """Which layers had a bias before that was a field."""
    if kind == "mlp":
        return "all"
    if kind == "unet":
        # Only layers before batch norm did without.
        return "all" if player.get("norm") in ("instance", "layer") else "without-norm"
    return "none"
