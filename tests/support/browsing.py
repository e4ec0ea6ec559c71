"""A real browser: where it is, somebody who looks through it, and what no page may do."""

import os
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from paidan.workflows.attributes import UNIT_ROLES

AXE = Path(__file__).parents[1] / "browser" / "axe.min.js"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
]  # fmt: skip
WALL, LAPTOP = (1920, 1080), (1280, 800)


def chromium() -> str:
    """Give the path of a Chromium; without one nothing is skipped: it is said how to get one."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = os.environ.get("PAIDAN_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if not found or not Path(found).exists():
        pytest.fail("no Chromium: apt-get install -y chromium, or name one in PAIDAN_CHROMIUM", pytrace=False)
    return found


class Person:
    """Somebody signed in at a server, before a window; `page` is Playwright's."""

    def __init__(self, browser: Any, served: Any, role: str, unit: str = "", **how: Any) -> None:
        self.url = served.url
        self.troubles: list[str] = []
        width, height = how.get("size", LAPTOP)
        self.context = browser.new_context(
            base_url=self.url, viewport={"width": width, "height": height},
            locale=how.get("lang", "zh-CN"), color_scheme=how.get("scheme", "light"),
            java_script_enabled=how.get("script", True), reduced_motion="reduce",
        )  # fmt: skip
        self.context.route(lambda url: not url.startswith((self.url, "data:")), self._refused)
        if role:
            unit = unit or ("甲科" if role in UNIT_ROLES else "")
            self.token = served.engine.accounts.issue("王二", role, unit, by="测试").text
            self.cookies = served.signed_in(self.token)
            self.context.add_cookies(
                [
                    {"name": name, "value": value, "url": self.url, "sameSite": "Strict"}
                    for name, value in self.cookies.items()
                ]
            )
        self.page = self.context.new_page()
        self.page.set_default_timeout(10_000)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.troubles.append(f"error: {error}"))

    def open(self, path: str) -> Any:
        """Go to a page, and give it once it is there."""
        self.page.goto(path)
        return self.page

    def serious(self) -> list[str]:
        """Give what axe-core finds serious or worse about the page, in either colour scheme."""
        found: list[str] = []
        self.page.evaluate(AXE.read_text(encoding="utf-8"))
        for scheme in ("light", "dark"):
            self.page.emulate_media(color_scheme=scheme)
            told = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
            found += [
                f"{scheme}: {one['id']}: {node['html'][:200]} {node['failureSummary'][:300]}"
                for one in told["violations"]
                if one["impact"] in ("serious", "critical")
                for node in one["nodes"][:3]
            ]
        return found

    def close(self) -> None:
        """Leave; whatever a page asked of elsewhere, and whatever went wrong in it, is a failure."""
        with suppress(Exception):
            self.context.close()
        assert not self.troubles, self.troubles

    def _refused(self, route: Any) -> None:
        self.troubles.append(f"asked {urlsplit(route.request.url).netloc}: {route.request.url}")
        route.abort()

    def _said(self, message: Any) -> None:
        expected = "Failed to load resource: the server responded with a status of 4"
        if message.type in ("error", "warning") and not message.text.startswith(expected):
            self.troubles.append(f"{message.type}: {message.text}")
