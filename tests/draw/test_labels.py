"""Whatever a label says is shown as written."""

import unicodedata
import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st
from strength import examples

from autograd import Value
from autograd.draw import draw
from autograd.draw.dot.render import Format, render
from autograd.draw.dot.writer import to_dot
from autograd.draw.scene.numbers import NodeNumbers, Reading, Span
from autograd.draw.scene.parts import Box, Node, Role, Scene, UnitNode, ValueNode

pytestmark = pytest.mark.usefixtures("without_process")

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "{http://www.w3.org/1999/xlink}title"

MARKS = ("LRE", "RLE", "PDF", "LRO", "RLO", "LRI", "RLI", "FSI", "PDI")  # of direction

UGLY = [
    "\"quoted\" and 'single'",
    "back\\slash \\N \\G \\L \\E \\T \\H \\l \\r \\n \\\\N \\",
    "{a|b} <port> | }",
    "<b>bold</b>",
    "<<TABLE></TABLE>>",
    "<x>",
    "&amp; &lt; &#65; &#x41; &nosuch; & &",
    "<!-- comment --> ]]> <![CDATA[ -- >",
    "weights[1]",
    "]\n]]",
    "two\nlines",
    "\n",
    "\n\n end\n",
    "  ends with  spaces  ",
    " ",
    "no\u00a0break",
    "重み 日本語",
    "😀 👩\u200d🔬 e\u0301",
    "עברית",
    "charset='latin1' charset=\"latin1\"",
    "n0",
    "node",
    "-1.5",
    "%s %d {0} ${x}",
]


def spaced(text: str) -> str:
    """Graphviz writes some spaces as such that do not break; it means the same."""
    return text.replace("\u00a0", " ")


def all_shown(svg: bytes) -> dict[str, tuple[list[str], str]]:
    """The lines and the tooltip of each node of a picture, by its name."""
    found = {}
    for node in ElementTree.fromstring(svg).iter(f"{SVG}g"):
        if node.get("class") == "node":
            lines = [spaced("".join(text.itertext())) for text in node.iter(f"{SVG}text")]
            tooltip = next(a.get(TITLE) for a in node.iter(f"{SVG}a") if a.get(TITLE))
            found[str(node.findtext(f"{SVG}title"))] = lines, spaced(tooltip or "")
    return found


def shown(svg: bytes) -> tuple[list[str], str]:
    """Those of its only node."""
    [found] = all_shown(svg).values()
    return found


def assert_shown(labels: list[str], expected: list[str]) -> None:
    """Each label is shown as expected in one picture of all."""
    values = [Value(1.0, label) for label in labels]
    found = all_shown(draw(*values, detail="nodes").render("svg"))
    assert found.keys() == {f"n{i}" for i in range(len(labels))}
    for i, text in enumerate(map(spaced, expected)):
        lines, tooltip = found[f"n{i}"]
        assert lines[-4:] == ["data", "1", "grad", "0"]
        written = [line for line in text.split("\n") if line]
        assert [line for line in lines[:-4] if line] == written
        assert tooltip == f"{text}\ndata = 1.0\ngrad = 0.0"


@pytest.mark.usefixtures("engine")
def test_ugly_labels() -> None:
    assert_shown(UGLY, UGLY)


ANY = (
    st.text(min_size=1, max_size=60)
    | st.text(st.sampled_from('\\"<>&;#{}|[]Nnl \n-=b/65amp'), min_size=1, max_size=40)
).filter(lambda text: text.count("\n") < 8)
AT_ONCE = 6  # labels of a picture


@settings(
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
    max_examples=examples(30) // AT_ONCE + 1,
)
@given(st.lists(ANY, min_size=AT_ONCE, max_size=AT_ONCE))
@example(
    [
        "]",
        "nul\0 bell\x07 tab\t return\r escape\x1b[0m",
        "delete\x7f next line\x85, half a pair \ud83d, no character \ufffe\uffff",
        "turned \u202e\u2066\u200f, \u2028 a line",
        "\u2028",
        "\ufeff",
    ]
)
@pytest.mark.usefixtures("engine")
def test_any_label(labels: list[str]) -> None:
    written = {label: escaped(label) for label in labels}
    short = [x for x in labels if all(len(line) <= 60 for line in written[x].split("\n"))]
    assume(short)
    assert_shown(short, [written[label] for label in short])


def escaped(label: str) -> str:
    """The label as it has to be shown."""
    return "".join(
        c.encode("unicode_escape").decode()
        if c != "\n"
        and (
            unicodedata.category(c) in ("Cc", "Cs", "Zl", "Zp")
            or unicodedata.bidirectional(c) in MARKS
            or c in "\u061c\u200e\u200f\ufffe\uffff"
        )
        else c
        for c in label
    )


