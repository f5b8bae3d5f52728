"""What app.gui.picture.video_view promises."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.drawing import overlay
from app.drawing.screen import scale_for_screen
from app.drawing.style import class_color_rgb
from app.drawing.viewport import place
from app.gui.picture.marks import Marks
from app.gui.picture.video_view import BACKGROUND, VideoView
from app.settings import Settings
from app.types import Detections, Frame, ImageBgr, Result, ScreenPicture, Viewport

pytestmark = pytest.mark.gui

NAMES = ("person", "car", "bicycle")
Show = Callable[..., Result]


@pytest.fixture
def view(qtbot: QtBot) -> VideoView:
    """640 x 400, nothing on it."""
    view = VideoView()
    qtbot.addWidget(view)
    view.resize(640, 400)
    view.apply(Settings(draw_fps=False))
    view.show()
    qtbot.waitExposed(view)
    return view


def result_of(
    image_bgr: ImageBgr,
    detections: Detections | None = None,
    *,
    viewport: Viewport | None = None,
    gap: str = "",
) -> Result:
    """With the frame made ready for `viewport`, as the pipeline does it."""
    screen = None
    if viewport is not None:
        screen = ScreenPicture(scale_for_screen(image_bgr, viewport), viewport)
    return Result(
        Frame(image_bgr, 0, 0.0, 0.0, gap),
        detections or Detections.empty(),
        NAMES,
        fps=25.4,
        screen=screen,
    )


def found(*boxes: tuple[float, float, float, float, int]) -> Detections:
    return Detections(
        np.array([box[:4] for box in boxes], np.float32),
        np.linspace(0.9, 0.5, len(boxes), dtype=np.float32),
        np.array([box[4] for box in boxes], np.int64),
    )


def quartered() -> ImageBgr:
    """320 x 180: blue, green, red and yellow quarters."""
    image = np.zeros((180, 320, 3), np.uint8)
    image[:90, :160] = (255, 0, 0)
    image[:90, 160:] = (0, 255, 0)
    image[90:, :160] = (0, 0, 255)
    image[90:, 160:] = (0, 255, 255)
    return image


def grey(width: int, height: int) -> ImageBgr:
    return np.full((height, width, 3), 60, np.uint8)


def shown(view: VideoView) -> NDArray[np.uint8]:
    """What the view paints, (H, W, 3) red, green, blue, in the screen's pixels."""
    image = view.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    width, height = image.width(), image.height()
    pixels = np.frombuffer(image.constBits(), np.uint8).reshape(height, -1, 4)
    return pixels[:, :width, 2::-1].copy()


def is_color(pixels: NDArray[np.uint8], class_id: int) -> NDArray[np.bool_]:
    return np.asarray((pixels == class_color_rgb(class_id)).all(axis=-1))


def drawn(
    image_bgr: ImageBgr, detections: Detections, settings: Settings
) -> NDArray[np.uint8]:
    """What a recording would show, in red, green, blue."""
    picture = overlay.draw(
        image_bgr, detections, class_names=NAMES, fps=None, style=settings.style
    )
    return picture[..., ::-1]


