# SPDX-License-Identifier: Apache-2.0
"""A real browser for tests: headless Chromium, as a phone or a desk, with or without scripts.

``Browser.get`` and the other verbs wait until the page is there. ``shot`` keeps a picture of the
whole page under ``build/screenshots``, for people to look at.
"""

import base64
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Self

import pytest
from selenium import webdriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.ui import Select, WebDriverWait

CHROMIUM: Final = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER: Final = shutil.which("chromedriver")
needs_browser: Final = pytest.mark.skipif(
    not (CHROMIUM and DRIVER), reason="no Chromium here: .ci/run installs it"
)
PICTURES: Final = Path(__file__).parents[2] / "build" / "screenshots"
PHONE: Final = (360, 740)
DESK: Final = (1280, 900)
_QUIET: Final = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
)


class Browser:
    """One person's browser."""

    def __init__(self, driver: webdriver.Chrome, base: str) -> None:
        self.driver = driver
        self.base = base

    @classmethod
    @contextmanager
    def opened(
        cls,
        folder: Path,
        base: str,
        *,
        size: tuple[int, int] = PHONE,
        language: str = "en",
        scripts: bool = True,
        dark: bool = False,
    ) -> Iterator[Self]:
        """Open a browser at *base*, with nothing in it, whose person reads *language*."""
        options = webdriver.ChromeOptions()
        options.binary_location = str(CHROMIUM)
        for each in (*_QUIET, f"--user-data-dir={folder}", f"--lang={language}"):
            options.add_argument(each)
        preferences: dict[str, object] = {"intl.accept_languages": language}
        if not scripts:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = webdriver.ChromeService(executable_path=str(DRIVER))
        driver = webdriver.Chrome(options=options, service=service)
        try:
            metrics = {
                "width": size[0],
                "height": size[1],
                "deviceScaleFactor": 1,
                "mobile": size[0] < 600,
            }
            driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
            if dark:
                media = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
                driver.execute_cdp_cmd("Emulation.setEmulatedMedia", media)
            yield cls(driver, base)
        finally:
            driver.quit()

    def get(self, path: str) -> None:
        self.driver.get(self.base + path)

    def find(self, css: str) -> WebElement:
        wait = WebDriverWait(self.driver, 10)
        return wait.until(lambda driver: driver.find_element(By.CSS_SELECTOR, css))

    def every(self, css: str) -> list[WebElement]:
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def type(self, name: str, text: str) -> None:
        """Type *text* into the field *name*, in place of what stands there."""
        field = self.find(f"[name='{name}']")
        field.clear()
        field.send_keys(text)

    def pick(self, name: str, value: str) -> None:
        """Pick the choice *value* of the field *name*, whatever kind of choice it is."""
        field = self.find(f"[name='{name}']")
        if field.tag_name == "select":
            Select(field).select_by_value(value)
        else:
            self.find(f"[name='{name}'][value='{value}']").click()

    def press(self, css: str) -> None:
        """Press what *css* names and wait for the page that it leads to."""
        element = self.find(css)
        before = self.driver.find_element(By.TAG_NAME, "html")
        element.click()
        self.gone(before)

    def gone(self, before: WebElement) -> None:
        """Wait until the page of which *before* is a part has gone and the next is there."""
        WebDriverWait(self.driver, 10).until(lambda _: _is_gone(before))
        WebDriverWait(self.driver, 10).until(
            lambda driver: driver.execute_script("return document.readyState") == "complete"
        )

    @property
    def text(self) -> str:
        return self.find("body").text

    @property
    def path(self) -> str:
        return re.sub(r"^[a-z]+://[^/]+", "", self.driver.current_url)

    def log(self, kind: str) -> list[dict[str, Any]]:
        """Return what the browser logged of *kind* since it was last asked."""
        told: list[dict[str, Any]] = self.driver.get_log(kind)  # type: ignore[no-untyped-call]  # selenium's
        return told

    def shot(self, name: str) -> Path:
        """Keep a picture of the whole page."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        place = PICTURES / f"{name}.png"
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1}
        told: dict[str, Any] = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot", {"clip": clip, "captureBeyondViewport": True}
        )
        place.write_bytes(base64.b64decode(told["data"]))
        return place

    def is_clipped(self) -> bool:
        """Return whether something is wider than the page."""
        return bool(
            self.driver.execute_script(
                "return document.documentElement.scrollWidth > window.innerWidth"
            )
        )


def sign_in(browser: Browser, who: str, passphrase: str) -> None:
    browser.get("/")
    browser.type("who", who)
    browser.type("passphrase", passphrase)
    browser.press("form[action='/in'] button")


def _is_gone(element: WebElement) -> bool:
    try:
        element.is_enabled()
    except Exception:  # noqa: BLE001  # stale, in whatever words the driver says it
        return True
    return False
