"""Drop the scripts of sphinx-thebe from every page.

Jupyter Book and its theme each load that extension, so its constants are declared twice and every page reports an error.
The book has no live code cells.
"""


def _drop(app, pagename, templatename, context, doctree) -> None:
    scripts = context.get("script_files", [])
    context["script_files"] = [
        script for script in scripts if "thebe" not in f"{script} {getattr(script, 'attributes', '')}".lower()
    ]


def setup(app) -> dict:
    """Register the extension."""
    app.connect("html-page-context", _drop, priority=900)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
