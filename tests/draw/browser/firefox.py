"""Firefox without a window, for selenium, which drives it as it drives Chromium.

What geckodriver would do, which Debian has not: Firefox itself speaks Marionette, the commands of
WebDriver in JSON, over a port that it writes into its profile.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from selenium import webdriver

PATIENCE = 600.0  # seconds; the machine may be busy
ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # how WebDriver marks a reference to an element
PREFERENCES = {
    "marionette.port": 0,  # any that is free
    "network.proxy.type": 0,
    "browser.download.folderList": 2,  # the folder that `download_to` names
    "browser.download.alwaysOpenPanel": False,
}
# Of selenium's names, those that Marionette has in another form than `WebDriver:` and the same.
COMMANDS = {
    "quit": "Marionette:Quit",
    "get": "WebDriver:Navigate",
    "getCurrentUrl": "WebDriver:GetCurrentURL",
    "clearElement": "WebDriver:ElementClear",
    "clickElement": "WebDriver:ElementClick",
    "sendKeysToElement": "WebDriver:ElementSendKeys",
    "w3cExecuteScript": "WebDriver:ExecuteScript",
    "w3cExecuteScriptAsync": "WebDriver:ExecuteAsyncScript",
    "screenshot": "WebDriver:TakeScreenshot",
    "elementScreenshot": "WebDriver:TakeScreenshot",
    "actions": "WebDriver:PerformActions",
}
SIZE = """
    const [width, height] = arguments, browser = gBrowser.selectedBrowser;
    browser.style.width = `${width}px`;
    browser.style.height = `${height}px`;
    document.synchronouslyUpdateRemoteBrowserDimensions(true);
"""
PREFER = """
    const [scheme, motion] = arguments;
    Services.prefs.setIntPref("layout.css.prefers-color-scheme.content-override", scheme);
    Services.prefs.setIntPref("ui.prefersReducedMotion", motion);
"""
FOUND = """
    const isSo = (query) => Number(matchMedia(query).matches);
    return isSo("(prefers-color-scheme: light)") === arguments[0]
        && isSo("(prefers-reduced-motion)") === arguments[1];
"""
ERRORS = """
    return Services.console.getMessageArray()
        .filter((said) => said instanceof Ci.nsIScriptError
            && !(said.flags & Ci.nsIScriptError.warningFlag)
            && !/^(chrome|resource):/.test(said.sourceName)).map(String);
"""


class Marionette:
    """The process of a Firefox, which executes commands of selenium."""

    def __init__(self, path: str, profile: Path) -> None:
        lines = [f"user_pref({json.dumps(k)}, {json.dumps(v)});" for k, v in PREFERENCES.items()]
        (profile / "user.js").write_text("\n".join(lines))
        flags = ["--headless", "--marionette", "--remote-allow-system-access", "--no-remote"]
        with (profile / "log").open("w") as log:
            self.process = subprocess.Popen(
                [path, *flags, "--profile", str(profile)],
                stdout=log,
                stderr=log,
                env={
                    **os.environ,
                    "MOZ_CRASHREPORTER_DISABLE": "1",
                    "XDG_CACHE_HOME": str(profile),
                },
            )
        self.count = 0
        port, started = profile / "MarionetteActivePort", time.monotonic()
        while not port.exists() or not port.read_text():
            if self.process.poll() is not None or time.monotonic() > started + PATIENCE:
                self.process.kill()
                raise RuntimeError((profile / "log").read_text())
            time.sleep(0.05)
        self.socket = socket.create_connection(("127.0.0.1", int(port.read_text())), PATIENCE)
        self.stream = self.socket.makefile("rb")
        self._read()  # who it is

    def execute(self, command: str, parameters: dict[str, Any]) -> dict[str, Any]:
        """Send a command of selenium, and wait for its answer."""
        given = {key: value for key, value in parameters.items() if key != "sessionId"}
        if command == "newSession":
            given = {"unhandledPromptBehavior": "ignore"}
        elif command == "quit":
            given = {"flags": ["eForceQuit"]}
        elif command == "switchToFrame" and isinstance(given["id"], dict):
            given = {"element": given["id"][ELEMENT]}
        elif command == "screenshot":
            given = {"full": False}
        name = COMMANDS.get(command, f"WebDriver:{command[0].upper()}{command[1:]}")
        return self.send(name, given)

    def send(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        self.count += 1
        message = json.dumps([0, self.count, name, given]).encode()
        self.socket.sendall(b"%d:%s" % (len(message), message))
        _, answered, error, result = self._read()
        assert answered == self.count
        if error is not None:
            return {"status": error["error"], "value": error}
        if isinstance(result, dict) and "value" in result:
            return {"value": result["value"]}
        return {"value": result}

    def _read(self) -> Any:
        """A message: how many bytes it has, a colon, and so many bytes of JSON."""
        length = b""
        while (byte := self.stream.read(1)) != b":":
            assert byte, "Firefox has closed the connection"
            length += byte
        return json.loads(self.stream.read(int(length)))

    def close(self) -> None:
        self.stream.close()
        self.socket.close()
        try:
            self.process.wait(60)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class Firefox(webdriver.Remote):
    """Firefox, with what else the tests ask of a browser."""

    def __init__(self, path: str, profile: Path) -> None:
        self.marionette = Marionette(path, profile)
        super().__init__(self.marionette, options=webdriver.FirefoxOptions())
        self.set_window_size(2000, 1400)  # a page may be as large

    def reset(self, width: int, height: int) -> None:
        """A page of this size, and a reader who prefers nothing."""
        self.resize(width, height)
        self.prefer()

    def privileged(self, script: str, *arguments: Any) -> Any:
        """Run a script in the browser's own window."""
        self.marionette.send("Marionette:SetContext", {"value": "chrome"})
        try:
            return self.execute_script(script, *arguments)
        finally:
            self.marionette.send("Marionette:SetContext", {"value": "content"})

    def resize(self, width: int, height: int) -> None:
        """Give a page this size, and wait until it has it."""
        self.privileged(SIZE, width, height)
        has_it = "return innerWidth === arguments[0] && innerHeight === arguments[1]"
        while not self.execute_script(has_it, width, height):
            time.sleep(0.01)

    def prefer(self, *, color_scheme: str = "light", reduced_motion: str = "") -> None:
        """What a page finds its reader to prefer, once it has found it."""
        wanted = int(color_scheme == "light"), int(reduced_motion == "reduce")
        self.privileged(PREFER, *wanted)
        while not self.execute_script(FOUND, *wanted):
            time.sleep(0.01)

    def download_to(self, folder: Path) -> None:
        """Let files be saved there."""
        name = "browser.download.dir"
        self.privileged("Services.prefs.setStringPref(...arguments)", name, str(folder))

    def complaints(self) -> list[str]:
        """The errors that pages have written to the console since the last look."""
        said: list[str] = self.privileged(ERRORS)
        self.forget()
        return said

    def forget(self) -> None:
        """What went before is none of the next page."""
        self.privileged("Services.console.reset()")
