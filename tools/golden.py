"""Compare the numbers that two checkouts publish: a commit that only moves code changes none of them.

Build the book in both, on the same results, then::

    python tools/golden.py PARENT CHILD

It prints every figure and table whose CSV differs, by page and name, and exits with 1 if any does. With one checkout it prints the
checksums of all of them as JSON.
"""

import argparse
import json
from hashlib import sha256
from pathlib import Path

import nbformat

from upsampling.book.publish import published


def frozen(checkout: Path) -> dict[str, str]:
    """Return the checksum of every CSV that a checkout's executed pages publish, by page and name."""
    pages = sorted((checkout / "_build" / "executed").glob("*.ipynb"))
    if not pages:
        raise SystemExit(f"error: {checkout} has no executed pages; run `make book` there first.")
    return {
        f"{page.stem}/{item['name']}": sha256(item["csv"].encode()).hexdigest()
        for page in pages
        for item in published(nbformat.read(page, as_version=4))
        if "csv" in item
    }


def differences(parent: dict[str, str], child: dict[str, str]) -> list[str]:
    """Return a line for each figure and table that one of two checkouts lacks, or that has other numbers."""
    lines = []
    for name in sorted(parent.keys() | child.keys()):
        if name not in child:
            lines.append(f"gone      {name}")
        elif name not in parent:
            lines.append(f"new       {name}")
        elif parent[name] != child[name]:
            lines.append(f"different {name}")
    return lines


def main(arguments: list[str] | None = None) -> int:
    """Print the checksums of one checkout, or what differs between two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkouts", metavar="CHECKOUT", type=Path, nargs="+")
    checkouts = parser.parse_args(arguments).checkouts
    if len(checkouts) > 2:
        parser.error(f"one or two checkouts, not {len(checkouts)}")
    found = [frozen(checkout) for checkout in checkouts]
    if len(found) == 1:
        print(json.dumps(found[0], indent=1))
        return 0
    lines = differences(*found)
    print(
        "\n".join(
            [*lines, f"{len(lines)} differences; {len(found[0])} figures and tables before, {len(found[1])} now."]
        )
    )
    return int(bool(lines))


if __name__ == "__main__":
    raise SystemExit(main())
