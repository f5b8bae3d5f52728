"""What one does in a file, by key or menu: rows of `app.gui.action_table`.

J, K and L are as most players of the web have them: back, pause, on. Where an editor's
hand expects them to play backwards, H.264 would be decoded in pieces.
"""

from app.gui.action_row import IN_FILE, ActionRow, Face, Keys
from app.gui.languages.marking import QT_TRANSLATE_NOOP
from app.gui.state import WindowState


def _has_list(state: WindowState) -> bool:
    return state.has_list


def _is_file(state: WindowState) -> bool:
    return state.is_file


def _is_file_seen_whole(state: WindowState) -> bool:
    return state.is_file and not state.is_zoomed  # else they move the picture


def _skip(name: str, text: str, seconds: int, *keys: Keys) -> ActionRow:
    is_shifted = any(str(key).startswith("Shift+") for key in keys)
    return ActionRow(
        name,
        IN_FILE,
        Face(text),
        lambda hands, _: hands.steering.skip(seconds),
        keys,
        when=_is_file_seen_whole if is_shifted else _is_file,
    )


def _step(name: str, text: str, count: int, key: Keys) -> ActionRow:
    return ActionRow(
        name,
        IN_FILE,
        Face(text),
        lambda hands, _: hands.steering.step(count),
        (key,),
        when=_is_file,
    )


def _find(name: str, text: str, toward: int, key: Keys) -> ActionRow:
    return ActionRow(
        name,
        IN_FILE,
        Face(text),
        lambda hands, _: hands.finds.go(toward),
        (key,),
        when=_is_file,
    )


def _item(name: str, text: str, toward: int, key: Keys) -> ActionRow:
    return ActionRow(
        name,
        IN_FILE,
        Face(text, "first" if toward < 0 else "last"),
        lambda hands, _: hands.play_list.go(toward),
        (key, "Media Next" if toward > 0 else "Media Previous"),
        when=_has_list,
    )


IN_FILE_ROWS = (
    _step("previous_frame", QT_TRANSLATE_NOOP("Actions", "Previous frame"), -1, ","),
    _step("next_frame", QT_TRANSLATE_NOOP("Actions", "Next frame"), 1, "."),
    _skip("back_5", QT_TRANSLATE_NOOP("Actions", "5 seconds back"), -5, "Shift+Left"),
    _skip("on_5", QT_TRANSLATE_NOOP("Actions", "5 seconds on"), 5, "Shift+Right"),
    _skip("back_10", QT_TRANSLATE_NOOP("Actions", "10 seconds back"), -10, "J"),
    _skip("on_10", QT_TRANSLATE_NOOP("Actions", "10 seconds on"), 10, "L"),
    _skip("back_60", QT_TRANSLATE_NOOP("Actions", "A minute back"), -60, "Ctrl+Left"),
    _skip("on_60", QT_TRANSLATE_NOOP("Actions", "A minute on"), 60, "Ctrl+Right"),
    ActionRow(
        "go_to",
        IN_FILE,
        Face(QT_TRANSLATE_NOOP("Actions", "Go to a time…")),
        lambda hands, _: hands.steering.ask_for_time(),
        ("Ctrl+G",),
        when=_is_file,
    ),
    _find("next_find", QT_TRANSLATE_NOOP("Actions", "Next find"), 1, "N"),
    _find("previous_find", QT_TRANSLATE_NOOP("Actions", "Find before"), -1, "Shift+N"),
    _item("previous_item", QT_TRANSLATE_NOOP("Actions", "Previous file"), -1, "<"),
    _item("next_item", QT_TRANSLATE_NOOP("Actions", "Next file"), 1, ">"),
    ActionRow(
        "part_in",
        IN_FILE,
        Face(QT_TRANSLATE_NOOP("Actions", "Part begins here")),
        lambda hands, _: hands.part.set_in(),
        ("I",),
        when=_is_file,
    ),
    ActionRow(
        "part_out",
        IN_FILE,
        Face(QT_TRANSLATE_NOOP("Actions", "Part ends here")),
        lambda hands, _: hands.part.set_out(),
        ("O",),
        when=_is_file,
    ),
    ActionRow(
        "part_clear",
        IN_FILE,
        Face(QT_TRANSLATE_NOOP("Actions", "All of it again")),
        lambda hands, _: hands.part.clear(),
        ("Shift+I",),
        when=_is_file,
    ),
    ActionRow(
        "part_alone",
        IN_FILE,
        Face(QT_TRANSLATE_NOOP("Actions", "Play the part alone")),
        lambda hands, is_on: hands.part.play_alone(is_on),
        ("Shift+O",),
        is_checkable=True,
    ),
)
LIST_ACTIONS = ("previous_item", "next_item")
PART_ACTIONS = ("part_in", "part_out", "part_clear", "part_alone")
