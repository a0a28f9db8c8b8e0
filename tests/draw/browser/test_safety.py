"""Nothing in a label runs, and nothing leaves the page."""

from collections.abc import Callable
from pathlib import Path

import pytest
from graphs import xor_loss, xor_network
from opened import Opened, in_both_browsers
from selenium.webdriver.support.expected_conditions import alert_is_present

from autograd import Value
from autograd.draw import draw
from autograd.text import visible_lines

Open = Callable[[Path], Opened]

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<!--<script>",
    "]]></script>",
    "{{data}} {{boot}}",
    "${alert(1)} \\u003cscript\\u003e",
    "a 'single' and a \"double\" quote, a \\ and a `",
    "javascript:alert(1)",
    "a line\nand another\tand a tab",
    "\u2028\u2029 line ends of JavaScript",
    "漢字の札",
    "\u202eright to left",
    "&lt;b&gt; <b>bold</b> &amp; &#65;",
    "x" * 10_000,
    "\x00\x07\ud800",
]


ELEMENTS = """return ["script", "img", "svg", "b", "title", "meta"].map((kind) =>
    document.querySelectorAll(kind).length)"""


def labelled(label: str, open_page: Open, folder: Path) -> Opened:
    """The page of a graph whose nodes have this label, at its last step."""
    x = Value(2.0, label)
    y = x * x
    y.label = label
    opened = open_page(draw(y).save(folder / "page.html"))
    opened.click("#to-end")
    return opened


@pytest.fixture(scope="module")
def counted() -> list[list[int]]:
    return []


@pytest.fixture
def elements(counted: list[list[int]], open_page: Open, tmp_path: Path) -> list[int]:
    """How many there are of each kind where the label is an `x`: counted once."""
    if not counted:
        plain = labelled("x", open_page, tmp_path)
        counted.append(plain.run(ELEMENTS))
        assert plain.complaints() == []
    return counted[0]


@pytest.mark.parametrize("label", HOSTILE, ids=[ascii(label[:16]) for label in HOSTILE])
def test_a_label_is_text(label: str, open_page: Open, tmp_path: Path, elements: list[int]) -> None:
    opened = labelled(label, open_page, tmp_path)
    assert not alert_is_present()(opened.driver)
    assert opened.run(ELEMENTS) == elements
    assert opened.page_data()["nodes"][0]["label"] == visible_lines(label)
    named = opened.run("return document.querySelector('g.node').getAttribute('aria-label')")
    visible = [c for c in label[:40] if c.isprintable() and not c.isspace() and c != "\u202e"]
    assert all(c in named for c in visible)


@pytest.mark.usefixtures("listening")
def test_nothing_is_asked_of_anybody(open_page: Open, tmp_path: Path) -> None:
    network = xor_network()
    opened = open_page(draw(xor_loss(network), model=network).save(tmp_path / "page.html"))
    opened.click("#to-end")
    asked = opened.requests()
    assert opened.url in asked
    assert [url for url in asked if not url.startswith("data:") and url != opened.url] == []


@pytest.mark.usefixtures("listening")
@pytest.mark.parametrize(
    "attempt",
    [
        "fetch('https://example.org/').then(() => done('sent'), () => done('refused'))",
        "fetch(location.href).then(() => done('sent'), () => done('refused'))",
        """const image = new Image(); image.onload = () => done("sent");
           image.onerror = () => done("refused"); image.src = "https://example.org/a.png";""",
        """const script = document.createElement("script"); script.textContent = "done('sent')";
           window.done = done; document.head.append(script); done("refused");""",
        # (what the driver runs at once may use eval)
        """setTimeout(() => { try { done(eval("'sent'")) } catch { done("refused") } })""",
        """const socket = new WebSocket("wss://example.org/");
           socket.onopen = () => done("sent"); socket.onerror = () => done("refused");""",
    ],
    ids=["fetch", "fetch of itself", "image", "script", "eval", "socket"],
)
def test_the_policy_forbids_it(attempt: str, open_page: Open, tmp_path: Path) -> None:
    opened = open_page(draw(Value(1.0) + 1).save(tmp_path / "page.html"))
    opened.requests()
    opened.driver.set_script_timeout(300)
    outcome = opened.driver.execute_async_script(
        f"const done = arguments[arguments.length - 1]; {attempt}"
    )
    assert outcome == "refused"
    assert not any(url.startswith(("http", "ws")) for url in opened.requests())
    opened.complaints()  # where the browser says what it has stopped


@in_both_browsers
@pytest.mark.parametrize(
    "wrong",
    [
        "<script>throw new Error('wrong')</script>",
        "<script>Promise.reject(new Error('wrong'))</script>",
        "<img src='http://127.0.0.1:9/wrong.png'>",
    ],
    ids=["error", "rejection", "policy"],
)
def test_what_goes_wrong_is_heard(wrong: str, open_page: Open, tmp_path: Path) -> None:
    """Each test of a page asks for complaints at its end."""
    policy = "<meta http-equiv=Content-Security-Policy content='img-src data:'>"
    body = f"<body data-ready=true>{wrong}</body>"
    (tmp_path / "page.html").write_text(f"<!DOCTYPE html>{policy}{body}", "utf8")
    opened = open_page(tmp_path / "page.html")
    (said,) = opened.complaints()
    assert "wrong" in said
    assert opened.complaints() == []


def test_the_same_graph_is_the_same_file(tmp_path: Path) -> None:
    pages = {
        draw(xor_loss(network), model=network).save(tmp_path / f"{i}.html").read_bytes()
        for i in range(2)
        for network in [xor_network()]
    }
    assert len(pages) == 1
