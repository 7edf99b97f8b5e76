"""Let the search find what a page says: neither its code nor its recipes, but the words that readers have for it.

`search_synonyms` in ``_config.yml`` names for a page the words under which it is to come first.
"""

from functools import partial

from docutils import nodes
from sphinx import addnodes

# Folded code and the notes on how to compute something again, by their classes.
FOLDED = {"tag_hide-input", "sd-dropdown"}


def _is_folded(node: nodes.Node) -> bool:
    if not isinstance(node, nodes.Element):
        return False
    return bool(FOLDED.intersection(node["classes"])) or node.get("design_component") == "dropdown"


def _index(index_page, synonyms: dict[str, list[str]], name: str, doctree: nodes.document, title: str) -> None:
    """Index a copy of a page without what is folded, with its synonyms."""
    told = doctree.deepcopy()
    for node in list(told.findall(_is_folded)):
        if node.parent:
            node.parent.remove(node)
    for word in synonyms.get(name, ()):
        # as the entry of an index it comes first, as a word it is found among others
        told += addnodes.index(entries=[("single", word, "", "main", None)])
        told += nodes.paragraph("", word)
    index_page(name, told, title)


def _start(app) -> None:
    if hasattr(app.builder, "index_page"):
        app.builder.index_page = partial(_index, app.builder.index_page, app.config.search_synonyms)


def setup(app) -> dict:
    """Register the extension."""
    app.add_config_value("search_synonyms", {}, "html")
    app.connect("builder-inited", _start)
    return {"parallel_read_safe": True, "parallel_write_safe": False}
