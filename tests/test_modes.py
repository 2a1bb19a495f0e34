"""What is recorded, in threads, tasks and generators."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator

import numpy as np
import pytest

import autograd_mini as ag


def test_no_grad_is_a_context_manager_and_nests() -> None:
    x = ag.Tensor(2.0, requires_grad=True)
    with ag.no_grad():
        assert not (x * x).requires_grad
        with ag.enable_grad():
            assert (x * x).requires_grad
        assert not (x * x).requires_grad
    assert (x * x).requires_grad


def test_set_grad_enabled_takes_a_condition() -> None:
    for enabled in (True, False):
        with ag.set_grad_enabled(enabled):
            assert ag.is_grad_enabled() is enabled


def test_one_instance_can_be_entered_again() -> None:
    mode = ag.no_grad()
    with mode, mode:
        assert not ag.is_grad_enabled()
    assert ag.is_grad_enabled()


def test_the_mode_is_left_when_an_error_passes() -> None:
    with pytest.raises(KeyError), ag.no_grad():
        raise KeyError
    assert ag.is_grad_enabled()


def test_decorated_function() -> None:
    @ag.no_grad()
    def enabled() -> bool:
        return ag.is_grad_enabled()

    assert not enabled()
    assert ag.is_grad_enabled()
    assert enabled.__name__ == "enabled"


def test_decorated_generator_changes_the_mode_only_while_it_runs() -> None:
    @ag.no_grad()
    def generator() -> Iterator[bool]:
        received = yield ag.is_grad_enabled()
        assert received == "sent"
        try:
            yield ag.is_grad_enabled()
        except KeyError:
            yield ag.is_grad_enabled()

    run = generator()
    assert next(run) is False
    assert ag.is_grad_enabled()
    assert run.send("sent") is False  # type: ignore[attr-defined]
    assert ag.is_grad_enabled()
    assert run.throw(KeyError) is False  # type: ignore[attr-defined]
    assert ag.is_grad_enabled()
    with pytest.raises(StopIteration):
        next(run)


def test_decorated_generator_is_closed_within_the_mode() -> None:
    modes = []

    @ag.no_grad()
    def generator() -> Iterator[int]:
        try:
            yield 1
        finally:
            modes.append(ag.is_grad_enabled())

    run = generator()
    next(run)
    run.close()  # type: ignore[attr-defined]
    assert modes == [False]
    assert ag.is_grad_enabled()


def test_threads_have_their_own_mode() -> None:
    seen = []
    with ag.no_grad():
        thread = threading.Thread(target=lambda: seen.append(ag.is_grad_enabled()))
        thread.start()
        thread.join()
    assert seen == [True]


def test_tasks_have_their_own_mode() -> None:
    seen: dict[str, list[bool]] = {"off": [], "on": []}

    async def off() -> None:
        with ag.no_grad():
            for _ in range(3):
                await asyncio.sleep(0)
                seen["off"].append(ag.is_grad_enabled())

    async def on() -> None:
        for _ in range(3):
            await asyncio.sleep(0)
            seen["on"].append(ag.is_grad_enabled())

    async def both() -> None:
        await asyncio.gather(off(), on())

    asyncio.run(both())
    assert seen == {"off": [False] * 3, "on": [True] * 3}


def test_decorated_coroutine_and_async_generator() -> None:
    @ag.no_grad()
    async def coroutine() -> bool:
        await asyncio.sleep(0)
        return ag.is_grad_enabled()

    @ag.no_grad()
    async def generator() -> AsyncIterator[bool]:
        yield ag.is_grad_enabled()
        await asyncio.sleep(0)
        yield ag.is_grad_enabled()

    async def run() -> list[bool]:
        seen = [await coroutine()]
        async for mode in generator():
            seen += [mode, not ag.is_grad_enabled()]
        return seen

    assert asyncio.run(run()) == [False] * 5


@pytest.mark.parametrize(("bad", "what"), [(0.0, "an infinity"), (-1.0, "a NaN")])
def test_anomaly_in_the_forward_pass_names_operation_and_line(bad: float, what: str) -> None:
    x = ag.Tensor([1.0, bad], requires_grad=True)
    with (
        ag.detect_anomaly(),
        np.errstate(all="ignore"),
        pytest.raises(
            FloatingPointError, match=rf"np\.log gave {what}.*test_modes\.py:\d+ in test_"
        ),
    ):
        np.log(x)


def test_anomaly_in_the_backward_pass_names_operation_and_line() -> None:
    x = ag.Tensor([0.0, 1.0], requires_grad=True)
    with ag.detect_anomaly(), np.errstate(all="ignore"):
        y = np.sum(np.sqrt(x) * 2.0)
        with pytest.raises(
            FloatingPointError, match=r"np\.sqrt gave an infinity in the gradient.*test_modes"
        ):
            y.backward()


def test_anomaly_detection_leaves_right_numbers_alone() -> None:
    x = ag.Tensor([0.5, 1.0], requires_grad=True)
    with ag.detect_anomaly():
        np.sum(np.tanh(x) * x).backward()
    expected = np.tanh(x.numpy() if not x.requires_grad else x.data)
    np.testing.assert_allclose(x.grad, expected + x.data * (1 - expected**2))


def test_anomaly_is_found_without_recording_too() -> None:
    with ag.detect_anomaly(), np.errstate(all="ignore"), pytest.raises(FloatingPointError):
        np.log(ag.Tensor([0.0]))


def test_decorator_without_parentheses_and_statement() -> None:
    @ag.no_grad
    def enabled() -> bool:
        return ag.is_grad_enabled()

    assert not enabled()
    try:
        ag.set_grad_enabled(False)
        assert not ag.is_grad_enabled()
    finally:
        ag.set_grad_enabled(True)
    assert ag.is_grad_enabled()

    @ag.set_grad_enabled(False)
    def also() -> bool:
        return ag.is_grad_enabled()

    assert ag.is_grad_enabled()
    assert not also()
