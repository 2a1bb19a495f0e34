"""Datasets: what has a length, and gives a sample for an index."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ..graph import Array


class Dataset:
    """A sequence of samples. Write `__getitem__` and `__len__`, and it can be loaded in batches.

    Where samples are quicker to get many at a time, write `__getitems__(indices)` too: it returns
    the batch itself.

    >>> import autograd_mini.data as data
    >>> class Squares(data.Dataset):
    ...     def __len__(self):
    ...         return 5
    ...     def __getitem__(self, index):
    ...         return index, index**2
    >>> next(iter(data.DataLoader(Squares(), batch_size=3)))
    (array([0, 1, 2]), array([0, 1, 4]))
    """

    def __len__(self) -> int:
        """Return the number of samples."""
        raise NotImplementedError(f"{type(self).__name__} has no __len__")

    def __getitem__(self, index: int) -> Any:
        """Return the sample at `index`."""
        raise NotImplementedError(f"{type(self).__name__} has no __getitem__")


class TensorDataset(Dataset):
    """The samples in arrays or Tensors that have one each along their first axis.

    Args:
        tensors: arrays, Tensors or lists of numbers, all of the same length.

    Raises:
        ValueError: there are none, one has no axes, or their lengths differ.

    >>> import numpy as np
    >>> import autograd_mini.data as data
    >>> dataset = data.TensorDataset(np.eye(3), np.array([7, 8, 9]))
    >>> len(dataset)
    3
    >>> dataset[1]
    (array([0., 1., 0.]), np.int64(8))
    """

    def __init__(self, *tensors: Any) -> None:
        if not tensors:
            raise ValueError("a TensorDataset needs an array at least")
        self.tensors = tuple(t if hasattr(t, "shape") else np.array(t) for t in tensors)
        shapes = [tensor.shape for tensor in self.tensors]
        if () in shapes:
            raise ValueError(f"each array of a TensorDataset needs an axis of samples: {shapes}")
        if len({shape[0] for shape in shapes}) > 1:
            raise ValueError(f"the arrays of a TensorDataset have different lengths: {shapes}")

    def __len__(self) -> int:
        """Return the number of samples."""
        return int(self.tensors[0].shape[0])

    def __getitem__(self, index: int) -> tuple[Any, ...]:
        """Return the samples at `index`, one of each array."""
        return tuple(tensor[index] for tensor in self.tensors)

    def __getitems__(self, indices: Sequence[int] | Array) -> tuple[Any, ...]:
        """Return the samples at `indices`, copied: what has shape (n, ...) gives (batch, ...)."""
        return tuple(np.take(tensor, indices, axis=0) for tensor in self.tensors)
