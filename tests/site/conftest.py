"""The built site in a real browser, from the file system and from a server of its own."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlparse

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from upsampling import paths
from upsampling.book import pdf

# The theme reports that no preference was stored yet.
HARMLESS = ("Got invalid theme mode",)
# What was still on its way when the test went on to the next page; a file that is missing fails in another way.
LEFT = "net::ERR_ABORTED"


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *arguments) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        yield playwright.chromium.launch(executable_path=pdf.browser(), args=["--no-sandbox", "--disable-gpu"])


@pytest.fixture(scope="session")
def addresses() -> Iterator[dict[str, str]]:
    """Where the site is: on disk and on a server of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=paths.SITE))
    Thread(target=server.serve_forever, daemon=True).start()
    yield {"file": paths.SITE.as_uri(), "http": f"http://127.0.0.1:{server.server_port}"}
    server.shutdown()


@dataclass
class Tab:
    """A page of a browser, and everything that went wrong in it."""

    page: Page
    addresses: dict[str, str]
    problems: list[str] = field(default_factory=list)

    def open(self, name: str, *, by: str = "file") -> Page:
        """Load a page of the site, of the book if no folder is named."""
        self.page.goto(f"{self.addresses[by]}/{name if '.' in name else f'book/{name}.html'}")
        return self.page

    def note(self, text: str) -> None:
        if not text.startswith(HARMLESS):
            self.problems.append(text)

    def check(self, url: str) -> None:
        own = urlparse(self.addresses["http"]).netloc
        address = urlparse(url)
        if address.scheme not in ("file", "data", "blob") and address.netloc != own:
            self.note(f"left the machine: {url}")


@pytest.fixture
def tab(browser, addresses):
    """Open a tab of a given width and colour scheme: ``with tab(width=390) as made``."""

    @contextmanager
    def make(width: int = 1280, **settings) -> Iterator[Tab]:
        context = browser.new_context(viewport={"width": width, "height": 900}, **settings)
        # a busy machine may take a minute for a page
        context.set_default_timeout(120_000)
        made = Tab(context.new_page(), addresses)
        made.page.on("console", lambda message: made.note(message.text) if message.type == "error" else None)
        made.page.on("pageerror", lambda error: made.note(str(error)))
        made.page.on(
            "requestfailed",
            lambda request: made.note(f"failed: {request.url}") if request.failure != LEFT else None,
        )
        made.page.on(
            "response", lambda answer: made.note(f"{answer.status}: {answer.url}") if answer.status >= 400 else None
        )
        made.page.on("request", lambda request: made.check(request.url))
        try:
            yield made
        finally:
            context.close()

    return make
