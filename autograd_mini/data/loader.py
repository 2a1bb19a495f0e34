"""Batches of a dataset, in order or shuffled."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from ..random import default_generator
from .dataset import Dataset


class DataLoader:
    """The batches of a dataset: iterate over it once an epoch.

    Args:
        dataset: what has a length and gives a sample for an index.
        batch_size: the number of samples in a batch; the last may have fewer.
        shuffle: whether each iteration goes through the samples in a new random order.
        drop_last: whether to leave out a last batch that is not full.
        generator: draws the orders; by default the one that `ag.manual_seed` seeds.
        collate_fn: makes a batch of a list of samples. By default samples' arrays and numbers are
            stacked along a new first axis, also those in tuples and dicts.

    Raises:
        ValueError: `batch_size` is not positive.

    >>> import numpy as np
    >>> import autograd_mini.data as data
    >>> dataset = data.TensorDataset(np.arange(10.0).reshape(5, 2), np.arange(5))
    >>> loader = data.DataLoader(dataset, batch_size=2, drop_last=True)
    >>> len(loader)
    2
    >>> for x, y in loader:
    ...     print(x.shape, y)
    (2, 2) [0 1]
    (2, 2) [2 3]
    """

    def __init__(
        self,
        dataset: Dataset | Sequence[Any],
        batch_size: int = 1,
        shuffle: bool = False,
        *,
        drop_last: bool = False,
        generator: np.random.Generator | None = None,
        collate_fn: Callable[[list[Any]], Any] | None = None,
    ) -> None:
        self.batch_size = operator.index(batch_size)
        if self.batch_size < 1:
            raise ValueError(f"batch_size must be positive, not {batch_size}")
        self.dataset = dataset
        self.shuffle = shuffle
        self.drop_last = drop_last
        self.generator = generator
        self.collate_fn = collate_fn

    def __len__(self) -> int:
        """Return the number of batches."""
        whole, rest = divmod(len(self.dataset), self.batch_size)
        return whole + (rest > 0 and not self.drop_last)

    def __iter__(self) -> Iterator[Any]:
        """Return an iterator over the batches. The order is drawn here, at once."""
        count = len(self.dataset)
        if not self.shuffle:
            return self._batches(np.arange(count))
        generator = self.generator or default_generator()
        return self._batches(generator.permutation(count))

    def _batches(self, order: Any) -> Iterator[Any]:
        for i in range(len(self)):
            yield self._batch(order[i * self.batch_size : (i + 1) * self.batch_size])

    def _batch(self, indices: Any) -> Any:
        many = getattr(self.dataset, "__getitems__", None)
        if many is not None and self.collate_fn is None:
            return many(indices)
        samples = [self.dataset[i] for i in indices.tolist()]
        return (self.collate_fn or default_collate)(samples)


def default_collate(samples: list[Any]) -> Any:
    """Return a batch: the samples' arrays and numbers stacked along a new first axis.

    Args:
        samples: at least one; all arrays, numbers, or tuples, lists or dicts of these, alike.

    Raises:
        ValueError: the samples' shapes or lengths differ.

    >>> import autograd_mini.data as data
    >>> data.default_collate([{"x": 1.0, "y": 2}, {"x": 3.0, "y": 4}])
    {'x': array([1., 3.]), 'y': array([2, 4])}
    """
    first = samples[0]
    if isinstance(first, dict):
        return {key: default_collate([sample[key] for sample in samples]) for key in first}
    if isinstance(first, list | tuple):
        parts = [default_collate(list(part)) for part in zip(*samples, strict=True)]
        kind = type(first)
        return kind(*parts) if hasattr(kind, "_fields") else kind(parts)
    if isinstance(first, str | bytes):
        return samples
    return np.stack(samples)
