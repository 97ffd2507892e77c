"""Settings that are allowed together, and seldom meant."""

from zerosum.recipe.settings import Recipe


def oddities(recipe: Recipe) -> list[str]:
    """What is odd about a recipe: one sentence each."""
    objective, critic = recipe.objective, recipe.network.discriminator
    penalised, clipped = objective.penalty != "none", objective.clip > 0
    odd = []
    if penalised and critic.spectral_norm:
        odd.append(
            f"objective.penalty = {objective.penalty!r} and network.discriminator.spectral_norm "
            "both bound the discriminator's gradient: one is usual"
        )
    if penalised and clipped:
        odd.append(
            f"objective.penalty = {objective.penalty!r} and objective.clip = {objective.clip:g} "
            "both bound the critic's gradient: one is usual"
        )
    if critic.spectral_norm and critic.norm != "none":
        odd.append(
            f"network.discriminator.norm = {critic.norm!r} scales what spectral norm has bounded: "
            "'none' is usual beside it"
        )
    if critic.spectral_norm and critic.norm == "none" and critic.bias == "none":
        odd.append(
            "network.discriminator has spectral norm, no other norm and no bias, so that a grey "
            "image has the score 0 whatever is learnt: network.discriminator.bias = 'without-norm' "
            "gives it the biases of its source"
        )
    bounded = penalised or clipped or critic.spectral_norm
    if objective.of_loss.estimates_distance and not bounded:
        odd.append(
            f"objective.loss = {objective.loss!r} needs a critic of bounded gradient, and neither "
            "objective.penalty, objective.clip nor spectral norm bounds this one"
        )
    return odd
