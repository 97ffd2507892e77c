"""The right name for another one: what is meant by it, else those that are most like it."""

from collections.abc import Iterable, Mapping, Sequence
from difflib import SequenceMatcher, get_close_matches

SYNONYMS: Mapping[str, tuple[str, ...]] = {
    "lr": ("learning-rate",),
    "opt": ("optimizer",),
    "optim": ("optimizer",),
    "batchsize": ("batch",),
    "bs": ("batch",),
    "nepochs": ("epochs",),
    "numepochs": ("epochs",),
    "maxepochs": ("epochs",),
    "epoch": ("epochs",),
    "niter": ("epochs",),
    "nimages": ("images", "n"),
    "numimages": ("images", "n"),
    "numsamples": ("n", "images"),
    "nsamples": ("n", "images"),
    "count": ("n", "images"),
    "num": ("n", "images"),
    "nz": ("latent",),
    "zdim": ("latent",),
    "latentdim": ("latent",),
    "latentsize": ("latent",),
    "ngf": ("network.generator.width",),
    "ndf": ("network.discriminator.width",),
    "size": ("data.resolution", "resolution"),
    "imagesize": ("data.resolution", "resolution"),
    "imgsize": ("data.resolution", "resolution"),
    "res": ("data.resolution", "resolution"),
    "imagechannels": ("data.channels", "channels"),
    "nc": ("data.channels", "channels"),
    "ncritic": ("schedule.critic_steps",),
    "criticiters": ("schedule.critic_steps",),
    "clipvalue": ("objective.clip",),
    "weightclip": ("objective.clip",),
    "gpweight": ("objective.penalty_weight",),
    "lambdagp": ("objective.penalty_weight",),
    "metrics": ("scores", "evaluation.scores"),
    "metric": ("scores", "evaluation.scores"),
    "randomseed": ("seed",),
    "manualseed": ("seed",),
    "dataset": ("data",),
    "datadir": ("data",),
    "datapath": ("data",),
    "input": ("data",),
    "o": ("out",),
    "output": ("out",),
    "outf": ("out",),
    "outdir": ("out",),
    "outputdir": ("out",),
    "savedir": ("out",),
    "logdir": ("out",),
    "rundir": ("out",),
    "reals": ("against",),
    "real": ("against",),
    "reference": ("against",),
    "ref": ("against",),
    "ngpu": ("devices",),
    "gpus": ("devices",),
    "ckpt": ("checkpoint",),
    "truncation": ("truncate",),
    "duration": ("stop-after",),
    "time": ("stop-after",),
    "maxtime": ("stop-after",),
    "initfrom": ("init-from",),
    "finetune": ("init-from",),
}
"""What others call an option or a field, by its letters alone, and its names here: the first that
is there is meant."""

STEPS = {"steps", "step", "iterations", "iters", "nsteps", "numsteps", "maxsteps", "trainsteps"}
"""What others call the length of a training, by its letters alone: here it is told in images."""

VALUES: Mapping[str, str] = {
    "wgan": "wasserstein",
    "wgangp": "wasserstein",
    "gp": "gradient",
    "gradientpenalty": "gradient",
    "bce": "non-saturating",
    "vanilla": "non-saturating",
    "minimax": "saturating",
    "lsgan": "least-squares",
    "rgan": "relativistic",
    "gaussian": "normal",
    "batchnorm": "batch",
    "layernorm": "layer",
    "instancenorm": "instance",
    "lrelu": "leaky-relu",
    "fp32": "32",
    "float32": "32",
    "bfloat16": "bf16",
    "fp16": "bf16",
    "grey": "1",
    "gray": "1",
    "rgb": "3",
    "resize": "squash",
    "inceptionscore": "is",
    "fidinf": "fid-infinity",
}
"""What others call a value that is chosen from a few, by its letters alone, and its name here."""

CLEARLY = 0.15
"""By how much less like a wrong name (from 0 to 1) a second right one is not worth naming."""


def did_you_mean(name: str, names: Sequence[str]) -> str:
    """ "did you mean a or b?" for the names most like a wrong one; "" where none is like it."""
    close = get_close_matches(name, names, n=2, cutoff=0.5)
    if (value := VALUES.get(letters(name), "")) in names:
        close = [value]
    elif len(close) == 2 and _likeness(name, close[1]) < _likeness(name, close[0]) - CLEARLY:
        close = close[:1]
    return f"did you mean {' or '.join(close)}?" if close else ""


def _likeness(one: str, other: str) -> float:
    return SequenceMatcher(None, one, other).ratio()


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
