"""Whatever a label says is shown as written."""

import xml.etree.ElementTree as ElementTree

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from autograd import Value
from autograd.draw import draw
from autograd.draw.render import Format

SVG = "{http://www.w3.org/2000/svg}"
TITLE = "{http://www.w3.org/1999/xlink}title"

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
    "עברית \u202eturned",
    "charset='latin1' charset=\"latin1\"",
    "n0",
    "node",
    "-1.5",
    "%s %d {0} ${x}",
]


def spaced(text: str) -> str:
    """Graphviz writes some spaces as such that do not break; it means the same."""
    return text.replace("\u00a0", " ")


def shown(svg: bytes) -> tuple[list[str], str]:
    """The lines and the tooltip of the first node of a picture."""
    root = ElementTree.fromstring(svg)
    node = next(g for g in root.iter(f"{SVG}g") if g.get("class") == "node")
    lines = [spaced("".join(text.itertext())) for text in node.iter(f"{SVG}text")]
    tooltip = next(a.get(TITLE) for a in node.iter(f"{SVG}a") if a.get(TITLE))
    return lines, spaced(tooltip or "")


def assert_shown(label: str, expected: str) -> None:
    lines, tooltip = shown(draw(Value(1.0, label)).render("svg"))
    captions = ["data", "1", "grad", "0"]
    assert lines[-4:] == captions
    written = [line for line in spaced(expected).split("\n") if line]
    assert [line for line in lines[:-4] if line] == written
    assert tooltip == f"{spaced(expected)}\ndata = 1.0\ngrad = 0.0"


@pytest.mark.parametrize("label", UGLY)
@pytest.mark.usefixtures("engine")
def test_ugly_labels(label: str) -> None:
    assert_shown(label, label)


@pytest.mark.parametrize(
    ("label", "expected"),
    [
        (
            "nul\0 bell\x07 tab\t return\r escape\x1b[0m",
            r"nul\x00 bell\x07 tab\t return\r escape\x1b[0m",
        ),
        ("delete\x7f next line\x85", r"delete\x7f next line\x85"),
        ("half a pair \ud83d", r"half a pair \ud83d"),
        ("no character \ufffe\uffff", r"no character \ufffe\uffff"),
    ],
)
@pytest.mark.usefixtures("engine")
def test_what_xml_cannot_hold_is_escaped(label: str, expected: str) -> None:
    assert_shown(label, expected)


@settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60
)
@given(
    st.text(min_size=1, max_size=60).filter(lambda text: text.count("\n") < 8)
    | st.text(st.sampled_from('\\"<>&;#{}|[]Nnl \n-=b/65amp'), min_size=1, max_size=40).filter(
        lambda text: text.count("\n") < 8
    )
)
@example("]")
@example("\u2028")
@example("\ufeff")
@pytest.mark.usefixtures("engine")
def test_any_label(label: str) -> None:
    escaped = "".join(
        c.encode("unicode_escape").decode()
        if c != "\n"
        and (c < " " or "\x7f" <= c < "\xa0" or "\ud800" <= c < "\ue000" or c in "\ufffe\uffff")
        else c
        for c in label
    )
    if all(len(line) <= 60 for line in escaped.split("\n")):
        assert_shown(label, escaped)


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
    assert len(draw(total).render(kind)) > 5000
