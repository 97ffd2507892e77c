"""Scores during a training: checkpoints are compared, the best is kept, the result is reported.

The images that choose the best checkpoint are not those of the number that is reported in the end:
a best of many on the same images would look better than it is.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from zerosum.errors import ZerosumError
from zerosum.evaluation.extractors.inception import require_weights
from zerosum.evaluation.opening import choose_extractor, real_images
from zerosum.recipe.scores import SCORES
from zerosum.records.logs import FINAL, SELECTION, ScoreLine
from zerosum.records.run import BEST, checkpoint_names
from zerosum.scoring.board import score_curves
from zerosum.scoring.note import ScoringNote
from zerosum.scoring.pictures import live_generator, sheet
from zerosum.scoring.tools import WITHOUT, How, Tools, open_tools
from zerosum.training.checkpoints import point_to
from zerosum.training.meeting import meet
from zerosum.training.session import Training
from zerosum.training.stopping import SCORING, SCORING_SAVED, StopRequest
from zerosum.visible import shell_word
from zerosum.weights import MissingWeightsError


class StoppedError(Exception):
    """Somebody asked to stop while scores were computed."""


class Scoring:
    """Scores a run while it trains and when it is over. Never ends a run: without a feature
    network, or where something else is missing, it says so once and does nothing more."""

    def __init__(self, training: Training, stop: StopRequest) -> None:
        self.training = training
        self.stop = stop
        self.tools: Tools | None = None
        self.note = ScoringNote(training.run)
        self.note.close()  # that of a process that was killed
        self.announced = False
        """Whether it was said how long a comparison takes, where that is long."""
        self.off = training.game.recipe.evaluation.images == 0 or training.writer is None
        if not training.over:
            self._tell_of_missing_weights()
        self._point_to_best()  # of those that are left, where it went back

    def sheet(self) -> tuple[NDArray[np.uint8], dict[str, str]]:
        """The pictures of a sample sheet, and what their file says of them."""
        return sheet(self.training)

    def _tell_of_missing_weights(self) -> None:
        """Say before the first step that there will be no scores, where that is known then."""
        if self.off:
            return
        reals = real_images(self.training.data, "all")
        if choose_extractor(self.training.game.recipe.evaluation.extractor, reals) != "inception":
            return
        try:
            require_weights()
        except MissingWeightsError as error:
            self._tell(error.without_option().or_else(WITHOUT), "there will be no scores")
        except ZerosumError as error:
            self._tell(error, "there will be no scores")

    def _tell(self, error: ZerosumError, what: str = "no scores") -> None:
        self.training.listener.message(f"{what}: {error.what}")
        self.training.listener.message(f"  {error.remedy}")

    def compare(self) -> bool:
        """Score the generator as it is now; whether it is the best so far by what decides.

        The first process scores, and all get its answer, however long that takes.
        """
        fabric, best = self.training.game.fabric, self._compare()
        meet(fabric)
        return bool(fabric.broadcast(best))

    def _compare(self) -> bool:
        images = self.training.position.images
        if self.off or any(line.images == images for line in self._compared()):
            return False  # a run that goes on has done it already
        shorter = "" if self.announced else self._fewer_comparisons()

        def score(tools: Tools) -> ScoreLine:
            with live_generator(self.training) as generator:
                return tools.live(generator, self._how(tools, shorter)).line(SELECTION, images)

        scored = self._try(score)
        self.announced = True
        best = self._best() if scored else None
        return best is not None and best.images == images

    def _fewer_comparisons(self) -> str:
        """What to do where a comparison takes minutes."""
        every = self.training.game.recipe.schedule.evaluate_every
        come = max(self.training.at_end - self.training.position.images, 0) // max(every, 1)
        return (
            f"stop it (Ctrl-C) and compare fewer checkpoints: --schedule.evaluate_every {5 * every}"
            f" ({come:,} more are to come)"
        )

    def _point_to_best(self) -> None:
        """Make checkpoints/best point to the best that is on disk."""
        if self.training.writer is None:
            return
        best = self._best()
        name = "" if best is None else f"{best.images:09d}"
        if name in checkpoint_names(self.training.run):
            point_to(self.training.run.checkpoints / BEST, name)

    def report(self) -> None:
        """Score the best checkpoint (the last, where none were compared) once more, on images of
        its own, and write the result down; not where that was done already."""
        run, compared = self.training.run, self._compared()
        checkpoint = run.best_or_latest()
        name = run.checkpoint(checkpoint).name
        reported = [line for line in run.scores() if line.kind == FINAL]
        if any(line.checkpoint == name for line in reported):
            return

        recipe = self.training.game.recipe
        shorter = (
            "stop it (Ctrl-C) and score fewer images: zerosum evaluate "
            f"{shell_word(str(run.path))} --images {recipe.evaluation.images // 5}"
        )

        def score(tools: Tools) -> ScoreLine:
            device = self.training.game.fabric.device
            line = tools.saved(run, checkpoint, device, self._how(tools, shorter))
            return replace(line, compared=len(compared))

        self._try(score)

    def _try(self, score: Callable[[Tools], ScoreLine]) -> bool:
        """Whether there are scores, which are written down then; a line says why there are none."""
        if self.off or self.training.writer is None:
            return False
        line = None
        message = self.training.listener.message
        try:
            game = self.training.game
            with self.stop.answering(SCORING_SAVED if self._saved() else SCORING):
                self.tools = self.tools or open_tools(
                    game.recipe, self.training.data, game.fabric.device
                )
                line = score(self.tools)
        except StoppedError:
            message("stopped while scoring: the scores are left out")
            message("  the same command makes up for that, and goes on with what is computed")
        except ZerosumError as error:
            self._tell(error)
            self.off = True
        finally:
            self.note.close()
        if line is None:
            return False
        self.training.writer.scored(line, score_curves(line))
        self.training.listener.evaluated(line)
        return True

    def _saved(self) -> bool:
        """Whether all that is trained is on disk."""
        here = f"{self.training.position.images:09d}"
        return checkpoint_names(self.training.run)[-1:] == [here]

    def _how(self, tools: Tools, shorter: str) -> How:
        asked = any("training images" in SCORES[name].needs for name in tools.measure.scores)
        train = real_images(self.training.data, "train") if asked else None
        return {"train": train, "shorter": shorter, "stage": self._stage}

    def _stage(self, what: str, done: int, total: int) -> None:
        if self.stop.wanted:
            raise StoppedError
        if self.training.writer is not None:
            self.note.stage(what, done, total)
        self.training.listener.scoring(what, done, total)

    def _compared(self) -> list[ScoreLine]:
        return [line for line in self.training.run.scores() if line.kind == SELECTION]

    def _best(self) -> ScoreLine | None:
        """The compared line with the best value of the score that decides; the first of equals."""
        decides = self.training.game.recipe.evaluation.decides
        lines = [line for line in self._compared() if decides in line.scores]
        if not lines:
            return None
        sign = 1 if SCORES[decides].better == "lower" else -1
        return min(lines, key=lambda line: sign * (line.value(decides) or 0.0))
