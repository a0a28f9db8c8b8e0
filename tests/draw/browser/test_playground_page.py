"""The playground in real browsers: programs run in it, fail in it and are stopped.

It is served as it is built, with the npm package of Pyodide that CHAINRULE_PYODIDE names.
"""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from opened import in_both_browsers
from pyodide_package import pyodide_package
from selenium.webdriver.common.keys import Keys
from served import RUN, Playground, serving

from playground import building

WIDTHS = [390, 800, 801, 1024, 1440, 1920]


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    package = pyodide_package()
    folder = tmp_path_factory.mktemp("playground") / "site"
    building.build(folder, package)
    return folder


@pytest.fixture(scope="session")
def address(site: Path) -> Iterator[str]:
    with serving(site) as found:
        yield found


@pytest.fixture
def playground(address: str, driver: Any) -> Iterator[Playground]:
    """The page, on its first example."""
    found = Playground(driver, address)
    yield found
    assert found.driver.complaints() == []


@in_both_browsers
def test_a_program_is_run_and_its_graph_can_be_stepped_through(playground: Playground) -> None:
    playground.run()
    assert playground.state.startswith("Done in ")
    assert playground.printed.splitlines()[0] == "d loss / d a = -24.0"
    with playground.in_the_frame():
        nodes = playground.run_script("return document.querySelectorAll('.node').length")
        assert nodes > 5
        before = playground.text("#step-title")
        playground.click("#to-start")
        assert playground.text("#step-title") != before


def test_every_example_runs(playground: Playground) -> None:
    for name in building.EXAMPLES:
        playground.run_script(
            "const list = document.querySelector('#examples'); list.value = arguments[0];"
            "list.dispatchEvent(new Event('change'))",
            name,
        )
        assert playground.program == building.example(name)["program"]
        playground.run()
        assert playground.state.startswith("Done in "), (name, playground.printed)
        assert playground.page.startswith("<!DOCTYPE html>")
        assert playground.run_script("return document.querySelector('#pages').value")


@in_both_browsers
def test_an_endless_loop_is_stopped_and_the_page_stays_usable(playground: Playground) -> None:
    playground.wait_until_ready()
    playground.write("print('begun')\nwhile True:\n    pass\n")
    playground.press(RUN)
    playground.wait("return document.querySelector('#log').textContent.includes('begun')")
    assert playground.run_script("return document.body.dataset.state") == "running"
    playground.press(Keys.END, "#", on="#text")  # the page answers meanwhile
    assert "#" in playground.program
    playground.click("#stop")
    assert playground.run_script("return document.body.dataset.state") == "loading"
    assert "Stopped." in playground.printed
    playground.run("print(6 * 7)")
    assert playground.printed == "42\n"


@in_both_browsers
def test_a_flood_of_output_can_be_stopped_and_its_end_is_kept(playground: Playground) -> None:
    playground.wait_until_ready()
    playground.write("i = 0\nwhile True:\n    print('line', i)\n    i += 1\n")
    playground.press(RUN)
    playground.wait("return document.querySelector('#log .dropped') !== null")
    playground.click("#stop")
    assert 1000 < len(playground.printed) < 700_000
    assert playground.printed.endswith("Stopped.\n")
    playground.run("for i in range(100_000):\n    print('number', i)\nprint('the end')")
    assert playground.printed.endswith("number 99999\nthe end\n")


def test_what_is_printed_is_seen_at_once(playground: Playground) -> None:
    playground.wait_until_ready()
    playground.write("import sys\nprint('out')\nprint('err', file=sys.stderr)\nwhile True: pass")
    playground.press(RUN)
    playground.wait("return document.querySelector('#log').textContent === 'out\\nerr\\n'")
    assert playground.text("#log .error") == "err\n"
    playground.click("#stop")


def test_a_traceback_leads_to_the_line(playground: Playground) -> None:
    lines = ["from autograd import Value", *["#"] * 60, "x = Value(0.0)", "y = 1 / x", *["#"] * 60]
    playground.run("\n".join(lines))
    assert playground.state.startswith("Failed after ")
    assert playground.state.endswith("in line 63")
    assert "ZeroDivisionError" in playground.printed
    assert playground.text("#numbers .failed") == "63"
    playground.click("#log button")
    begin, end = playground.run_script(
        "const text = document.querySelector('#text');"
        "return [text.selectionStart, text.selectionEnd]"
    )
    assert playground.program[begin:end] == "y = 1 / x"
    assert playground.run_script("return document.querySelector('#text').scrollTop") > 300
    playground.press(Keys.ARROW_LEFT, "z")
    assert playground.run_script("return document.querySelector('#numbers .failed')") is None


