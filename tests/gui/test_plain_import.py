"""What app.gui.plain_import promises."""

from tests.python import said_by


def test_qt_reads_no_source_of_what_is_imported_later() -> None:
    code = (
        "import builtins, linecache\n"
        "plain = builtins.__import__\n"
        "import app.gui.app\n"
        "names = [name.replace('\\\\', '/') for name in linecache.cache]\n"
        "print([name for name in names if '/numpy/' in name or '/app/' in name])\n"
        "print(builtins.__import__ is plain)"
    )
    assert said_by(code).split() == ["[]", "True"]
