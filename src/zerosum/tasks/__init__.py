"""What generators are trained for, in tensors: a file a task, found by the recipe.

What is known of a task without a tensor is in `zerosum.recipe.tasks`, by the same names.
"""

from importlib import import_module
from typing import get_args

from zerosum.recipe.settings import Recipe
from zerosum.recipe.tasks import TaskName
from zerosum.tasks.task import Draw, Features, Make, Task

__all__ = ["TASKS", "Draw", "Features", "Make", "Task", "task_of"]

TASKS: dict[TaskName, Task] = {
    name: import_module(f"zerosum.tasks.{name}").TASK for name in get_args(TaskName)
}


def task_of(recipe: Recipe) -> Task:
    """What the generator of a recipe is trained for."""
    return TASKS[recipe.task.name]
