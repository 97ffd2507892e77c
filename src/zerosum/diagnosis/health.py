"""How a training is doing, told from its own curves: one verdict, the evidence, and remedies.

The verdict is a function of the lines of metrics.jsonl alone, and of whether the run began with
another's weights, so that a run that was killed and goes on has the same at the same steps, and
`zerosum health` has the one that the training told.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import inf, isnan

from zerosum.diagnosis.findings import RISEN, distance_of, judge
from zerosum.diagnosis.log_fields import LAST_STEP
from zerosum.diagnosis.phase_health import FEWEST, WINDOW
from zerosum.diagnosis.verdicts import RULES, Diagnosis, Finding, Verdict, diagnosis
from zerosum.recipe.sections import ObjectiveSettings
from zerosum.records.logs import LogLine, finite_values


def diagnose(
    lines: Sequence[LogLine],
    objective: ObjectiveSettings,
    *,
    images_before: int = 0,
    failure: str = "",
) -> Diagnosis:
    """The verdict on a run from its log lines, oldest first.

    Lines of runs that did not measure variety do as well, with less to see. `images_before`: that
    its weights were learnt from in another run, before the first of these lines. `failure` is the
    reason with which the training ended by itself.
    """
    watch = HealthWatch(objective, lines, images_before)
    if failure:
        since = int(lines[-1]["images"]) if lines else 0
        return diagnosis(since, ("diverged", (failure,)), watch.phase)
    return watch.diagnosis()


@dataclass(frozen=True)
class Streak:
    """Log lines in a row that are not the verdict: all show the same, or all speak against the
    run, be it by one finding or another."""

    step: int
    images: int
    """Of the first of them."""
    found: tuple[Finding, ...]
    """What each shows."""

    @property
    def finding(self) -> Finding:
        """What most of them show, the newest of equals, as the newest of those shows it."""
        counts = Counter(verdict for verdict, _ in reversed(self.found))
        most = counts.most_common(1)[0][0]
        return next(each for each in reversed(self.found) if each[0] == most)

    def goes_on_with(self, verdict: Verdict) -> bool:
        """Whether a line that shows this is one more."""
        return verdict == self.found[-1][0] or (
            RULES[verdict] == RULES[self.found[-1][0]] and RULES[verdict].against
        )

    def lasts(self, line: LogLine) -> bool:
        """Whether it is long enough at its newest line."""
        rule = RULES[self.found[-1][0]]
        steps, images = _step(line) - self.step, int(line["images"]) - self.images
        return len(self.found) >= rule.lines and steps >= rule.steps and images >= rule.images


class HealthWatch:
    """The verdict of a run while it goes on: what its log lines have shown for long enough."""

    def __init__(
        self,
        objective: ObjectiveSettings,
        lines: Sequence[LogLine] = (),
        images_before: int = 0,
    ) -> None:
        self.objective = objective
        self.images_before = images_before
        self.lines: list[LogLine] = []
        self.seen = 0
        self.generator_steps = 0.0
        self.estimates = 0
        """Log lines in which a critic estimated the distance."""
        self.first, self.furthest = inf, 0.0
        """What it was in the first `FEWEST` of them, their median, and the largest so far."""
        self.phase = ""
        self.verdict: Verdict = "too early to say"
        self.since = 0
        self.evidence: tuple[str, ...] = ()
        self.doubt: Streak | None = None
        """What the newest lines show that is not the verdict, or not yet."""
        self.found: Finding = judge((), objective, 0)
        for line in lines:
            self.logged(line)

    def logged(self, line: LogLine) -> Diagnosis | None:
        """Take in a log line; the diagnosis, where the verdict has changed.

        Each phase is judged anew: its first verdict is told, be it that of the phase before. The
        line of a step that the training ended with, between two of the others, is no log line here.
        """
        if LAST_STEP in line:
            return None
        phase = str(line.get("phase", ""))
        if phase != self.phase:
            self.phase, self.verdict, self.evidence = phase, "too early to say", ()
            self.doubt = None
        self._count_steps(line)
        self.lines = [*self.lines[-WINDOW + 1 :], line]
        self.seen += 1
        self._estimate()
        risen = self.furthest >= RISEN * self.first and not self.images_before
        self.found = judge(self.lines, self.objective, self.seen, self.furthest if risen else inf)
        verdict, evidence = self.found
        if verdict == self.verdict:
            self.doubt, self.evidence = None, evidence
            return None
        rule = RULES[verdict]
        if verdict == "too early to say" or self.generator_steps < rule.after:
            self.doubt = None
            return None
        if self.doubt is not None and self.doubt.goes_on_with(verdict):
            self.doubt = replace(self.doubt, found=(*self.doubt.found, self.found))
        else:
            self.doubt = Streak(_step(line), int(line["images"]), (self.found,))
        at_once = self.verdict == "too early to say" and not rule.against
        if not at_once and not self.doubt.lasts(line):
            return None
        self.verdict, self.evidence = self.doubt.finding
        self.since, self.doubt = self.doubt.images, None
        return self.diagnosis()

    def diagnosis(self) -> Diagnosis:
        """The verdict as it stands, and what the newest lines show besides."""
        verdict, shown = self.found
        evidence = self.evidence
        if self.verdict == "too early to say" and not RULES[verdict].against:
            evidence = shown
        if RULES[verdict].against and verdict != self.verdict:
            evidence = (*evidence, *_not_yet(verdict, shown[0]))
        return diagnosis(self.since, (self.verdict, evidence), self.phase)

    def _estimate(self) -> None:
        distance = distance_of(list(map(finite_values, self.lines)), self.objective)
        if distance is None or isnan(distance):
            return
        self.estimates += 1
        if self.estimates <= FEWEST:
            self.first = distance
        self.furthest = max(self.furthest, distance)

    def _count_steps(self, line: LogLine) -> None:
        before = _step(self.lines[-1]) if self.lines else 0
        taken = max(_step(line) - before, 0)
        self.generator_steps += taken * float(line.get("generator_share", 1.0))


def _step(line: LogLine) -> int:
    return int(line.get("step", 0))


def _not_yet(verdict: Verdict, shown: str) -> tuple[str, ...]:
    """What the newest lines show, and when it would be the verdict."""
    rule = RULES[verdict]
    return (
        f"the newest log lines look {verdict}: {shown}",
        f"healthy trainings do for a while: a verdict when it lasts for {rule.steps:,} steps and "
        f"{rule.images:,} images, after the generator's first {rule.after:,} steps",
    )
