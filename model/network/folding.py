"""A convolution and the batch norm behind it, as one convolution."""

import numpy as np
from numpy.typing import NDArray


def folded_arrays(
    kernel: NDArray[np.float32],
    bias: NDArray[np.float32],
    *,
    gamma: NDArray[np.float32],
    beta: NDArray[np.float32],
    mean: NDArray[np.float32],
    variance: NDArray[np.float32],
    epsilon: float,
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Kernel and bias that do what convolution and batch norm did.

    `gamma * (k * x + bias - mean) / sqrt(variance + epsilon) + beta`, sorted by x.

    Args:
        kernel: (h, w, in, out), or depthwise (h, w, in, 1).
        bias: (out,) of the convolution itself; zeros where it has none.
        gamma: (out,).
        beta: (out,).
        mean: (out,).
        variance: (out,).
        epsilon: added to the variance.
    """
    gain = gamma / np.sqrt(variance + np.float32(epsilon))
    is_depthwise = kernel.shape[-1] == 1 and kernel.shape[-2] == len(gain)
    folded = kernel * (gain[:, None] if is_depthwise else gain)
    return folded.astype(np.float32), ((bias - mean) * gain + beta).astype(np.float32)
