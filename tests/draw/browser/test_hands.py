"""Keys, folding, paths, zoom: what a person's hands do besides stepping."""

from collections.abc import Callable
from pathlib import Path

from graphs import xor_loss, xor_network
from opened import Opened, in_both_browsers
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from autograd import Value
from autograd.draw import draw
from autograd.graph import topological_order

Open = Callable[[Path], Opened]


def in_boxes(open_page: Open, folder: Path) -> Opened:
    network = xor_network()
    return open_page(draw(xor_loss(network), model=network, detail="nodes").save(folder / "x.html"))


def two_ways() -> Value:
    """`a` and `b` lead to the output by different ways that share the last step."""
    a, b = Value(2.0, "a"), Value(3.0, "b")
    return (a * a) + (b + 1.0)


@in_both_browsers
def test_keys(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(two_ways()).save(tmp_path / "page.html"))
    opened.press(Keys.HOME)
    end = opened.steps_to_the_end()
    opened.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    assert opened.position == 3
    opened.press(Keys.ARROW_LEFT)
    assert opened.position == 2
    opened.press(Keys.END)
    assert opened.position == end
    opened.press(Keys.HOME)
    assert opened.position == 0
    opened.press(Keys.SPACE)
    assert "Pause" in opened.find("#play").text
    opened.wait_for("return document.querySelector('#position').value > 0")
    opened.press(Keys.SPACE)
    assert "Play" in opened.find("#play").text


def test_space_on_a_button_presses_that_button_alone(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(two_ways()).save(tmp_path / "page.html"))
    opened.click("#to-start")
    opened.press(Keys.SPACE, on="#step")
    assert opened.position == 1
    assert "Play" in opened.find("#play").text


def test_arrows_on_the_slider_move_it_by_one(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(two_ways()).save(tmp_path / "page.html"))
    opened.click("#to-start")
    opened.press(Keys.ARROW_RIGHT, on="#position")
    assert opened.position == 1


@in_both_browsers
def test_boxes_fold_by_key_and_by_click(open_page: Open, tmp_path: Path) -> None:
    opened = in_boxes(open_page, tmp_path)
    opened.driver.prefer(reduced_motion="reduce")  # what is clicked stands still
    opened.click("#unfold-all")
    unfolded = opened.nodes()
    assert opened.find('[data-box="0"]').get_attribute("aria-expanded") == "true"
    opened.press(Keys.ENTER, on='[data-box="0"]')
    assert opened.find('[data-box="0"]').get_attribute("aria-expanded") == "false"
    folded = opened.nodes()
    assert set(folded) < set(unfolded)
    assert opened.run("return document.activeElement.closest('[data-box]').dataset.box") == "0"
    opened.click('[data-box="0"] .body')
    assert opened.find('[data-box="0"]').get_attribute("aria-expanded") == "true"
    assert opened.nodes() == unfolded


def test_folding_changes_no_number(open_page: Open, tmp_path: Path) -> None:
    opened = in_boxes(open_page, tmp_path)
    opened.click("#unfold-all")
    opened.click("#to-end")
    whole = opened.nodes()
    opened.click("#fold-all")
    left = opened.nodes()
    assert 0 < len(left) < len(whole)
    assert all(whole[name] == shown for name, shown in left.items())
    opened.click("#back")
    opened.click("#step")
    assert opened.nodes() == left
    opened.click("#unfold-all")
    assert opened.nodes() == whole


def test_an_operation_in_a_folded_box_still_has_its_step(open_page: Open, tmp_path: Path) -> None:
    opened = in_boxes(open_page, tmp_path)
    opened.click("#fold-all")
    opened.click("#to-start")
    said = []
    for _ in range(opened.steps_to_the_end()):
        opened.click("#step")
        said.append(opened.text("#explanation"))
    assert len(set(said)) == len(said)


def lit_edges(opened: Opened) -> set[tuple[str, str]]:
    """The edges that stand out as lying on the path, by the names of their ends."""
    names = [node["name"] for node in opened.page_data()["nodes"]]
    edges = opened.page_data()["edges"]
    lit = opened.run(
        "return [...document.querySelectorAll('.link.on-path .edge')].map((e) => e.dataset.edge)"
    )
    return {(names[edges[int(e)]["tail"]], names[edges[int(e)]["head"]]) for e in lit}


@in_both_browsers
def test_focus_and_hover_light_the_path_to_the_output(open_page: Open, tmp_path: Path) -> None:
    out = two_ways()
    order = topological_order(out)
    opened = open_page(draw(out).save(tmp_path / "page.html"))
    names = {value.label: i for i, value in enumerate(order)}
    a = f"n{names['a']}"
    square = next(i for i, v in enumerate(order) if v.operands == (order[names["a"]],) * 2)
    last = len(order) - 1
    expected = {
        (a, f"op{square}"),
        (f"op{square}", f"n{square}"),
        (f"n{square}", f"op{last}"),
        (f"op{last}", f"n{last}"),
    }
    assert lit_edges(opened) == set()
    opened.run("document.querySelector(`g.node[data-name='${arguments[0]}']`).focus()", a)
    assert lit_edges(opened) == expected
    opened.run("document.activeElement.blur()")
    assert lit_edges(opened) == set()
    node = opened.find(f"g.node[data-name='{a}']")
    ActionChains(opened.driver).move_to_element(node).perform()
    assert lit_edges(opened) == expected
    ActionChains(opened.driver).move_to_element(opened.find("#explanation")).perform()
    assert lit_edges(opened) == set()


