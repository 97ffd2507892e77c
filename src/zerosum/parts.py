"""Python files of users that bring parts of their own: read, run once, and told of as the user's.

A decorator of a room (`zerosum.loss`, …) registers a part while its file is run; here it is put
into the dictionaries in which that room finds its own parts by name. The text of a file is run only
where it is trusted (`zerosum.trust`).
"""

import ast
import contextlib
import inspect
import linecache
import re
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any, NoReturn, TypeVar

from zerosum.checksums import with_checksum
from zerosum.errors import UsageError, ZerosumError
from zerosum.reading import read_text, reason, user_path
from zerosum.trust import UntrustedError, digest_of, is_trusted, trust

Found = TypeVar("Found")
Given = TypeVar("Given")

Entries = Sequence[tuple[dict[str, Any], Any]]
NAMES = re.compile(r"[a-z0-9]+([-+.][a-z0-9]+)*")
MEND = "mend your file, and train with the mended one: --with=FILE"


@dataclass(frozen=True)
class Part:
    """What a file brings under a name."""

    kind: str
    """What it is: "loss", "score", …"""
    name: str
    entries: Entries
    """The dictionaries in which such parts are found by name, each with what it has of this one."""


@dataclass
class OwnFile:
    """A file of the user's, run once in this process."""

    name: str
    """Without its folder: "my_parts.py"."""
    digest: str
    parts: list[Part] = field(default_factory=list)

    @property
    def code_name(self) -> str:
        """What Python calls the file in tracebacks; versions of a file have different ones."""
        return f"<{self.name} {self.digest[:12]}>"

    def place(self, line: int | None) -> str:
        """What errors say of a line of it; 0: nobody knows which."""
        return f"{self.name}, line {line}" if line else self.name


_FILES: dict[str, OwnFile] = {}
"""By the digest of the text."""
_OWNERS: dict[tuple[str, str], str] = {}
"""By kind and name, the digest of the file whose part stands in the dictionaries now."""
_running: list[OwnFile] = []


def read_part(path: str | Path) -> tuple[str, str]:
    """The name and the text of a file that the user names, which may be run from now on.

    Raises UsageError where it cannot be read, or imports modules that lie beside it.
    """
    file = user_path(path)
    give = "give a Python file that registers parts: docs/how-to/your-own-parts.md has examples"
    try:
        text = read_text(file)
    except FileNotFoundError as error:
        raise UsageError(f"there is no file {file}", give) from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is no text in UTF-8", give) from error
    except OSError as error:
        raise UsageError(f"cannot read {file}: {reason(error)}", give) from error
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")  # the latter as TOML has it
    _require_alone(file, text)
    trust(text)
    return file.name, text


def _require_alone(path: Path, text: str) -> None:
    with contextlib.suppress(SyntaxError, ValueError):  # which are told when it is run
        for node in ast.walk(ast.parse(text)):
            names = [each.name for each in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or "."] if isinstance(node, ast.ImportFrom) else []
            for name in (each.partition(".")[0] for each in names):
                beside = path.with_name(f"{name}.py"), path.with_name(name)
                if not name or beside[0].is_file() or (beside[1] / "__init__.py").is_file():
                    raise UsageError(
                        f"{path.name}, line {getattr(node, 'lineno', 0)}: imports "
                        f"{name or 'a module'} from beside it, and a run keeps this one file alone",
                        "put what it needs into the file itself, or install it as a package",
                    )


def use(name: str, text: str) -> None:
    """Run a file's text, once in a process, and make its parts those that are found by name.

    Raises ZerosumError for what is wrong in it, with the line, and UntrustedError where it was
    never named on this machine.
    """
    digest = digest_of(text)
    if digest not in _FILES and not is_trusted(text):
        raise UntrustedError(
            f"{with_checksum(name, digest)} was never named on this machine",
            "read it; to have it run, name it as a file of your own: --with=FILE",
        )
    if digest not in _FILES:
        _FILES[digest] = _run(OwnFile(name, digest), text)
    for part in _FILES[digest].parts:
        _OWNERS[part.kind, part.name] = digest
        for found, value in part.entries:
            found[part.name] = value


def owner(kind: str, name: str) -> str:
    """The digest of the file whose part is found by a name now; "" for one of zerosum."""
    return _OWNERS.get((kind, name), "")


def brought(kind: str, digests: Sequence[str]) -> dict[str, str]:
    """The names of all parts of a kind that files bring which were run, each with the digest of its
    file."""
    return {
        part.name: digest
        for digest in digests
        for part in _FILES[digest].parts
        if part.kind == kind
    }