@pytest.mark.usefixtures("engine")
def test_a_long_label_is_shortened_and_its_tooltip_is_whole() -> None:
    label = "".join(f"{i:05}" for i in range(2000))
    lines, tooltip = shown(draw(Value(1.0, label)).render("svg"))
    assert lines[0] == f"{label[:30]}…{label[-29:]}"
    assert tooltip.split("\n")[0] == label


@pytest.mark.usefixtures("engine")
def test_a_tall_label_is_shortened_and_its_tooltip_is_whole() -> None:
    label = "\n".join(str(i) for i in range(100))
    lines, tooltip = shown(draw(Value(1.0, label)).render("svg"))
    assert lines[:8] == ["0", "1", "2", "3", "⋮", "97", "98", "99"]
    assert tooltip.startswith(label + "\n")


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize("kind", ["png", "pdf"])
def test_all_ugly_labels_in_one_picture(kind: Format) -> None:
    total = Value(0.0, "\0")
    for label in UGLY:
        total = total + Value(1.0, label)
    assert len(draw(total, detail="neurons").render(kind)) > 5000


def picture_of(texts: list[str]) -> ElementTree.Element:
    """A scene with each text wherever there may be one of the user's, as SVG."""
    numbers = NodeNumbers(Span(1.0, 1.0), Span(0.0, 0.0))
    nodes: list[Node] = []
    boxes: list[Box] = []
    for k, text in enumerate(texts):
        outer, inner = f"b{k}", f"i{k}"
        boxes += [Box(outer, text), Box(inner, f"{text}.{text}", outer)]
        nodes += [
            ValueNode(f"n{k}", Role.PARAMETER, "", f"{text}.w", (0,), inner),
            ValueNode(f"m{k}", Role.INTERMEDIATE, "", "", (1,), operation=text),
            UnitNode(f"u{k}", f"{text}.u", (text, "line"), (2,), 1, outer),
        ]
    scene = Scene("nodes", tuple(nodes), (), tuple(boxes))
    reading = Reading((numbers,) * len(nodes), ())
    source = to_dot(scene, reading, direction="LR", precision=4, gradients=True)
    return ElementTree.fromstring(render(source, "svg"))


def said(group: ElementTree.Element) -> tuple[list[str], str]:
    """The lines with something in them, and the tooltip, of a node or cluster."""
    lines = [spaced("".join(text.itertext())) for text in group.iter(f"{SVG}text")]
    tooltip = next(a.get(TITLE) for a in group.iter(f"{SVG}a") if a.get(TITLE))
    return [line for line in lines if line.strip()], spaced(tooltip or "")


@pytest.mark.usefixtures("engine")
def test_ugly_paths_titles_lines_and_symbols() -> None:
    groups: dict[str, tuple[list[str], str]] = {}
    for group in picture_of(UGLY).iter(f"{SVG}g"):
        if group.get("class") in ("node", "cluster"):
            groups[str(group.findtext(f"{SVG}title")).removeprefix("cluster_")] = said(group)
    assert len(groups) == 5 * len(UGLY)
    for k, text in enumerate(UGLY):
        assert_said(text, {name[0]: one for name, one in groups.items() if name[1:] == str(k)})


def assert_said(text: str, found: dict[str, tuple[list[str], str]]) -> None:
    """What is found in the groups of a text is what it says."""
    plain = spaced(text)
    lines = [line for line in plain.split("\n") if line.strip()]
    captions = ["data", "1", "grad", "0"]
    numbers = "data = 1.0\ngrad = 0.0"
    path = [line for line in f"{plain}.w".split("\n") if line.strip()]
    assert (found["b"], found["i"]) == ((lines, plain), (lines, f"{plain}.{plain}"))
    unit = (["u", *lines, "line", *captions], f"{plain}.u\n{plain}\nline\n{numbers}")
    value = ([*path, *captions], f"{plain}.w\n{numbers}")
    result = ([*lines, *captions], "\n".join(filter(None, [plain, numbers])))
    assert (found["n"], found["m"], found["u"]) == (value, result, unit)


@pytest.mark.usefixtures("engine")
def test_texts_that_are_empty_are_no_errors() -> None:
    scene = Scene(
        "nodes",
        (
            ValueNode("n0", Role.OUTPUT, "", "", (0,)),
            UnitNode("u1", "", ("",), (1,), 1, "b0"),
        ),
        (),
        (Box("b0", ""),),
    )
    numbers = NodeNumbers(None, None)
    source = to_dot(
        scene, Reading((numbers, numbers), ()), direction="LR", precision=4, gradients=True
    )
    assert render(source, "svg").count(b'class="node"') == 2
