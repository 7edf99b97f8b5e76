"""Registries are folders: what a file of `tables`, `arms` or `trained` declares is found, and may say why it is skipped."""

from collections.abc import Iterable, Mapping
from importlib import import_module
from importlib.util import find_spec
from pkgutil import iter_modules
from types import ModuleType
from typing import TypeVar

from upsampling.errors import SpecError, check_choice

Entry = TypeVar("Entry")


def modules(package: ModuleType) -> list[ModuleType]:
    """Return the modules of a package, by name; packages within it do not count."""
    names = sorted(module.name for module in iter_modules(package.__path__) if not module.ispkg)
    return [import_module(f"{package.__name__}.{name}") for name in names]


def not_installed(module: str, extra: str) -> str:
    """Return why an entry that needs a module of an extra is skipped; empty if the module is installed."""
    return "" if find_spec(module) else f"{module} is not installed; pip install 'upsampling[{extra}]'"


def skipped(names: Iterable[str], registry: Mapping[str, Entry], what: str) -> dict[str, str]:
    """Return, by name, what to say of the entries that are skipped."""
    return {name: f"{what} '{name}' is skipped: {registry[name].skip}" for name in names if registry[name].skip}


def usable(name: str, registry: Mapping[str, Entry], what: str) -> Entry:
    """Return the entry called `name`.

    Raises
    ------
    SpecError
        There is none, or it is skipped; then the message gives the reason.
    """
    check_choice(name, registry, what)
    if name in (reasons := skipped([name], registry, what)):
        raise SpecError(f"{reasons[name]}.")
    return registry[name]