def wheel(view: VideoView, at: tuple[int, int], notches: float) -> None:
    position = QPointF(*at)
    event = QWheelEvent(
        position,
        QPointF(view.mapToGlobal(position)),
        QPoint(),
        QPoint(0, round(120 * notches)),
        Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(view, event)


@pytest.mark.parametrize("is_ready", [True, False], ids=["ready", "raw"])
def test_corners_and_colors_are_where_they_belong(
    view: VideoView, is_ready: bool
) -> None:
    """In a widget twice the picture's size, with 20 pixels above and below."""
    view.show_result(
        result_of(quartered(), viewport=view.viewport if is_ready else None)
    )
    assert view.has_image
    pixels = shown(view)
    assert pixels[30, 10].tolist() == [0, 0, 255]
    assert pixels[30, 630].tolist() == [0, 255, 0]
    assert pixels[370, 10].tolist() == [255, 0, 0]
    assert pixels[370, 630].tolist() == [255, 255, 0]
    for row in (5, 395):
        assert QColor(*pixels[row, 320].tolist()) == BACKGROUND


def test_words_take_the_pictures_place(view: VideoView) -> None:
    view.show_result(result_of(np.full((90, 160, 3), 255, np.uint8)))
    view.show_text("Open a camera", "or a file")
    assert not view.has_image
    pixels = shown(view)
    assert QColor(*pixels[2, 2].tolist()) == BACKGROUND
    assert len(np.unique(pixels.reshape(-1, 3), axis=0)) > 10  # there is text on it


def test_a_view_as_large_as_the_picture_looks_like_the_recording(
    view: VideoView,
) -> None:
    """The same boxes, to the pixel; labels of much the same place and size."""
    view.resize(1280, 720)
    image = grey(1280, 720)
    detections = found(
        (300.2, 200.4, 620.6, 500, 0), (340, 260, 500, 420, 1), (700, 90, 980, 650, 2)
    )
    settings = Settings(draw_fps=False)
    recorded = drawn(image, detections, settings)
    view.show_result(result_of(image, detections, viewport=view.viewport))
    pixels = shown(view)
    assert pixels.shape == recorded.shape
    without = Settings(draw_fps=False, label_scale=0.0)
    for class_id in range(3):
        in_file, in_window = is_color(recorded, class_id), is_color(pixels, class_id)
        both = (in_file & in_window).sum()
        assert both / (in_file | in_window).sum() > 0.65  # fonts differ
    view.apply(without)
    assert np.array_equal(shown(view), drawn(image, detections, without))


def test_boxes_stay_crisp_at_any_zoom(view: VideoView) -> None:
    """Every pixel of a box's edge is the picture's or the class's: none between."""
    view.apply(Settings(draw_fps=False, label_scale=0.0))
    view.show_result(result_of(grey(320, 200), found((40, 50, 121, 111, 1))))
    for notches in (0, 1, 5):
        wheel(view, (160, 160), notches)
        colors = {tuple(color) for color in shown(view)[:330].reshape(-1, 3).tolist()}
        assert colors == {(60, 60, 60), class_color_rgb(1)}


def test_a_box_lies_where_the_picture_says_when_zoomed(view: VideoView) -> None:
    """A white square, framed: zoomed, the frame is still around it."""
    image = grey(320, 200)
    image[100:120, 80:110] = 255
    view.apply(Settings(draw_fps=False, label_scale=0.0))
    view.show_result(result_of(image, found((80, 100, 110, 120, 0))))
    wheel(view, (190, 220), 4)
    view.show_result(
        result_of(image, found((80, 100, 110, 120, 0)), viewport=view.viewport)
    )
    pixels = shown(view)
    frame = np.argwhere(is_color(pixels, 0))
    (ox, oy), scale = place(view.viewport, (320, 200)).origin_xy, 2 * 1.25**4
    top_left = (oy + 100 * scale, ox + 80 * scale)
    assert frame.min(axis=0) == pytest.approx(top_left, abs=1)
    top, left = frame.min(axis=0)
    bottom, right = frame.max(axis=0)
    inside = pixels[top + 6 : bottom - 5, left + 6 : right - 5]
    assert (inside == 255).all()
    assert (pixels[top - 6 : top - 3, left:right] == 60).all()


def test_hidden_classes_and_other_styles_show_at_once(view: VideoView) -> None:
    detections = found((40, 50, 120, 110, 0), (150, 60, 250, 120, 1))
    view.show_result(result_of(grey(320, 200), detections))
    assert is_color(shown(view), 0).any()
    view.apply(Settings(draw_fps=False, hidden_class_names=("person",)))
    pixels = shown(view)
    assert not is_color(pixels, 0).any()
    assert is_color(pixels, 1).any()
    view.apply(Settings(draw_fps=False, label_scale=0.0, fill_opacity=0.5))
    mixed = np.array(class_color_rgb(1)) / 2 + 30
    assert shown(view)[180, 400] == pytest.approx(mixed, abs=2)


def test_fps_stands_in_the_corner_of_the_picture_if_wanted(view: VideoView) -> None:
    view.show_result(result_of(grey(320, 180)))
    assert (shown(view)[22, 2] == 60).all()
    view.apply(Settings(draw_fps=True))
    assert (shown(view)[22, 2] == 255).all()  # a white tab, 20 pixels down


def test_a_gap_is_shown_bare(view: VideoView) -> None:
    view.apply(Settings(draw_fps=True))
    view.show_result(result_of(grey(320, 180), gap="It was unplugged."))
    assert (shown(view)[20:380] == 60).all()


@pytest.mark.parametrize("marks", [Marks(recording="0:07"), Marks(filtered="Only: a")])
def test_a_label_makes_way_for_a_sign(marks: Marks, view: VideoView) -> None:
    view.show_result(result_of(grey(320, 180), found((230, 4, 318, 100, 1))))
    alone = is_color(shown(view), 1).sum()
    view.show_marks(marks)
    assert is_color(shown(view), 1).sum() > 0.97 * alone  # its frame goes below it


def test_labels_of_neighbours_do_not_cover_each_other(view: VideoView) -> None:
    """Two boxes at almost one place: two labels' worth of text, not one."""
    view.apply(Settings(one_name=False))
    first, second = (60, 60, 200, 150, 0), (62, 61, 202, 152, 1)
    view.show_result(result_of(grey(320, 200), found(first, second)))
    pixels = shown(view)
    alone = []
    for box in (first, second):
        view.show_result(result_of(grey(320, 200), found(box)))
        alone.append(is_color(shown(view), box[4]).sum())
    # The weaker one loses a part of its frame, but not its label.
    assert is_color(pixels, 0).sum() == alone[0]
    assert is_color(pixels, 1).sum() > 0.6 * alone[1]


def test_the_wheel_zooms_about_the_cursor_and_0_shows_all(
    view: VideoView, qtbot: QtBot
) -> None:
    view.show_result(result_of(quartered()))
    with qtbot.waitSignal(view.viewport_changed) as changed:
        wheel(view, (10, 30), 3)
    assert changed.args == [view.viewport]
    assert view.viewport.zoom == pytest.approx(1.25**3)
    assert shown(view)[30, 10].tolist() == [0, 0, 255]  # still the blue corner
    assert shown(view)[200, 300].tolist() == [0, 0, 255]  # which has grown
    view.reset_zoom()
    assert view.viewport == Viewport((640, 400))


def test_a_drag_moves_the_zoomed_picture(view: VideoView) -> None:
    view.show_result(result_of(quartered()))
    for _ in range(6):
        view.zoom_in()
    middle = QPoint(320, 200)
    before = place(view.viewport, (320, 180)).origin_xy
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    assert view.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    QTest.mouseMove(view, middle + QPoint(70, -30))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(70, -30))
    after = place(view.viewport, (320, 180)).origin_xy
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((70, -30))
    assert view.cursor().shape() == Qt.CursorShape.OpenHandCursor


