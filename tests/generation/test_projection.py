"""The latent of a picture is found again, within the prior, to the same bits."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import chi

from zerosum.analysis.projection import SAMPLES, Search, keep_typical
from zerosum.generation.generator import TrainedGenerator, load_discriminator, load_generator
from zerosum.networks.build import build_discriminator, build_generator
from zerosum.networks.features import feature_distances, layer_outputs
from zerosum.recipe.load import load_recipe
from zerosum.records.run import RunFolder


def search(run: RunFolder, steps: int, starts: int = 1, seed: int = 0) -> Search:
    generator = load_generator(run, device="cpu")
    return Search(generator, load_discriminator(run, device="cpu"), seed, steps, starts)


def test_a_picture_that_the_generator_made_is_found_again(colour_run: RunFolder) -> None:
    searching = search(colour_run, steps=50)
    generator = searching.generator
    picture = generator([SAMPLES + 40])[0]
    found = searching.project(picture)
    assert found.distance.pixels < found.sample_distance.pixels / 5
    assert found.distance.features < found.sample_distance.features / 5
    assert np.array_equal(found.picture, generator(found.latent[None])[0])
    assert np.array_equal(found.sample, generator([found.nearest_sample])[0])
    apart = (found.picture.astype(float) - picture) ** 2
    assert found.distance.pixels == pytest.approx(np.sqrt(apart.mean()), abs=0.5)
    assert np.abs(found.latent).max() <= 1, "those of a uniform prior are"


def test_one_of_the_samples_is_found_before_any_search(colour_run: RunFolder) -> None:
    searching = search(colour_run, steps=3)
    found = searching.project(searching.generator([17])[0])
    assert found.nearest_sample == 17 and found.sample_distance.pixels < 0.5
    assert found.distance.whole <= found.sample_distance.whole


def test_more_starts_find_no_worse_and_the_same_words_the_same_bits(tiny_run: RunFolder) -> None:
    picture = load_generator(tiny_run, device="cpu")([SAMPLES])[0]
    one, three = (search(tiny_run, 4, starts).project(picture) for starts in (1, 3))
    assert three.distance.whole <= one.distance.whole
    again = search(tiny_run, 4, 1).project(picture)
    assert np.array_equal(again.latent, one.latent) and again.distance == one.distance
    other = search(tiny_run, 4, 1, seed=1).project(picture)
    assert not np.array_equal(other.latent, one.latent)


@pytest.mark.parametrize("recipe", ["dcgan-mnist", "sngan-resnet", "r3", "mlp"])
def test_each_family_is_searched_and_its_players_stay_as_they_are(recipe: str) -> None:
    widths = {f"network.{player}.width": 8 for player in ("generator", "discriminator")}
    small = load_recipe(recipe, widths | {"data.resolution": 16})
    cpu = torch.device("cpu")
    made = build_generator(small).eval().requires_grad_(False)
    generator = TrainedGenerator(made, small, "run", "000000000", False, cpu)
    discriminator = build_discriminator(small).eval().requires_grad_(False)
    players = made, discriminator
    before = [weight.clone() for player in players for weight in player.state_dict().values()]
    found = Search(generator, discriminator, 0, 5, 1).project(generator([SAMPLES])[0])
    assert found.distance.whole < found.sample_distance.whole
    after = [weight for player in players for weight in player.state_dict().values()]
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))


def test_features_of_the_same_pictures_are_the_same_and_of_others_not(tiny_run: RunFolder) -> None:
    searching = search(tiny_run, steps=1)
    images = searching.generator.images(searching.generator.latents(0, range(3)))
    seen = layer_outputs(searching.discriminator, images)
    assert feature_distances(seen, seen) == pytest.approx([0, 0, 0], abs=1e-5)
    first = [each[:1] for each in seen]
    assert (feature_distances(seen, first)[1:] > 0.01).all()


@given(
    latents=st.lists(
        st.lists(st.floats(-50, 50, width=32), min_size=3, max_size=3).filter(
            lambda values: any(abs(value) > 1e-3 for value in values)
        ),
        min_size=1,
        max_size=4,
    )
)
def test_latents_stay_where_a_prior_draws_them(latents: list[list[float]]) -> None:
    uniform, normal = torch.tensor(latents), torch.tensor(latents)
    keep_typical(uniform, "uniform")
    assert torch.equal(uniform, torch.tensor(latents).clamp(-1, 1))
    keep_typical(normal, "normal")
    least, most = chi.ppf((0.001, 0.999), 3)
    lengths = normal.norm(dim=1)
    assert (lengths > least - 1e-3).all() and (lengths < most + 1e-3).all()
    cosines = torch.nn.functional.cosine_similarity(normal, torch.tensor(latents))
    assert cosines == pytest.approx(1, abs=1e-4), "the direction stays"
