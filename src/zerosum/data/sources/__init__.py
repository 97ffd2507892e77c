"""Where images come from: each kind of source is one function in one file here.

`find_source` is the way in: it takes what the user wrote (a name or a path) and picks the kind.
"""

from zerosum.data.sources.find import NO_OWN, find_source
from zerosum.data.sources.named import NAMES
from zerosum.data.sources.source import File, Source

__all__ = ["NAMES", "NO_OWN", "File", "Source", "find_source"]
