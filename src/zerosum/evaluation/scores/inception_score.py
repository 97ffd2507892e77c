"""Inception Score (Salimans et al. 2016, arXiv 1606.03498, section 4)."""

import math

import numpy as np
import torch

from zerosum.errors import UsageError
from zerosum.evaluation.scores.distances import Features
from zerosum.evaluation.scores.errors import FEWEST
from zerosum.evaluation.scores.given import Given
from zerosum.evaluation.scores.score import Result


def inception_score(logits: Features) -> Result:
    """exp E KL(p(y|x) ‖ p(y)) of class logits (count, classes), by torch-fidelity in 10 splits.

    Knows nothing of the real images, and rewards any network's certainty: good for comparing with
    old papers, for little else (Barratt & Sharma 2018, arXiv 1801.01973).
    """
    from torch_fidelity.metric_isc import isc_features_to_metric

    splits = min(10, len(logits))
    gaps = logits - logits.max(axis=1, keepdims=True)
    # e⁻⁷⁰⁰ is all but the smallest probability that float64 holds; of 0 the logarithm is no number.
    found = isc_features_to_metric(torch.from_numpy(np.maximum(gaps, -700)), splits)
    value, deviation = found["inception_score_mean"], found["inception_score_std"]
    if len(logits) < FEWEST:
        return Result(value, deviation=deviation)
    return Result(value, deviation / math.sqrt(splits - 1), splits - 1, deviation)


def score(given: Given) -> Result:
    """`inception_score` of what is given. Raises UsageError without class logits."""
    if given.logits is None:
        raise UsageError("the Inception Score needs class logits", "leave `is` out")
    return inception_score(given.logits)
