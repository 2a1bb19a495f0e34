"""IDX, the format of the MNIST files: a magic number, the sizes of the axes, then the elements.

    byte 0, 1    zero
    byte 2       the type of the elements: a key of TYPES
    byte 3       the number of axes
    4 bytes each the size of each axis
    the rest     the elements, the last axis running fastest

All numbers are big-endian. A file may be compressed by gzip; its first bytes tell, not its name.
"""

from __future__ import annotations

import gzip
import math
import os
import zlib
from pathlib import Path
from typing import IO, NamedTuple

import numpy as np

from ..graph import Array

TYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""The NumPy type that each type code stands for."""

_CODES = {np.dtype(name).newbyteorder("="): code for code, name in TYPES.items()}
_PIECE = 1 << 20
_GZIP = b"\x1f\x8b"


class IDXError(ValueError):
    """A file is not what an IDX file should be: the message says which file, and how."""


class MNIST(NamedTuple):
    """The handwritten digits: images of shape (n, 28, 28), labels of shape (n,), both uint8."""

    train_images: Array
    train_labels: Array
    test_images: Array
    test_labels: Array


def read_idx(path: str | os.PathLike[str]) -> Array:
    """Return the array in an IDX file, plain or compressed by gzip.

    Args:
        path: the file.

    Returns:
        An array of the shape and type that the file states, in the machine's byte order.

    Raises:
        FileNotFoundError: there is no such file.
        IDXError: the magic number is wrong, the type of the elements is unknown, the file ends
            before what its header promises, or goes on after, or its compression is damaged.

    >>> import tempfile, os
    >>> import numpy as np
    >>> import autograd_mini.data as data
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small-idx2-ubyte.gz")
    ...     data.write_idx(path, np.array([[1, 2, 3], [4, 5, 6]], dtype=np.uint8))
    ...     data.read_idx(path)
    array([[1, 2, 3],
           [4, 5, 6]], dtype=uint8)
    """
    with open(path, "rb") as file:
        compressed = file.read(2) == _GZIP
    try:
        with gzip.open(path) if compressed else open(path, "rb") as file:
            return _parse(file, path)
    except EOFError:
        raise IDXError(f"{path} is truncated: its gzip stream breaks off, get it again") from None
    except (gzip.BadGzipFile, zlib.error) as error:
        raise IDXError(f"{path} is a damaged gzip file ({error}): get it again") from error


def _parse(file: IO[bytes] | gzip.GzipFile, path: str | os.PathLike[str]) -> Array:
    magic = _read(file, 4)
    if len(magic) < 4:
        raise IDXError(
            f"{path} is truncated: {len(magic)} bytes, less than the 4 of a magic number"
        )
    if magic[:2] != b"\0\0":
        raise IDXError(
            f"{path} is not an IDX file: its magic number is 0x{magic.hex()}, and must start with "
            f"0x0000{_guess(magic)}"
        )
    if magic[2] not in TYPES:
        known = ", ".join(f"0x{code:02x}" for code in TYPES)
        raise IDXError(f"{path} has elements of the unknown type 0x{magic[2]:02x}, not of {known}")
    header = _read(file, 4 * magic[3])
    if len(header) < 4 * magic[3]:
        raise IDXError(
            f"{path} is truncated in its header: the sizes of {magic[3]} axes take {4 * magic[3]} "
            f"bytes, and {len(header)} follow"
        )
    shape = tuple(int(size) for size in np.frombuffer(header, ">u4"))
    dtype = np.dtype(TYPES[magic[2]])
    promised = math.prod(shape) * dtype.itemsize
    elements = _read(file, promised)
    if len(elements) < promised:
        raise IDXError(
            f"{path} is truncated: shape {shape} of {dtype.name} takes {promised} bytes, and "
            f"{len(elements)} follow the header"
        )
    if _read(file, 1):
        raise IDXError(
            f"{path} is longer than its header says: shape {shape} of {dtype.name} takes "
            f"{promised} bytes, and more follow"
        )
    try:
        array = np.frombuffer(elements, dtype).reshape(shape)
    except ValueError as error:
        raise IDXError(f"{path} has sizes that NumPy has no array for: {error}") from error
    return array.astype(dtype.newbyteorder("="))


def _read(file: IO[bytes] | gzip.GzipFile, count: int) -> bytearray:
    """Return `count` bytes, or what there is: memory grows with the file, not with its promises."""
    data = bytearray()
    while len(data) < count and (piece := file.read(min(_PIECE, count - len(data)))):
        data += piece
    return data


def _guess(magic: bytes | bytearray) -> str:
    """Return what a file that starts so may be, as the end of a sentence."""
    if magic[:2] == b"PK":
        return " (a zip archive: unpack it)"
    if magic.lstrip()[:1] == b"<":
        return " (a web page, by its first character: the download went wrong)"
    return ""


def write_idx(path: str | os.PathLike[str], array: Array) -> None:
    """Write an array to an IDX file, compressed by gzip where the name ends in .gz.

    No date is stored: the same array gives the same bytes.

    Args:
        path: the file to write.
        array: of dtype uint8, int8, int16, int32, float32 or float64, with at most 255 axes.

    Raises:
        TypeError: IDX has no type for the dtype of `array`.

    >>> import numpy as np
    >>> import autograd_mini.data as data
    >>> data.write_idx("never-written", np.arange(3))
    Traceback (most recent call last):
    TypeError: IDX has no type for int64, but uint8, int8, int16, int32, float32 and float64
    """
    array = np.asarray(array)
    if array.dtype.newbyteorder("=") not in _CODES:
        *names, last = [dtype.name for dtype in _CODES]
        raise TypeError(f"IDX has no type for {array.dtype}, but {', '.join(names)} and {last}")
    code = _CODES[array.dtype.newbyteorder("=")]
    sizes = np.array(array.shape, ">u4").tobytes()
    content = bytes([0, 0, code, array.ndim]) + sizes + array.astype(TYPES[code]).tobytes()
    if os.fspath(path).endswith(".gz"):
        content = gzip.compress(content, 9, mtime=0)
    Path(path).write_bytes(content)


def load_mnist(folder: str | os.PathLike[str]) -> MNIST:
    """Return the digits in a folder that has the four MNIST files, each plain or as .gz.

    The files are `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, `t10k-images-idx3-ubyte`
    and `t10k-labels-idx1-ubyte`; some archives write `.idx3-ubyte` for `-idx3-ubyte`, which is
    understood too. Any number of digits will do, and so will other data sets in the same form.

    Args:
        folder: where the files are.

    Returns:
        The tuple `(train_images, train_labels, test_images, test_labels)`: images of shape (n,
        rows, columns), labels of shape (n,), all of dtype uint8.

    Raises:
        FileNotFoundError: the folder or one of the files is missing.
        IDXError: a file is damaged, or images and labels do not belong together.

    >>> import autograd_mini.data as data
    >>> data.load_mnist("no/such/folder")
    Traceback (most recent call last):
    FileNotFoundError: no/such/folder is not a folder: it should have the four MNIST files, ...
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise FileNotFoundError(
            f"{folder} is not a folder: it should have the four MNIST files, "
            "train-images-idx3-ubyte[.gz] and so on"
        )
    train = _pair(folder, "train")
    test = _pair(folder, "t10k")
    if train[0].shape[1:] != test[0].shape[1:]:
        raise IDXError(
            f"{folder}: training images are {train[0].shape[1:]}, test images {test[0].shape[1:]}"
        )
    return MNIST(*train, *test)


def _pair(folder: Path, part: str) -> tuple[Array, Array]:
    """Return images and labels that belong together."""
    images_path, labels_path = _find(folder, part, "images", 3), _find(folder, part, "labels", 1)
    images, labels = read_idx(images_path), read_idx(labels_path)
    for path, array, ndim in ((images_path, images, 3), (labels_path, labels, 1)):
        if array.ndim != ndim or array.dtype != np.uint8:
            raise IDXError(
                f"{path} has {array.ndim} axes of {array.dtype}, where {ndim} of uint8 belong"
            )
    if len(images) != len(labels):
        raise IDXError(
            f"{images_path} has {len(images)} images, but {labels_path} has {len(labels)} labels"
        )
    return images, labels


def _find(folder: Path, part: str, what: str, ndim: int) -> Path:
    name = f"{part}-{what}-idx{ndim}-ubyte"
    for candidate in (name, name.replace("-idx", ".idx")):
        for path in (folder / candidate, folder / f"{candidate}.gz"):
            if path.is_file():
                return path
    raise FileNotFoundError(f"{folder} has neither {name} nor {name}.gz")
