"""Papermill executes the notebooks, Jupyter Book renders the pages."""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections import deque
from collections.abc import Mapping
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import chdir
from graphlib import TopologicalSorter
from hashlib import sha256
from pathlib import Path

import jupytext
import nbformat
import papermill
import psutil
import yaml
from papermill.exceptions import PapermillExecutionError
from traitlets.config import Config

from upsampling import paths
from upsampling.book import kernels, prose, rerun, sources
from upsampling.book.pages import Page, discovered, write_contents
from upsampling.book.publish import published, stitch
from upsampling.errors import UpsamplingError, check_choice
from upsampling.files import replace_file
from upsampling.study.datasets import DATASETS
from upsampling.study.experiment import code_state
from upsampling.study.store import SORT

# The longest that one cell of a page may take when the book is built, in seconds.
CELL_TIMEOUT = 1800
# The name of a figure or table, in Markdown and in a notebook's JSON.
_NUMBERED = re.compile(r":name: ((?:fig|tab)-[\w-]+)")


class BookError(UpsamplingError):
    """A notebook failed or the book could not be built."""


PAGES = tuple(page for page in discovered() if page.notebook)


def parameters_of(notebook: str) -> dict:
    """Return the parameters that a notebook declares, with their defaults as source text."""
    with tempfile.TemporaryDirectory() as scratch:
        declared = papermill.inspect_notebook(str(_as_ipynb(notebook, Path(scratch))))
    return {name: entry["default"] for name, entry in declared.items()}


def execute(page: Page, output: Path, *, timeout: int | None = None) -> None:
    """Run a notebook with papermill and put the executed one at `output`, all of it or nothing; values are not filled into its text yet.

    Parameters
    ----------
    page : Page
        Notebook and parameters.
    output : Path
        Where the executed notebook goes.
    timeout : int, optional
        Longest time of one cell in seconds.

    Raises
    ------
    SpecError
        The notebook has no such parameter.
    BookError
        A cell failed, took too long or ended its kernel; the notebook up to it stands beside `output`, with the suffix ``.failed.ipynb``.
    """
    declared = parameters_of(page.notebook)
    for name in page.parameters:
        check_choice(name, declared, f"parameter of {page.notebook}")
    output.parent.mkdir(parents=True, exist_ok=True)
    paths.anchor()
    with tempfile.TemporaryDirectory() as scratch:
        executed = Path(scratch) / "executed.ipynb"
        try:
            papermill.execute_notebook(
                str(_as_ipynb(page.notebook, Path(scratch))),
                str(executed),
                parameters=dict(page.parameters),
                kernel_name="python3",
                cwd=str(paths.ROOT),
                execution_timeout=timeout,
                # a large output takes its time to arrive on a busy machine
                iopub_timeout=120,
                progress_bar=False,
                # papermill's own record tells when a cell ran
                record_timing=False,
                # sockets of its own: kernels that run side by side would collide on TCP ports
                config=Config({"KernelManager": {"transport": "ipc", "ip": f"{scratch}/kernel"}}),
                stdout_file=sys.stdout,
                stderr_file=sys.stderr,
            )
        except Exception as error:
            failed = output.with_suffix(".failed.ipynb")
            if executed.is_file():
                shutil.copyfile(executed, failed)
            lines = str(error).strip().splitlines()
            reason = lines[-1 if isinstance(error, PapermillExecutionError) else 0]
            raise BookError(
                f"{page.notebook} ({page.name}) failed{_place(executed)}: {reason}\nThe notebook so far: {failed}"
            ) from error
        notebook = nbformat.read(executed, as_version=4)
        for cell in notebook.cells:
            if cell.cell_type == "code":
                # warnings, which name places of this machine, are in the build's own output
                cell.outputs = [output for output in cell.outputs if output.get("name") != "stderr"]
        notebook.metadata.papermill.input_path = f"notebooks/{page.notebook}"
        notebook.metadata.papermill.output_path = output.name
        notebook.metadata.code = code_state(paths.NOTEBOOKS / page.notebook)
        replace_file(output, lambda path: nbformat.write(notebook, path))


def _place(executed: Path) -> str:
    """Return the cell in which papermill stopped, the last one that it started, by its first line of code."""
    cells = nbformat.read(executed, as_version=4).cells if executed.is_file() else []
    started = [cell for cell in cells if cell.metadata.get("papermill", {}).get("start_time")]
    return f" in the cell that begins with '{started[-1].source.splitlines()[0]}'" if started else ""


def _as_ipynb(notebook: str, folder: Path) -> Path:
    path = folder / Path(notebook).with_suffix(".ipynb").name
    jupytext.write(jupytext.read(paths.NOTEBOOKS / notebook), path)
    return path


