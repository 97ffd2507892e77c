"""The model card of an exported generator: what it learnt from what, how good it is, and what it is
good for."""

import json

from zerosum.exporting.subject import LICENCE, Subject
from zerosum.recipe.settings import Recipe
from zerosum.records.logs import ScoreLine, results_of
from zerosum.records.run import TOO_EARLY
from zerosum.records.run_state import divergence
from zerosum.report.document import Block, Document, Facts, Fixed, PictureFile, Points, Section
from zerosum.report.markdown import document_markdown
from zerosum.report.measured import measured
from zerosum.report.page.findings import Findings, neighbour_findings, read_modes
from zerosum.report.run_facts import headline, overview, since
from zerosum.studies.run_verdict import diagnose_run
from zerosum.words import capital, listed

NOT_TOLD = ("status", "folder", "newest checkpoint")
"""Facts of a run that say nothing on another machine, or have its paths."""
OF_LATENTS = """\
import zerosum  # pip install "zerosum[hub]"

generator = zerosum.from_pretrained({source})
pictures = generator(range(16))  # uint8 (16, {height}, {width}, {channels})"""
OF_CLASSES = """\

alike = generator.of_classes([{name}])(range(16))  # of one class"""
OF_PICTURES = """\
import numpy as np
import zerosum  # pip install "zerosum[hub]"
from PIL import Image
from zerosum.generation import restore_picture

generator = zerosum.from_pretrained({source})
pixels = np.atleast_3d(np.asarray(Image.open("old.jpg").convert("{mode}")))
restored = restore_picture(generator, pixels)  # uint8, of the same size"""
HERE = "path/to/this/folder"


def card(subject: Subject, sheet: str) -> str:
    """README.md: what the Hub reads of a model, then what is told of it. `sheet` is the name of the
    file with samples beside it, "" where there is none."""
    return _for_the_hub(subject.generator.recipe) + told(subject, sheet)


def told(subject: Subject, sheet: str) -> str:
    """The card of a model, as `card` has it below its head."""
    run, generator, state = subject.run, subject.generator, subject.state
    recipe, name = generator.recipe, subject.recipe_name
    not_told = NOT_TOLD if "data" in state else (*NOT_TOLD, "data")  # the path of its images
    facts = [fact for fact in overview(run, recipe, state, name) if fact[0] not in not_told]
    exported = f"checkpoint {generator.checkpoint}, {generator.weights} weights"
    shown = [PictureFile(f"Samples of {generator.run}: those that come first", sheet)]
    document = Document(
        generator.run,
        (
            Section("Use", (Fixed(_use(subject), language="python"), *_own_code(recipe))),
            Section("What it was trained on", (Facts([("exported", exported), *facts]),)),
            Section("Scores", _scores(subject)),
            Section("Intended use", (Points(_intended(recipe)),)),
            Section("Known limits", (Points(_limits(subject)),)),
            Section("Licence", (f"{capital(LICENCE)}.",)),
        ),
        (headline(recipe, state, name), *(shown if sheet else ())),
    )
    return document_markdown(document)


def _for_the_hub(recipe: Recipe) -> str:
    """What the Hub sorts models by. No licence: whoever trained the model says which."""
    task = "image-to-image" if recipe.task.pairs else "unconditional-image-generation"
    tags = (f"- {tag}" for tag in ("gan", recipe.network.kind, recipe.objective.loss))
    lines = ("---", "library_name: zerosum", f"pipeline_tag: {task}", "tags:", *tags, "---")
    return "\n".join((*lines, "", ""))


def _use(subject: Subject) -> list[str]:
    recipe, source = subject.generator.recipe, json.dumps(subject.repository or HERE)
    size, channels = recipe.data.resolution, recipe.data.channels
    if recipe.task.pairs:
        mode = "L" if channels == 1 else "RGB"
        return OF_PICTURES.format(source=source, mode=mode).splitlines()
    text = OF_LATENTS.format(source=source, height=size.height, width=size.width, channels=channels)
    if recipe.classes:
        text += OF_CLASSES.format(name=json.dumps(recipe.data.classes[0], ensure_ascii=False))
    return text.splitlines()


def _own_code(recipe: Recipe) -> list[str]:
    if not recipe.parts.files:
        return []
    names = listed([each.name for each in recipe.parts.files])
    return [
        f"It has code of its own, {names} in config.json, which runs only where somebody has read "
        "and trusted it: `from_pretrained` says how."
    ]


def _scores(subject: Subject) -> list[Block | str]:
    """The result of the run, or what was measured of the exported weights where those are others;
    under its protocol."""
    generator = subject.generator
    exported = int(generator.checkpoint), generator.weights
    lines = results_of(subject.run.scores())
    own = [line for line in lines if (line.images, _weights(line)) == exported]
    shown: ScoreLine | None = next(iter([*own, *lines]), None)
    if shown is None:
        return ["Not scored."]
    of = f"Of the checkpoint at {shown.images:,} images, {_weights(shown)} weights"
    return [f"{of}." if own else f"{of}, not the exported ones.", *measured(shown)]


def _weights(line: ScoreLine) -> str:
    """Whose pictures were scored: those of the "average" or of the "last" ones."""
    return str(line.protocol.get("generator") or "last")


def _intended(recipe: Recipe) -> list[str]:
    if recipe.task.pairs:
        return [
            "Pictures of the kind that it was trained on, with damage that it was trained to undo.",
            "What it adds is likely, not true: a restored picture is no evidence of anything.",
        ]
    return [
        "To look at, to play with and to learn from: how a generative adversarial network sees the "
        "pictures that it was trained on.",
        "Nothing that it shows was photographed: its pictures are no evidence of anything.",
    ]


def _limits(subject: Subject) -> list[str]:
    """What is known, and what nobody looked at."""
    run, recipe = subject.run, subject.generator.recipe
    data, found = subject.state.get("data", {}), diagnose_run(run)
    seen = f"the {data['train']:,} images of {data['name']}" if "train" in data else "its images"
    size = "Its pictures have" if recipe.task.latents else "It was trained on pieces of"
    limits = [
        f"It knows nothing but {seen}, their gaps and prejudices included.",
        f"{size} {recipe.data.resolution.in_words} pixels.",
    ]
    if found.verdict == TOO_EARLY:
        limits.append("Its training was too short for a verdict.")
    else:
        reason = divergence(subject.state)  # an error's words, which may name files
        why = "".join(f" {capital(each)}." for each in found.evidence if each != reason)
        limits.append(f"The verdict on its training: {found.verdict}{since(found)}.{why}")
    if recipe.task.latents:
        copies = neighbour_findings(run, required=True)
        limits += [_finding(each, "repeats pictures that it was trained on") for each in copies]
        limits.append(_finding(read_modes(run), "leaves kinds of pictures out"))
    return limits


def _finding(found: Findings, question: str) -> str:
    if not found.verdict:
        return f"Whether it {question} was not looked at."
    whose = f"checkpoint {found.checkpoint}" + f", {found.weights} weights" * bool(found.weights)
    of = f" (at {whose})" if found.checkpoint else ""
    return f"{found.title} {capital(found.verdict)}{of}."
