"""The editor of the playground in real browsers, while Python is loading."""

from time import monotonic

from opened import in_both_browsers
from selenium.webdriver.common.keys import Keys
from served import Playground

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
def test_keys_of_the_editor(editor: Playground) -> None:
    for name, (keys, program) in TYPED.items():
        editor.write("")
        editor.press(*keys)
        assert editor.program == program, name


def test_a_long_program_is_edited_and_replaced_at_once(editor: Playground) -> None:
    program = "x = 1\n" * 4000
    editor.write(program)
    begun = monotonic()
    editor.press(Keys.CONTROL + "a", Keys.CONTROL + "/")
    assert editor.program == "# x = 1\n" * 4000
    editor.choose("layer")
    editor.choose("")
    assert editor.program == "# x = 1\n" * 4000
    assert monotonic() - begun < 20  # typed by the browser it would be a minute


def test_tab_leaves_the_editor_after_escape(editor: Playground) -> None:
    focused = "return document.activeElement.id"
    editor.press(Keys.TAB)
    assert editor.run_script(focused) == "text"
    editor.press(Keys.ESCAPE, Keys.TAB)
    assert editor.run_script(focused) == "log"


def test_the_divider_is_moved_by_keys_and_by_the_pointer(editor: Playground) -> None:
    width = "return document.querySelector('#program').getBoundingClientRect().width"
    before = editor.run_script(width)
    editor.press(Keys.ARROW_RIGHT, Keys.ARROW_RIGHT, on="#divider")
    assert editor.run_script(width) > before + 20
    editor.press(Keys.ARROW_LEFT * 50, on="#divider")
    assert editor.run_script(width) > 200
