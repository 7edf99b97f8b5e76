"""What a notebook's code is made of: the modules of this package that it imports, and those that they import."""

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]


def modules(source: Path) -> set[Path]:
    """Return the files of the package that a Python file imports, at whatever distance and wherever in the code.

    A package within this one may find its modules by itself, so all of them count where it is imported as such.

    Parameters
    ----------
    source : Path
        A notebook as text, or a module.
    """
    files: set[Path] = set()
    waiting = {source}
    while waiting:
        waiting = {file for path in waiting for file in imported(path)} - files
        files |= waiting
    return files


def imported(source: Path) -> set[Path]:
    """Return the files of the package that a Python file imports itself."""
    return {file for name in _parsed(source.read_text())[0] for file in _files(name)}


def checksum(files: Iterable[Path]) -> str:
    """Return a checksum of what some modules do, whatever their comments and the shape of their lines."""
    return sha256(
        " ".join(f"{file.name} {_parsed(file.read_text())[1]}" for file in sorted(files)).encode()
    ).hexdigest()


def names(files: Iterable[Path]) -> list[str]:
    """Return the dotted names of some modules."""
    places = (file.relative_to(PACKAGE.parent).with_suffix("").parts for file in sorted(files))
    return [".".join(place).removesuffix(".__init__") for place in places]


@cache
def _parsed(text: str) -> tuple[tuple[str, ...], str]:
    """Return the dotted names that a source imports, and a checksum of its code."""
    tree = ast.parse(text)
    return tuple(_imported(tree)), sha256(ast.dump(tree).encode()).hexdigest()


def _imported(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _files(name: str) -> set[Path]:
    """Return the files that the import of a dotted name executes: packages on the way, the module, or a package as a whole."""
    first, *parts = name.split(".")
    if first != PACKAGE.name:
        return set()
    folder, files = PACKAGE, {PACKAGE / "__init__.py"}
    for part in parts:
        module = folder / f"{part}.py"
        if module.is_file():
            return files | {module}
        if not (folder / part).is_dir():
            return files | set(folder.rglob("*.py"))
        folder /= part
        files.add(folder / "__init__.py")
    return files if folder == PACKAGE else files | set(folder.rglob("*.py"))
