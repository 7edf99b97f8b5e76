"""What the built site weighs and how fast it shows, as rows of ``results/benchmarks.csv``."""

from pathlib import Path
from urllib.parse import unquote, urlparse

import pandas as pd
from playwright.sync_api import Browser, sync_playwright

from tools.bench.record import stamped
from upsampling import paths
from upsampling.book import pdf

MAX_SITE_MB, MAX_PAGE_MB, MAX_SECONDS = 12.0, 1.5, 2.0
MB = 1e6
# The time at which the browser has painted the first text or picture, in milliseconds.
_PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def site_totals(site: Path = paths.SITE, browser: Browser | None = None) -> pd.DataFrame:
    """Return weight, requests and time to the first paint of the built site, opened from the file system.

    A page's weight is its HTML and its pictures; what lies below ``_static``, and the search index, is shared by all pages.

    Parameters
    ----------
    site : Path
        The built site.
    browser : Browser, optional
        Where pages are opened. Default: one that is started for it.

    Returns
    -------
    DataFrame
        A row per quantity, in the columns of ``results/benchmarks.csv``; where there is a limit, it stands as `baseline`.
    """
    if browser is None:
        with sync_playwright() as playwright:
            started = playwright.chromium.launch(executable_path=pdf.browser(), args=["--no-sandbox", "--disable-gpu"])
            return site_totals(site, started)
    files = [path for path in site.rglob("*") if path.is_file()]
    rows = [
        ("site/weight", sum(path.stat().st_size for path in files) / MB, "MB", MAX_SITE_MB),
        ("site/files", len(files), "files", None),
    ]
    pages = []
    for path in sorted((site / "book").glob("*.html")):
        # an old address has no title
        if "<title>" in path.read_text():
            requested, seconds = _visit(browser, path)
            own = sum(file.stat().st_size for file in requested if not _is_shared(file, site))
            pages.append((own / MB, len(requested), seconds))
    weights, requests, paints = zip(*pages, strict=True)
    rows += [
        ("site/heaviest page", max(weights), "MB", MAX_PAGE_MB),
        ("site/most requests", max(requests), "requests", None),
        ("site/slowest first paint", max(paints), "s", MAX_SECONDS),
    ]
    return stamped(rows)


def _visit(browser: Browser, path: Path) -> tuple[set[Path], float]:
    """Return the files that a page asks for, and the seconds until something is seen."""
    page = browser.new_page()
    requested: set[Path] = set()
    page.on("request", lambda request: requested.add(Path(unquote(urlparse(request.url).path))))
    page.goto(path.as_uri())
    seconds = page.wait_for_function(_PAINTED).json_value() / 1000
    page.close()
    return {file for file in requested if file.is_file()}, seconds


def _is_shared(path: Path, site: Path) -> bool:
    return path.is_relative_to(site / "_static") or path.name == "searchindex.js"
