"""Which language the window speaks."""

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

# Each by the name that its own people give it.
LANGUAGES = {"en": "English", "de": "Deutsch", "ja": "日本語"}
# In which the texts are written.
SOURCE = "en"
FOLDER = Path(__file__).parent


def language_of(wish: str) -> str:
    """The language to speak: one of `LANGUAGES`.

    Args:
        wish: one of them; else the first of the system's that we know is taken.
    """
    wanted = [wish] if wish in LANGUAGES else QLocale.system().uiLanguages()
    known = (name.replace("_", "-").split("-")[0].lower() for name in wanted)
    return next((name for name in known if name in LANGUAGES), SOURCE)


def speak(application: QCoreApplication, wish: str = "") -> str:
    """Let every text from now on be in that language, and numbers; returns which.

    Args:
        application: whose texts; Qt's own are among them.
        wish: see `language_of`.
    """
    language = language_of(wish)
    system = QLocale.system()
    is_own = system.name().split("_")[0].lower() == language
    # Of the system's own language its country says how numbers are written.
    QLocale.setDefault(system if is_own else QLocale(language))
    if language == SOURCE:
        return language
    qts = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    for name, folder in ((f"qtbase_{language}", qts), (language, str(FOLDER))):
        translator = QTranslator(application)
        if translator.load(name, folder):
            application.installTranslator(translator)
    return language
