"""
Photographs pages of the console: `python docs/pictures/console.py`.

Serves the demo month as live orders, with the clock inside the month, and looks at it through Chromium with
Playwright, which is among the packages of the tests, as Pillow is not; a Chinese font besides (Debian:
fonts-noto-cjk). Look at what came out.
"""

import socket
import sys
import threading
import time
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import uvicorn
from PIL import Image
from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parents[1]), str(HERE.parents[1] / "tests")]
import run_engine  # noqa: F401 - binds the checkout as paidan
from support.browsing import ARGUMENTS, chromium

from paidan.engine import Engine
from paidan.engine.clock import SimulatedClock
from paidan.engine.demo.files import write_demo
from paidan.engine.http.application import application
from paidan.workflows.records import BEIJING

TEN = datetime(2026, 10, 21, 10, 5, tzinfo=BEIJING)
PAGES = {"now": "/now", "order": "/orders/JY260920-003", "month": "/month"}
SIZE = {"width": 1280, "height": 800}


def main() -> None:
    """Take the pictures and put them beside this file."""
    with TemporaryDirectory() as folder:
        files = write_demo(Path(folder))
        url = f"sqlite:///{folder}/orders.db"
        with Engine.open(url, "JY", units=files.units, clock=SimulatedClock(TEN)) as engine:
            engine.import_logs([files.orders])
            engine.sweep()
            account = engine.accounts.whose(engine.accounts.issue("王敏", "dispatcher", by="赵安").text)
            if account is None:
                raise SystemExit("the token that was just issued is nobody's")
            session = engine.sessions.begin(account)
            listening = socket.create_server(("127.0.0.1", 0))
            server = uvicorn.Server(uvicorn.Config(application(engine), log_config=None))
            threading.Thread(target=server.run, args=([listening],), daemon=True).start()
            _photograph(f"http://127.0.0.1:{listening.getsockname()[1]}", session)
            server.should_exit = True
            time.sleep(1)


def _photograph(address: str, session: str) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=ARGUMENTS)
        context = browser.new_context(viewport=SIZE, color_scheme="light", locale="zh-CN")
        context.add_cookies([{"name": "paidan", "value": session, "url": address}])
        page = context.new_page()
        for name, path in PAGES.items():
            page.goto(address + path)
            page.wait_for_selector("table, svg", timeout=120_000)
            page.screenshot(path=HERE / f"{name}.zh.png")
            _shrink(HERE / f"{name}.zh.png")
        browser.close()


def _shrink(picture: Path) -> None:
    """Keep 64 colours, which is all that a page has."""
    with Image.open(picture) as taken:
        taken.convert("RGB").quantize(64, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE).save(
            picture, optimize=True
        )


if __name__ == "__main__":
    main()
