"""What a run that goes on has otherwise than before, though its settings are the same."""

from zerosum.recipe.phases import images_in_step, phase_at
from zerosum.recipe.sections import SAME
from zerosum.recipe.settings import LAST_VALUES, Recipe, value_of
from zerosum.records.run_state import ChangeState, RunState
from zerosum.training.checkpoints import Position
from zerosum.training.thread_choice import OTHER_BITS
from zerosum.training.turns import learning_rates, share_left
from zerosum.words import counted, listed

MAY_DIFFER = "its numbers may differ by rounding from here on"
PRECISIONS = {"32": "float32", "bf16": "bfloat16"}


def changes(state: RunState, now: RunState) -> list[str]:
    """Where and how a run computes otherwise than its `state` has it, but for its threads: a line
    each. What the state does not say, as an earlier version wrote it, counts as unchanged."""
    found = []
    precision, earlier = now.get("precision", ""), state.get("precision", "")
    if earlier and precision != earlier:
        found.append(
            f"computes in {PRECISIONS.get(precision, precision)} instead of "
            f"{PRECISIONS.get(earlier, earlier)}: {OTHER_BITS}"
        )
    devices = now.get("devices", 1)
    if devices != state.get("devices", devices):
        many = counted(devices, "device")
        found.append(f"trains on {many} instead of {state['devices']}: {OTHER_BITS}")
    machine, other = _machine(now), _machine(state)
    if other and machine != other:
        found.append(f"trains on {machine} instead of {other}: {MAY_DIFFER}")
    torch, older = (each.get("versions", {}).get("torch", "") for each in (now, state))
    if older and torch != older:
        found.append(f"PyTorch is {torch} instead of {older}: {MAY_DIFFER}")
    return found


def noted(state: RunState, now: RunState, told: list[str], images: int) -> list[ChangeState]:
    """The changes of a run so far, with those that it was `told` here and a change of its threads,
    which `choose_threads` tells."""
    threads, before = now.get("threads", 0), state.get("threads", 0)
    if threads and before and threads != before:
        told = [
            f"computes with {counted(threads, 'thread')} instead of {before}: {OTHER_BITS}",
            *told,
        ]
    here: list[ChangeState] = [{"images": images, "changed": told}] if told else []
    return [*state.get("changes", []), *here]


def _machine(state: RunState) -> str:
    """The processor or GPU, without its threads, which are told by themselves."""
    return state.get("machine", "").rpartition(", ")[0] or state.get("machine", "")


def rates_that_jump(
    before: Recipe, after: Recipe, train_images: int, position: Position
) -> list[str]:
    """That learning rates are not what they were a step ago, or else the other values that
    `schedule.decay` leads, since it reaches over a run that is longer now; nothing where they are.
    """
    here, ended = position.images, position.critic_ended
    old, new = (phase_at(each, train_images, here, ended) for each in (before, after))
    if share_left(before, old, here) == share_left(after, new, here):
        return []
    last = learning_rates(before, old, here - images_in_step(before, old))
    rates = learning_rates(after, new, here)
    shown = {player: (f"{last[player]:.3g}", f"{rates[player]:.3g}") for player in rates}
    pairs = {player: f"{was} to {now}" for player, (was, now) in shown.items() if was != now}
    others = [name for name in LAST_VALUES if value_of(after, name) != SAME]
    if not pairs and not others:
        return []
    if not pairs:
        told = f"what schedule.decay leads goes back ({listed(others)})"
    elif pairs.keys() == rates.keys() and len(set(pairs.values())) == 1:
        told = f"learning rates go from {pairs['generator']}"
    else:
        told = ", ".join(
            f"the {player}'s learning rate goes from {pairs[player]}" for player in pairs
        )
    return [
        f"{told}: schedule.decay reaches to {new.end:,} images now, not to {old.end:,}; what is "
        "trained stays as it is"
    ]