def require_apart(digests: Sequence[str]) -> None:
    """Raise ZerosumError where two of these files, which were run, bring parts of one name."""
    first: dict[tuple[str, str], OwnFile] = {}
    for file in (_FILES[digest] for digest in digests):
        for part in file.parts:
            other = first.setdefault((part.kind, part.name), file)
            if other is not file:
                alike = other.name == file.name
                names = [written(each.digest) if alike else each.name for each in (other, file)]
                raise ZerosumError(
                    f"{' and '.join(names)} both register {part.kind} {part.name!r}",
                    "give one of them another name, or leave one file out",
                )


def written(digest: str) -> str:
    """A file that was run, as differences and protocols have it."""
    return with_checksum(_FILES[digest].name, digest)


def found_in(there: Mapping[str, Found], kind: str, name: str, digest: str) -> Found:
    """What a dictionary has by a name: of the file with this digest, whatever other files of that
    name this process has run since; "": of zerosum."""
    if digest:
        for part in _FILES[digest].parts:
            if (part.kind, part.name) == (kind, name):
                value: Found = next(value for own, value in part.entries if own is there)
                return value
    return there[name]


def file_now() -> OwnFile:
    """The file that is run now."""
    return _running[-1]


def _run(file: OwnFile, text: str) -> OwnFile:
    module = ModuleType(f"zerosum_parts_{file.digest[:12]}")
    module.__file__ = file.code_name  # by which Python finds the lines of classes
    linecache.cache[file.code_name] = (len(text), None, text.splitlines(True), file.code_name)
    sys.modules[module.__name__] = module
    _running.append(file)
    try:
        exec(compile(text, file.code_name, "exec", dont_inherit=True), module.__dict__)
    except ZerosumError:
        raise
    except SyntaxError as error:
        raise ZerosumError(f"{file.name}, line {error.lineno}: {error.msg}", MEND) from error
    except (Exception, SystemExit) as error:
        tell(error, file)
    finally:
        _running.pop()
    if not file.parts:
        raise ZerosumError(
            f"{file.name} registers nothing",
            'it needs a decorator such as @zerosum.loss("mine") on what it brings',
        )
    return file


def register(
    kind: str, name: str, make: Callable[[Any], Entries], word: str = ""
) -> Callable[[Given], Given]:
    """A decorator that notes a part of the file that is run now. `make` gives its entries from what
    the decorator stands on, or raises a ValueError, "what; what to do", where that is none of its
    kind: a ZerosumError, with the line of the definition. `word` is what the decorator is called,
    where that is not the kind.
    """

    if not isinstance(name, str):  # what it stands on
        where = f"{file_now().place(line_of(name))}: " if _running else ""
        raise ZerosumError(
            f"{where}@zerosum.{word or kind} is given no name",
            f'write one behind it, in parentheses and quotes: @zerosum.{word or kind}("mine")',
        )

    def decorate(definition: Given) -> Given:
        _note(kind, name, definition, partial(make, definition))
        return definition

    return decorate


def _note(kind: str, name: str, definition: object, make: Callable[[], Entries]) -> None:
    if not _running:
        raise ZerosumError(
            f"{kind} {name!r} stands in no file of parts",
            "write it into a Python file, and name that with --with=FILE: a run keeps its text",
        )
    file = file_now()
    where = f"{file.place(line_of(definition))}: {kind} {name!r}"
    if not NAMES.fullmatch(name):
        raise ZerosumError(
            f"{where} is no name", "take small letters, digits and single hyphens: my-name"
        )
    if any((each.kind, each.name) == (kind, name) for each in file.parts):
        raise ZerosumError(f"{where} is there twice", "give one of them another name")
    try:
        entries = make()
    except ValueError as error:
        what, _, remedy = str(error).partition("; ")
        raise ZerosumError(f"{where}: {what}", remedy) from error
    if any(name in found for found, _ in entries) and not owner(kind, name):
        raise ZerosumError(f"{where}: zerosum has one of that name", "give it another name")
    file.parts.append(Part(kind, name, entries))


def named_files(files: Sequence[str | Path]) -> list[Path]:
    """The files and folders that a part says it reads. Raises ValueError, "what; what to do", for
    one path in place of a list."""
    if isinstance(files, str | Path):
        raise ValueError(f"files={str(files)!r} is one path; write a list of them, [FILE]")
    return [user_path(each) for each in files]


def one_line(error: BaseException) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split())


def line_of(definition: object) -> int:
    """Where a class or a function begins in its file; 0 where nobody knows."""
    try:
        return inspect.getsourcelines(definition)[1]  # type: ignore[arg-type]
    except (OSError, TypeError):
        return 0


def tell(error: BaseException, file: OwnFile, line: int = 0) -> NoReturn:
    """Raise an error in a file as the user's, with the file and the line: `line` where it came
    from a library that the file called last."""
    frames = traceback.extract_tb(error.__traceback__)
    lines = [frame.lineno for frame in frames if frame.filename == file.code_name]
    said = f"{type(error).__name__}: {one_line(error)}".removesuffix(": ")
    raise ZerosumError(f"{file.place(lines[-1] if lines else line)}: {said}", MEND) from error
