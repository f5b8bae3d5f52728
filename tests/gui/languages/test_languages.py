"""The window in other languages: whole, and nothing cut off."""

import re
import subprocess
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterator
from pathlib import Path

import PySide6
import pytest
from PySide6.QtCore import QLocale, QTranslator
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from app.errors import SourceError
from app.gui.languages import speaking
from app.gui.languages.class_names import KNOWN
from app.gui.languages.sentence_list import SENTENCES
from app.gui.languages.sentences import in_words, sentence
from app.gui.languages.speaking import FOLDER, LANGUAGES, language_of, speak
from app.gui.look.class_words import class_word
from app.gui.look.numbers import decimal
from app.gui.menus.about import AboutDialog
from app.gui.pages.advice import Advice
from app.gui.panel.section import Further
from app.gui.playing.player import Player
from app.gui.window import MainWindow
from tests.errors_raised import sentences
from tests.fakes import FakeDetector, FakeFile
from tests.gui.conftest import Bench
from tests.gui.cut_off import cut_off
from tests.gui.test_window import Until
from tests.gui.test_window import until as until  # a fixture
from tests.python import ROOT

pytestmark = pytest.mark.gui

OTHERS = [language for language in LANGUAGES if language != speaking.SOURCE]
HOLE = re.compile(r"\{\d+[^}]*\}")
Text = tuple[str, str]  # context, and how it stands in the source


def texts_of(file: Path) -> dict[Text, str]:
    """Each with its translation; empty where it is not finished."""
    found = {}
    for context in ElementTree.parse(file).getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            is_finished = translation.get("type") is None
            key = context.findtext("name", ""), message.findtext("source", "")
            found[key] = (translation.text or "") if is_finished else ""
    return found


@pytest.fixture(params=OTHERS)
def language(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_every_text_of_the_source_is_translated(language: str, tmp_path: Path) -> None:
    fresh = tmp_path / "fresh.ts"
    lupdate = Path(PySide6.__path__[0]) / "lupdate"
    if not lupdate.exists():
        pytest.skip("this PySide6 comes without lupdate")
    files = sorted((ROOT / "app" / "gui").rglob("*.py"))
    command = [str(lupdate), *map(str, files), "-ts", str(fresh)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    known = texts_of(FOLDER / f"{language}.ts")
    missing = [text for _, text in texts_of(fresh).keys() - known.keys()]
    assert not missing, f"run make languages, then translate {missing}"
    unfinished = [text for (_, text), said in known.items() if not said]
    assert not unfinished


def test_no_translation_loses_a_number(language: str) -> None:
    for (_, text), said in texts_of(FOLDER / f"{language}.ts").items():
        assert sorted(HOLE.findall(said)) == sorted(HOLE.findall(text)), text
        assert text[:1].isspace() == said[:1].isspace() or language == "ja", text


def test_japanese_has_colons_and_brackets_as_wide_as_its_letters() -> None:
    narrow = re.compile(r"[\u3040-\u9fff}] ?([;(]|:(?!//))|[:)] ?[\u3040-\u9fff]|: ")
    for (_, text), said in texts_of(FOLDER / "ja.ts").items():
        if not text.startswith(("Videos", "Models (")):  # the system reads those
            assert not narrow.search(said), text


def test_what_is_loaded_is_what_is_translated(language: str) -> None:
    translator = QTranslator()
    assert translator.load(language, str(FOLDER))
    for (context, text), said in texts_of(FOLDER / f"{language}.ts").items():
        assert translator.translate(context, text) == said, "run make languages"


def test_known_classes_have_names_of_their_own(language: str) -> None:
    texts = texts_of(FOLDER / f"{language}.ts")
    assert all(("ClassNames", name) in texts for name in KNOWN)
    assert texts["ClassNames", "potted plant"] != "potted plant"


def test_the_systems_language_is_taken_unless_one_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    wanted = ["fr-CA", "de-AT", "ja"]
    system = type("System", (), {"uiLanguages": lambda self: wanted})
    where = "app.gui.languages.speaking.QLocale.system"
    monkeypatch.setattr(where, lambda: system())
    assert language_of("") == "de"
    assert language_of("ja") == "ja"
    assert language_of("fr") == "de"  # a newer app's choice
    wanted[:] = ["C"]
    assert language_of("") == "en"


# --- errors, which know no Qt -------------------------------------------------


@pytest.mark.parametrize("spoken", ["de"], indirect=True)
@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("There is no file /a/{0} b.mp4.", "Es gibt keine Datei /a/{0} b.mp4."),
        ("/a is a folder.", "/a ist ein Ordner."),
        (  # of the question what becomes of names that are taken
            "/b.mp4 is there already and is not ours.",
            "/b.mp4 gibt es schon und stammt nicht von hier.",
        ),
        ("/a is a folder, not a video.", "/a ist ein Ordner, kein Video."),
        ("Use one of rtsp, or a:\nb.", "Nehmen Sie eines von rtsp, oder a:\nb."),
        (  # one sentence in another
            "NVIDIA GPU (CUDA) cannot be had: no NVIDIA driver was found.",
            "NVIDIA GPU (CUDA) ist nicht zu haben: kein NVIDIA-Treiber wurde gefunden.",
        ),
        ("Nobody wrote this.", "Nobody wrote this."),
        ("", ""),
    ],
)
def test_a_sentence_is_known_by_how_it_is_written(
    written: str, said: str, spoken: str
) -> None:
    assert in_words(written) == said


