"""The page of a run: what it says, what it leaves out, and what no name can do to it."""

import json
import os
import re
import shlex
import shutil
import time
from collections.abc import Sequence
from html.parser import HTMLParser
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.report.conftest import lines_of
from tests.report.page_runs import (
    MODES,
    bare_run,
    full_run,
    noise_sheet,
    score_line,
    write_lines,
)
from zerosum.data.grid import save_png
from zerosum.diagnosis.log_fields import LAST_STEP
from zerosum.errors import UsageError, ZerosumError
from zerosum.recipe.load import load_recipe, recipe_to_toml
from zerosum.records.logs import ScoreLine
from zerosum.records.run import RunFolder
from zerosum.report.chart import Level
from zerosum.report.logged_chart import RAW_POINTS, logged_chart, thinned
from zerosum.report.markdown import block_markdown
from zerosum.report.page import write_run_page
from zerosum.report.page.equilibrium import equilibrium_in_words
from zerosum.report.page.pictures import evenly, open_picture, picture
from zerosum.report.page.render import SCRIPTS
from zerosum.report.page.run_pictures import interpolation
from zerosum.report.page.watch import watch
from zerosum.report.run_charts import training_charts
from zerosum.report.run_facts import generator_steps, last_line, scoring_needs
from zerosum.report.score_chart import score_charts
from zerosum.visible import visible

MEGABYTE = 1_000_000


class Read(HTMLParser):
    """Words, headings, pictures, links and scripts of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.stack: list[str] = []
        self.text = ""
        self.headings: list[tuple[str, str]] = []
        self.images: list[dict[str, str]] = []
        self.ids: list[str] = []
        self.links: list[str] = []
        self.scripts: list[str] = []
        self.data: list[str] = []
        self.into = self.data
        self.policy = ""
        self.source = path.read_text(encoding="utf-8", errors="replace")
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = {name: value or "" for name, value in attrs}
        if "id" in named:
            self.ids.append(named["id"])
        if tag == "img":
            self.images.append(named)
        if tag == "a":
            self.links.append(named["href"])
        if named.get("http-equiv") == "Content-Security-Policy":
            self.policy = named["content"]
        if tag in ("h1", "h2", "h3"):
            self.headings.append((tag, ""))
        if tag == "script":
            self.into = self.data if "json" in named.get("type", "") else self.scripts
            self.into.append("")
        if tag not in ("meta", "link", "img", "input"):
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack.pop() == tag
        self.text += " "

    def handle_data(self, data: str) -> None:
        where = self.stack[-1] if self.stack else ""
        if where in ("h1", "h2", "h3"):
            self.headings[-1] = (where, self.headings[-1][1] + data)
        if where == "script":
            self.into[-1] += data
        elif where != "style":
            self.text += data


def words(text: str) -> str:
    return re.sub(r"\s+", " ", text)


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Read:
    run = full_run(tmp_path_factory.mktemp("runs") / "demo")
    path, _ = write_run_page(run)
    assert path == run.path / "report.html"
    return Read(path)


def test_it_tells_what_was_trained_on_what(full: Read) -> None:
    text = words(full.text)
    for told in (
        "Recipe digits, non-saturating loss, trained on 8,000 images of digits (16×16, grey)",
        "80,000 images seen, 1,250 generator steps in 3 min 05 s.",
        "FID (digits) 4.00 ± 0.25 real: 0.50 recall 0.500",
        "stopped: SIGTERM",
        "80,000 of 200,000",
        "8,000 to train on, 2,000 held out, 3 unreadable files skipped, 1 converted",
        "432 images/s",
        "zerosum train digits --out runs/demo",
        "a desk, 2 cores",
    ):
        assert told in text


def test_every_entry_of_the_contents_leads_to_a_section(full: Read) -> None:
    targets = [link.removeprefix("#") for link in full.links]
    assert {"overview", "health", "curves", "scores", "interpolations", "modes",
            "neighbours", "settings", "reproduce"} <= set(targets)  # fmt: skip
    assert set(targets) <= set(full.ids)
    assert len(set(full.ids)) == len(full.ids)


def test_headings_go_down_one_level_at_a_time(full: Read) -> None:
    levels = [int(tag[1]) for tag, _ in full.headings]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_every_picture_lies_in_the_page_and_says_what_it_shows(full: Read) -> None:
    assert len(full.images) == 3 + 1 + 1 + 2  # grids, real images, interpolations, two findings
    assert all(image["src"].startswith("data:image/") for image in full.images)
    assert all(len(image["alt"]) > 10 for image in full.images)
    assert len({image["alt"] for image in full.images}) == len(full.images)
    shown = [image for image in full.images if "hidden" not in image]
    assert "Samples after 2,000 images" in [image["alt"] for image in shown]


def test_nothing_is_loaded_from_anywhere(full: Read) -> None:
    assert "default-src 'none'" in full.policy
    assert not re.search(r"""(?:src|href)=["'](?!data:|#)""", full.source)
    assert "@import" not in full.source and "url(" not in full.source.split("</style>")[0]


