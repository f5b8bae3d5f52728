"""What model.training.state promises of the file that a training goes on from."""

from pathlib import Path

import keras
import numpy as np
import pytest

from model.errors import BuildError
from model.training.state import Averages, RunState


def begun(run: Path) -> RunState:
    """Of a network so small that nothing of it takes time."""
    network = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    network.compile(optimizer=keras.optimizers.AdamW(use_ema=True))
    network.optimizer.build(network.trainable_variables)
    return RunState(run, network, Averages(network, 0.5))


def test_a_save_that_is_cut_short_leaves_the_state_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    state = begun(tmp_path)
    state.save([{"epoch": 1.0}])
    whole = (tmp_path / "state.npz").read_bytes()

    def killed(file: object, **_: object) -> None:
        file.write(b"half of it")  # type: ignore[attr-defined] # it is open
        raise KeyboardInterrupt

    with monkeypatch.context() as changed:
        changed.setattr(np, "savez", killed)
        with pytest.raises(KeyboardInterrupt):
            state.save([{"epoch": 1.0}, {"epoch": 2.0}])
    assert (tmp_path / "state.npz").read_bytes() == whole
    assert begun(tmp_path).restore() == [{"epoch": 1.0}]


@pytest.mark.parametrize("kept", [0, 30, -1000, -30])
def test_a_state_that_is_torn_is_said(tmp_path: Path, kept: int) -> None:
    state = begun(tmp_path)
    state.save([{"epoch": 1.0}])
    file = tmp_path / "state.npz"
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(BuildError, match="is damaged, or of another network"):
        begun(tmp_path).restore()
