"""The contracts of `app.pipeline.interfaces` as laws to run a part of yours by.

Each check returns where they hold and raises AssertionError, with the law as a
sentence, where one does not; see docs/how-to-add-a-source.md.
"""

from app.testing.detector import check_detector
from app.testing.recorder import check_recorder
from app.testing.source import check_source

__all__ = ["check_detector", "check_recorder", "check_source"]
