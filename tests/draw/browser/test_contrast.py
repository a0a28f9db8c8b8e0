"""Every text can be read: 4.5 to 1 against what is behind it, as WCAG 2.2 asks (1.4.3)."""

from collections.abc import Callable
from pathlib import Path

from graphs import xor_loss, xor_network
from opened import Opened

from autograd import Value
from autograd.draw import draw

Open = Callable[[Path], Opened]

# All texts of less contrast, but those of buttons that cannot be pressed now.
PALE = """
    const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    const known = new Map();
    const channels = (colour) => {
        if (!known.has(colour)) {
            context.clearRect(0, 0, 1, 1);
            context.fillStyle = colour;
            context.fillRect(0, 0, 1, 1);
            known.set(colour, [...context.getImageData(0, 0, 1, 1).data]);
        }
        return known.get(colour);
    };
    const luminance = (colour) => {
        const [red, green, blue] = channels(colour).map((channel) => {
            const share = channel / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
        });
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const contrast = (a, b) => {
        const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
        return (light + 0.05) / (dark + 0.05);
    };
    const style = (element, property) => getComputedStyle(element)[property];
    const paper = (element) =>
        !element ? "white" : channels(style(element, "backgroundColor"))[3] > 0
            ? style(element, "backgroundColor") : paper(element.parentElement);
    const behind = (text) => {
        const node = text.closest(".node");
        if (!node) return getComputedStyle(text).getPropertyValue("--frame-1");
        return style(node.querySelector(text.matches(".bar-title") ? ".bar" : ".body"), "fill");
    };
    const isText = (element) => element.checkVisibility({ visibilityProperty: true })
        && !element.closest("[aria-disabled=true]")
        && [...element.childNodes].some((n) => n.nodeType === Node.TEXT_NODE && n.data.trim());
    return [...document.body.querySelectorAll("*")].filter(isText).flatMap((element) => {
        const inGraph = element.matches("svg.graph text");
        if (element.closest("svg") && !inGraph) return [];
        const found = inGraph ? contrast(style(element, "fill"), behind(element))
            : contrast(style(element, "color"), paper(element));
        return found < 4.5 ? [`${element.textContent.slice(0, 30)}: ${found.toFixed(2)}`] : [];
    });
"""


def test_texts_stand_out(open_page: Open, tmp_path: Path) -> None:
    network = xor_network()
    loss = xor_loss(network)
    broken = Value(float("inf"), "i") * 0.0 + Value(-2.0, "x") ** Value(2.0, "y")
    for name, drawing in {
        "nodes": draw(loss, model=network, detail="nodes"),
        "neurons": draw(loss, model=network, detail="neurons"),
        "broken": draw(broken, loss),
    }.items():
        opened = open_page(drawing.save(tmp_path / f"{name}.html"))
        opened.click("#legend-button")
        end = opened.steps_to_the_end()
        for position in (0, end // 4, end // 2 + 1, end):
            opened.set_slider("#position", position)
            for scheme in ("light", "dark"):
                opened.driver.prefer(color_scheme=scheme)
                assert opened.run(PALE) == []
