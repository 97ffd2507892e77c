"""The page, made with Gradio: which controls it has, and what each asks the explorer.

Pictures stand in the page itself, as data: the server keeps no file of them.
"""

import base64
import html
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import gradio as gr

from zerosum.errors import ZerosumError
from zerosum.exploring.explorer import NO_TRUNCATION, Chosen, Explorer, Tile
from zerosum.words import percent

IN_TURN = "all in turn"
LARGEST = 2**53 - 1
"""Of whole numbers that a browser knows exactly."""
REACH = 5
"""Standard deviations that a slider moves a latent in both directions."""
CSS = Path(__file__).with_name("page.css")
PRESSED = """
element.addEventListener('click', event => {
  const tile = event.target.closest('button[data-number]');
  if (!tile) return;
  element.querySelectorAll('button').forEach(each => each.ariaPressed = each === tile);
  trigger('select', {number: Number(tile.dataset.number)});
});
"""
"""Of the sheet, in the browser: which picture was pressed."""


def make_page(explorer: Explorer) -> gr.Blocks:
    """The page of a generator."""
    title = f"{explorer.generator.run} · zerosum explore"
    with gr.Blocks(title=title, analytics_enabled=False, fill_width=True) as page:
        gr.HTML(_heading(explorer))
        with gr.Row():
            with gr.Column(scale=5, min_width=400):
                gr.HTML("<h2>1 · Choose a picture</h2>" + SEEDS)
                with gr.Row():
                    whole: Any = {"precision": 0, "minimum": 0, "maximum": LARGEST, "min_width": 90}
                    seed = gr.Number(0, label="Seed", **whole)
                    number = gr.Number(0, label="Number", **whole)
                    kind = gr.Dropdown(
                        [IN_TURN, *explorer.classes],
                        label="Class",
                        visible=bool(explorer.classes),
                        min_width=120,
                    )
                truncation = gr.Slider(
                    0.2, NO_TRUNCATION, NO_TRUNCATION, step=0.1,
                    label=f"Truncation: less variety, fewer failures ({NO_TRUNCATION:g}: none)",
                    visible=explorer.truncates, buttons=[],
                )  # fmt: skip
                sheet = gr.HTML(js_on_load=PRESSED, elem_id="sheet")
            with gr.Column(scale=4, min_width=300):
                gr.HTML("<h2>2 · Look at it</h2><p>Large, with its numbers.</p>")
                picture = gr.HTML(elem_id="picture")
                with gr.Row():
                    as_first = gr.Button("Take as A", size="sm")
                    as_last = gr.Button("Take as B", size="sm")
                search = gr.Checkbox(
                    label="Did it copy? Find the nearest training picture",
                    visible=explorer.run is not None,
                )
                nearest = gr.HTML(elem_id="nearest")
            with gr.Column(scale=4, min_width=280):
                gr.HTML("<h2>3 · Change it</h2>" + DIRECTIONS)
                sliders = [
                    gr.Slider(
                        -REACH, REACH, 0, step=0.1, elem_classes="direction",
                        label=f"Direction {place} · {percent(share)}",
                    )
                    for place, share in enumerate(explorer.directions.explained, 1)
                ]  # fmt: skip
                reset = gr.Button("Back to the picture as it was", size="sm")
        gr.HTML("<h2>4 · Walk from A to B</h2><p>Take a picture as A and another one as B.</p>")
        way = gr.HTML(elem_id="way")
        first, last = gr.State(Chosen()), gr.State(Chosen(number=1))
        numbers = [number, seed, kind, truncation]

        def show_sheet(*given: Any) -> str:
            chosen = chosen_of(explorer, given)
            return _sheet(chosen.number, *_asked(explorer.sheet, chosen))

        def show_picture(*given: Any) -> str:
            return _picture(explorer, _asked(explorer.picture, chosen_of(explorer, given)))

        def show_nearest(wanted: bool, *given: Any, bar: Any = gr.Progress()) -> str:  # noqa: B008
            if not wanted:
                return ""

            def stage(what: str, done: int, total: int, _words: str = "") -> None:
                bar(done / max(total, 1), desc=what)

            return _nearest(explorer, chosen_of(explorer, given), stage)

        def show_way(first: Chosen, last: Chosen) -> str:
            return _way(explorer, first, last)

        def choose(*given: Any) -> Chosen:
            return chosen_of(explorer, given)

        def pressed(event: gr.EventData) -> int:
            return int(event.number)

        asked = [*numbers, *sliders]
        latest = {"trigger_mode": "always_last", "show_progress": "hidden"}
        gr.on([page.load, seed.change, kind.change, truncation.change], show_sheet, numbers, sheet,
              **latest)  # fmt: skip
        moved = [each.change for each in asked]
        gr.on([page.load, *moved], show_picture, asked, picture, **latest)
        gr.on([search.change, *moved], show_nearest, [search, *asked], nearest,
              trigger_mode="always_last")  # fmt: skip
        gr.on([page.load, first.change, last.change], show_way, [first, last], way, **latest)
        sheet.select(pressed, None, number, show_progress="hidden")
        as_first.click(choose, asked, first, show_progress="hidden")
        as_last.click(choose, asked, last, show_progress="hidden")
        reset.click(lambda: [0] * len(sliders), None, sliders, show_progress="hidden")
    return page