def test_a_drag_follows_the_hand_on_a_screen_of_twice_the_pixels(
    view: VideoView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(VideoView, "devicePixelRatio", lambda _: 2.0)
    view.resize(600, 400)  # of the screen's own pixels, these are twice as many
    view.show_result(result_of(quartered()))
    for _ in range(6):
        view.zoom_in()
    middle = QPoint(300, 200)
    before = place(view.viewport, (320, 180)).origin_xy
    QTest.mousePress(view, Qt.MouseButton.LeftButton, pos=middle)
    QTest.mouseMove(view, middle + QPoint(40, -20))
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, pos=middle + QPoint(40, -20))
    after = place(view.viewport, (320, 180)).origin_xy
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((80, -40))


def test_the_sign_in_the_corner_is_covered_by_no_label(view: VideoView) -> None:
    """A box in the very corner: its label makes way, as it does in a file."""
    view.apply(Settings(draw_fps=True))
    view.show_result(result_of(grey(640, 400), found((0, 0, 600, 380, 1))))
    shown = view.grab().toImage()
    tab = view._tabs((640, 400), place(view.viewport, (640, 400)), 1.0)
    width, height = tab.size_wh("FPS: 25")
    ground = [shown.pixelColor(x, height - 1) for x in range(2, width - 2)]
    assert all(color == QColor(255, 255, 255) for color in ground)


def test_the_zoom_is_shown_while_there_is_one(view: VideoView) -> None:
    view.show_result(result_of(grey(320, 200)))
    corner = slice(360, 400), slice(440, 640)
    assert (shown(view)[corner] == 60).all()
    view.zoom_in()
    assert shown(view)[corner].max() > 200
    view.zoom_out()
    assert (shown(view)[corner] == 60).all()


def test_words_forget_the_zoom(view: VideoView) -> None:
    view.show_result(result_of(grey(320, 200)))
    view.zoom_in()
    view.show_text("Opening…")
    assert view.viewport.zoom == 1
    view.zoom_in()  # there is nothing to see closer
    assert view.viewport.zoom == 1


def test_a_double_click_asks_for_the_full_screen(view: VideoView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.full_screen_wanted):
        QTest.mouseDClick(view, Qt.MouseButton.LeftButton)


def test_a_picture_at_rest_is_asked_for_in_its_new_size(
    view: VideoView, qtbot: QtBot
) -> None:
    """Black and white rows: skipped, they are stripes; scaled beside, they are grey."""
    image = np.zeros((1200, 1920, 3), np.uint8)
    image[::2] = 255
    result = result_of(image)
    with qtbot.waitSignal(view.scaling_wanted) as wanted:
        view.show_result(result)
    assert np.ptp(shown(view)) == 255
    assert wanted.args == [result.frame, view.viewport]
    ready = ScreenPicture(scale_for_screen(image, view.viewport), view.viewport)
    view.show_screen(result_of(image).frame, ready)  # of another frame: too late
    assert np.ptp(shown(view)) == 255
    view.show_screen(result.frame, ready)
    assert np.ptp(shown(view)) < 100


def test_a_result_is_told_once_when_it_is_painted(
    view: VideoView, qtbot: QtBot
) -> None:
    painted: list[Result] = []
    view.painted.connect(painted.append)
    view.show_result(result_of(grey(320, 200)))
    qtbot.waitUntil(lambda: len(painted) == 1)
    view.repaint()
    assert len(painted) == 1
    assert painted[0].times.show_ms > 0


def test_a_view_of_another_size_asks_for_another(view: VideoView, qtbot: QtBot) -> None:
    with qtbot.waitSignal(view.viewport_changed) as changed:
        view.resize(500, 300)
    assert changed.args == [Viewport((500, 300))]