def test_scores_stand_over_their_protocol_beside_the_floor(full: Read) -> None:
    text = words(full.text)
    assert "FID (digits) 4.00 0.25 0.50 lower" in text
    assert "generated 500 images of demo, checkpoint 000080000, last weights, seed 0" in text
    assert "floor 8,000 of digits (train) against these" in text
    assert "note 500 images are few" in text


def test_modes_come_with_their_test_and_what_follows(full: Read) -> None:
    text = words(full.text)
    assert "covers all 2 classes" in text
    assert "χ² = 16.0, p = 6.3e-05" in text
    assert "So the classes are not made in the data's shares." in text
    assert "<b>1</b> 30 30.0% 50.0% 0.60" in text


def test_neighbours_come_with_the_base_line(full: Read) -> None:
    text = words(full.text)
    assert "does not look copied" in text and "beside those of held-out images" in text
    assert "generated to training 0.1 0.2 0.5 0.9" in text
    assert "1 of 1,000; nearest / second nearest: median 0.50" in text
    assert "3 of 8,000 training images repeat others" in text


def test_each_number_of_a_run_stands_there_once(full: Read) -> None:
    text = words(full.text)
    assert re.findall(r"[\d,.]+ images/s", text) == ["432 images/s"]
    assert text.count("1.2 ") == 0 and "Last log line" not in text


def test_the_steps_say_what_a_step_is() -> None:
    assert generator_steps(load_recipe("digits"), {}) == ""
    assert generator_steps(load_recipe("digits"), {"step": 1}) == "1 generator step"
    told = generator_steps(load_recipe("wgan-gp"), {"step": 1250})
    assert told == "1,250 generator steps, 5 of the critic for each"
    assert generator_steps(load_recipe("restore"), {"step": 2}) == "2 steps"


def test_what_differs_is_open_and_all_settings_are_folded(full: Read) -> None:
    folded = [part.split("</details>")[0] for part in full.source.split("<details>")[1:]]
    settings = next(part for part in folded if "All settings" in part)
    assert "optimizer.generator.betas" in settings
    opened = re.sub(r"(?s)<details>.*?</details>", "", full.source)
    assert "schedule.log_every" in opened and "optimizer.generator.betas" not in opened


def test_settings_that_differ_from_the_shipped_recipe_are_marked(full: Read) -> None:
    text = words(full.text)
    assert "schedule.log_every 25 50" in text and "≠ 25" in text
    assert "data.resolution 16 32" in text
    for name in ("optimizer.generator.betas", "evaluation.decides"):
        assert name in text


def test_the_commands_make_it_again(full: Read) -> None:
    for command in ("zerosum evaluate", "zerosum modes", "zerosum neighbours", "zerosum report"):
        assert command in full.text
    assert "--pairs 5 --steps 10 --checkpoint 80000" in full.text


