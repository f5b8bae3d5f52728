"""`main.py doctor` of a model on another machine: there and back, or why not."""

import json
from pathlib import Path

import pytest

import main
from app.detection.devices.doctor import examine
from tests.detection.conftest import MakeModel
from tests.detection.remote.test_remote import served


def test_it_measures_the_way_there_and_back(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(make_model()) as server:
        assert main.main(["doctor", "--model", server.address]) == 0
        said = capsys.readouterr().out
        assert f"model    {server.address}" in said
        assert "Remote (127.0.0.1, CPUExecutionProvider)" in said
        assert said.rstrip().endswith("All is well.")
        command = ["doctor", "--model", server.address, "--device", "cuda", "--json"]
        assert main.main(command) == 0  # its server chooses
        (report,) = json.loads(capsys.readouterr().out)["devices"]
        assert report["state"] == "works"
        assert report["latency_ms"] > 0


def test_a_server_that_is_not_there_is_what_it_says(
    make_model: MakeModel, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(make_model()) as server:
        address = server.address
    assert main.main(["doctor", "--model", address]) == 2
    said = capsys.readouterr().out
    assert "No model server answers at 127.0.0.1 (Connection refused)." in said
    assert "Is it running, and is the port right?" in said
    assert examine(Path(address)).devices == []
