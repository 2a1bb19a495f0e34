from __future__ import annotations

import re

import pytest

from .conftest import Open
from .reading import flat, go, ids, numbers, panel, press, step_of
from .stories import Story

# Walking


def test_arrow_keys_walk_forward_and_then_back(show: Open, network: Story) -> None:
    view = show(network)
    assert view.locator("#progress").inner_text() == "step 0 of 22 - start"
    press(view, "ArrowRight")
    assert view.locator("#progress").inner_text() == "step 1 of 22 - forward"
    assert ids(view, ".current") == ["z1"]
    press(view, "ArrowRight", 9)
    assert view.locator("#progress").inner_text() == "step 10 of 22 - backward"
    assert ids(view, ".current.backward") == ["loss"]
    press(view, "ArrowLeft")
    assert view.locator("#progress").inner_text() == "step 9 of 22 - forward"
    press(view, "End")
    assert view.locator("#progress").inner_text() == "step 22 of 22 - backward"
    press(view, "ArrowRight")
    assert view.locator("#progress").inner_text() == "step 22 of 22 - backward"
    press(view, "Home")
    assert view.locator("#progress").inner_text() == "step 0 of 22 - start"


def test_the_slider_walks_by_its_own_keys_one_step_at_a_time(show: Open, network: Story) -> None:
    view = show(network)
    slider = view.locator("#slider")
    slider.focus()
    press(view, "ArrowRight", 3)
    assert slider.input_value() == "3"
    assert slider.get_attribute("aria-valuetext") == "step 3 of 22 - forward"
    go(view, 20)
    assert view.locator("#progress").inner_text() == "step 20 of 22 - backward"


def test_a_forward_step_shows_call_arguments_and_result(show: Open, network: Story) -> None:
    view = show(network)
    go(view, 5)
    text = panel(view)
    assert "np.add(z2, b2)" in text
    assert "or_gate.py:32 in train" in text
    assert "x1 is matmul" in text
    assert "x2 is b2" in text
    nodes = {entry["id"]: entry for entry in network["nodes"]}
    result = [row[0] for row in nodes["a2"]["values"][0]["numbers"]]
    assert numbers(view, "#panel section:last-of-type") == result
    lit = view.locator("#scene .arrow.lit .edge-argument").all_text_contents()
    assert sorted(text.strip("\u2068\u2069") for text in lit) == ["x1", "x2"]


def test_a_backward_step_shows_rule_what_it_uses_and_where_it_goes(
    show: Open, network: Story
) -> None:
    view = show(network)
    go(view, step_of(network, "z2"))
    cards = view.locator("#panel .card")
    assert cards.count() == 2
    assert "To hidden, as x1" in cards.nth(0).inner_text()
    assert "To W2, as x2" in cards.nth(1).inner_text()
    assert cards.locator(".formula").all_inner_texts() == ["g @ x2.mT", "x1.mT @ g"]
    told = network["backward"][step_of(network, "z2") - 10]
    for index, leaving in enumerate(told["leaving"]):
        shown = [*leaving["uses"][0]["value"]["numbers"], *leaving["value"]["numbers"]]
        assert cards.nth(index).locator(".number").all_inner_texts() == flat(shown)
    assert view.locator("#scene .arrow.lit.backward").count() == 2


def test_where_paths_meet_the_sum_and_its_running_total_are_shown(
    show: Open, network: Story
) -> None:
    view = show(network)
    go(view, step_of(network, "s"))
    cards = view.locator("#panel .card")
    assert cards.nth(0).locator(".total").count() == 0
    assert cards.nth(1).locator(".total").count() == 1
    go(view, step_of(network, "e"))
    told = network["backward"][step_of(network, "e") - 10]
    assert "2 paths meet here" in panel(view)
    assert view.locator("#panel .sum li").count() == 2
    expected = [row[0] for row in told["arriving"]["numbers"]]
    assert numbers(view, "#panel .equation.total") == expected


def test_undone_broadcasting_is_said(show: Open, network: Story) -> None:
    view = show(network)
    go(view, step_of(network, "a1"))
    assert "summed over axis 0, from (4, 3) to (1, 3)" in panel(view)


def test_at_a_leaf_the_walk_ends(show: Open, network: Story) -> None:
    view = show(network)
    go(view, step_of(network, "W1"))
    assert "g is the gradient of W1." in panel(view)


def test_single_numbers_stand_in_the_graph_once_they_are_reached(
    show: Open, network: Story
) -> None:
    view = show(network)
    written = view.locator("#box-loss .box-number").all_text_contents
    assert written() == ["", ""]
    go(view, 9)
    assert written() == ["0.4052", ""]
    go(view, 10)
    assert written() == ["0.4052", "∂ 1.0000"]
    assert view.locator("#box-loss").get_attribute("aria-label") == (
        "sum loss 0.4052 ∂ 1.0000, result"
    )