def test_a_run_that_was_only_begun_has_a_page(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "begun")
    text = words(Read(write_run_page(run)[0]).text)
    for told in ("begun, nothing saved yet", "too early to say", "Nothing was logged yet",
                 "no sample grids yet", "Not scored yet", "no checkpoint that could be read",
                 "zerosum modes", "zerosum neighbours", "one folder a class"):  # fmt: skip
        assert told in text


def test_the_commands_of_a_page_can_be_typed_where_a_name_has_spaces(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "my photos")
    text = words(Read(write_run_page(run)[0]).text)
    quoted = f"'{run.path}'"
    for command in ("evaluate", "modes", "neighbours"):
        assert f"zerosum {command} {quoted}" in text
    only = "Only digits, and pictures in one folder a class, have classes to count."
    assert f"{only} There zerosum modes {quoted} adds this." in text


@pytest.mark.parametrize(
    ("changed", "needed"),
    [
        ({"data.channels": 3}, True),
        ({"data.channels": 1}, False),
        ({"data.channels": 1, "evaluation.extractor": "inception"}, True),
    ],
)
def test_scoring_says_where_it_needs_weights(changed: dict[str, object], needed: bool) -> None:
    assert ("Inception's weights" in scoring_needs(load_recipe("dcgan", changed))) == needed


def test_a_failed_run_says_why(tmp_path: Path) -> None:
    run = full_run(tmp_path / "nan", status="failed", reason="training diverged at step 11")
    page = Read(write_run_page(run)[0])
    assert "failed: training diverged at step 11" in page.text
    assert 'class="verdict failing"' in page.source and "lower --learning-rate" in page.text


def test_values_that_are_not_finite_are_gaps_and_counted(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "nan")
    lines = lines_of(8)
    lines[3]["loss_generator"] = float("nan")
    lines[4]["loss_generator"] = float("inf")
    write_lines(run.metrics_file, lines)
    page = Read(write_run_page(run)[0])
    assert "× not finite in 2 of 8 log lines" in page.text
    losses = next(json.loads(data) for data in page.data if '"losses"' in data)
    assert losses["lost"] == [12_800, 16_000]
    assert losses["series"][0]["y"][3:5] == [None, None]


def test_a_restoration_has_its_own_page(tmp_path: Path) -> None:
    run = RunFolder(tmp_path / "restore")
    run.path.mkdir()
    run.recipe_file.write_text(recipe_to_toml(load_recipe("restore")))
    write_lines(run.metrics_file, [
        line | {"loss_pixel": 0.02, "accuracy": 0.6, "generator_share": 0.4,
                "phase": "generator" if number < 5 else "adversarial"}
        for number, line in enumerate(lines_of(12))
    ])  # fmt: skip
    save_png(noise_sheet(0), run.samples / "000000000.png", {})
    text = {"rows": "damaged, restored, original", "columns": "held-out pictures 0 to 7"}
    save_png(noise_sheet(1), run.charts / "restoration.png", text)
    page = Read(write_run_page(run)[0])
    assert "Rows from the top: damaged, restored, original" in page.text
    assert "restores damaged pictures, in phases" in page.text
    headings = [heading for _, heading in page.headings]
    assert "Pixel loss" in headings and "Who trains" in headings
    assert "From one picture to another" not in headings
    assert "Which classes does it make?" not in headings and "Did it copy?" not in headings
    losses = next(json.loads(data) for data in page.data if '"losses"' in data)
    assert [phase["name"] for phase in losses["phases"]] == ["generator alone", "both"]


HOSTILE = "</script><script>alert(1)</script><!--\u2028\"'&"


