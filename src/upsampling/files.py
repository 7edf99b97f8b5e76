"""Files that are whole or not there."""

import os
import tempfile
from pathlib import Path


def replace_file(path: Path, write) -> None:
    """Write a file under a temporary name in its folder, then put it in place at once.

    Parameters
    ----------
    path : Path
        The file.
    write : callable
        Called with the temporary path.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    os.close(handle)
    try:
        write(Path(name))
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
