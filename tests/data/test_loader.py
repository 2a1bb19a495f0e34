"""Datasets and batches of them."""

from collections import namedtuple

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import autograd_mini as ag
from autograd_mini.data import DataLoader, Dataset, TensorDataset, default_collate


class Squares(Dataset):
    def __init__(self, n):
        self.n = n

    def __len__(self):
        return self.n

    def __getitem__(self, index):
        return {"x": np.full(2, float(index)), "y": index * index}


@settings(max_examples=25, deadline=None)
@given(
    n=st.integers(0, 20),
    batch_size=st.integers(1, 8),
    shuffle=st.booleans(),
    drop_last=st.booleans(),
    seed=st.integers(0, 9),
)
def test_an_epoch_sees_each_sample_once(n, batch_size, shuffle, drop_last, seed):
    x, y = np.arange(2.0 * n).reshape(n, 2), np.arange(n)
    generator = np.random.default_rng(seed)
    loader = DataLoader(
        TensorDataset(x, y), batch_size, shuffle, drop_last=drop_last, generator=generator
    )
    batches = list(loader)
    assert len(batches) == len(loader)
    sizes = [len(labels) for _, labels in batches]
    assert all(size == batch_size for size in sizes[:-1] if sizes)
    assert sum(sizes) == (n - n % batch_size if drop_last else n)
    seen = [label for _, labels in batches for label in labels]
    assert len(set(seen)) == len(seen)
    if not shuffle:
        assert seen == list(range(len(seen)))
    for images, labels in batches:
        np.testing.assert_array_equal(images, x[labels])


def test_epochs_differ_and_seeds_repeat_them():
    def epochs(seed):
        generator = np.random.default_rng(seed)
        loader = DataLoader(TensorDataset(np.arange(50)), 50, shuffle=True, generator=generator)
        return [batch.tolist() for _ in range(3) for (batch,) in loader]

    first = epochs(1)
    assert len({tuple(order) for order in first}) == 3
    assert first == epochs(1)
    assert first != epochs(2)


def test_without_a_generator_the_library_s_seed_sets_the_order():
    loader = DataLoader(TensorDataset(np.arange(50)), 50, shuffle=True)
    ag.manual_seed(3)
    first = next(iter(loader))[0].tolist()
    assert next(iter(loader))[0].tolist() != first
    ag.manual_seed(3)
    assert next(iter(loader))[0].tolist() == first


def test_two_iterators_of_a_loader_are_independent():
    loader = DataLoader(TensorDataset(np.arange(6)), batch_size=2)
    pairs = [(a.tolist(), b.tolist()) for (a,), (b,) in zip(loader, loader, strict=True)]
    assert pairs == [([0, 1], [0, 1]), ([2, 3], [2, 3]), ([4, 5], [4, 5])]


def test_the_order_is_drawn_when_the_iterator_is_made():
    generator = np.random.default_rng(0)
    loader = DataLoader(TensorDataset(np.arange(9)), 9, shuffle=True, generator=generator)
    expected = np.random.default_rng(0).permutation(9)
    iterator = iter(loader)
    generator.random(5)
    np.testing.assert_array_equal(next(iterator)[0], expected)


def test_arrays_give_arrays_and_tensors_tensors_of_their_dtype():
    x = ag.Tensor(np.ones((4, 3), np.float32))
    ((images, labels),) = DataLoader(TensorDataset(x, np.arange(4, dtype=np.uint8)), batch_size=4)
    assert isinstance(images, ag.Tensor)
    assert images.dtype == np.float32
    assert isinstance(labels, np.ndarray)
    assert labels.dtype == np.uint8


def test_batches_are_copies():
    x = np.zeros((4, 2))
    for (batch,) in DataLoader(TensorDataset(x), batch_size=4):
        batch += 1
    assert not x.any()


def test_gradients_pass_through_a_batch():
    x = ag.Tensor([1.0, 2.0, 3.0], requires_grad=True)
    for (batch,) in DataLoader(TensorDataset(x), batch_size=2):
        np.sum(batch * batch).backward()
    assert x.grad.tolist() == [2.0, 4.0, 6.0]


def test_any_dataset_and_any_sequence():
    batches = list(DataLoader(Squares(5), batch_size=2))
    assert [batch["y"].tolist() for batch in batches] == [[0, 1], [4, 9], [16]]
    assert batches[1]["x"].tolist() == [[2.0, 2.0], [3.0, 3.0]]
    assert [batch.tolist() for batch in DataLoader([3, 1, 2], batch_size=2)] == [[3, 1], [2]]


def test_a_collate_function_of_ones_own():
    loader = DataLoader(TensorDataset(np.arange(4)), batch_size=2, collate_fn=len)
    assert list(loader) == [2, 2]


def test_collating():
    point = namedtuple("point", "x y")
    batch = default_collate([point(1.0, [2, np.ones(2)]), point(3.0, [4, np.zeros(2)])])
    assert type(batch) is point
    assert batch.x.tolist() == [1.0, 3.0]
    assert batch.y[0].tolist() == [2, 4]
    assert batch.y[1].tolist() == [[1.0, 1.0], [0.0, 0.0]]
    assert default_collate(["a", "b"]) == ["a", "b"]
    tensors = default_collate([ag.Tensor([1.0]), ag.Tensor([2.0])])
    assert isinstance(tensors, ag.Tensor)
    assert tensors.shape == (2, 1)
    with pytest.raises(ValueError):
        default_collate([(1, 2), (1,)])


@pytest.mark.parametrize("batch_size", [0, -1])
def test_a_batch_size_that_is_not_positive(batch_size):
    with pytest.raises(ValueError, match=f"batch_size must be positive, not {batch_size}"):
        DataLoader(TensorDataset(np.arange(3)), batch_size)


def test_a_batch_size_that_is_not_an_integer():
    with pytest.raises(TypeError):
        DataLoader(TensorDataset(np.arange(3)), 1.5)


def test_arrays_that_do_not_belong_together():
    with pytest.raises(ValueError, match=r"different lengths: \[\(3,\), \(4,\)\]"):
        TensorDataset(np.arange(3), np.arange(4))
    with pytest.raises(ValueError, match="needs an axis of samples"):
        TensorDataset(np.array(1.0))
    with pytest.raises(ValueError, match="needs an array at least"):
        TensorDataset()


def test_a_dataset_without_its_methods_says_so():
    with pytest.raises(NotImplementedError, match="Dataset has no __len__"):
        len(Dataset())
    with pytest.raises(NotImplementedError, match="Dataset has no __getitem__"):
        Dataset()[0]