def test_names_are_shown_and_never_run(tmp_path: Path) -> None:
    name = "a\"b'<img src=x onerror=alert(1)>"
    data = {"name": HOSTILE, "train": 10, "held_out": 2}
    run = full_run(
        tmp_path / name, data=data, command=shlex.join(["zerosum", "train", HOSTILE]),
        machine=HOSTILE, status="failed",
        reason=HOSTILE, versions={HOSTILE: HOSTILE},
    )  # fmt: skip
    write_lines(run.scores_file, [
        score_line(80_000, 4.0, "asked", source=HOSTILE, real_data=HOSTILE, extractor=HOSTILE),
        score_line(90_000, 4.0, "asked", source=HOSTILE, real_data=HOSTILE, extractor=HOSTILE),
    ])  # fmt: skip
    page = Read(write_run_page(run)[0])
    assert len(page.scripts) == len(SCRIPTS)
    assert page.headings[0] == ("h1", name)
    assert page.text.count(visible(HOSTILE)) >= 5
    assert "\u2028" not in page.text
    assert not any(image.get("onerror") for image in page.images)
    titles = [json.loads(data)["title"] for data in page.data]
    assert f"FID ({HOSTILE})" in titles


def test_a_path_that_is_no_utf8_is_no_reason_to_fail(tmp_path: Path) -> None:
    try:
        run = full_run(tmp_path / "caf\udce9")
    except OSError:
        pytest.skip("this file system keeps to UTF-8")
    assert "caf\\xe9" in write_run_page(run)[0].read_text(encoding="utf-8")


def test_a_long_run_with_large_grids_stays_small(tmp_path: Path) -> None:
    run = full_run(tmp_path / "long", lines=20_000)
    pixels = np.random.default_rng(0).integers(0, 256, (320, 320, 3), dtype=np.uint8)
    sheet = Image.fromarray(pixels)
    for number in range(40):
        save_png(sheet, run.samples / f"{number:09d}.png", {})
    path, _ = write_run_page(run)
    assert path.stat().st_size < 6 * MEGABYTE
    grids = [image for image in Read(path).images if "after" in image["alt"]]
    assert len(grids) == 30
    assert grids[0]["alt"].endswith("after 0 images")
    assert grids[-1]["alt"].endswith("after 2,000 images")


def test_pictures_that_cannot_be_read_are_left_out_and_counted(tmp_path: Path) -> None:
    run = full_run(tmp_path / "torn")
    (run.samples / "000001000.png").write_bytes(b"\x89PNG\r\n\x1a\n and no more")
    (run.samples / "reals.png").write_bytes(b"")
    page = Read(write_run_page(run)[0])
    assert "1 more could not be read" in page.text
    assert len([image for image in page.images if "after" in image["alt"]]) == 2


def test_a_checkpoint_that_vanishes_leaves_the_section_empty(tmp_path: Path) -> None:
    run = full_run(tmp_path / "pruned")
    shutil.rmtree(run.checkpoints / "000080000")
    assert interpolation(run) is None
    assert "no checkpoint that could be read" in Read(write_run_page(run)[0]).text


def test_interpolations_are_the_same_each_time_and_made_once(tmp_path: Path) -> None:
    run = full_run(tmp_path / "twice")
    one = interpolation(run)
    assert one is not None and one.method == "spherical"
    assert interpolation(run) == one
    assert interpolation(run, one) is one


@pytest.mark.parametrize("name", ["modes.json", "neighbours.json", "projection.json"])
@pytest.mark.parametrize("content", ["{", "[]", "{}"])
def test_a_damaged_file_is_named_with_what_writes_it_again(
    tmp_path: Path, name: str, content: str
) -> None:
    run = full_run(tmp_path / "run")
    (run.path / name).write_text(content)
    with pytest.raises(ZerosumError, match=f"{name} is damaged") as error:
        write_run_page(run)
    command = {"projection.json": "project"}.get(name, name.removesuffix(".json"))
    assert f"zerosum {command}" in error.value.remedy


