"""`model.py`: the lines of `recipe` that one table and one method need, cut out with their imports."""

import ast
import inspect
import pprint
from collections.abc import Iterable

from upsampling.own import recipe
from upsampling.own.methods import METHODS
from upsampling.own.usertable import UserTable
from upsampling.words import named

_HEAD = '''"""Train on {file}, and score other files with the same columns.

    python model.py train {file}    trains on all rows and saves model.joblib
    python model.py score new.csv    writes new-scored.csv, with a probability and an alarm for each row

Method: {title}. It needs {needs}.
Probabilities come from a logistic regression on the log odds of scores of rows that the model had not seen (five folds); an alarm is
raised from the probability on at which false alarms and misses cost least on these rows.
"""
'''
_MAIN = """if __name__ == "__main__":
    main(
        sys.argv[1:],
        read={read},
        columns=COLUMNS,
        target=TARGET,
        positive=POSITIVE,
        members=[{members}],
        cost_miss=COST_MISS,
        cost_alarm=COST_ALARM,
    )
"""


def script(table: UserTable, name: str, costs: tuple[float, float]) -> str:
    """Return the code that trains a method on a user's file and scores others.

    Parameters
    ----------
    table : UserTable
        The table.
    name : str
        The method.
    costs : tuple of float
        Cost of a miss and of a false alarm.
    """
    method = METHODS[name]
    read = "read_parquet" if table.separator is None else f"lambda path: read_csv(path, {table.separator!r})"
    main = _MAIN.format(read=read, members=", ".join(method.members))
    imports, definitions = cut(_names(ast.parse(main)))
    constants = [
        f"TARGET = {table.target!r}",
        f"POSITIVE = {list(table.spellings)!r}  # its spellings, in small letters",
        "# how each feature is read: decimal signs of numbers, and whether dates begin with the day",
        f"COLUMNS = {pprint.pformat(table.used, width=100, sort_dicts=False)}",
        "# what it costs to miss one, and what a false alarm costs",
        f"COST_MISS, COST_ALARM = {costs[0]:g}, {costs[1]:g}",
    ]
    head = _HEAD.format(file=_inert(table.path.name), title=method.title, needs=libraries(name))
    parts = [head + "\n" + "\n".join(imports), "\n".join(constants), *definitions, main]
    return "\n\n\n".join(parts)


def core(name: str) -> str:
    """Return the lines that build a method's estimators."""
    code = f"members = [{', '.join(METHODS[name].members)}]"
    return "\n\n".join([*cut(_names(ast.parse(code)))[1], code])


def libraries(name: str) -> str:
    """Return the packages that a method needs."""
    code = core(name)
    imports, _ = cut(_names(ast.parse(code)))
    text = "\n".join([*imports, code])
    known = {"lightgbm": "LightGBM", "imblearn": "imbalanced-learn", "from upsampling": "upsampling"}
    return named(["pandas", "scikit-learn", *(title for name, title in known.items() if name in text)])


def _inert(name: str) -> str:
    """Return a file's name as it may stand in a docstring."""
    return "".join(char if char.isprintable() and char not in '"\\' else "_" for char in name)


def cut(wanted: Iterable[str]) -> tuple[list[str], list[str]]:
    """Return the imports and the definitions of `recipe` that names need, directly or not, in its order."""
    source = inspect.getsource(recipe)
    body = ast.parse(source).body
    definitions = {name: node for node in body for name in _defined(node)}
    needed: set[str] = set()
    queue = list(wanted)
    while queue:
        name = queue.pop()
        if name in definitions and name not in needed:
            needed.add(name)
            queue += _names(definitions[name])
    everything = needed | {name for user in needed for name in _names(definitions[user])} | set(wanted)
    imports = [
        line for node in body if isinstance(node, ast.Import | ast.ImportFrom) if (line := _import(node, everything))
    ]
    kept = [node for node in body if set(_defined(node)) & needed]
    return imports, [ast.get_source_segment(source, node) for node in kept]


def _defined(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.ClassDef):
        return [node.name]
    if isinstance(node, ast.Assign):
        return [name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)]
    return []


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _import(node: ast.Import | ast.ImportFrom, names: set[str]) -> str:
    kept = [alias for alias in node.names if (alias.asname or alias.name) in names]
    if not kept:
        return ""
    return ast.unparse(
        ast.Import(kept) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, kept, node.level)
    )
