"""What a user asks of a page to explore a generator. Nothing here computes."""

from dataclasses import dataclass
from pathlib import Path

from zerosum import options
from zerosum.options import Threads, option


@dataclass(frozen=True, kw_only=True)
class ExploreRequest:
    """Whose generator is explored, and where its page is."""

    port: int = option(
        0,
        "Where the page is: http://127.0.0.1:PORT.",
        "the first that is free from 7860 on",
        least=0,
        most=65535,
    )
    checkpoint: str = options.checkpoint()
    average: bool | None = options.average()
    device: str = options.device()
    threads: Threads = options.threads()
    data_root: Path | None = options.data_root()
