"""The command `upsampling` where parts of the package may be missing: it names the extra that a command needs."""

import errno
import sys
from collections.abc import Callable

from upsampling.errors import UpsamplingError

# What a command needs beyond the library; those that are not listed compute or audit the study.
EXTRAS = {"report": "report", "run": "book", "book": "book", "pdf": "book"}
STUDY = ("grid", "collect", "status", "audit", "data")


def main() -> None:
    """Run the command; if a package that it needs is not installed, say how to install it, with exit status 2."""
    try:
        # the report is an extra of its own, which needs nothing of the study's commands
        if sys.argv[1:2] == ["report"]:
            from upsampling.own.command import main as run
        else:
            from upsampling.cli import main as run

        guarded(run)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.partition(".")[0] == "upsampling":
            raise
        print(f"error: {error.name} is not installed. {remedy(sys.argv[1:])}", file=sys.stderr)
        sys.exit(2)


def guarded(run: Callable[[], None]) -> None:
    """Run a command; a mistake that the user can mend ends in one message and exit status 2."""
    try:
        run()
    except UpsamplingError as error:
        print(f"error: {error}", file=sys.stderr)
        sys.exit(2)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES):
            raise
        print(
            f"error: {error}. Free some space, or make the folder writable, and run the same command.", file=sys.stderr
        )
        sys.exit(2)


def remedy(arguments: list[str]) -> str:
    """Return how to install what a command line needs."""
    command = next((argument for argument in arguments if not argument.startswith("-")), "")
    extra = EXTRAS.get(command, "study" if command in STUDY else None)
    if extra:
        return f"`upsampling {command}` needs more than the library: pip install 'upsampling[{extra}]'"
    return (
        "The command needs more than the library: pip install 'upsampling[report]' for a report on a table of your own, "
        "'upsampling[study]' to compute the study, 'upsampling[book]' for the book."
    )


if __name__ == "__main__":
    main()
