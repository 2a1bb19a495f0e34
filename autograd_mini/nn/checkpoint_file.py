"""Weights in a file: `.npz`, which holds arrays and nothing that could run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..graph import Array
from .module import as_array


def save_state(path: str | os.PathLike[str], state_dict: Mapping[str, Any]) -> None:
    """Write arrays to a file, by name.

    A reader finds the old file or the whole new one, also if the computer stops on the way: it is
    written under another name in the same folder, and then takes the place of the old one.

    Args:
        path: of the file, in NumPy's .npz format: `numpy.load` reads it too.
        state_dict: Tensors or arrays by name, such as `model.state_dict()`.

    Raises:
        TypeError: a value is not an array of numbers.
        OSError: the file cannot be written.

    >>> import os, tempfile
    >>> from autograd_mini import nn
    >>> model = nn.Linear(2, 3)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "weights.npz")
    ...     nn.save_state(path, model.state_dict())
    ...     model.load_state_dict(nn.load_state(path))
    Incompatible(missing_keys=[], unexpected_keys=[])
    """
    import zipfile

    if not isinstance(path, str | os.PathLike) or not isinstance(state_dict, Mapping):
        raise TypeError("save_state(path, state_dict): the path first, then model.state_dict()")
    arrays = {name: as_array(value) for name, value in state_dict.items()}
    for name, array in arrays.items():
        if array.dtype.kind not in "biufc":
            raise TypeError(f"{name} is not an array of numbers, but of {array.dtype}")
    temporary = f"{os.fspath(path)}.{os.urandom(4).hex()}.part"
    try:
        with open(temporary, "xb") as file:
            with zipfile.ZipFile(file, "w") as archive:
                for name, array in arrays.items():
                    with archive.open(f"{name}.npy", "w", force_zip64=True) as member:
                        np.lib.format.write_array(member, array, allow_pickle=False)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def load_state(path: str | os.PathLike[str]) -> dict[str, Array]:
    """Read the arrays that `save_state` wrote, by name.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or not one of these; the message says where.
    """
    import zipfile

    arrays = {}
    name = "the list of its arrays"
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                name = member.removesuffix(".npy")
                with archive.open(member) as file:
                    arrays[name] = np.lib.format.read_array(file, allow_pickle=False)
                    if file.read(1):  # reading to the end also compares the checksum
                        raise ValueError("there is more than the array")
    except OSError:
        raise
    except Exception as error:
        raise ValueError(
            f"{os.fspath(path)} is damaged, or no .npz file of arrays: {name} cannot be read "
            f"({error})"
        ) from error
    return arrays