@pytest.mark.parametrize("spoken", OTHERS, indirect=True)
def test_a_source_that_is_no_file_has_a_name_in_the_language(spoken: str) -> None:
    names = {
        "Test camera": {"de": "Testkamera", "ja": "テストカメラ"},
        "Test pattern": {"de": "Testbild", "ja": "テスト映像"},
        "Screen": {"de": "Bildschirm", "ja": "画面"},
    }
    for name, said in names.items():
        assert in_words(name) == said[spoken]
        assert said[spoken] in in_words(f"{name} was unplugged.")
    assert in_words("Screen.mp4") == "Screen.mp4"


@pytest.mark.parametrize("spoken", OTHERS, indirect=True)
def test_about_tells_of_licences_in_the_language(spoken: str, qtbot: QtBot) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    about = AboutDialog(place, "App", {}).said.text()
    assert "BSD-3-Clause" in about  # a name stays
    assert "FFmpeg" in about
    assert not re.search(r"\b(its|carry|with)\b", about)


@pytest.mark.parametrize("spoken", ["de"], indirect=True)
def test_half_a_sentence_that_stands_alone_is_one(spoken: str) -> None:
    no_driver = "Kein NVIDIA-Treiber wurde gefunden."
    assert sentence("no NVIDIA driver was found") == no_driver
    assert sentence("cuDNN is missing") == "cuDNN is missing."
    assert sentence("It is there.") == "It is there."


@pytest.mark.parametrize("spoken", list(LANGUAGES), indirect=True)
def test_a_remedy_in_words_is_no_command_to_copy(spoken: str, qtbot: QtBot) -> None:
    advice = Advice()
    qtbot.addWidget(advice)
    commands = []
    for remedy in ("Choose another device.", "pip install onnxruntime-gpu"):
        advice.say("", in_words(remedy))
        commands.append(advice.command.text)
    assert commands == ["", "pip install onnxruntime-gpu"]


@pytest.mark.parametrize("spoken", ["de"], indirect=True)
def test_an_error_is_told_in_the_language(spoken: str, window: MainWindow) -> None:
    error = SourceError("There is no file x.mp4.", "Check the name.")
    window.messages.tell_error(error)
    assert window.notice.text == "Es gibt keine Datei x.mp4. Prüfen Sie den Namen."
    window.situations.show_failed(error)
    assert window.page.title.text() == "Es gibt keine Datei x.mp4."
    assert window.page.text.text() == "Prüfen Sie den Namen."


def test_most_errors_that_the_window_tells_are_listed() -> None:
    """Not all: who writes a new one need not speak Japanese to see his tests pass."""
    written = sentences()
    assert len(written) > 150
    known = set(SENTENCES)
    assert sum(text in known for text in written) / len(written) > 0.9


# --- in the window ------------------------------------------------------------


@pytest.fixture
def spoken(qapp: QApplication, request: pytest.FixtureRequest) -> Iterator[str]:
    """The application in a language, and as before afterwards."""
    before = QLocale()
    class_word.cache_clear()
    language = speak(qapp, request.param)
    yield language
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)
    class_word.cache_clear()


@pytest.fixture
def speaking_window(
    spoken: str, player: Player, bench: Bench, window: MainWindow, until: Until
) -> MainWindow:
    """640 x 480, everything unfolded, with a video in a list, which is recorded."""
    bench.detectors["cpu"] = FakeDetector()
    bench.sources["holiday.mp4"] = FakeFile(1000)
    window.resize(640, 480)
    window.open_source("holiday.mp4")
    until(lambda: window.video.has_image)
    window.transport.show_list("2 of 5")
    window.actions_.record.trigger()
    until(lambda: bool(window.status.recording.text()))
    for further in window.panel.findChildren(Further):
        further.button.click()
    for _ in range(4):
        QApplication.processEvents()
    return window


@pytest.mark.parametrize("spoken", list(LANGUAGES), indirect=True)
def test_nothing_is_cut_off_in_a_small_window(speaking_window: MainWindow) -> None:
    # A screen gives a window no less than that, whatever it asked for.
    assert speaking_window.minimumSizeHint().width() <= 640
    assert speaking_window.width() == 640
    assert not cut_off(speaking_window)


@pytest.mark.parametrize("spoken", ["de"], indirect=True)
def test_the_window_speaks_it(speaking_window: MainWindow) -> None:
    window = speaking_window
    window.sections.classes.show_classes(("pottedplant", "forklift_truck"))
    model = window.sections.classes.model
    assert [model.index(row).data() for row in (0, 1)] == [
        *("Topfpflanze", "forklift truck"),
    ]
    assert window.actions_.snapshot.text() == "Foto"
    assert window.sections.overlay.heading.text() == "Darstellung"
    assert decimal(29.97, 2) == "29,97"
    assert window.sections.overlay.line.value_label.text() == "1,0"


@pytest.mark.parametrize("spoken", ["ja"], indirect=True)
def test_a_folded_sections_line_has_the_languages_colon(
    spoken: str, window: MainWindow
) -> None:
    source = window.sections.source
    source.summarize("street.mp4")
    source.fold(True)
    assert source.heading.text().endswith("\N{FULLWIDTH COLON}street.mp4")


def test_a_language_is_chosen_for_the_next_start(
    window: MainWindow, player: Player
) -> None:
    (german,) = (a for a in window.languages.actions() if a.text() == "Deutsch")
    german.trigger()
    assert player.settings.language == "de"
    assert window.notice.text == "From the next start on: Deutsch."
    assert window.notice.kind == "info"
    window.languages.aboutToShow.emit()
    assert german.isChecked()
