"""A page as a PDF, printed by a Chromium that is installed."""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from zerosum.errors import ZerosumError
from zerosum.files import write_atomically

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
SECONDS = 180


def find_chromium() -> str | None:
    """The path of the first Chromium on PATH; None where there is none."""
    return next((found for name in NAMES if (found := shutil.which(name))), None)


def arguments(profile: Path) -> list[str]:
    """What keeps a Chromium without a window to itself: nothing of the user's is read or changed,
    and it asks nobody for anything."""
    words = [
        "--headless",
        "--disable-gpu",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        f"--user-data-dir={profile}",
    ]
    # Chromium's sandbox refuses to start for root, as whom containers often run.
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        words.append("--no-sandbox")
    return words


def write_pdf(page: Path, out: Path) -> Path:
    """Print an HTML file to `out` and return it.

    Raises ZerosumError where no Chromium is installed, it fails, or `out` cannot be written.
    """
    program = find_chromium()
    if program is None:
        raise ZerosumError(
            "no Chromium was found to print the PDF with",
            "install one (Debian and Ubuntu: apt install chromium), or print the page from a "
            "browser; without --pdf the page alone is written",
        )
    with tempfile.TemporaryDirectory(prefix="zerosum-", ignore_cleanup_errors=True) as folder:
        printed = Path(folder) / "page.pdf"
        command = [
            program,
            *arguments(Path(folder) / "profile"),
            "--no-pdf-header-footer",
            f"--print-to-pdf={printed}",
            page.resolve().as_uri(),
        ]
        try:
            done = subprocess.run(
                command, capture_output=True, timeout=SECONDS, stdin=subprocess.DEVNULL, check=False
            )
            told = done.stderr.decode(errors="replace").strip().splitlines()[-1:]
        except (OSError, subprocess.TimeoutExpired) as error:
            told = [str(error)]
        if not printed.is_file():
            raise ZerosumError(
                f"{program} printed no PDF{f' ({told[0]})' if told else ''}",
                f"print {page} from a browser",
            )
        write_atomically(out, printed.read_bytes())
    return out
