"""Whether what is installed is what ``requirements/lock.txt`` says.

The lock is installed without dependency resolution, because some packages declare what tabular models never use
(``requirements/overrides.txt``). This module proves that nothing else is missing.
"""

import sys
from collections.abc import Iterator, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from upsampling import paths

REQUIREMENTS = paths.ROOT / "requirements"
PROJECT = Requirement("upsampling[test]")


def read_requirements(path: Path) -> list[Requirement]:
    """Return the requirements in a lock or overrides file; hashes and comments are dropped."""
    return [Requirement(line.rstrip(" \\")) for line in path.read_text().splitlines() if line[:1].isalnum()]


def left_out(folder: Path = REQUIREMENTS) -> set[str]:
    """Return the distributions that the overrides leave out for good; torch is only left out of the lock."""
    names = {canonicalize_name(requirement.name) for requirement in read_requirements(folder / "overrides.txt")}
    return names - {"torch"}


def requires(distribution: Distribution, extras: frozenset[str] = frozenset()) -> list[Requirement]:
    """Return what a distribution with these extras needs on this interpreter and platform."""
    declared = [Requirement(text) for text in distribution.requires or []]
    return [need for need in declared if _applies(need, extras)]


def problems(folder: Path = REQUIREMENTS, path: list[str] | None = None) -> list[str]:
    """Compare the installed distributions with the lock and with what they require of each other.

    Parameters
    ----------
    folder : Path
        Folder of ``lock.txt`` and ``overrides.txt``.
    path : list of str, optional
        Folders that hold the distributions. Default: ``sys.path``.

    Returns
    -------
    list of str
        One sentence for each difference; empty if the environment is complete and as locked.
    """
    # The first folder of the path wins, as it does for imports.
    installed = {canonicalize_name(item.name): item for item in reversed([*distributions(path=path or sys.path)])}
    pins = [(pin, "the lock") for pin in read_requirements(folder / "lock.txt") if _applies(pin)]
    differences = []
    for need, by in [*pins, (PROJECT, "the project"), *_closure(installed, left_out(folder))]:
        wanted = f"{by} requires {need.name}{need.specifier}"
        distribution = installed.get(canonicalize_name(need.name))
        if distribution is None:
            differences.append(f"{need.name} is not installed, {wanted}")
        elif not need.specifier.contains(distribution.version, prereleases=True):
            differences.append(f"{need.name} {distribution.version} is installed, {wanted}")
    return list(dict.fromkeys(differences))


def _applies(requirement: Requirement, extras: frozenset[str] = frozenset()) -> bool:
    marker = requirement.marker
    return marker is None or any(marker.evaluate({"extra": extra}) for extra in extras or {""})


def _closure(installed: Mapping[str, Distribution], ignored: set[str]) -> Iterator[tuple[Requirement, str]]:
    """Yield every requirement that follows from the project's, with the distribution that declares it."""
    queue, seen = [PROJECT], set()
    while queue:
        requirement = queue.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if name not in installed or (name, extras) in seen:
            continue
        seen.add((name, extras))
        for need in requires(installed[name], extras):
            if canonicalize_name(need.name) not in ignored:
                yield need, f"{name} {installed[name].version}"
                queue.append(need)


def main() -> int:
    """Print every problem; return the exit status."""
    differences = problems()
    for difference in differences:
        print(f"error: {difference}", file=sys.stderr)
    if differences:
        print("Remedy: make clean setup", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
