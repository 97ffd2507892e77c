"""The scores of a training: checkpoints are compared, the best is kept, the result is reported."""
