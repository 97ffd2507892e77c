"""In whose features a study is scored that asks for a network whose weights may be missing."""

from pathlib import Path

from zerosum.evaluation.extractors.inception import how_to_get_weights, weights_at_hand
from zerosum.studies.cells import with_settings
from zerosum.studies.folder import StudyFolder
from zerosum.studies.settings import Study
from zerosum.visible import shell_word

FIELD = "evaluation.extractor"


def with_extractor(study: Study, folder: StudyFolder) -> tuple[Study, list[str]]:
    """The study with the feature network that it asks for, where the weights are at hand, and what
    its first lines say of that.

    One that was begun goes on as it was, so that its cells can be compared; a network that somebody
    set, in the file or by an option, stays.
    """
    if not study.extractor or FIELD in study.settings or FIELD in study.grid:
        return study, []
    weights = weights_at_hand()
    if folder.exists():
        return _as_begun(study, folder, weights)
    if weights is not None:
        return _with(study), [f"scored in features of FID's Inception: {weights}"]
    return study, [_missing(study), f"  {how_to_get_weights()}"]


def _as_begun(study: Study, folder: StudyFolder, weights: Path | None) -> tuple[Study, list[str]]:
    if FIELD in folder.study().settings:
        return _with(study), []
    if weights is None:
        return study, [_missing(study)]
    another = folder.path.with_name(f"{folder.path.name}-inception")
    return study, [
        "begun without Inception's weights, it goes on without: its FID is another number than "
        f"{_whose(study)}",
        f"  the weights are here now; to begin anew with them: --out {shell_word(str(another))}",
    ]


def _with(study: Study) -> Study:
    return with_settings(study, {FIELD: study.extractor})


def _missing(study: Study) -> str:
    return (
        "no Inception weights on this machine: FID is in other features, another number than "
        f"{_whose(study)}"
    )


def _whose(study: Study) -> str:
    """Whose numbers the study's own would be compared with."""
    sources = [published.source for published in study.published if published.source]
    return f"the {sources[0]}'s" if sources else "the published ones"
