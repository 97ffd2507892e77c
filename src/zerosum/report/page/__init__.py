"""Self-contained HTML pages: one file that opens anywhere and asks no server for anything.

`write_run_page` makes that of a run, `study_page.write_study_page` that of a study; both are
documents, drawn by `templates/document.html` with a macro of `templates/blocks.html` for each kind
of block. `charts.js` draws the curves, `pictures` puts images in.
"""

from zerosum.report.page.chromium import write_pdf
from zerosum.report.page.run_page import write_run_page

__all__ = ["write_pdf", "write_run_page"]