def digest(page: Page) -> str:
    """Return a checksum of all that a page's code depends on: itself, parameters, modules that it imports, results and pages that it reads."""
    results, notebook = paths.results(), paths.NOTEBOOKS / page.notebook
    code = [(cell.source, cell.metadata) for cell in jupytext.read(notebook).cells if cell.cell_type == "code"]
    files = []
    for name in page.reads:
        files += sorted(results.glob(f"cells/{name}/**/*.json")) + sorted(results.glob(f"*/{name}-*.parquet"))
    tables = {*page.reads, *(SORT if DATASETS.keys() & page.reads else ())}
    files += [path for path in sorted(results.glob("*.*")) if path.stem in tables]
    checksum = sha256(json.dumps([dict(page.parameters), code], sort_keys=True).encode())
    checksum.update(sources.checksum(sources.modules(notebook)).encode())
    for name in page.after:
        checksum.update(_read(_executed(name).with_suffix(".published")).encode())
    for path in files:
        checksum.update(f"{path.name} ".encode())
        checksum.update(path.read_bytes())
    return checksum.hexdigest()


def make_page(page: Page, folder: Path, *, force: bool = False, timeout: int | None = CELL_TIMEOUT) -> bool:
    """Execute a page's notebook unless nothing its code depends on changed, and put its text of today around what came out.

    Return whether it was executed.

    Parameters
    ----------
    page : Page
        What to make.
    folder : Path
        Where the page goes; the executed notebook goes to the build folder.
    force : bool, default=False
        Execute in any case.
    timeout : int, optional
        Longest time of one cell in seconds.
    """
    executed = _executed(page.name)
    stamp = executed.with_suffix(".digest")
    target = folder / f"{page.name}.ipynb"
    current = digest(page)
    if not force and target.is_file() and executed.is_file() and _read(stamp) == current:
        _put_page(page, executed, target)
        return False
    stamp.unlink(missing_ok=True)
    execute(page, executed, timeout=timeout)
    _put_page(page, executed, target)
    items = [item for item in published(nbformat.read(executed, as_version=4)) if item["kind"] != "text"]
    executed.with_suffix(".published").write_text(sha256(json.dumps(items, sort_keys=True).encode()).hexdigest())
    stamp.write_text(digest(page) if page.computes else current)
    return True


def _executed(name: str) -> Path:
    return paths.BUILD / "executed" / f"{name}.ipynb"


def published_items() -> list[tuple[str, dict]]:
    """Return every figure and table of the book, with the name of its page, from the executed notebooks."""
    items_of_pages = []
    for page in PAGES:
        if not page.after and _executed(page.name).is_file():
            items = published(nbformat.read(_executed(page.name), as_version=4))
            items_of_pages += [(page.name, item) for item in items if item["kind"] != "text"]
    return items_of_pages


def _put_page(page: Page, executed: Path, target: Path) -> None:
    """Turn an executed notebook into a page of the book at `target`, its files beside it."""
    notebook = prose.filled(_with_text(nbformat.read(executed, as_version=4), paths.NOTEBOOKS / page.notebook))
    stitched = stitch(notebook, page.name, target.parent)
    rerun.append(notebook, stitched, page.notebook, page.name, target.parent)
    if page.next:
        stitched.cells.append(nbformat.v4.new_markdown_cell(f"**Next:** {page.next}."))
    for position, cell in enumerate(stitched.cells):
        cell.id = f"cell-{position}"
    text = nbformat.writes(stitched)
    if _read(target) != text:
        replace_file(target, lambda path: path.write_text(text))


def _with_text(executed: nbformat.NotebookNode, source: Path) -> nbformat.NotebookNode:
    """Return an executed notebook with the text that its source has now around the same code."""
    made = deque(cell for cell in executed.cells if cell.cell_type == "code")
    cells = []
    for position, cell in enumerate(jupytext.read(source).cells):
        cell.id = f"text-{position}"
        cells.append(made.popleft() if cell.cell_type == "code" else cell)
        if made and "injected-parameters" in made[0].metadata.get("tags", ()):
            cells.append(made.popleft())
    return nbformat.NotebookNode(executed | {"cells": cells})


def _read(path: Path) -> str:
    return path.read_text() if path.is_file() else ""