def test_playing_walks_on_and_pauses(show: Open, network: Story) -> None:
    view = show(network)
    view.clock.install()
    press(view, " ")
    assert view.locator("#play").get_attribute("aria-pressed") == "true"
    view.clock.run_for(3000)
    assert view.locator("#progress").inner_text() == "step 2 of 22 - forward"
    view.locator("#play").click()
    assert view.locator("#play").get_attribute("aria-label") == "Play"
    view.clock.run_for(3000)
    assert view.locator("#progress").inner_text() == "step 2 of 22 - forward"
    view.clock.resume()


# Nodes and modules


def test_a_click_opens_a_node_and_a_step_returns(show: Open, network: Story) -> None:
    view = show(network)
    view.locator("#box-W1").click()
    text = panel(view)
    assert "parameter" in text
    assert "gradient complete in step 22" in text
    assert ids(view, ".chosen") == ["W1"]
    nodes = {entry["id"]: entry for entry in network["nodes"]}
    value = flat(nodes["W1"]["values"][0]["numbers"])
    assert view.locator("#panel section").nth(0).locator("td").all_inner_texts() == value
    gradient = flat(nodes["W1"]["gradient"]["numbers"])
    assert view.locator("#panel section").nth(1).locator("td").all_inner_texts() == gradient
    press(view, "ArrowRight")
    assert ids(view, ".chosen") == []
    assert "np.matmul(X, W1)" in panel(view)


def test_tab_and_enter_open_a_node_and_escape_closes_it(show: Open, network: Story) -> None:
    view = show(network)
    view.locator("#help").focus()
    press(view, "Tab")
    focused = "() => document.activeElement.id"
    assert view.evaluate(focused) == "box-X"
    press(view, "Tab", 3)
    assert view.evaluate(focused) == "box-W1"
    press(view, "Enter")
    assert ids(view, ".chosen") == ["W1"]
    assert view.evaluate(focused) == "box-W1"
    press(view, "Escape")
    assert ids(view, ".chosen") == []


def test_modules_fold_into_boxes_with_shapes_on_their_arrows(show: Open, network: Story) -> None:
    view = show(network)
    view.locator("#box-hidden").click()
    assert ids(view, ".folded") == ["hidden"]
    assert "W1" not in ids(view, ".node")
    assert view.evaluate("() => document.activeElement.id") == "box-hidden"
    shapes = view.locator("#scene .edge-label").all_text_contents()
    assert sorted(shapes) == ["(4, 2)", "(4, 3)"]
    view.locator("#box-net").click()
    assert ids(view, ".node") == ["X", "Y", "e", "loss", "net", "s"]
    press(view, "Enter")
    assert ids(view, ".folded") == ["hidden"]
    view.locator("#fold").click()
    assert ids(view, ".folded") == ["net"]
    view.locator("#unfold").click()
    assert ids(view, ".folded") == []
    assert ids(view, ".header") == ["hidden", "net", "out"]


def test_a_step_in_a_folded_module_lights_its_box_and_unfolds_on_demand(
    show: Open, network: Story
) -> None:
    view = show(network)
    view.locator("#fold").click()
    go(view, 1)
    assert ids(view, ".current") == ["net"]
    assert view.locator("#scene .arrow.lit").count() == 1
    view.get_by_role("button", name="unfold", exact=True).click()
    assert ids(view, ".chosen") == ["z1"]


def test_search_finds_what_is_folded_away(show: Open, network: Story) -> None:
    view = show(network)
    view.locator("#fold").click()
    press(view, "/")
    view.keyboard.type("w2")
    press(view, "Enter")
    assert ids(view, ".chosen") == ["W2"]
    assert view.evaluate("() => document.activeElement.id") == "box-W2"
    press(view, "/")
    view.keyboard.type("nowhere")
    assert view.locator("#found").inner_text() == "nothing of this name"


def test_what_gets_the_focus_comes_into_sight(show: Open, network: Story) -> None:
    view = show(network, width=390, height=844)
    press(view, "+", 3)
    view.locator("#box-loss").focus()
    graph, box = (view.locator(name).bounding_box() for name in ("#graph", "#box-loss"))
    assert graph["y"] < box["y"] < box["y"] + box["height"] < graph["y"] + graph["height"]
    assert graph["x"] < box["x"] < box["x"] + box["width"] < graph["x"] + graph["width"]


