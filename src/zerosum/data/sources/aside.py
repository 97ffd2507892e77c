"""What lies among people's images and is none of them: hidden files, those of systems, and runs."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from zerosum.records.run import MARKS, made_here

HIDDEN = "hidden"
OF_A_SYSTEM = "made by a system or a network disk"
# In small letters. What begins with a dot (.Trash-1000, .ipynb_checkpoints) is hidden anyway.
SYSTEM_NAMES = {
    "$recycle.bin",  # Windows
    "desktop.ini",
    "ehthumbs.db",
    "found.000",
    "recycled",
    "recycler",
    "system volume information",
    "thumbs.db",
    "__macosx",  # macOS
    "icon\r",
    "network trash folder",
    "temporary items",
    "thevolumesettingsfolder",
    "lost+found",  # ext4
    "lost.dir",  # Android
    "#recycle",  # Synology
    "#snapshot",
    "@eadir",
    "@tmp",
    "@recently-snapshot",  # QNAP
    "@recycle",
    "picasa.ini",  # programs that look at pictures
}


@dataclass(frozen=True)
class Aside:
    """A file or folder that is not looked into, and why. The name of a folder ends in "/"."""

    name: str
    why: str


def why_aside(part: str) -> str:
    """Why a file or folder of this name is left out; "" where its name is no reason."""
    if part.startswith(".") and part not in (".", ".."):
        return HIDDEN
    return OF_A_SYSTEM if part.lower() in SYSTEM_NAMES else ""


def sort_out(names: Iterable[str]) -> tuple[list[str], list[Aside]]:
    """The names of an archive's files, in their order, without what is left out, and that."""
    listed = list(names)
    made = dict(_made_by_zerosum(listed))
    folders: dict[str, Aside | None] = {}
    kept = []
    found: dict[str, Aside] = {}
    for name in listed:
        folder, _, base = name.rpartition("/")
        if folder not in folders:
            folders[folder] = _folder_aside(folder, made)
        why = folders[folder]
        if why is None and (text := why_aside(base)):
            why = Aside(name, text)
        if why is None:
            kept.append(name)
        else:
            found.setdefault(why.name, why)
    return kept, list(found.values())


def _folder_aside(folder: str, made: Mapping[str, str]) -> Aside | None:
    """The outermost part of a folder's path for which it is left out; None where it is not."""
    path = ""
    for part in folder.split("/") if folder else ():
        path += f"{part}/"
        if why := why_aside(part) or made.get(path, ""):
            return Aside(path, why)
    return None


def _made_by_zerosum(names: list[str]) -> Iterable[tuple[str, str]]:
    """The folders that are runs and the like (with "/" at the end), and what each is."""
    content: dict[str, set[str]] = {}
    for name in names:
        folder, _, base = name.rpartition("/")
        if folder and base in MARKS:
            content[f"{folder}/"] = set()
    for name in names if content else ():
        parts = name.split("/")
        for depth in range(1, len(parts)):
            if (folder := "/".join(parts[:depth]) + "/") in content:
                content[folder].add(parts[depth])
    return ((folder, what) for folder, inside in content.items() if (what := made_here(inside)))
