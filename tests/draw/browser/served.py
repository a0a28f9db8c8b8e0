"""The playground in the browser, served from a folder: what a person does with it, and sees."""

from __future__ import annotations

import threading
import zlib
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from opened import PATIENCE, wait_until
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from playground import building

RUN = Keys.CONTROL + Keys.ENTER


class Quiet(SimpleHTTPRequestHandler):
    """A static server that does not print what is asked of it."""

    def log_message(self, *_: Any) -> None:
        pass

    def do_GET(self) -> None:
        if self.path == "/favicon.ico":  # asked for where a page names no other
            self.send_response(HTTPStatus.NO_CONTENT)
            self.end_headers()
        else:
            super().do_GET()


@contextmanager
def serving(folder: Path, held: str | None = None) -> Iterator[str]:
    """Serve a folder; the address of it. What is in the folder `held` of it does not come."""
    ended = threading.Event()

    class Holding(Quiet):
        def do_GET(self) -> None:
            if held and self.path.startswith(held):
                ended.wait()
            else:
                super().do_GET()

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Holding, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        ended.set()
        server.shutdown()
        thread.join()
        server.server_close()


def fragment_of(program: str) -> str:
    """The end of an address with this program."""
    packed = zlib.compressobj(9, zlib.DEFLATED, -15)
    text = urlsafe_b64encode(packed.compress(program.encode()) + packed.flush()).decode()
    return f"#program={text.rstrip('=')}"


# What there is to see and to keep, but for whether Python is there, and since when: the same of a
# page that was just opened, and of one that was renewed.
LOOKS = """
    const page = document.documentElement.cloneNode(true);
    page.querySelector("#state").textContent = "";
    for (const name of ["state", "ready"]) delete page.querySelector("body").dataset[name];
    for (const part of page.querySelectorAll("[hidden]")) part.replaceWith(`${part.id} hidden`);
    for (const part of page.querySelectorAll("[class='']")) part.removeAttribute("class");
    page.querySelector("#log").removeAttribute("aria-busy");
    const [text, list] = ["#text", "#examples"].map((id) => document.querySelector(id));
    return [page.outerHTML, document.querySelector("#frame").srcdoc, location.pathname,
        location.search, location.hash, list.value, text.value, text.selectionEnd,
        document.activeElement.localName, JSON.stringify(localStorage), scrollX, scrollY];
"""
RENEW = """
    const [example] = arguments, list = document.querySelector("#examples");
    localStorage.clear();
    list.value = example;
    list.dispatchEvent(new Event("change"));
    history.replaceState(null, "", location.pathname);
    document.querySelector("#printed").textContent = "";
    document.activeElement.blur();
    scrollTo(0, 0);
"""


class Playground:
    """The page, once it is there; Python may still be loading."""

    def __init__(self, driver: Any, address: str, fragment: str = "") -> None:
        self.driver = driver
        self.address = address
        if not driver.current_url.startswith(address):
            driver.get(f"{address}palette.css")  # which starts no Python
        driver.execute_script("localStorage.clear()")
        driver.get("about:blank")  # what is left may complain
        driver.forget()
        driver.get(address + fragment)
        self.wait("return document.body.dataset.state !== undefined")

    def is_open(self) -> bool:
        """Whether it is still what the browser shows, and nothing runs in it."""
        address, state = self.run_script("return [location.href, document.body?.dataset.state]")
        return address.startswith(self.address) and state in ("ready", "loading")

    def looks(self) -> Any:
        return self.run_script(LOOKS)

    def renew(self) -> None:
        """Make it what a page is that was just opened; Python stays."""
        self.driver.forget()
        self.run("")  # nothing is printed, nor drawn
        self.run_script(RENEW, building.EXAMPLES[0])

    def wait(self, script: str, patience: float = PATIENCE) -> None:
        wait_until(lambda: self.run_script(script), patience)

    def run_script(self, script: str, *arguments: Any) -> Any:
        return self.driver.execute_script(script, *arguments)

    def wait_until_ready(self) -> None:
        self.wait("return document.body.dataset.state === 'ready'")

    # What a person does

    def write(self, program: str) -> None:
        """Have a program in the editor, as if it had been pasted."""
        self.run_script(
            "const text = document.querySelector('#text'); text.focus();"
            "text.value = arguments[0]; text.dispatchEvent(new Event('input'))",
            program,
        )

    def press(self, *keys: str, on: str = "#text") -> None:
        for key in keys:
            self.driver.find_element(By.CSS_SELECTOR, on).send_keys(key)

    def choose(self, name: str) -> None:
        """Choose an example, or, by no name, one's own program."""
        self.run_script(
            "const list = document.querySelector('#examples'); list.value = arguments[0];"
            "list.dispatchEvent(new Event('change'))",
            name,
        )

    def reload(self) -> None:
        self.driver.refresh()
        self.wait("return document.body.dataset.state !== undefined")

    def click(self, selector: str) -> None:
        self.driver.find_element(By.CSS_SELECTOR, selector).click()

    def run(self, program: str | None = None) -> None:
        """Run what is in the editor, or this, to its end."""
        if program is not None:
            self.write(program)
        self.press(RUN)
        self.wait_until_ready()
        self.wait("return !/^(Running|Loading)/.test(document.querySelector('#state').textContent)")

    # What there is to see

    def text(self, selector: str) -> str:
        return str(
            self.run_script("return document.querySelector(arguments[0]).textContent", selector)
        )

    @property
    def program(self) -> str:
        return str(self.run_script("return document.querySelector('#text').value"))

    @property
    def printed(self) -> str:
        self.wait("return document.querySelector('#log').ariaBusy !== 'true'")
        return self.text("#log")

    @property
    def state(self) -> str:
        return self.text("#state")

    @property
    def page(self) -> str:
        """The text of the page in the frame; empty if there is none."""
        return str(self.run_script("return document.querySelector('#frame').srcdoc"))

    def is_seen(self, selector: str) -> bool:
        return bool(self.driver.find_element(By.CSS_SELECTOR, selector).is_displayed())

    @contextmanager
    def in_the_frame(self) -> Iterator[None]:
        """Within it scripts and elements are those of the page that the program drew."""
        self.driver.switch_to.frame(self.driver.find_element(By.CSS_SELECTOR, "#frame"))
        try:
            self.wait("return document.body.dataset.ready === 'true'")
            yield
        finally:
            self.driver.switch_to.default_content()