def test_drag_wheel_and_keys_move_the_view(show: Open, network: Story) -> None:
    view = show(network)
    place = "() => new DOMMatrix(getComputedStyle(document.getElementById('scene')).transform)"

    def matrix() -> tuple[float, float]:
        found = view.evaluate(f"() => {{ const m = ({place})(); return [m.a, m.e]; }}")
        return found[0], found[1]

    scale, x = matrix()
    box = view.locator("#box-e").bounding_box()
    view.mouse.move(box["x"] + 5, box["y"] + 5)
    view.mouse.down()
    view.mouse.move(box["x"] + 65, box["y"] + 5, steps=3)
    view.mouse.up()
    assert matrix() == pytest.approx((scale, x + 60))
    assert ids(view, ".chosen") == []
    view.mouse.wheel(0, -400)
    view.wait_for_function(f"() => ({place})().a > {1.2 * scale}")
    press(view, "f")
    view.wait_for_function(f"() => Math.abs(({place})().a - {scale}) < 1e-3")


# Those who do not see, who dislike motion, who read in the dark or on a phone


def test_each_step_is_announced(show: Open, network: Story) -> None:
    view = show(network)
    live = view.locator("[aria-live=polite]")
    go(view, 1)
    assert live.inner_text() == (
        "Step 1 of 22, forward: matmul. np.matmul(X, W1) gives shape (4, 3)."
    )
    go(view, 10)
    assert live.inner_text() == (
        "Step 10 of 22, backward: loss. g is 1.0000; spread(g, like=a) goes to multiply."
    )


def test_an_opened_node_is_announced(show: Open, network: Story) -> None:
    view = show(network)
    view.locator("#box-b2").focus()
    press(view, "Enter")
    told = view.locator("[aria-live=polite]").inner_text()
    assert told == "b2, parameter, shape (1, 1)."


def test_the_panel_keeps_the_focus_when_a_link_in_it_is_followed(
    show: Open, network: Story
) -> None:
    view = show(network)
    go(view, 1)
    view.locator("#panel").get_by_role("button", name="W1").press("Enter")
    assert ids(view, ".chosen") == ["W1"]
    assert view.evaluate("() => document.activeElement.id") == "panel"


def test_what_acts_has_a_role_and_a_name(show: Open, network: Story) -> None:
    view = show(network)
    nameless = """() => [...document.querySelectorAll("button, input, [role=button], [role=img]")]
        .filter(one => !(one.getAttribute("aria-label") || one.textContent).trim()).length"""
    assert view.evaluate(nameless) == 0
    assert view.get_by_role("slider", name="Step").count() == 1
    name = "W1 (2, 3), parameter"
    assert view.get_by_role("button", name=name).count() == 1
    fold = view.get_by_role("button", name="hidden Module, module")
    assert fold.get_attribute("aria-expanded") == "true"


def test_nothing_moves_for_those_who_ask_for_that(show: Open, network: Story) -> None:
    durations = """() => [...document.querySelectorAll("*")].filter(
        one => parseFloat(getComputedStyle(one).transitionDuration) > 0).length"""
    assert show(network, reduced_motion="no-preference").evaluate(durations) > 0
    assert show(network, reduced_motion="reduce").evaluate(durations) == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_theme_follows_the_system_until_it_is_chosen(
    show: Open, network: Story, scheme: str
) -> None:
    view = show(network, color_scheme=scheme)
    paper = "() => getComputedStyle(document.body).backgroundColor"
    colours = {"light": "rgb(255, 255, 255)", "dark": "rgb(27, 31, 36)"}
    assert view.evaluate(paper) == colours.pop(scheme)
    view.locator("#theme").click()
    assert view.evaluate(paper) == colours.popitem()[1]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_stands_out_from_its_ground(show: Open, network: Story, theme: str) -> None:
    view = show(network, color_scheme=theme)
    least = {"ink": 4.5, "grey": 4.5, "blue": 4.5, "red": 4.5, "green": 3, "gold": 3}  # lines: 3
    read = "name => getComputedStyle(document.documentElement).getPropertyValue('--' + name)"
    light = {name: luminance(view.evaluate(read, name)) for name in [*least, "paper", "desk"]}
    for ground in ("paper", "desk"):
        for name, ratio in least.items():
            high, low = sorted([light[name], light[ground]], reverse=True)
            assert (high + 0.05) / (low + 0.05) >= ratio, (name, ground)


def luminance(colour: str) -> float:
    """Return the relative luminance of a colour, as WCAG 2.2 defines it."""
    values = [int(part, 16) / 255 for part in re.findall("..", colour.strip()[1:])]
    linear = [v / 12.92 if v <= 0.04045 else ((v + 0.055) / 1.055) ** 2.4 for v in values]
    return sum(w * v for w, v in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def test_a_phone_shows_the_panel_below_and_never_scrolls_sideways(
    show: Open, network: Story
) -> None:
    view = show(network, width=390, height=844)
    wide = "() => document.documentElement.scrollWidth"
    for number in range(len(network["forward"]) + len(network["backward"]) + 1):
        go(view, number)
        assert view.evaluate(wide) <= 390
    graph, text = (view.locator(name).bounding_box() for name in ("#graph", "#panel"))
    assert text["y"] >= graph["y"] + graph["height"]
