"""docs/sources.md names every sentence that a bad source is answered with."""

import ast

import pytest

from app.media.sources.faulty import KINDS
from tests.python import ROOT

DOC = " ".join((ROOT / "docs" / "sources.md").read_text(encoding="utf-8").split())


def problems() -> list[str]:
    """The first argument of each SourceError in app/media, its parts as "…"."""
    found = set()
    for path in sorted((ROOT / "app" / "media").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id in ("SourceError", "GoneError", "BusyError")
                and (text := template(node.args[0]))
            ):
                found.add(text)
    return sorted(found)


def template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "…"
            for part in node.values
        )
    return ""


@pytest.mark.parametrize("problem", problems())
def test_each_sentence_is_in_the_manual(problem: str) -> None:
    assert problem in DOC


@pytest.mark.parametrize("kind", KINDS)
def test_each_fault_of_the_test_camera_is_in_the_manual(kind: str) -> None:
    assert f"`{kind}`" in DOC
