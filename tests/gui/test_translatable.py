"""Every text goes through tr(), so that translations can follow."""

import ast
from pathlib import Path

import pytest

from tests.python import ROOT

GUI = ROOT / "app" / "gui"
# What puts its first text before a person's eyes, or into their ears.
SHOWS = {
    *("setText", "setToolTip", "setWindowTitle", "setAccessibleName"),
    *("setAccessibleDescription", "setPlaceholderText", "setInformativeText"),
    *("addAction", "addItem", "addMenu", "addButton", "showMessage", "set_title"),
    *("QLabel", "QPushButton", "QCheckBox", "QAction", "muted_label", "Choice"),
    *("show_text", "say", "tell", "Face"),
}


def untranslated(tree: ast.AST) -> list[str]:
    """Texts with a letter in them that are shown as they stand."""
    found = []
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = getattr(node.func, "attr", getattr(node.func, "id", ""))
        if name not in SHOWS:
            continue
        for argument in node.args[: 2 if name == "tell" else 1]:
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                text = argument.value
                is_kind = name == "tell" and text in ("info", "warning", "error")
                if any(c.isalpha() for c in text) and not is_kind and "://" not in text:
                    found.append(f"line {node.lineno}: {text}")
    return found


@pytest.mark.parametrize(
    "file", sorted(GUI.rglob("*.py")), ids=lambda f: str(f.relative_to(GUI))
)
def test_no_text_is_shown_as_it_stands(file: Path) -> None:
    assert untranslated(ast.parse(file.read_text(encoding="utf-8"))) == []


def out_of_reach(tree: ast.AST) -> list[str]:
    """Calls of tr() within an f-string: lupdate does not find them."""
    return [
        f"line {node.lineno}: {ast.unparse(node)}"
        for joined in ast.walk(tree)
        if isinstance(joined, ast.JoinedStr)
        for node in ast.walk(joined)
        if isinstance(node, ast.Call) and getattr(node.func, "attr", "") == "tr"
    ]


@pytest.mark.parametrize(
    "file", sorted(GUI.rglob("*.py")), ids=lambda f: str(f.relative_to(GUI))
)
def test_every_text_is_found_by_lupdate(file: Path) -> None:
    assert out_of_reach(ast.parse(file.read_text(encoding="utf-8"))) == []


def test_the_test_can_fail() -> None:
    assert len(out_of_reach(ast.parse("""f"{self.tr('Hello')}!\""""))) == 1
    assert untranslated(ast.parse("label.setText('Hello')")) == ["line 1: Hello"]
    assert untranslated(ast.parse("label.setText(self.tr('Hello'))")) == []
