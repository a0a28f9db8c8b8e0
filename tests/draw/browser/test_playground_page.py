"""The playground in real browsers: programs run in it, fail in it and are stopped.

It is served as it is built, with the npm package of Pyodide that CHAINRULE_PYODIDE names.
"""

from itertools import product
from pathlib import Path
from typing import Any

from opened import in_both_browsers
from selenium.webdriver.common.keys import Keys
from served import RUN, Playground

from playground import building

WIDTHS = [390, 800, 801, 1024, 1440, 1920]


@in_both_browsers  # the first test: the page that it loads is shared by all others
def test_what_somebody_else_shares_does_not_run_by_itself(
    somebody_elses: tuple[Playground, str], driver: Any
) -> None:
    found, program = somebody_elses
    assert found.program == program
    assert found.printed == ""  # nothing runs before somebody says so
    assert driver.complaints() == []


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
        playground.choose(name)
        assert playground.program == building.example(name)["program"]
        playground.run()
        assert playground.state.startswith("Done in "), (name, playground.printed)
        assert playground.page.startswith("<!DOCTYPE html>")
        assert playground.run_script("return document.querySelector('#pages').value")


@in_both_browsers
def test_an_endless_loop_is_stopped_and_the_page_stays_usable(playground: Playground) -> None:
    playground.write("import sys\nprint('out')\nprint('err', file=sys.stderr)\nwhile True: pass\n")
    focused = "return document.activeElement.id"
    playground.press(Keys.ENTER, on="#run")
    playground.wait("return document.querySelector('#log').textContent === 'out\\nerr\\n'")
    assert playground.text("#log .error") == "err\n"
    assert playground.run_script("return document.body.dataset.state") == "running"
    assert playground.run_script(focused) == "run"  # which a button keeps that cannot be pressed
    playground.press(Keys.ENTER, on="#run")  # it runs already
    playground.press(Keys.END, "#", on="#text")  # the page answers meanwhile
    assert "#" in playground.program
    playground.press(Keys.ENTER, on="#stop")
    assert playground.run_script("return document.body.dataset.state") == "loading"
    assert playground.run_script(focused) == "stop"
    assert playground.printed == "out\nerr\nStopped.\n"
    playground.wait_until_ready()
    playground.press(Keys.ENTER, on="#stop")  # there is nothing to be stopped
    assert playground.printed == "out\nerr\nStopped.\n"
    playground.run("print(6 * 7)")
    assert playground.printed == "42\n"


@in_both_browsers
def test_a_flood_of_output_can_be_stopped_and_its_end_is_kept(playground: Playground) -> None:
    playground.write("i = 0\nwhile True:\n    print('line', i)\n    i += 1\n")
    playground.press(RUN)
    playground.wait("return document.querySelector('#log .dropped') !== null")
    playground.click("#stop")
    assert 1000 < len(playground.printed) < 700_000
    assert playground.printed.endswith("Stopped.\n")
    playground.run("for i in range(100_000):\n    print('number', i)\nprint('the end')")
    assert playground.printed.endswith("number 99999\nthe end\n")


FLOODS = """
import time
from js import XMLHttpRequest

for lines in (1, 200, 201, 5000):
    time.sleep(0.2)
    for i in range(lines):
        print('line', i)
    asked = None
    while asked is None or asked.status != 200:
        for _ in range(10**5):
            pass
        asked = XMLHttpRequest.new()
        asked.open("GET", f"seen-{lines}", False)
        asked.send()
"""


def test_all_of_a_flood_is_seen_though_the_program_then_prints_nothing(
    playground: Playground, site: Path
) -> None:
    playground.write(FLOODS)  # after each of which it computes until that was seen
    playground.press(RUN)
    for lines in (1, 200, 201, 5000):
        end = f"line {lines - 1}\\n"
        playground.wait(f"return document.querySelector('#log').textContent.endsWith('{end}')", 30)
        assert playground.run_script("return document.body.dataset.state") == "running"
        (site / f"seen-{lines}").touch()
    playground.wait_until_ready()
    assert playground.state.startswith("Done in ")
    playground.driver.forget()  # files that were not there


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


LINES = """
    return [...document.querySelectorAll("#log .error > span")].map((part) => {
        const height = parseFloat(getComputedStyle(part).lineHeight);
        const seen = Math.round(part.getBoundingClientRect().height / height);
        return [part.className, seen, part.textContent.trimEnd().split("\\n").length];
    });
"""


