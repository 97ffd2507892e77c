"""Self-contained HTML pages: one file that opens anywhere and asks no server for anything.

`write_run_page` makes that of a run. Pages of other things share the templates `base.html` and
`parts.html`, the style, the scripts, `figures` for curves and `pictures` for images.
"""

from zerosum.report.page.chromium import write_pdf
from zerosum.report.page.render import render
from zerosum.report.page.run_page import report_path, write_run_page

__all__ = ["render", "report_path", "write_pdf", "write_run_page"]
