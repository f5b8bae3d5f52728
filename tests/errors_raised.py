"""Every error for people that app/ and model/ can make, read from their source."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.python import ROOT

ROOTS = {"UserError", "BuildError"}  # of app and of model
HOLE = "…"  # what an f-string puts in
# Rooms whose errors the command line alone tells, and the window's own, which it
# translates where it makes them.
NOT_IN_WINDOW = (
    *("app/cli", "app/export", "app/gui", "app/testing", "app/hiding/file", "model/"),
    *("app/verifying", "app/comparing", "app/alerts"),
)
AND_YET = "app/export/outputs"  # it asks what becomes of names that are taken


@dataclass(frozen=True)
class Raised:
    """One place where an error is made.

    Attributes:
        place: file and line.
        problem: its text, holes as "…"; None where it is not written there.
        remedy: likewise.
    """

    place: str
    problem: str | None
    remedy: str | None


def errors_raised() -> list[Raised]:
    """All of them."""
    trees = {
        path: ast.parse(path.read_text(encoding="utf-8"))
        for room in ("app", "model")
        for path in sorted((ROOT / room).rglob("*.py"))
    }
    names = _names_of_errors(trees)
    return [raised for path, tree in trees.items() for raised in _in(path, tree, names)]


def sentences() -> list[str]:
    """Those that the window tells, each once; {0}, {1} where something is put in."""
    raised = (
        one
        for one in errors_raised()
        if one.place.startswith(AND_YET) or not one.place.startswith(NOT_IN_WINDOW)
    )
    texts = {text for one in raised for text in (one.problem, one.remedy) if text}
    texts |= set(_asides())
    told = {text for text in texts if _says_enough(text)}
    return sorted(_numbered(text) for text in told | set(_names_of_sources()))


def _asides() -> Iterator[str]:
    """What is told beside errors: why a device cannot be had, what a file lacks."""
    for room in ("app/detection", "app/media"):
        for path in sorted((ROOT / room).rglob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            constants = _constants(tree)
            for node in ast.walk(tree):
                if isinstance(node, ast.Call) and _is_aside(node.func):
                    texts = (
                        _text(branch, constants)
                        for argument in node.args
                        for branch in _branches(argument)
                    )
                    yield from (t for t in texts if t and not t.startswith("pip "))


def _names_of_sources() -> Iterator[str]:
    """Those that are not the user's own: what errors name is put in as it is called."""
    for path in sorted((ROOT / "app/media/sources").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.keyword)
                and node.arg == "name"
                and isinstance(node.value, ast.Constant)
            ):
                yield str(node.value.value)


def _branches(node: ast.expr) -> list[ast.expr]:
    return [node.body, node.orelse] if isinstance(node, ast.IfExp) else [node]


def _is_aside(function: ast.expr) -> bool:
    """`Problem(reason, remedy)`, `notes.append(text)`, what a kind of error says."""
    called = ast.unparse(function)
    return called in ("Problem", "super().__init__") or called.endswith(
        ("notes.append", "_warnings.append")
    )


def _says_enough(text: str) -> bool:
    return len(text.replace(HOLE, "").split()) > 1


def _numbered(text: str) -> str:
    numbers = count()
    parts = text.split(HOLE)
    return parts[0] + "".join(f"{{{next(numbers)}}}{part}" for part in parts[1:])


def _names_of_errors(trees: dict[Path, ast.Module]) -> set[str]:
    bases = {
        node.name: {base.id for base in node.bases if isinstance(base, ast.Name)}
        for tree in trees.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    names, before = set(ROOTS), set[str]()
    while names != before:
        before = names
        names = names | {name for name, of in bases.items() if of & names}
    return names


def _in(path: Path, tree: ast.Module, names: set[str]) -> Iterator[Raised]:
    constants = _constants(tree)
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name):
            continue
        # One that gives itself both sentences is private to its file.
        is_told = node.func.id in names and not node.func.id.startswith("_")
        if not is_told or any(
            isinstance(argument, ast.Starred) for argument in node.args
        ):
            continue
        given = dict(zip(("problem", "remedy"), node.args, strict=False))
        given |= {
            keyword.arg: keyword.value for keyword in node.keywords if keyword.arg
        }
        place = f"{path.relative_to(ROOT).as_posix()}:{node.lineno}"
        yield Raised(
            place,
            _text(given.get("problem"), constants),
            _text(given.get("remedy"), constants) if "remedy" in given else "",
        )


def _constants(tree: ast.Module) -> dict[str, ast.expr]:
    return {
        target.id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _text(node: ast.expr | None, constants: dict[str, ast.expr]) -> str | None:
    if isinstance(node, ast.Name) and node.id in constants:
        node = constants[node.id]
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "self.tr":
        node = node.args[0]
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return "".join(
            _text(part, constants) or HOLE for part in (node.left, node.right)
        )
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else HOLE
            for part in node.values
        )
    return None
