"""The right name for another one: what is meant by it, else those that are most like it."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches


def by_word(others: Mapping[str, str]) -> dict[str, str]:
    """The name here by each of the words that others have for it."""
    return {word: name for name, words in others.items() for word in words.split()}


NAMES = {
    "learning-rate": "lr",
    "optimizer": "opt optim",
    "batch": "batchsize bs",
    "epochs": "nepochs numepochs maxepochs epoch niter",
    "images n": "nimages numimages",
    "n images": "numsamples nsamples count num",
    "latent": "nz zdim latentdim latentsize",
    "network.generator.width": "ngf",
    "network.discriminator.width": "ndf",
    "data.resolution resolution": "size imagesize imgsize res",
    "data.channels channels": "imagechannels nc",
    "schedule.critic_steps": "ncritic criticiters",
    "objective.clip": "clipvalue weightclip",
    "objective.penalty_weight": "gpweight lambdagp",
    "scores evaluation.scores": "metrics metric",
    "seed": "randomseed manualseed",
    "data": "dataset datadir datapath input",
    "out": "o output outf outdir outputdir savedir logdir rundir",
    "against": "reals real reference ref",
    "devices": "ngpu gpus",
    "checkpoint": "ckpt",
    "truncate": "truncation",
    "stop-after": "duration time maxtime",
    "init-from": "initfrom finetune",
}
"""What others call an option or a field, by letters alone: the first of its names that is there is
meant."""
SYNONYMS = {word: tuple(names.split()) for word, names in by_word(NAMES).items()}

STEPS = {"steps", "step", "iterations", "iters", "nsteps", "numsteps", "maxsteps", "trainsteps"}
"""What others call the length of a training, by its letters alone: here it is counted in images."""

VALUES = by_word(
    {
        "wasserstein": "wgan wgangp",
        "gradient": "gp gradientpenalty",
        "non-saturating": "bce vanilla",
        "saturating": "minimax",
        "least-squares": "lsgan",
        "relativistic": "rgan",
        "normal": "gaussian",
        "batch": "batchnorm",
        "layer": "layernorm",
        "instance": "instancenorm",
        "leaky-relu": "lrelu",
        "32": "fp32 float32",
        "bf16": "bfloat16 fp16",
        "1": "grey gray",
        "3": "rgb",
        "squash": "resize",
        "is": "inceptionscore",
        "fid-infinity": "fidinf",
    }
)
"""What is meant by words, by their letters alone, for a value that is chosen from a few."""

CLEARLY = 0.15
"""By how much less like a wrong name (from 0 to 1) a second right one is not worth naming."""


def did_you_mean(name: str, names: Sequence[str]) -> str:
    """ "did you mean a or b?" for the names most like a wrong one; "" where none is like it."""
    bare = {each.lstrip("-"): each for each in names}
    close = [bare[each] for each in get_close_matches(name.lstrip("-"), bare, n=2, cutoff=0.5)]
    if (value := VALUES.get(letters(name), "")) in names:
        close = [value]
    elif len(close) == 2 and _likeness(name, close[1]) < _likeness(name, close[0]) - CLEARLY:
        close = close[:1]
    return f"did you mean {' or '.join(close)}?" if close else ""


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one.lstrip("-"), other.lstrip("-")).ratio()


def near(name: str, names: Sequence[str]) -> str:
    """ "did you mean …?" for a dotted name: one that is surely meant, those of the same last part,
    else those most like it; "" where none is like it."""
    if (found := meant(name, names)) is not None:
        return f"did you mean {found}?"
    last = letters(name.rpartition(".")[2])
    same = [each for each in names if letters(each.rpartition(".")[2]) == last][:2]
    return f"did you mean {' or '.join(same)}?" if same else did_you_mean(name, names)


def letters(name: str) -> str:
    """A name by its letters and digits alone, so that batch-size, batchSize, batch_size agree."""
    return "".join(letter for letter in name.lower() if letter.isalnum())


def meant(name: str, names: Iterable[str]) -> str | None:
    """The one of the names that surely is meant by another: written otherwise, a synonym, or the
    end of it alone (`flip` for `data.flip`); None where there is none, or more than one."""
    known = {letters(each): each for each in names}
    if (same := known.get(letters(name))) is not None:
        return same
    for synonym in map(letters, SYNONYMS.get(letters(name), ())):
        if synonym in known:
            return known[synonym]
    ending = letters(name)
    ends = [each for each in known.values() if ending in map(letters, _endings(each))]
    return ends[0] if len(ends) == 1 else None


def _endings(name: str) -> list[str]:
    """ "a.b.c" → "b.c", "c"."""
    parts = name.split(".")
    return [".".join(parts[start:]) for start in range(1, len(parts))]
