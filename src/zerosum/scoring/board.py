"""The curves of scores in TensorBoard."""

from zerosum.evaluation.protocol import Protocol
from zerosum.files import writing
from zerosum.recipe.scores import title
from zerosum.records.logs import ScoreLine
from zerosum.records.run import RunFolder


def score_curves(line: ScoreLine) -> dict[str, float]:
    """The scores of a line of scores.jsonl, by the names of TensorBoard's curves.

    A curve holds what was measured on as many images against the same real ones: FID falls with
    the number of images alone.
    """
    protocol = Protocol.from_dict(line.protocol)
    measured_on = f"{protocol.fakes:,} images against {protocol.real_data}"
    return {
        f"scores/{title(name, protocol.extractor)}, {measured_on}": score["value"]
        for name, score in line.scores.items()
        if score["value"] is not None
    }


def draw_scores(run: RunFolder, line: ScoreLine) -> None:
    """Put them onto the curves of a run that nobody trains just now."""
    from torch.utils.tensorboard import SummaryWriter

    with writing(run.tensorboard):
        board = SummaryWriter(str(run.tensorboard))
        for tag, value in score_curves(line).items():
            board.add_scalar(tag, value, line.images)
        board.close()
