"""What a score is called, with the features that it was measured in."""

from zerosum.evaluation.restoration import PAIR_SCORES
from zerosum.evaluation.scores import SCORES

APPROXIMATE = "-approx"


def title(name: str, extractor: str) -> str:
    """What a table calls a score: distances say in which features, and all do where these are not
    quite those of their name."""
    if name in PAIR_SCORES:
        return PAIR_SCORES[name].title  # of pixels, not of features
    text = SCORES[name].title
    told = name in ("fid", "kid", "fid-infinity", "is") or extractor.endswith(APPROXIMATE)
    return f"{text} ({extractor})" if told else text
