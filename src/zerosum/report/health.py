"""The verdict on a run, from its files."""

from zerosum.recipe import read_recipe
from zerosum.run import RunFolder
from zerosum.training.health import Diagnosis, diagnose


def diagnose_run(run: RunFolder) -> Diagnosis:
    """How a run is doing or did, by its curves, its newest recall, and how it ended.

    Raises ZerosumError when there is no run.
    """
    run.require()
    recipe, state = read_recipe(run.recipe_file), run.state()
    recalls = [
        line["scores"]["recall"]["value"] for line in run.scores() if "recall" in line["scores"]
    ]
    failure = state.get("reason", "") if state.get("status") == "failed" else ""
    return diagnose(
        run.metrics(),
        recipe.objective,
        recall=recalls[-1] if recalls else None,
        failure=failure,
    )
