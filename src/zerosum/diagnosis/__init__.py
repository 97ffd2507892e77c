"""How a training is doing: findings, verdicts and remedies, from its records alone."""