def test_classes_without_a_count_are_no_result(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    (run.path / "modes.json").write_text(json.dumps(MODES | {"counts": [100]}))
    with pytest.raises(ZerosumError, match=r"modes\.json is damaged .*counts"):
        write_run_page(run)


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (
            {"asked": {"table": [[45, 5], [25, 25]], "real": 0.98}},
            "as asked 70.0% are of the class that was asked for (of real images 98.0% are found to",
        ),
        (
            {"unmatched": ["cat", "dog"]},
            "as asked not known: the classifier knows no class called cat, dog",
        ),
    ],
)
def test_the_page_says_whether_the_classes_that_were_asked_for_came_out(
    tmp_path: Path, asked: dict[str, object], told: str
) -> None:
    run = full_run(tmp_path / "run")
    (run.path / "modes.json").write_text(json.dumps(MODES | asked))
    text = words(Read(write_run_page(run)[0]).text)
    assert told in text
    crossed = "Images of each class that was asked for, in a row, by the class that was found:"
    assert (f"{crossed} asked 0 <b>1</b> 0 45 5 <b>1</b> 25 25" in text) == ("asked" in asked)


def test_no_run_and_no_page_name(tmp_path: Path) -> None:
    with pytest.raises(ZerosumError, match="there is no run"):
        write_run_page(RunFolder(tmp_path / "none"))
    with pytest.raises(ZerosumError, match="it has no recipe"):
        write_run_page(RunFolder(tmp_path))
    run = bare_run(tmp_path / "run")
    with pytest.raises(UsageError, match=r"page\.pdf"):
        write_run_page(run, tmp_path / "page.pdf")
    (tmp_path / "file").write_text("")
    with pytest.raises(ZerosumError, match="cannot write"):
        write_run_page(run, tmp_path / "file" / "page.html")
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(ZerosumError, match="cannot write"):
        write_run_page(run, tmp_path / "folder.html")


def test_the_result_has_the_first_table_and_each_other_measurement_one(tmp_path: Path) -> None:
    run = full_run(tmp_path / "run")
    write_lines(run.scores_file, [
        score_line(40_000, 9.0, "asked"),
        score_line(80_000, 7.0, "reported"),
        score_line(80_000, 6.0, "asked", fakes=100),
        score_line(80_000, 5.0, "asked", fakes=100),
        score_line(80_000, 4.0, "asked"),
    ])  # fmt: skip
    text = words(Read(write_run_page(run)[0]).text)
    places = [text.index(f"FID (digits) {fid}.00 0.25") for fid in (7, 5, 9)]
    assert places == sorted(places)
    # What says the same again, of the same checkpoint, is shown once.
    assert "FID (digits) 4.00 0.25" not in text and "FID (digits) 6.00 0.25" not in text


def test_scores_of_one_checkpoint_have_a_table_and_no_curve() -> None:
    assert score_charts([]) == []
    assert score_charts([ScoreLine.from_dict(score_line(1, 2.0))]) == []
    charts = score_charts(
        [
            ScoreLine.from_dict(score_line(1, 2.0)),
            ScoreLine.from_dict(score_line(2, 1.0)),
            ScoreLine.from_dict(score_line(2, 1.5, "reported")),
        ]
    )
    assert [chart.title for chart in charts] == ["FID (digits)", "recall"]
    compared, result = charts[0].series
    assert compared.y == [2.0, 1.0] and compared.line and compared.error == [0.25, 0.25]
    assert result.y == [1.5] and not result.line
    assert charts[0].levels == [Level(0.5, "real against real", "0.50")]
    assert compared.texts == ["2.00 ± 0.25", "1.00 ± 0.25"] and result.texts == ["1.50 ± 0.25"]
    assert (charts[1].low, charts[1].high) == (0.0, 1.0)


def test_the_distance_of_a_wasserstein_critic_has_a_chart() -> None:
    lines = lines_of(12, distance=3.0, penalty=1.0)
    charts = {chart.key: chart for chart in training_charts(lines, load_recipe("wgan-gp"))}
    assert charts["distance"].series[0].y[0] == 3.0
    assert [each.label for each in charts["losses"].series] == [
        "generator's loss", "critic's loss", "penalty, weighted",
    ]  # fmt: skip
    assert charts["discriminator"].levels == []
    assert [each.label for each in charts["discriminator"].series] == [
        "output D(x)", "output D(G(z)), critic's step", "output D(G(z)), generator's step",
    ]  # fmt: skip


