"""In whose features a study is scored that asks for a network whose weights may be missing."""

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
    weights, begun = weights_at_hand(), folder.exists()
    if begun and FIELD in folder.study().settings:
        return with_settings(study, {FIELD: study.extractor}), []
    if not begun and weights is not None:
        told = [f"scored in features of FID's Inception: {weights}"]
        return with_settings(study, {FIELD: study.extractor}), told
    sources = [published.source for published in study.published if published.source]
    others = f"the {sources[0]}'s" if sources else "the published ones"
    if weights is not None:
        another = shell_word(str(folder.path.with_name(f"{folder.path.name}-inception")))
        return study, [
            "begun without Inception's weights, it goes on without: its FID is another number than "
            f"{others}",
            f"  the weights are here now; to begin anew with them: --out {another}",
        ]
    missing = (
        "no Inception weights on this machine: FID is in other features, another number than "
        f"{others}"
    )
    return study, [missing] if begun else [missing, f"  {how_to_get_weights()}"]
