"""One run: the step, the loop around it, checkpoints and exact resume, the average, progress.

`train_run` takes a recipe, its images and a run folder, and goes on from whatever is there.
"""