def test_python_that_ended_itself_is_loaded_again(playground: Playground) -> None:
    playground.wait_until_ready()
    playground.write("x = ()\nfor i in range(10**6):\n    x = (x,)\nx = None\n")
    playground.press(RUN)
    playground.wait("return document.querySelector('#log').textContent.includes('loaded again')")
    playground.run("print('back')")
    assert playground.printed == "back\n"
    playground.driver.forget()  # what Pyodide has said of it


def test_a_program_asked_for_while_python_loads_is_run_then(playground: Playground) -> None:
    playground.write("print('at last')")
    if playground.run_script("return document.body.dataset.state") == "ready":
        playground.run_script("document.querySelector('#stop').disabled = false")
        playground.click("#stop")
    playground.press(RUN)
    assert playground.run_script("return document.body.dataset.state") == "waiting"
    playground.wait("return document.querySelector('#log').textContent.includes('at last')")


PROGRAMS = [
    "print('これは')\n# 誤差逆伝播法 \U0001f600\n",
    "",
    "x = 1\n" * 3000,
    "a\t\\n</script>'\"&",
]


@in_both_browsers
def test_a_program_is_shared_by_its_address(
    playground: Playground, address: str, driver: Any
) -> None:
    for program in PROGRAMS:
        playground.write(program)
        playground.run_script("history.replaceState(null, '', '#')")
        playground.click("#share")
        playground.wait("return location.hash.startsWith('#program=')")
        fragment = playground.run_script("return location.hash")
        assert set(fragment[9:]) <= set(map(chr, range(128))) - set("+/=%&")
        playground.write("print('another')")
        playground.run_script("history.replaceState(null, '', '#')")
        playground.run_script("location.hash = arguments[0]", fragment)
        playground.wait("return document.querySelector('#text').value !== \"print('another')\"")
        assert playground.program == program
    other = Playground(driver, address, fragment)
    other.wait_until_ready()
    assert other.program == PROGRAMS[-1]
    assert other.printed == ""  # nothing runs before somebody says so


@pytest.mark.parametrize(
    ("fragment", "said"),
    [
        ("#program=!!", "holds no program"),
        ("#program=AAAA", "holds no program"),
        ("#example=nothing", "there is no example nothing"),
    ],
)
def test_an_address_that_cannot_be_read_is_said(
    fragment: str, said: str, address: str, driver: Any
) -> None:
    found = Playground(driver, address, fragment)
    found.wait("return document.querySelector('#log').textContent !== ''")
    assert said in found.printed
    assert found.program == building.example("first")["program"]


def test_a_program_that_would_be_too_long_is_refused(address: str, driver: Any) -> None:
    import zlib
    from base64 import urlsafe_b64encode

    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = urlsafe_b64encode(packed.compress(b"#" * 50_000_000) + packed.flush()).decode()
    found = Playground(driver, address, f"#program={text.rstrip('=')}")
    found.wait("return document.querySelector('#log').textContent !== ''")
    assert "more than 1,000,000 characters" in found.printed


def test_an_example_is_named_by_the_address(address: str, driver: Any) -> None:
    found = Playground(driver, address, "#example=layer")
    found.wait("return document.querySelector('#examples').value === 'layer'")
    assert found.program == building.example("layer")["program"]
    found.run_script("location.hash = '#example=xor'")
    found.wait("return document.querySelector('#examples').value === 'xor'")


def test_a_program_is_there_at_the_next_visit(playground: Playground, address: str) -> None:
    playground.write("print('kept')")
    playground.driver.get("about:blank")
    playground.driver.get(address)
    playground.wait("return document.body.dataset.state !== undefined")
    assert playground.program == "print('kept')"


def test_choosing_an_example_can_be_undone(playground: Playground) -> None:
    playground.write("")
    playground.press("print('mine')")
    playground.run_script(
        "const list = document.querySelector('#examples'); list.value = 'layer';"
        "list.dispatchEvent(new Event('change'))"
    )
    assert playground.program != "print('mine')"
    playground.press(Keys.CONTROL + "z")
    assert playground.program == "print('mine')"


TYPED = {
    "indents after a colon": (["if x:", Keys.ENTER, "y", Keys.ENTER, "z"], "if x:\n    y\n    z"),
    "a colon in a comment": (["x  # a: b", Keys.ENTER, "y"], "x  # a: b\ny"),
    "tab": (["a", Keys.TAB, "b"], "a   b"),
    "tab back": (["    a", Keys.SHIFT + Keys.TAB + Keys.NULL, "b"], "ab"),
    "a comment": (["    a", Keys.CONTROL + "/"], "    # a"),
    "and back": (["    a", Keys.CONTROL + "/", Keys.CONTROL + "/"], "    a"),
    "several lines": (
        ["a", Keys.ENTER, Keys.ENTER, "b", Keys.CONTROL + "a", Keys.TAB],
        "    a\n\n    b",
    ),
}


@in_both_browsers
def test_keys_of_the_editor(playground: Playground) -> None:
    for name, (keys, program) in TYPED.items():
        playground.write("")
        playground.press(*keys)
        assert playground.program == program, name


