"""The image sets that are known by name, found below the data root or downloaded to it."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from zerosum.data.sources import cifar
from zerosum.data.sources.archive import open_archive
from zerosum.data.sources.folder import open_folder
from zerosum.data.sources.idx import open_digits, open_idx
from zerosum.data.sources.lmdb import open_lmdb
from zerosum.data.sources.source import FORMATS, File, Source, suffix
from zerosum.data.sources.stacked import open_stacked_digits, open_stacked_mnist
from zerosum.download import Checksum, fetch
from zerosum.errors import ZerosumError

IDX_FILES = tuple(
    f"{prefix}-{kind}-ubyte.gz"
    for prefix in ("train", "t10k")
    for kind in ("images-idx3", "labels-idx1")
)
# In the order of the published labels; the first is "T-shirt/top" there.
FASHION = (
    "t-shirt-top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle-boot",
)
CIFAR_IMAGES = 60_000
CELEBA_PARTS = {"0": "train", "1": "val", "2": "test"}


def _idx_folder(root: Path, name: str, torchvision_name: str) -> Path:
    """The folder of the four files of an MNIST-like set, which are downloaded where it is none."""
    # Where people have them: plain, or where torchvision's own data sets put them.
    for folder in (root / name, root / torchvision_name / "raw"):
        if all((folder / file).is_file() or (folder / file[:-3]).is_file() for file in IDX_FILES):
            return folder
    download_idx(torchvision_name, root / name)
    return root / name


def _fashion(root: Path) -> Source:
    name = "fashion-mnist"
    return open_idx(_idx_folder(root, name, "FashionMNIST"), name, FASHION)


def _mnist_folder(root: Path) -> Path:
    return _idx_folder(root, "mnist", "MNIST")


def download_idx(torchvision_name: str, folder: Path) -> None:
    """Download an MNIST-like set from where torchvision knows it to be."""
    from torchvision import datasets

    kind = getattr(datasets, torchvision_name)
    files = [file for file, _ in kind.resources]
    for file, md5 in kind.resources:
        download([mirror + file for mirror in kind.mirrors], folder / file, md5, beside=files)


def download(urls: Sequence[str], target: Path, md5: str, *, beside: Sequence[str] = ()) -> None:
    """Get a file from the first of `urls` that has it with the right checksum, unless it is there.

    Raises ZerosumError, with what to put where, when none has. `beside` are the names of all files
    of the set, which lie beside each other there and here; none: it is this one alone.
    """
    try:
        fetch(urls, target, Checksum("md5", md5))
    except OSError as error:
        what, place = urls[0], f"at {target}"
        if beside:
            names = f"{', '.join(beside[:-1])} and {beside[-1]}"
            what, place = f"{names} from {urls[0].rpartition('/')[0]}/", f"into {target.parent}"
        raise ZerosumError(
            f"cannot download {target.name} ({error})",
            f"check the connection; or put {what} {place} yourself; or train on a folder of "
            "these images: --data FOLDER",
        ) from error


def _cifar10(root: Path) -> Source:
    folder = root / "cifar10"
    for archive in (folder / cifar.ARCHIVE, root / cifar.ARCHIVE):
        if archive.is_file():
            return cifar.open_cifar(archive, "cifar10")
    if found := _images_at([folder, root / "cifar10.zip"], "cifar10"):
        place, source = found
        if (count := len(source.names())) == CIFAR_IMAGES:
            return source
        raise ZerosumError(
            f"{place} has {count:,} files, CIFAR-10 has {CIFAR_IMAGES:,} images",
            f"use it as it is with --data {place}, or put {cifar.URL} at {folder / cifar.ARCHIVE}",
        )
    download([cifar.URL], folder / cifar.ARCHIVE, cifar.MD5)
    return cifar.open_cifar(folder / cifar.ARCHIVE, "cifar10")


def _celeba(root: Path) -> Source:
    folder = root / "celeba"
    images = [folder / "img_align_celeba.zip", folder / "img_align_celeba", folder]
    if not (found := _images_at([*images, root / "celeba.zip"], "celeba")):
        raise ZerosumError(
            f"CelebA is not at {folder}, and its publisher's quota forbids downloading it here",
            f"get img_align_celeba.zip (and, for the official test split, list_eval_partition.txt) "
            f"from mmlab.ie.cuhk.edu.hk/projects/CelebA.html and put them in {folder}",
        )
    partition = folder / "list_eval_partition.txt"
    return _divided(found[1], partition) if partition.is_file() else found[1]


def _divided(source: Source, partition: Path) -> Source:
    """The source with its files in train/, val/ and test/ as CelebA's list says."""
    lines = (line.split() for line in partition.read_text().splitlines())
    parts = {line[0]: CELEBA_PARTS[line[1]] for line in lines if len(line) == 2}

    def move(name: str) -> str:
        return f"{parts.get(name.rpartition('/')[2], 'train')}/{name}"

    def names() -> list[str]:
        return [move(name) for name in source.names()]

    def read(wanted: Sequence[str]) -> Iterator[File]:
        originals = [name.partition("/")[2] for name in wanted]
        return (replace(file, name=move(file.name)) for file in source.read(originals))

    facts = partition.stat()
    signature = f"{source.signature} {facts.st_size} {facts.st_mtime_ns}"
    return replace(source, signature=signature, names=names, read=read)


def _lsun_bedroom(root: Path) -> Source:
    folder = root / "lsun-bedroom"
    for outer in (folder, root, root / "lsun"):
        if (outer / "bedroom_train_lmdb" / "data.mdb").is_file():
            return open_lmdb(outer / "bedroom_train_lmdb", "lsun-bedroom")
    if found := _images_at([folder, root / "lsun-bedroom.zip"], "lsun-bedroom"):
        return found[1]
    raise ZerosumError(
        f"LSUN's bedrooms are not at {folder}: at 43 GB they are not downloaded unasked",
        f"get bedroom_train_lmdb.zip (github.com/fyu/lsun tells where), unpack it to "
        f"{folder / 'bedroom_train_lmdb'}; or put a folder of the pictures at {folder}",
    )


def _images_at(places: Iterable[Path], name: str) -> tuple[Path, Source] | None:
    """The first of these places that is an archive, or a folder with images in it."""
    for place in places:
        if place.is_file():
            return place, open_archive(place, name)
        if place.is_dir():
            source = open_folder(place, name)
            if any(suffix(file) in FORMATS for file in source.names()):
                return place, source
    return None


# Each named set, opened from the data root.
NAMES: dict[str, Callable[[Path], Source]] = {
    "digits": lambda _: open_digits(),
    "stacked-digits": lambda _: open_stacked_digits(),
    "mnist": lambda root: open_idx(_mnist_folder(root), "mnist"),
    "stacked-mnist": lambda root: open_stacked_mnist(_mnist_folder(root)),
    "fashion-mnist": _fashion,
    "cifar10": _cifar10,
    "celeba": _celeba,
    "lsun-bedroom": _lsun_bedroom,
}

OWN_SETS: dict[str, Callable[[], Source]] = {}
"""Those from files of the user's, which their recipe or request finds by the digest of the file."""
