"""`build_model.py dataset label`: teachers label what nobody did."""

from pathlib import Path

import pytest

import build_model
from model.dataset.read import read_dataset
from model.network.config import VOC_CLASS_NAMES
from tests.model.teachers.files import make_yolox
from tests.model.teachers.test_label import write_photo


@pytest.fixture
def teacher(tmp_path: Path) -> str:
    path = make_yolox(tmp_path / "x.onnx", (9, "couch", 0.9), (64, "person", 0.3))
    return str(path)


def test_the_command_labels_what_it_is_told_to(
    teacher: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The teacher finds a sofa of 0.9 and a person of 0.3; people say one person."""
    write_photo(tmp_path / "set", exhaustive_class_names=["person"])
    out = tmp_path / "labels.json"
    asked = ["dataset", "label", str(tmp_path / "set"), "--teacher", teacher]
    asked += ["--out", str(out)]

    def labelled(*options: str) -> tuple[list[str], int]:
        assert build_model.main([*asked, *options]) == 0
        dataset = read_dataset([out])
        (photo,) = dataset.photos
        said = capsys.readouterr().out
        added = sum(int(score < 1) for score in photo.scores)
        assert f"Wrote {out}: {added} labels are the teachers'." in said
        return sorted(dataset.class_names[k] for k in photo.class_ids), added

    assert labelled() == (["person", "sofa"], 1)
    assert labelled("--least-score", "0.95") == (["person"], 0)
    assert labelled("--replace-partial") == (["person", "sofa"], 2)


def test_pictures_without_labels_get_the_classes_that_are_named(
    teacher: str, tmp_path: Path
) -> None:
    write_photo(tmp_path / "set")
    pictures = str(tmp_path / "set" / "images")
    out = tmp_path / "labels.json"
    asked = ["dataset", "label", pictures, "--teacher", teacher, "--out", str(out)]
    assert build_model.main(asked) == 0
    assert read_dataset([out]).class_names == VOC_CLASS_NAMES
    assert build_model.main([*asked, "--classes", "sofa"]) == 0
    dataset = read_dataset([out])
    assert dataset.class_names == ("sofa",)
    assert [len(photo.class_ids) for photo in dataset.photos] == [1]