def test_tab_leaves_the_editor_after_escape(playground: Playground) -> None:
    focused = "return document.activeElement.id"
    playground.press(Keys.TAB)
    assert playground.run_script(focused) == "text"
    playground.press(Keys.ESCAPE, Keys.TAB)
    assert playground.run_script(focused) == "log"


SIZES = """
    const page = document.documentElement;
    return [page.scrollWidth, page.scrollHeight, innerWidth, innerHeight];
"""
EDGES = """
    const box = document.querySelector(arguments[0]).getBoundingClientRect();
    return [box.left, box.right];
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_fits(scheme: str, playground: Playground) -> None:
    playground.driver.prefer(color_scheme=scheme)
    for width in WIDTHS:
        playground.driver.resize(width, 800)
        playground.run()
        found = playground.run_script(SIZES)
        assert found[:2] == found[2:]
        seen = [x for x in ("#program", "#output", "#graph") if playground.is_seen(x)]
        assert seen == (["#graph"] if width <= 800 else ["#program", "#output", "#graph"])
        for selector in ("#run", "#stop", "#share", "#examples", "#state", "#frame"):
            assert playground.is_seen(selector)
            left, right = playground.run_script(EDGES, selector)
            assert 0 <= left < right <= width
        with playground.in_the_frame():
            assert playground.run_script("return innerWidth") <= width
        if width <= 800:
            for view in ("output", "program"):
                playground.click(f"nav [data-view={view}]")
                assert playground.is_seen(f"#{view}")
    paper = playground.run_script("return getComputedStyle(document.body).backgroundColor")
    assert (int(paper[4:-1].split(",")[0]) < 128) == (scheme == "dark")


def test_the_divider_is_moved_by_keys_and_by_the_pointer(playground: Playground) -> None:
    width = "return document.querySelector('#program').getBoundingClientRect().width"
    before = playground.run_script(width)
    playground.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, on="#divider")
    assert playground.run_script(width) > before + 20
    for _ in range(50):
        playground.press(Keys.ARROW_LEFT, on="#divider")
    assert playground.run_script(width) > 200


HOSTILE = """
page = '''<!DOCTYPE html><script>
const said = [];
try { parent.document.title = "taken"; } catch { said.push("document"); }
try { localStorage.setItem("x", "y"); } catch { said.push("storage"); }
try { top.location = "about:blank"; } catch { said.push("top"); }
document.title = said.join(" ");
document.documentElement.dataset.said = said.join(" ");
</script>'''
with open("hostile.html", "w") as file:
    file.write(page)
print("<img src=x onerror='document.title=1'>")
"""


def test_neither_pages_nor_output_reach_the_playground(playground: Playground) -> None:
    playground.run(HOSTILE)
    assert playground.printed == "<img src=x onerror='document.title=1'>\n"
    playground.driver.switch_to.frame(0)
    playground.wait("return document.documentElement.dataset.said !== undefined")
    said = playground.run_script("return document.documentElement.dataset.said")
    playground.driver.switch_to.default_content()
    assert said == "document storage top"
    assert playground.run_script("return document.title") == "chainrule playground"
    playground.driver.forget()  # what the browser has refused


def test_nothing_is_asked_of_any_other_server(address: str, driver: Any) -> None:
    found = Playground(driver, address)
    found.run()
    asked = [
        json.loads(entry["message"])["message"]["params"].get("request", {}).get("url", "")
        for entry in driver.get_log("performance")
        if "requestWillBeSent" in entry["message"]
    ]
    hosts = {urlsplit(url).netloc for url in asked} - {""}
    assert hosts == {urlsplit(address).netloc}


def test_another_file_than_the_pinned_one_is_refused(
    site: Path, tmp_path: Path, driver: Any
) -> None:
    import shutil

    for name in ("pyodide.mjs", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip"):
        copy = tmp_path / name
        shutil.copytree(site, copy)
        with (copy / "pyodide" / name).open("ab") as file:
            file.write(b"\n")
        with serving(copy) as address:
            found = Playground(driver, address)
            found.wait("return document.body.dataset.state === 'absent'")
            assert "Python could not be loaded" in found.printed


def test_without_pyodide_it_is_said_and_tried_again(
    site: Path, tmp_path: Path, driver: Any
) -> None:
    import shutil

    shutil.copytree(site, tmp_path / "site")
    (tmp_path / "site" / "pyodide").rename(tmp_path / "away")
    with serving(tmp_path / "site") as address:
        found = Playground(driver, address)
        found.wait("return document.body.dataset.state === 'absent'")
        assert f"Python could not be loaded: {address}pyodide/pyodide." in found.printed
        (tmp_path / "away").rename(tmp_path / "site" / "pyodide")
        found.run("print('there')")
        assert found.printed == "there\n"
