"""What to train on somebody's pictures: one rule a row, each with its reason and its source.

Of each decision the first rule counts whose condition holds. docs/how-to/advice.md shows the rules
(tools/make_advice_reference.py).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from zerosum.recipe.changes import LENGTHS
from zerosum.recipe.expectations import RESULTS, expectation
from zerosum.recipe.fields import SHORTHANDS
from zerosum.recipe.load import load_recipe
from zerosum.recipe.network import CLASS_NORMS
from zerosum.recipe.settings import value_of

FEWEST = 10
"""Different pictures below which nothing is advised: a fifth of them is held out."""
FEWEST_TRAINED = 8
"""Pictures to train on below which nothing is advised: the smallest batch that is."""
PASSES = 400
"""Passes over the training pictures beyond which no more are advised: R3GAN's 20 million images of
CIFAR-10's 50,000 (arXiv 2501.05441)."""
STEPS_UNTIL = f"{RESULTS}: how many generator steps until there are pictures"
NONE_TWICE = "a batch holds no picture twice"


@dataclass(frozen=True)
class Pictures:
    """What is known of somebody's pictures."""

    count: int
    """Usable ones of which no two files are the same."""
    train: int
    """Of all usable ones those that are trained on."""
    side: int
    """Pixels of the shorter side, the median."""
    aspect: float
    """The longer side over the shorter, the median; 1 or more."""
    grey: bool
    """Whether none has colour channels."""
    classes: int
    """0: none."""
    least_of_class: int
    """Of those to train on the ones in the smallest class; 0: no classes."""
    bad: float
    """Share of the image files that cannot be used."""
    proportions: float = 1.0
    """Width over height that nearly all have; 1.0 also where they differ."""


def signs(pictures: Pictures) -> bool:
    """Whether these are likely digits, letters or drawings: grey and small."""
    return pictures.grey and pictures.side <= 32


CLASSES_MANY_OF_EACH = "2 to 100 classes, with 500 or more of each to train on"


def classes_many_of_each(pictures: Pictures) -> bool:
    """Whether the classes can be learnt: as many are made of each, whatever its share."""
    return 2 <= pictures.classes <= 100 and pictures.least_of_class >= 500


@dataclass(frozen=True)
class Rule:
    """What to set where a condition holds."""

    field: str
    """A field of the recipe, by its name or shorthand."""
    when: str
    holds: Callable[[Pictures], bool]
    value: object
    """None: as the recipe has it."""
    why: str
    source: str


@dataclass(frozen=True)
class Size:
    """A recipe at a size of pictures and of networks, and how many images it needs."""

    name: str
    recipe: str
    settings: Mapping[str, object]
    when: str
    holds: Callable[[Pictures], bool]
    seen: int
    """Real images after which something is to be seen."""
    usual: int
    """Real images that it trains where no time is given."""
    why: str
    source: str
    for_processors: bool = True
    """Whether it is advised on a processor where no time is given."""


SIZES = (
    Size(
        "small", "photos",
        {"data.resolution": 32, "width": 16, "batch": 32, "schedule.average": 10_000},
        "none of the others fits, or not into the time",
        lambda _: True, 50_000, 200_000,
        "of 16,000 faces it made faces that differ after 48,000 images",
        STEPS_UNTIL,
    ),
    Size(
        "digits", "digits",
        {},
        "grey, and 32 pixels or less",
        signs, 64_000, 220_000,
        "of 8,000 digits it made mostly digits after 64,000 images, steadier ones after 128,000",
        STEPS_UNTIL,
    ),
    Size(
        "narrow", "photos",
        {},
        "48 pixels or more",
        lambda it: it.side >= 48, 64_000, 200_000,
        "of 15,000 faces it made faces under noise after 48,000 images, clear ones of women and "
        "men after 192,000; three seeds",
        "docs/results.md",
    ),
    Size(
        "full", "photos",
        {"width": 64, "learning-rate": 2e-4, "evaluation.images": 10_000},
        "48 pixels or more; a GPU, or the time for it",
        lambda it: it.side >= 48, 400_000, 1_000_000,
        "the networks and the learning rate that most implementations of DCGAN have; how many "
        "images they need with an average was not measured here",
        "recipe dcgan (Radford et al. 2015, arXiv 1511.06434)",
        for_processors=False,
    ),
)  # fmt: skip
"""From the cheapest to the dearest. Without a time the last that fits counts, with one the last
that shows something within it."""