@pytest.mark.parametrize(("recipe", "first"), [
    ("dcgan", "D(x)"), ("sngan", "output D(x)"), ("lsgan", "output D(x)"),
])  # fmt: skip
def test_an_output_that_is_no_probability_is_called_an_output(recipe: str, first: str) -> None:
    made = load_recipe(recipe)
    chart = {each.key: each for each in training_charts(lines_of(12), made)}["discriminator"]
    assert chart.series[0].label == first
    assert chart.title == f"The discriminator: {first} and D(G(z))"
    assert f"the median of {first} is" in " ".join(equilibrium_in_words(made, lines_of(12)))


def test_rare_spikes_are_left_out_of_the_frame_and_told() -> None:
    lines = lines_of(400)
    lines[200]["loss_generator"] = 500.0
    chart = logged_chart("k", "Losses", "loss", lines, [("loss_generator", "generator")])
    assert chart is not None and chart.high is not None and chart.high < 3
    assert "all values lie between 1 and 500" in chart.note
    assert "highest" in chart.in_words()


def test_thinning_keeps_extremes_gaps_and_ends() -> None:
    x = np.arange(50_000.0)
    y = np.sin(x)
    y[123], y[40_000], y[7] = 99.0, -99.0, np.nan
    few_x, few_y = thinned(x, y)
    assert len(few_x) <= RAW_POINTS * 2
    assert np.nanmax(few_y) == 99 and np.nanmin(few_y) == -99
    assert np.isnan(few_y[few_x == 7]).all() and few_x[0] == 0 and few_x[-1] == 49_999


def test_a_loss_is_rounded_once_and_drawn_as_it_is() -> None:
    lines = [{"images": images, "loss_generator": 15.98498} for images in (64, 128)]
    chart = logged_chart("losses", "Losses", "", lines, [("loss_generator", "generator's loss")])
    assert chart is not None
    series = chart.series[0]
    assert series.y == [15.98498, 15.98498] and series.texts == ["15.98", "15.98"]
    assert "from 15.98 to 15.98" in chart.in_words()
    lines = [{"images": images, "loss_generator": 15.98542} for images in (64, 128)]
    chart = logged_chart("losses", "Losses", "", lines, [("loss_generator", "generator's loss")])
    assert chart is not None and chart.series[0].texts == ["15.99", "15.99"]


def test_at_rest_a_chart_tells_the_last_log_line_as_the_summary_does() -> None:
    lines = lines_of(400)
    lines[-1] |= {"loss_generator": 1.2345678, "d_real": None, LAST_STEP: True}
    del lines[-1]["d_fake_after"]
    recipe = load_recipe("digits")
    charts = {chart.key: chart for chart in training_charts(lines, recipe)}
    losses, discriminator = charts["losses"], charts["discriminator"]
    assert losses.at_rest == f"last log line, at {lines[-1]['images']:,} images"
    assert losses.series[0].texts[-1] != losses.series[0].newest == "1.235"
    assert losses.in_words().count("; in the last log line 1.235") == 1
    real, _, after = (each.newest for each in discriminator.series)
    assert (real, after) == ("not finite", "")

    rows = block_markdown(last_line(lines, recipe)).splitlines()
    for each in (*losses.series, *discriminator.series):
        assert (f"| {each.label} | {each.newest} |" in rows) is bool(each.newest), each.label


