"""IDX files: what is written is read again, and each kind of damage has an error of its own."""

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from autograd_mini.data import IDXError, load_mnist, read_idx, write_idx

DTYPES = ["u1", "i1", "i2", "i4", "f4", "f8"]
GOOD = struct.pack(">HBBII", 0, 0x08, 2, 2, 3) + bytes(range(6))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("idx")


@settings(max_examples=25, deadline=None)
@given(data=st.data(), suffix=st.sampled_from(["", ".gz"]), order=st.sampled_from("<>"))
def test_what_is_written_is_read_again(folder, data, suffix, order):
    dtype = np.dtype(data.draw(st.sampled_from(DTYPES))).newbyteorder(order)
    shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    array = data.draw(hnp.arrays(dtype, shapes))
    write_idx(folder / f"array{suffix}", array)
    again = read_idx(folder / f"array{suffix}")
    assert again.dtype == dtype.newbyteorder("=")
    assert again.shape == array.shape
    np.testing.assert_array_equal(again, array)
    assert again.flags.writeable


def test_the_bytes_are_those_of_the_format(tmp_path):
    write_idx(tmp_path / "a", np.arange(6, dtype=np.uint8).reshape(2, 3))
    assert (tmp_path / "a").read_bytes() == GOOD
    write_idx(str(tmp_path / "b"), np.array([[1, -2]], dtype=np.int16)[:, ::-1])
    assert (tmp_path / "b").read_bytes() == struct.pack(">HBBIIhh", 0, 0x0B, 2, 1, 2, -2, 1)


def test_the_first_bytes_tell_a_compressed_file_not_its_name(tmp_path):
    (tmp_path / "plain.gz").write_bytes(GOOD)
    (tmp_path / "compressed").write_bytes(gzip.compress(GOOD))
    assert read_idx(tmp_path / "plain.gz").tolist() == [[0, 1, 2], [3, 4, 5]]
    assert read_idx(str(tmp_path / "compressed")).tolist() == [[0, 1, 2], [3, 4, 5]]


def test_dtypes_that_idx_lacks_are_refused(tmp_path):
    with pytest.raises(TypeError, match="IDX has no type for int64, but uint8, int8"):
        write_idx(tmp_path / "a", np.arange(3))
    assert not (tmp_path / "a").exists()


DAMAGE = {
    "empty": (b"", "truncated: 0 bytes, less than the 4 of a magic number"),
    "short magic": (GOOD[:3], "truncated: 3 bytes, less than the 4"),
    "wrong magic": (b"\x01\x02" + GOOD[2:], "not an IDX file: its magic number is 0x01020802"),
    "little-endian": (b"\x03\x08\0\0" + GOOD[4:], "not an IDX file"),
    "zip": (b"PK\x03\x04" + GOOD, "a zip archive: unpack it"),
    "web page": (b"<!DOCTYPE html>", "a web page, by its first character"),
    "unknown type": (b"\0\0\x0a\x02" + GOOD[4:], "elements of the unknown type 0x0a"),
    "short header": (GOOD[:9], "truncated in its header: the sizes of 2 axes take 8 bytes, and 5"),
    "short elements": (GOOD[:-1], r"truncated: shape \(2, 3\) of uint8 takes 6 bytes, and 5"),
    "huge sizes": (
        struct.pack(">HBB3I", 0, 0x0E, 3, *[2**32 - 1] * 3) + bytes(99),
        "truncated: shape .* and 99 follow the header",
    ),
    "too many axes": (bytes([0, 0, 0x08, 65]) + bytes(4 * 65), "sizes that NumPy has no array for"),
    "too long": (GOOD + b"\0", "longer than its header says"),
}


@pytest.mark.parametrize(("content", "message"), DAMAGE.values(), ids=DAMAGE)
@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_each_kind_of_damage_has_its_own_error(tmp_path, content, message, pack):
    path = tmp_path / "damaged"
    path.write_bytes(pack(content))
    with pytest.raises(IDXError, match=message) as raised:
        read_idx(path)
    assert str(path) in str(raised.value)


