"""What generators are trained for, in tensors: a file a task, found by the recipe.

What is known of a task without a tensor is in `zerosum.recipe.tasks`, by the same names.
"""

from zerosum.recipe import Recipe
from zerosum.recipe.tasks import TaskName
from zerosum.tasks.latent import LATENT
from zerosum.tasks.restore import RESTORE
from zerosum.tasks.task import Draw, Task

__all__ = ["TASKS", "Draw", "Task", "task_of"]

TASKS: dict[TaskName, Task] = {"latent": LATENT, "restore": RESTORE}


def task_of(recipe: Recipe) -> Task:
    """What the generator of a recipe is trained for."""
    return TASKS[recipe.task.name]
