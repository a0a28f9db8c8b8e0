"""Chromium without a window, driven by selenium and Debian's chromedriver."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from selenium import webdriver

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Chromium(webdriver.Chrome):
    """Chromium, with what else the tests ask of a browser."""

    def __init__(self, path: str, driver: str, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = path
        for flag in (*FLAGS, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        # What pages ask for is told while somebody listens: it holds all modules, as addresses.
        quiet = {"enableNetwork": False, "enablePage": False}
        options.add_experimental_option("perfLoggingPrefs", quiet)
        options.set_capability("unhandledPromptBehavior", "ignore")
        # With both paths given, selenium looks for nothing and fetches nothing.
        service = webdriver.ChromeService(executable_path=driver)
        super().__init__(options=options, service=service)

    def reset(self, width: int, height: int) -> None:
        """A window of this size, and a reader who prefers nothing; nobody listens."""
        self.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.execute_cdp_cmd("Network.disable", {})
        self.listens = False
        self.set_window_size(width, height)
        self.prefer()

    def resize(self, width: int, height: int) -> None:
        """Give the page this size."""
        device = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", device)

    def prefer(self, **features: str) -> None:
        """What the page finds its reader to prefer: `color_scheme`, `reduced_motion`."""
        listed = [
            {"name": f"prefers-{name.replace('_', '-')}", "value": value}
            for name, value in features.items()
        ]
        self.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": listed})

    def download_to(self, folder: Path) -> None:
        """Let files be saved there."""
        how = {"behavior": "allow", "downloadPath": str(folder)}
        self.execute_cdp_cmd("Browser.setDownloadBehavior", how)

    def listen(self) -> None:
        """From now on `events` tells what pages ask for."""
        self.execute_cdp_cmd("Network.enable", {})
        self.listens = True

    def events(self) -> list[dict[str, Any]]:
        """What the browser has told of the network since the last look."""
        assert self.listens, "the test lacks the fixture `listening`"
        messages = [
            json.loads(entry["message"])["message"] for entry in self.get_log("performance")
        ]
        return [message for message in messages if message["method"].startswith("Network.")]

    def complaints(self) -> list[str]:
        """What pages have written to the console since the last look."""
        return [entry["message"] for entry in self.get_log("browser")]

    def forget(self) -> None:
        """What went before is none of the next page."""
        for log in ("browser", "performance"):
            self.get_log(log)