def test_damaged_compression(tmp_path):
    path = tmp_path / "damaged.gz"
    whole = gzip.compress(GOOD)
    path.write_bytes(whole[:-12])
    with pytest.raises(IDXError, match="its gzip stream breaks off"):
        read_idx(path)
    path.write_bytes(gzip.compress(GOOD)[:-8] + bytes(8))
    with pytest.raises(IDXError, match="is a damaged gzip file"):
        read_idx(path)
    path.write_bytes(whole[:10] + b"\xff" * 30)
    with pytest.raises(IDXError, match="is a damaged gzip file"):
        read_idx(path)


def test_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_idx(tmp_path / "nothing")


# Folders


def write_mnist(folder, suffix="", train=6, test=3, side=4):
    rng = np.random.default_rng(0)
    for part, count in (("train", train), ("t10k", test)):
        images = rng.integers(0, 256, (count, side, side), dtype=np.uint8)
        labels = rng.integers(0, 10, count, dtype=np.uint8)
        write_idx(folder / f"{part}-images-idx3-ubyte{suffix}", images)
        write_idx(folder / f"{part}-labels-idx1-ubyte{suffix}", labels)


@pytest.mark.parametrize("suffix", ["", ".gz"])
def test_a_folder_of_four_files(tmp_path, suffix):
    write_mnist(tmp_path, suffix)
    mnist = load_mnist(tmp_path)
    assert [array.shape for array in mnist] == [(6, 4, 4), (6,), (3, 4, 4), (3,)]
    assert {array.dtype for array in mnist} == {np.dtype(np.uint8)}
    np.testing.assert_array_equal(
        mnist.test_labels, read_idx(tmp_path / f"t10k-labels-idx1-ubyte{suffix}")
    )


def test_names_with_a_dot_are_understood(tmp_path):
    write_mnist(tmp_path)
    for path in list(tmp_path.iterdir()):
        path.rename(tmp_path / path.name.replace("-idx", ".idx"))
    assert len(load_mnist(str(tmp_path)).train_labels) == 6


def test_a_missing_folder_and_a_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="is not a folder: it should have the four MNIST"):
        load_mnist(tmp_path / "nothing")
    write_mnist(tmp_path)
    (tmp_path / "t10k-labels-idx1-ubyte").unlink()
    with pytest.raises(FileNotFoundError, match="neither t10k-labels-idx1-ubyte nor t10k-labels"):
        load_mnist(tmp_path)


def test_files_that_do_not_belong_together(tmp_path):
    write_mnist(tmp_path)
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros(5, np.uint8))
    with pytest.raises(IDXError, match=r"has 6 images, but .* has 5 labels"):
        load_mnist(tmp_path)
    write_idx(tmp_path / "train-labels-idx1-ubyte", np.zeros((6, 1), np.uint8))
    with pytest.raises(IDXError, match="has 2 axes of uint8, where 1 of uint8 belong"):
        load_mnist(tmp_path)
    write_mnist(tmp_path)
    write_idx(tmp_path / "t10k-images-idx3-ubyte", np.zeros((3, 5, 4), np.uint8))
    with pytest.raises(IDXError, match=r"training images are \(4, 4\), test images \(5, 4\)"):
        load_mnist(tmp_path)
    write_idx(tmp_path / "t10k-images-idx3-ubyte", np.zeros((3, 4, 4), np.float32))
    with pytest.raises(IDXError, match="has 3 axes of float32, where 3 of uint8 belong"):
        load_mnist(tmp_path)


def test_the_digits_of_the_repository():
    digits = Path(__file__).parents[2] / "examples" / "data"
    mnist = load_mnist(digits)
    assert [array.shape for array in mnist] == [(5000, 28, 28), (5000,), (1000, 28, 28), (1000,)]
    assert sum(path.stat().st_size for path in digits.iterdir() if path.is_file()) < 2_000_000
    # Stratified: the shares of the 60,000 and of the 10,000, rounded.
    assert np.bincount(mnist.train_labels).tolist() == [
        494, 562, 496, 511, 487, 452, 493, 522, 487, 496
    ]  # fmt: skip
    assert np.bincount(mnist.test_labels).tolist() == [
        98, 114, 103, 101, 98, 89, 96, 103, 97, 101
    ]  # fmt: skip
