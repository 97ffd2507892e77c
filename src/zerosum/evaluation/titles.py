"""What a score is called, with the features that it was measured in."""

from zerosum.evaluation.scores import ALL_SCORES, PAIR_SCORES

APPROXIMATE = "-approx"


def title(name: str, extractor: str) -> str:
    """What a table calls a score: distances say in which features, and all do where these are not
    quite those of their name."""
    score = ALL_SCORES[name]
    of_pixels = name in PAIR_SCORES
    told = score.unit_of_features or (extractor.endswith(APPROXIMATE) and not of_pixels)
    return f"{score.title} ({extractor})" if told else score.title
