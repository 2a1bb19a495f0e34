from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import autograd_mini as ag
from autograd_mini import nn


def test_there_and_back(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    model, other = nn.Sequential(nn.Linear(3, 2)), nn.Sequential(nn.Linear(3, 2))
    nn.save_state(path, model.state_dict())
    other.load_state_dict(nn.load_state(path))
    for a, b in zip(model.parameters(), other.parameters(), strict=True):
        np.testing.assert_array_equal(a.detach(), b.detach())
    assert [p.name for p in tmp_path.iterdir()] == ["weights.npz"]


def test_any_name_shape_and_dtype(tmp_path: Path) -> None:
    state: dict[str, Any] = {
        "file": np.float16([1, 2]),
        "a.b": np.zeros((0, 3)),
        "scalar": ag.Tensor(2.5),
        "turned": np.arange(6).reshape(2, 3).T,
        "complex": np.array([1j]),
        "flags": [True, False],
    }
    nn.save_state(str(tmp_path / "state"), state)
    loaded = nn.load_state(str(tmp_path / "state"))
    assert list(loaded) == list(state)
    for name, value in state.items():
        np.testing.assert_array_equal(loaded[name], value)
        assert loaded[name].dtype == np.asarray(value).dtype
    with np.load(tmp_path / "state") as archive:
        assert archive["a.b"].shape == (0, 3)


def test_what_could_run_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bad.npz"
    with pytest.raises(TypeError, match="thing is not an array of numbers, but of object"):
        nn.save_state(path, {"thing": np.array([print])})
    assert list(tmp_path.iterdir()) == []
    np.savez(path, thing=np.array([{"a": 1}], dtype=object))
    with pytest.raises(ValueError, match="thing cannot be read"):
        nn.load_state(path)


def test_a_failed_save_leaves_the_old_file(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "weights.npz"
    nn.save_state(path, {"w": np.ones(3)})
    monkeypatch.setattr("os.replace", lambda *_: (_ for _ in ()).throw(OSError("disk full")))
    with pytest.raises(OSError, match="disk full"):
        nn.save_state(path, {"w": np.zeros(3)})
    np.testing.assert_array_equal(nn.load_state(path)["w"], np.ones(3))
    assert [p.name for p in tmp_path.iterdir()] == ["weights.npz"]


def test_damage_is_found(tmp_path: Path) -> None:
    path = tmp_path / "weights.npz"
    nn.save_state(path, {"first": np.ones(3), "second": np.arange(1000.0)})
    whole = path.read_bytes()
    flipped = bytearray(whole)
    flipped[len(whole) // 2] ^= 1
    for damaged, where in [
        (bytes(flipped), "second cannot be read"),
        (whole[:-40], "list of its arrays"),
        (whole[: len(whole) // 2], "list of its arrays"),
        (b"", "list of its arrays"),
        (b"some text", "list of its arrays"),
    ]:
        path.write_bytes(damaged)
        with pytest.raises(ValueError, match=where) as caught:
            nn.load_state(path)
        assert str(path) in str(caught.value)


def test_no_such_file_and_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        nn.load_state(tmp_path / "none.npz")
    with pytest.raises(FileNotFoundError):
        nn.save_state(tmp_path / "none" / "weights.npz", {})
