"""The section of a recipe that says which images a training has."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field, PlainSerializer, PlainValidator, WithJsonSchema

from zerosum.recipe.image_size import LEAST_SIDE, MOST_SIDE, ImageSize, parse_size
from zerosum.recipe.sections import FREELY, Below1, Count, Settings, Share
from zerosum.recipe.value_range import AUTO, parse_range


def _size_of_images(value: object) -> ImageSize:
    size = parse_size(value)
    if not all(LEAST_SIDE <= side <= MOST_SIDE for side in size.sides):
        raise ValueError(f"a side should be from {LEAST_SIDE} to {MOST_SIDE} pixels")
    return size


def _range_of_values(text: str) -> str:
    return str(parse_range(text) or AUTO)


Resolution = Annotated[
    ImageSize,
    PlainValidator(_size_of_images),
    PlainSerializer(lambda size: size.written),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": LEAST_SIDE, "maximum": MOST_SIDE},
                {"type": "string"},
            ]
        }
    ),
]


class DataSettings(Settings):
    """Which images, and how they are brought to one size."""

    source: Annotated[str, FREELY] = Field(
        "", description="a name (digits, mnist, …), folder or archive; set by --data"
    )
    split: Literal["train", "test", "all"] = Field("train", description="which split to train on")
    resolution: Resolution = Field(
        64,
        validate_default=True,
        description="side of square images in pixels, or width x height of others: 64x96; "
        "multiples of 16 up to 256 (mlp: any from 16; unet: squares of 32, 64, 128 or 256)",
    )
    channels: Literal[1, 3] = Field(3, description="1: grey, 3: colour")
    fit: Literal["crop", "pad", "squash", "box"] = Field(
        "crop",
        description="how an image is brought to that shape; box: a centre box of data.box pixels",
    )
    box: Count = Field(
        0, description="shorter side of the centre box in source pixels, for fit = box"
    )
    range: Annotated[str, AfterValidator(_range_of_values)] = Field(
        "auto",
        description="black and white where images have more than 8 bits, such as 0-1 or 0-4095; "
        "auto: decided for the set",
    )
    flip: bool = Field(False, description="mirror every second image, chosen at random")
    zoom: Annotated[float, Field(ge=0.0, le=0.9)] = Field(
        0.0, description="random zoom-crop: the largest share of each side that is cut off"
    )
    limit: Count = Field(0, description="train on N images chosen by the seed; 0: on all")
    validation: Below1 = Field(
        0.2, description="share held out, chosen by the seed; a set's own test split is kept"
    )
    max_bad: Annotated[Share, FREELY] = Field(
        0.01, description="stop when a larger share of the image files is unreadable"
    )
    fingerprint: str = Field("", description="hash of the images; written by the run")
    classes: tuple[str, ...] = Field(
        (), description="the classes that the players learn, in order; written by the run"
    )