def test_marks_stand_below_the_code_that_they_mark(playground: Playground) -> None:
    playground.run(
        "def a_function_with_a_long_name(numbers):\n"
        "    return sum(numbers) + sum(numbers) / len(numbers) - max(numbers)\n\n\n"
        "from autograd import Value\n"
        "a_function_with_a_long_name([]) + a_function_with_a_long_name([Value(0.0)])\n"
    )
    for width in (360, 1280):
        playground.driver.resize(width, 800)
        found = playground.run_script(LINES)
        assert {kind for kind, _, _ in found} == {"code", "message"}
        for kind, seen, lines in found:
            assert seen == lines or kind == "message"  # as many are seen as there are: none broken
        page = "return document.documentElement.scrollWidth"
        assert playground.run_script(page) <= width


def test_python_that_ended_itself_is_loaded_again(playground: Playground) -> None:
    playground.write("x = ()\nfor i in range(10**6):\n    x = (x,)\nx = None\n")
    playground.press(RUN)
    playground.wait("return document.querySelector('#log').textContent.includes('loaded again')")
    playground.run("print('back')")
    assert playground.printed == "back\n"
    playground.driver.forget()  # what Pyodide has said of it


def test_a_program_asked_for_while_python_loads_is_run_then(playground: Playground) -> None:
    playground.write("print('at last')")
    playground.reload()
    playground.press(RUN)
    assert playground.run_script("return document.body.dataset.state") == "waiting"
    playground.wait("return document.querySelector('#log').textContent.includes('at last')")


SIZES = """
    const page = document.documentElement;
    return [page.scrollWidth, page.scrollHeight, innerWidth, innerHeight];
"""
EDGES = """
    const box = document.querySelector(arguments[0]).getBoundingClientRect();
    return [box.left, box.right];
"""


def test_it_fits(playground: Playground) -> None:
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


def test_it_is_as_dark_as_its_reader_prefers(playground: Playground) -> None:
    for scheme in ("light", "dark"):
        playground.driver.prefer(color_scheme=scheme)
        paper = playground.run_script("return getComputedStyle(document.body).backgroundColor")
        assert (int(paper[4:-1].split(",")[0]) < 128) == (scheme == "dark")


SMALL = [(320, 256), (360, 560), (390, 420), (640, 360)]  # a telephone, or a zoom of 400 %
PARTS = [("program", "#text", 100), ("output", "#log", 100), ("graph", "#frame", 500)]


def test_a_small_window_has_room_for_each_part(playground: Playground) -> None:
    area = "return [innerWidth, document.querySelector(arguments[0]).clientHeight]"
    playground.driver.resize(*SMALL[0])
    playground.run()
    for (width, height), (view, part, room) in product(SMALL, PARTS):
        playground.driver.resize(width, height)
        playground.click(f"nav [data-view={view}]")
        seen, found = playground.run_script(area, part)
        assert (seen, found >= room) == (width, True), (view, found)
        playground.run_script("scrollTo(0, 0)")
        assert playground.is_seen("#run")
        reached = "scrollTo(0, 99999); const box = document.querySelector(arguments[0])"
        bottom = playground.run_script(
            f"{reached}.getBoundingClientRect(); return box.bottom", part
        )
        assert bottom <= height + 1


def test_all_of_it_is_printed_on_paper(playground: Playground) -> None:
    program = "".join(f"x{i} = {i}\n" for i in range(150)) + (
        "for i in range(120):\n    print('line', i)\n"
        "from autograd import Value, draw\ndraw(Value(2.0) * 3.0)"
    )
    playground.run(program)
    playground.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    playground.run_script("dispatchEvent(new Event('beforeprint'))")
    for part, lines in (("#printed", 154), ("#log", 120)):
        height, inner = playground.run_script(
            "const part = document.querySelector(arguments[0]);"
            "return [part.getBoundingClientRect().height, part.scrollHeight]",
            part,
        )
        assert inner <= height + 1
        assert height > 15 * lines
    assert playground.text("#printed") == program
    assert playground.is_seen("#frame")
    for part in ("#text", "#run", "#examples", "#divider", "nav"):
        assert not playground.is_seen(part)


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
