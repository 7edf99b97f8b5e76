"""Tell the pages where the book is published: `url` in ``CITATION.cff`` says it, and nothing else does."""

from pathlib import Path

import yaml


def _read(app, config) -> None:
    citation = yaml.safe_load((Path(__file__).parents[2] / "CITATION.cff").read_text())
    config.ogp_site_name = config.html_title
    config.ogp_site_url = citation.get("url", "")
    config.myst_substitutions = {"published": config.ogp_site_url or "nowhere yet; `make book` builds it"}


def setup(app) -> dict:
    """Register the extension."""
    app.connect("config-inited", _read)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