RULES = (
    Rule(
        "data.channels", "none has colour channels", lambda it: it.grey, 1,
        "nothing is spent on colours", "–",
    ),
    Rule(
        "data.fit", "grey, and 32 pixels or less", signs, "pad",
        "signs and digits must not be cut", "docs/how-to/own-images.md",
    ),
    Rule(
        "data.fit", "one side more than twice the other", lambda it: it.aspect > 2, "pad",
        "the middle square would keep less than half of each", "–",
    ),
    Rule(
        "data.flip", "in colour, and fewer than 5,000",
        lambda it: not it.grey and it.count < 5_000, True,
        "twice as many; wrong where there is writing in them (--data.flip no)",
        "docs/how-to/own-images.md",
    ),
    Rule(
        "network.conditional", CLASSES_MANY_OF_EACH, classes_many_of_each, True,
        "learnt, so that you can ask for one: `zerosum sample RUN --class NAME`",
        "Miyato and Koyama 2018 (arXiv 1802.05637); not measured here",
    ),
    Rule(
        "network.generator.classes", CLASSES_MANY_OF_EACH, classes_many_of_each, "norm",
        "classes enter by scales and shifts after each norm: as numbers beside the latent, with "
        "batch norm, they made one picture for each class",
        "docs/how-to/classes.md",
    ),
    Rule(
        "augmentation.method", "fewer than 10,000, but for grey ones of 32 pixels or less",
        lambda it: it.count < 10_000 and not signs(it), "diffaugment",
        "pictures are varied before the discriminator sees them, so that it does not memorise so "
        "few",
        "Zhao et al. 2020 (arXiv 2006.10738): FID of 100 faces 80 → 47, of 10,000 pictures of "
        "CIFAR-10 23 → 12; ours of 300 and 1,000 faces: KID × 0.6 (docs/results.md)",
    ),
    Rule(
        "augmentation.kinds", "with augmentation",
        lambda it: it.count < 10_000 and not signs(it), ("colour", "shift"),
        "no hole: with one, faces had bars and dark patches, without it fewer, and the same KID",
        "docs/results.md, one seed",
    ),
    Rule("batch", "fewer than 16 to train on", lambda it: it.train < 16, 8, NONE_TWICE, "–"),
    Rule("batch", "fewer than 32 to train on", lambda it: it.train < 32, 16, NONE_TWICE, "–"),
    Rule("batch", "fewer than 64 to train on", lambda it: it.train < 64, 32, NONE_TWICE, "–"),
    Rule(
        "data.max_bad", "more than 1 in 100 bad, up to 1 in 10",
        lambda it: 0.01 < it.bad <= 0.1, 0.1,
        "up to 1 in 10 are skipped; `zerosum data check` lists them", "–",
    ),
)  # fmt: skip
"""What is set besides the size, whatever that says of the same field."""


@dataclass(frozen=True)
class Choice:
    """What the rules say of some pictures."""

    size: Size
    settings: Mapping[str, object]
    """What is set otherwise than in the recipe, by names or shorthands; `images` among it."""
    seen: int
    """Real images after which something is to be seen."""
    reasons: tuple[Rule, ...]
    """The rules that count, beside the size."""
    expect: str

    @property
    def images(self) -> int:
        """Real images to see."""
        return int(str(self.settings["images"]))

    def beside(self, given: Mapping[str, object]) -> dict[str, object]:
        """The settings with those that a person gave, which count where both say something."""
        said = {field for name in given for field in fields_of(name)}
        said |= LENGTHS if said & LENGTHS else set()
        left: dict[str, object] = {}
        for name, value in self.settings.items():
            unsaid = [field for field in fields_of(name) if field not in said]
            names = [name] if len(unsaid) == len(fields_of(name)) else unsaid
            left |= dict.fromkeys(names, value)
        # Where classes enter says nothing without classes, and is refused without such a norm.
        norm = given.get("network.generator.norm", CLASS_NORMS[0])
        if given.get("network.conditional") is False or norm not in CLASS_NORMS:
            left.pop("network.generator.classes", None)
        # The kinds are those of the method that was chosen with them.
        if "augmentation.method" in said:
            left.pop("augmentation.kinds", None)
        return left | {**given}


def fields_of(name: str) -> tuple[str, ...]:
    """The fields that a name or a shorthand sets."""
    return SHORTHANDS.get(name, (name,))


def possible_sizes(pictures: Pictures) -> list[Size]:
    """The sizes that fit some pictures, the cheapest first: grey signs are no photographs."""
    fitting = [size for size in SIZES if size.holds(pictures)]
    return [size for size in fitting if size.name == "digits"] or fitting


def choose(pictures: Pictures, *, on_processor: bool) -> Choice:
    """What to train where no time is given. It depends on the pictures and on whether there is a
    GPU, not on how fast the machine is just now: the same command goes on with the same run."""
    sizes = possible_sizes(pictures)
    size = [each for each in sizes if each.for_processors or not on_processor][-1]
    return _chosen(pictures, size)


def choose_within(
    pictures: Pictures, seconds: float, images_per_second: Callable[[Choice], float]
) -> Choice:
    """What to train within a time: the dearest size that shows something in it, else the cheapest,
    for as long as is of use. `images_per_second` measures a choice; the dearest is asked first.
    """
    sizes = possible_sizes(pictures)
    for size in reversed(sizes):
        choice = _chosen(pictures, size)
        images = int(images_per_second(choice) * seconds)
        if images >= choice.seen or size is sizes[0]:
            return _chosen(pictures, size, images)
    raise AssertionError("some size always fits")


def _holding(pictures: Pictures) -> list[Rule]:
    """The first rule of each field that holds."""
    found: dict[str, Rule] = {}
    for rule in RULES:
        if rule.holds(pictures):
            found.setdefault(rule.field, rule)
    return list(found.values())


def _chosen(pictures: Pictures, size: Size, images: int | None = None) -> Choice:
    """A size with the rules for some pictures; `images` to see, None: as many as usual.

    What is counted in images was found with the size's own batch: a smaller one makes as many steps
    of fewer.
    """
    plain, usual = load_recipe(size.recipe), load_recipe(size.recipe, size.settings).schedule
    rules = _holding(pictures)
    settings = {**size.settings, **{rule.field: rule.value for rule in rules}}
    few = settings.get("batch")
    batch = min(usual.batch, few) if isinstance(few, int) else usual.batch
    seen = size.seen * batch // usual.batch
    most = max(seen, PASSES * pictures.train)
    wanted = size.usual * batch // usual.batch if images is None else images
    settings |= {
        "batch": batch,
        "schedule.average": usual.average * batch // usual.batch,
        "images": max(batch, min(wanted, most)),
    }
    different = {
        name: value
        for name, value in settings.items()
        if name == "images" or any(value_of(plain, each) != value for each in fields_of(name))
    }
    counts = tuple(rule for rule in rules if rule.field in different)
    return Choice(size, different, seen, counts, expectation(pictures.count))
