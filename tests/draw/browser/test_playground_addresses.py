"""The addresses of the playground in real browsers, and the program that a visit finds there."""

from typing import Any

import pytest
from opened import in_both_browsers
from selenium.webdriver.common.keys import Keys
from served import Playground, fragment_of

from playground import building

PROGRAMS = [
    "print('これは')\n# 誤差逆伝播法 \U0001f600\n",
    "",
    "x = 1\n" * 3000,
    "a\t\\n</script>'\"&",
]


@in_both_browsers
def test_a_program_is_shared_by_its_address(editor: Playground) -> None:
    for program in PROGRAMS:
        editor.write(program)
        editor.run_script("history.replaceState(null, '', '#')")
        editor.click("#share")
        editor.wait("return location.hash.startsWith('#program=')")
        fragment = editor.run_script("return location.hash")
        assert set(fragment[9:]) <= set(map(chr, range(128))) - set("+/=%&")
        editor.write("print('another')")
        editor.run_script("history.replaceState(null, '', '#')")
        editor.run_script("location.hash = arguments[0]", fragment)
        editor.wait("return document.querySelector('#text').value !== \"print('another')\"")
        assert editor.program == program
    other = Playground(editor.driver, editor.address, fragment)
    assert other.program == PROGRAMS[-1]


ASKED = """
    const [fragments, done] = arguments;
    import("./sharing.js").then(async ({ asked }) => {
        const found = [];
        for (const fragment of fragments) {
            const [read, failed] = [(x) => x?.program ?? null, (error) => [error.message]];
            found.push(await asked(fragment).then(read, failed));
        }
        done(found);
    });
"""


@in_both_browsers
def test_a_fragment_is_read_whole_or_not_at_all(editor: Playground, driver: Any) -> None:
    program = "".join(f"x{i} = {i * 7919 % 10007}  # 誤差\n" for i in range(40))
    whole = fragment_of(program)
    behind = [whole + end for end in ("", ".", ")", ").", ">", "\u3002", " ", "%20", "%0A")]
    assert driver.execute_async_script(ASKED, behind) == [program] * len(behind)
    cut = [whole[:end] for end in range(len("#program="), len(whole) - 1)]
    for part, found in zip(cut, driver.execute_async_script(ASKED, cut), strict=True):
        assert isinstance(found, list), (part, found)
        assert "cut off" in found[0] or "neither" in found[0]
    assert driver.execute_async_script(ASKED, ["", "#"]) == [None, None]


BROKEN = {
    "#program=!!": "neither #program= with a program nor #example= with a name",
    "#program=": "neither #program= with a program nor #example= with a name",
    "#program=AAAA": "cut off, or changed",
    "#program=K8_IzElVCCkqTbVSKEgsLg": "cut off, or changed",
    "#example=nothing": "there is no example nothing",
    "#example=%E0%A4%A": "neither #program= with a program nor #example= with a name",
    "#code=abc": "#code=abc is neither",
    fragment_of("#" * 50_000_000): "more than 1,000,000 bytes",
}


def test_an_address_that_cannot_be_read_is_said(address_without_python: str, driver: Any) -> None:
    found = Playground(driver, address_without_python, next(iter(BROKEN)))
    said = "The address holds no program that can be read: "
    for count, (fragment, reason) in enumerate(BROKEN.items(), 1):
        found.run_script("location.hash = arguments[0]", fragment)  # nothing, of the one there
        found.wait(f"return document.querySelector('#log').textContent.split('{said}')[{count}]")
        last = found.printed.split(said)[count]
        assert reason in last, fragment
        assert "is another program" in last
        assert found.program == building.example("first")["program"]


@in_both_browsers
def test_what_could_not_be_opened_is_not_shared(editor: Playground) -> None:
    before = editor.run_script("return location.href")
    refused = "cannot be shared: the program has more than 1,000,000 bytes"
    for count, program in enumerate(("#" + "x" * 1_000_000, "#" + "あ" * 333_334), 1):
        editor.write(program)
        editor.click("#share")
        editor.wait(
            f"return document.querySelector('#log').textContent.split('{refused}')[{count}]"
        )
        assert editor.run_script("return location.href") == before
    editor.write("#" * 1_000_000)
    editor.click("#share")
    editor.wait("return location.hash.startsWith('#program=')")


def test_an_example_is_named_by_the_address(address_without_python: str, driver: Any) -> None:
    found = Playground(driver, address_without_python, "#example=layer")
    found.wait("return document.querySelector('#examples').value === 'layer'")
    assert found.program == building.example("layer")["program"]
    found.run_script("location.hash = '#example=xor'")
    found.wait("return document.querySelector('#examples').value === 'xor'")


def test_a_program_is_there_at_the_next_visit(editor: Playground) -> None:
    editor.write("print('kept')")
    editor.driver.get("about:blank")
    editor.driver.get(editor.address)
    editor.wait("return document.body.dataset.state !== undefined")
    assert editor.program == "print('kept')"


OPENED = {  # an address, or what is pressed for one
    "an example that is chosen": lambda page: page.choose("layer"),
    "a program that is shared": lambda page: page.click("#share"),
    "an example": "#example=xor",
    "a program of somebody else": fragment_of("print('theirs')\n"),
}


@in_both_browsers
@pytest.mark.parametrize("name", OPENED)
def test_after_a_change_a_reload_brings_back_what_was_changed(
    name: str, address_without_python: str, driver: Any
) -> None:
    opened = OPENED[name]
    found = Playground(driver, address_without_python, opened if isinstance(opened, str) else "")
    if not isinstance(opened, str):
        opened(found)
    found.wait("return location.hash !== ''")
    unchanged = found.program
    found.reload()
    assert found.program == unchanged
    found.press("# mine ")
    assert found.run_script("return location.hash") == ""
    mine = found.program
    assert "# mine " in mine
    found.reload()
    assert found.program == mine


def test_what_is_only_looked_at_does_not_replace_what_is_ones_own(
    address_without_python: str, driver: Any
) -> None:
    found = Playground(driver, address_without_python)
    found.write("print('mine')")
    chosen = "return document.querySelector('#examples').selectedOptions[0].textContent"
    for fragment in (fragment_of("print('theirs')\n"), "#example=xor"):
        driver.get("about:blank")
        driver.get(found.address + fragment)
        found.wait("return document.body.dataset.state !== undefined")
        assert found.program != "print('mine')"
        title = building.example("xor")["title"]
        assert found.run_script(chosen) == (title if "xor" in fragment else "A shared program")
        found.choose("")
        assert found.program == "print('mine')"
        assert found.run_script(chosen) == "Your program"
        assert found.run_script("return location.hash") == ""
        found.choose("layer")
    driver.get("about:blank")
    driver.get(found.address)
    found.wait("return document.body.dataset.state !== undefined")
    assert found.program == "print('mine')"


def test_where_nothing_is_ones_own_it_cannot_be_chosen(
    address_without_python: str, driver: Any
) -> None:
    found = Playground(driver, address_without_python, "#example=xor")
    hidden = "return [...document.querySelector('#examples').options].map((x) => x.hidden)"
    assert found.run_script(hidden) == [True, True] + [False] * len(building.EXAMPLES)


def test_choosing_an_example_can_be_undone(editor: Playground) -> None:
    editor.write("")
    editor.press("print('mine')")
    editor.choose("layer")
    assert editor.program != "print('mine')"
    editor.press(Keys.CONTROL + "z")
    assert editor.program == "print('mine')"