def build(*, force: bool = False) -> Path:
    """Make every page that is not up to date, as many at once as there are cores, and render the book; return its first page.

    Raises
    ------
    BookError
        A notebook failed, a reference is broken, or the renderer warned.
    """
    pages = {page.name: page for page in PAGES}
    order = TopologicalSorter({page.name: page.after for page in PAGES})
    order.prepare()
    stale = not (paths.SITE / "index.html").is_file()
    imported = set().union(*(sources.imported(paths.NOTEBOOKS / page.notebook) for page in PAGES))
    # each notebook runs in a process of its own, so threads are enough here; papermill changes the folder of them all, to this one
    paths.anchor()
    with chdir(paths.ROOT), kernels.forked(sources.names(imported)), ThreadPoolExecutor(os.cpu_count()) as pool:
        running: dict[Future, str] = {}
        try:
            while order.is_active():
                # what computes takes longest
                ready = sorted(order.get_ready(), key=lambda name: not pages[name].computes)
                running |= {pool.submit(make_page, pages[name], paths.BOOK, force=force): name for name in ready}
                for done in wait(running, return_when=FIRST_COMPLETED).done:
                    name = running.pop(done)
                    stale |= done.result()
                    print(f"{'executed' if done.result() else 'unchanged'}: {name}", flush=True)
                    order.done(name)
        except BaseException as error:
            pool.shutdown(wait=False, cancel_futures=True)
            if isinstance(error, KeyboardInterrupt):
                # kernels are in sessions of their own, where no Ctrl-C reaches them
                for kernel in psutil.Process().children(recursive=True):
                    kernel.kill()
            raise
    write_contents()
    stamp, current = paths.BUILD / "rendered.digest", _rendered_from()
    if stale or _read(stamp) != current:
        stamp.unlink(missing_ok=True)
        numbered, numbers = paths.BUILD / "numbered", _numbered()
        # Sphinx does not see that a page refers to a figure or table whose number moved
        render(paths.ROOT, paths.BUILD, everything=_read(numbered) != numbers)
        stamp.write_text(current)
        numbered.write_text(numbers)
    return paths.SITE / "index.html"


def _rendered_from() -> str:
    """Return a checksum of the pages and settings that Jupyter Book renders."""
    checksum = sha256()
    files = [*(paths.ROOT / name for name in ("_config.yml", "_toc.yml")), *sorted(paths.BOOK.rglob("*"))]
    for path in filter(Path.is_file, files):
        checksum.update(f"{path.relative_to(path.parents[1])} ".encode())
        checksum.update(path.read_bytes())
    return checksum.hexdigest()


def _numbered() -> str:
    """Return what decides the numbers of figures and tables: their names on each page, and the order of the pages."""
    pages = sorted(path for path in paths.BOOK.glob("*.*") if path.suffix in (".md", ".ipynb"))
    names = [f"{path.name} {' '.join(_NUMBERED.findall(path.read_text()))}" for path in pages]
    return "\n".join([_read(paths.ROOT / "_toc.yml"), *names])


def render(source: Path, build: Path, *, everything: bool = False) -> None:
    """Render the pages below `source` with Jupyter Book, those that changed or `everything`; any warning is an error."""
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", "-W", "-n", "--keep-going", "-q"]
    command += ["--all"] * everything
    command += ["--path-output", str(build.parent), str(source)]
    done = subprocess.run(command, env=os.environ | {"PYDEVD_DISABLE_FILE_VALIDATION": "1"}, check=False)
    if done.returncode:
        # what was rendered with a warning is kept in Sphinx's cache, and the next run would not warn again
        shutil.rmtree(build / ".doctrees", ignore_errors=True)
        raise BookError("Jupyter Book reported the errors or warnings above.")


def run(dataset: str, parameters: Mapping) -> Path:
    """Make one page of its own with given parameters; return its address on disk.

    Parameters
    ----------
    dataset : str
        Data set of the page.
    parameters : mapping
        Parameters of the notebook ``dataset.py``.
    """
    identity = sha256(json.dumps(dict(parameters), sort_keys=True).encode()).hexdigest()[:8]
    folder = paths.BUILD / "runs" / f"{dataset}-{identity}"
    page = Page("index", "dataset.py", parameters)
    executed = folder / "executed" / "index.ipynb"
    execute(page, executed)
    _put_page(page, executed, folder / "index.ipynb")
    config = yaml.safe_load((paths.ROOT / "_config.yml").read_text())
    config["bibtex_bibfiles"] = [str(paths.ROOT / place) for place in config["bibtex_bibfiles"]]
    config["html"]["favicon"] = str(paths.ROOT / config["html"]["favicon"])
    settings = config["sphinx"]
    settings["config"]["html_static_path"] = [str(paths.BOOK / "_static")]
    settings["local_extensions"] = {
        name: str(paths.ROOT / place) for name, place in settings["local_extensions"].items()
    }
    (folder / "_config.yml").write_text(yaml.safe_dump(config))
    (folder / "_toc.yml").write_text("format: jb-book\nroot: index\n")
    render(folder, folder / "_build")
    return folder / "_build" / "html" / "index.html"
