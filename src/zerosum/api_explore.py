"""The Python API of a page to explore a generator."""

import contextlib
from pathlib import Path

from zerosum.api_run import Run, run_named
from zerosum.api_threads import working_with
from zerosum.arguments import request_of
from zerosum.evaluation.measure import Stage, no_stage
from zerosum.exploring.explorer import Explorer
from zerosum.exploring.request import ExploreRequest
from zerosum.exploring.serving import OpenPage, require_page, serve
from zerosum.exploring.space import Saved, save_space
from zerosum.generation.generator import load_generator, require_latents
from zerosum.options import Threads
from zerosum.records.run import RunFolder
from zerosum.spelling import python_call


@python_call()
def explore(
    run: Run | str | Path,
    *,
    port: int = 0,
    browser: bool = True,
    checkpoint: str | int = "latest",
    average: bool | None = None,
    device: str = "auto",
    threads: Threads = "auto",
    data_root: str | Path | None = None,
) -> OpenPage:
    """Open a page on this machine to explore the generator of a run, and go on: what comes back
    has its `url`, and `close()`; it is a context manager as well. The extra explore.

    A sheet by seed, a picture and its changes along the principal directions, the way between two,
    the nearest training picture, pictures saved with their numbers. `port` 0 is the first free one
    from 7860 on; `browser` opens the page there. `checkpoint` is "latest", "best" or the images
    seen, `average` chooses the average of the weights or the last ones. With `threads` of the
    processor PyTorch computes until the page is closed; training pictures of a named set lie in
    `data_root`. Raises ZerosumError, which says what to do.
    """
    asked = request_of(ExploreRequest, locals())
    return explore_run(run_named(run), asked, browser=browser)


def explore_run(run: RunFolder, asked: ExploreRequest, *, browser: bool) -> OpenPage:
    """`explore` for who has a request ready."""
    with contextlib.ExitStack() as held:
        held.enter_context(working_with(asked.threads, asked.device, quick=True))
        generator = load_generator(
            run, asked.checkpoint, averaged=asked.average, device=asked.device
        )
        require_latents(generator)
        require_page(asked.port)
        explorer = Explorer(generator, run, asked.data_root)
        url = serve(explorer, asked.port, held, browser=browser)
        return OpenPage(url, held.pop_all())


def write_space(
    run: RunFolder, folder: Path, asked: ExploreRequest, stage: Stage = no_stage
) -> Saved:
    """The same page as a folder for a Space of the Hugging Face Hub."""
    with working_with(asked.threads, "cpu", quick=True):
        return save_space(run, folder, asked, stage)
