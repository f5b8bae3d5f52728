"""What the user sees of a result, as pixels."""

from collections.abc import Sequence

from app.pipeline.interfaces import Draw
from app.scene import NO_SCENE
from app.settings import Settings
from app.types import ImageBgr, Result


def hidden_class_ids(class_names: Sequence[str], settings: Settings) -> list[int]:
    """The ids of the classes that are not drawn."""
    hidden = frozenset(settings.hidden_class_names)
    return [i for i, name in enumerate(class_names) if name in hidden]


def annotate(result: Result, draw: Draw, settings: Settings) -> ImageBgr:
    """The frame with its boxes, as `settings` say; a gap's stand-in as it is."""
    if result.frame.gap:
        return result.frame.image_bgr
    hidden = hidden_class_ids(result.class_names, settings)
    besides = {"scene": result.scene} if result.scene is not NO_SCENE else {}
    return draw(
        result.frame.image_bgr,
        result.detections.without(hidden),
        class_names=result.class_names,
        fps=result.fps if settings.draw_fps and result.fps else None,
        style=settings.style,
        **besides,
    )
