"""What app.typed promises."""

import pytest

from app import typed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Make it again with: python main.py export", "ssd-live export"),
        ("Build it: python build_model.py", "ssd-build"),
        ("usage: main.py [options]", "ssd-live [options]"),
        ("'python3 main.py doctor'", "'ssd-live doctor'"),
    ],
)
def test_commands_are_named_as_they_are_typed(
    text: str, shown: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert typed.as_typed(text) == text  # a checkout
    monkeypatch.setattr(typed, "is_installed", lambda: True)
    assert typed.as_typed(text).endswith(shown)


@pytest.mark.parametrize(
    "name", ["clips/main.py", "C:\\main.py", "domain.py", "main.pyc"]
)
def test_names_of_files_stay(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed, "is_installed", lambda: True)
    assert typed.as_typed(name) == name
