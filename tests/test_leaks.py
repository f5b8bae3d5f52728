"""The guards of tests/leaks.py bite: what stays fails the test that left it."""

import pytest

from tests.python import ROOT

pytest_plugins = ["pytester"]

CONFTEST = """
import pytest
from tests.leaks import no_thread_stays, nothing_of_qt_stays

@pytest.fixture(autouse=True)
def _nothing_stays(monkeypatch):
    monkeypatch.setattr("tests.leaks.SETTLE_S", 0.05)
    with no_thread_stays(), nothing_of_qt_stays(monkeypatch):
        yield
"""


@pytest.mark.gui
def test_what_is_left_running_is_named(
    pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    pytester.makeconftest(CONFTEST)
    pytester.makepyfile(
        test_it="""
import threading
from PySide6.QtCore import QThread, QTimer
from PySide6.QtWidgets import QWidget

def test_a_thread():
    threading.Thread(target=threading.Event().wait, name="mine", daemon=True).start()

def test_a_timer(qtbot):
    global timer
    timer = QTimer()
    timer.start(1000)

def test_a_timer_that_a_signal_starts(qtbot):
    global timer, asking
    timer, asking = QTimer(interval=1000), QWidget()
    asking.windowTitleChanged.connect(timer.start)
    asking.setWindowTitle("now")

def test_a_qthread(qtbot):
    global thread
    thread = QThread()
    thread.start()

def teardown_module():
    thread.quit()
    thread.wait()

def test_what_ends_in_time(qtbot):
    thread = threading.Thread(target=lambda: None)
    thread.start()
    timer = QTimer()
    timer.start(1000)
    timer.stop()

def test_a_timer_of_a_window(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.timer = QTimer(window)
    window.timer.start(1000)
"""
    )
    result = pytester.runpytest_subprocess("-p", "no:cacheprovider", "-q")
    result.assert_outcomes(passed=6, errors=4)
    result.stdout.fnmatch_lines_random(
        [
            "*threads are left running: mine*",
            "*left running: QTimer of *test_it.py:11*",
            "*left running: QTimer of *test_it.py:17*",
            "*left running: QThread of *test_it.py:22*",
        ]
    )