def test_zoom_and_fit(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(two_ways()).save(tmp_path / "page.html"))

    def width() -> float:
        box = "return document.querySelector('g.node').getBoundingClientRect().width"
        return float(opened.run(box))

    start = width()
    opened.click("#zoom-in")
    opened.wait_for(
        "return document.querySelector('g.node').getBoundingClientRect().width > arguments[0]",
        start * 1.05,
    )
    opened.click("#fit")
    opened.wait_for(
        "return Math.abs(document.querySelector('g.node').getBoundingClientRect().width"
        " - arguments[0]) < 1",
        start,
    )
    opened.click("#zoom-out")
    opened.wait_for(
        "return document.querySelector('g.node').getBoundingClientRect().width < arguments[0]",
        start * 0.95,
    )


def test_everything_has_a_name(open_page: Open, tmp_path: Path) -> None:
    opened = in_boxes(open_page, tmp_path)
    nameless = opened.run(
        """
        const named = (e) => (e.getAttribute("aria-label") || e.textContent.trim()
            || (e.labels && [...e.labels].map((l) => l.textContent).join("").trim())
            || (e.getAttribute("aria-labelledby")
                && document.getElementById(e.getAttribute("aria-labelledby")).textContent.trim()));
        return [...document.querySelectorAll(
            "button, input, select, a, [tabindex], [role=button], [role=img], canvas, svg, dialog")]
            .filter((e) => !e.closest("[hidden], [aria-hidden=true]") && !named(e))
            .map((e) => e.outerHTML.slice(0, 100));
        """
    )
    assert nameless == []
    assert opened.run("return document.documentElement.lang") == "en"
    ids = opened.run("return [...document.querySelectorAll('[id]')].map((e) => e.id)")
    assert len(ids) == len(set(ids))


def test_the_graph_is_one_stop_of_tab_and_arrows_reach_all_of_it(
    open_page: Open, tmp_path: Path
) -> None:
    opened = in_boxes(open_page, tmp_path)
    opened.click("#unfold-all")
    stops = "[...document.querySelectorAll('#graph [role=img], #graph [role=button]')]"
    assert opened.run(f"return {stops}.filter((e) => e.tabIndex === 0).length") == 1
    unreached = opened.run(
        f"""
        const stops = {stops}, reached = new Set(), pending = [stops[0]];
        while (pending.length > 0) {{
            const from = pending.pop();
            reached.add(from);
            for (const key of ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]) {{
                from.focus();
                from.dispatchEvent(
                    new KeyboardEvent("keydown", {{ key, bubbles: true, cancelable: true }}));
                const to = document.activeElement;
                if (!reached.has(to) && !pending.includes(to)) pending.push(to);
            }}
        }}
        return stops.filter((e) => !reached.has(e)).map((e) => e.getAttribute("aria-label"));
        """
    )
    assert unreached == []


def test_the_name_of_a_node_says_its_numbers(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(two_ways(), precision=3).save(tmp_path / "page.html"))
    opened.click("#to-end")
    name = opened.run(
        "return [...document.querySelectorAll('g.node')].map((n) => n.getAttribute('aria-label'))"
        ".find((label) => label.includes('a') && label.includes('4'))"
    )
    assert name is not None


def spoken(opened: Opened) -> list[str]:
    """The texts of all that a screen reader speaks when it changes."""
    tree = opened.driver.execute_cdp_cmd("Accessibility.getFullAXTree", {})["nodes"]
    return [
        opened.driver.execute_cdp_cmd(
            "Runtime.callFunctionOn",
            {
                "functionDeclaration": "function () { return this.textContent }",
                "objectId": opened.driver.execute_cdp_cmd(
                    "DOM.resolveNode", {"backendNodeId": node["backendDOMNodeId"]}
                )["object"]["objectId"],
            },
        )["result"]["value"]
        for node in tree
        for p in node.get("properties", [])
        if p["name"] == "live" and p["value"]["value"] in ("polite", "assertive")
    ]


def test_a_step_speaks_one_sentence(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(two_ways()).save(tmp_path / "page.html"))
    opened.click("#to-start")
    said = []
    for _ in range(opened.steps_to_the_end()):
        opened.click("#step")
        now = [text for text in spoken(opened) if text]
        assert len(now) == 1
        assert now[0].endswith(".")
        said += now
    assert len(set(said)) == len(said)
    assert said[0] == "v\N{SUBSCRIPT ONE} = a \N{MULTIPLICATION SIGN} a = 4."


def test_the_legend_comes_and_goes(open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(two_ways()).save(tmp_path / "page.html"))
    button, legend = opened.find("#legend-button"), opened.find("#legend")
    for is_there in (False, True, False):
        assert legend.is_displayed() is is_there
        assert button.get_attribute("aria-expanded") == str(is_there).lower()
        button.click()