def launch(page: gr.Blocks, host: str | None, port: int | None, *, browser: bool) -> str:
    """Serve the page, and go on; returns its address. No font, script or number is asked for
    elsewhere. Without a host or port, those that Gradio's own variables say (GRADIO_SERVER_NAME)
    or 127.0.0.1, and the first free one from 7860 on."""
    theme = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"])
    _app, url, _share = page.launch(
        server_name=host, server_port=port, inbrowser=browser, prevent_thread_lock=True,
        quiet=True, share=False, ssr_mode=False, enable_monitoring=False, footer_links=[],
        theme=theme, css_paths=CSS,
    )  # fmt: skip
    return str(url)


SEEDS = "<p>Another seed is another sheet. Press a picture.</p>"
DIRECTIONS = (
    "<p>Along these directions of the latent the generator's first feature map varies most; the "
    "share of its variation stands beside each. What they mean is for you to find out. 0 is the "
    "picture as it was.</p>"
)


def chosen_of(explorer: Explorer, given: Sequence[Any]) -> Chosen:
    """The picture that the controls say: number, seed, class, truncation, sliders."""
    number, seed, kind, truncation, *moves = given
    return Chosen(
        number=int(number or 0),
        seed=int(seed or 0),
        class_name=kind if explorer.classes and kind != IN_TURN else "",
        truncate=truncation if explorer.truncates and truncation < NO_TRUNCATION else None,
        moves=tuple(map(float, moves)),
    )


def _asked(ask: Callable[..., Any], *of: Any) -> Any:
    """What the explorer answers; what goes wrong is shown as a message."""
    try:
        return ask(*of)
    except ZerosumError as error:
        raise gr.Error(f"{error.what}. {error.remedy}") from error


def _image(png: bytes, caption: str) -> str:
    return f'<img src="{_data(png)}" alt="{html.escape(caption)}">'


def _data(png: bytes) -> str:
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def _link(png: bytes, name: str) -> str:
    return f'<a class="save" download="{html.escape(name)}" href="{_data(png)}">Save as PNG</a>'


def _heading(explorer: Explorer) -> str:
    generator = explorer.generator
    facts = (
        f"checkpoint {generator.checkpoint}",
        f"{generator.weights} weights",
        f"{generator.recipe.data.resolution.in_words} pixels",
        f"latent of {generator.recipe.network.latent} numbers",
    )
    return f"<h1>{html.escape(generator.run)}</h1><p>{html.escape(' · '.join(facts))}</p>"


def _sheet(pressed: int, columns: int, tiles: Sequence[Tile]) -> str:
    shown = (
        f'<button data-number="{each.chosen.number}" title="{html.escape(each.caption)}" '
        f'aria-pressed="{str(each.chosen.number == pressed).lower()}">'
        f"{_image(each.png, each.caption)}</button>"
        for each in tiles
    )
    return f'<div class="sheet" style="--columns: {columns}">{"".join(shown)}</div>'


def _picture(explorer: Explorer, tile: Tile) -> str:
    name = explorer.file_name(tile.chosen)
    return (
        f"<figure>{_image(tile.png, tile.caption)}"
        f"<figcaption>{html.escape(tile.caption)}</figcaption></figure>{_link(tile.png, name)}"
    )


def _nearest(explorer: Explorer, chosen: Chosen, stage: Callable[..., None]) -> str:
    try:
        found, png = explorer.nearest(chosen, stage)
    except ZerosumError as error:
        return f"<p>{html.escape(error.what)}<br>{html.escape(error.remedy)}</p>"
    words = html.escape(found.in_words())
    image = _image(png, "the nearest training picture")
    return f"<figure>{image}<figcaption>{words}</figcaption></figure>"


def _way(explorer: Explorer, first: Chosen, last: Chosen) -> str:
    pictures, sheet = _asked(explorer.way, first, last)
    shown = "".join(_image(each, f"picture {place}") for place, each in enumerate(pictures, 1))
    words = (f"{end}: {explorer.caption(each)}" for end, each in (("A", first), ("B", last)))
    ends = "".join(f"<span>{html.escape(each)}</span>" for each in words)
    name = explorer.file_name(first, "way")
    return f'<div class="way">{shown}</div><div class="ends">{ends}</div>{_link(sheet, name)}'