def test_the_equilibrium_is_told_for_each_kind_of_loss() -> None:
    told = [" ".join(equilibrium_in_words(load_recipe(name), lines_of(9)))
            for name in ("digits", "wgan-gp", "sngan")]  # fmt: skip
    assert "answers 0.50 to every image" in told[0] and "0.2 and 0.2 from it" in told[0]
    assert "only the difference of two scores" in told[1] and "a difference of 0.4" in told[1]
    assert "answers 0.00 to every image" in told[2]
    assert all("would not prove a Nash equilibrium" in text for text in told)
    short = equilibrium_in_words(load_recipe("digits"), lines_of(9), "400 generator steps")[1]
    assert short.endswith("from it. That says nothing yet: 400 generator steps.")
    lost = [*lines_of(3), lines_of(4)[3] | {"d_real": None}]
    assert "the newest 3 log lines" in equilibrium_in_words(load_recipe("digits"), lost)[1]


@pytest.mark.parametrize(
    ("count", "wanted"), [(0, []), (1, [0]), (3, [0, 1, 2]), (5, [0, 1, 3, 4])]
)
def test_pictures_are_chosen_evenly_with_both_ends(count: int, wanted: Sequence[int]) -> None:
    paths = [Path(str(number)) for number in range(count)]
    found = [int(path.name) for path in evenly(paths, 4)]
    assert found == wanted or (count == 5 and found[0] == 0 and found[-1] == 4 and len(found) == 4)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "I;16", "1"])
def test_pictures_of_any_kind_fit_in_their_budget(mode: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (900, 700, 3), dtype=np.uint8)
    image = Image.fromarray(noise).convert("L" if mode == "I;16" else mode)
    if mode == "I;16":
        image = image.convert("I;16")
    shown = picture(image, "noise", budget=60_000)
    assert len(shown.source) < 60_000 * 4 / 3 + 100
    assert shown.width < shown.height


def test_a_small_picture_stays_as_it_is(tmp_path: Path) -> None:
    save_png(noise_sheet(0), tmp_path / "x.png", {})
    image = open_picture(tmp_path / "x.png")
    assert image is not None
    shown = picture(image, "noise")
    assert shown.source.startswith("data:image/png") and (shown.width, shown.height) == image.size
    assert open_picture(tmp_path / "none.png") is None


def test_a_watched_page_is_written_when_files_change_and_once_more_at_the_end(
    tmp_path: Path,
) -> None:
    file = tmp_path / "metrics.jsonl"
    file.write_text("")
    written: list[bool] = []
    looks = iter([True, True, True, True, False])

    def goes_on() -> bool:
        if len(written) == 1:
            file.write_text("more")
            later = time.time_ns() + 10**9
            os.utime(file, ns=(later, later))
        return next(looks)

    times = list(watch(lambda: [file, tmp_path / "none"], written.append, goes_on, pause=0.0))
    assert written == [True, True, False] and times == [1, 2, 3]


def test_a_page_that_takes_long_to_write_is_written_less_often() -> None:
    written: list[bool] = []
    begun = time.monotonic()

    def write(live: bool) -> None:
        written.append(live)
        time.sleep(0.05)

    changing = [Path(__file__), Path(__file__).parent / "conftest.py"]

    def files() -> list[Path]:
        changing.reverse()
        return changing[:1]

    list(watch(files, write, lambda: time.monotonic() - begun < 1.2, pause=0.01))
    assert 2 <= len(written) <= 4 and not written[-1]


@pytest.mark.parametrize("stop", [KeyboardInterrupt, SystemExit])
def test_a_page_stops_reloading_itself_when_nobody_watches(stop: type[BaseException]) -> None:
    written: list[bool] = []

    def goes_on() -> bool:
        if written:
            raise stop
        return True

    with pytest.raises(stop):
        list(watch(list, written.append, goes_on, pause=0.0))
    assert written == [True, False]


def test_a_live_page_says_so_and_a_finished_one_does_not(tmp_path: Path) -> None:
    run = bare_run(tmp_path / "run")
    assert "data-live>" in write_run_page(run, live=True)[0].read_text()
    assert "data-live>" not in write_run_page(run)[0].read_text()
