"""How wrong the network's answers are.

The targets travel as one array for each of the network's outputs: for "loc"
(B, A, 5), the codes and whether the anchor is matched; for "logits" (B, A, 2 C),
the scores and whether they are known (see `model.training.targets`). Losses are
sums over anchors, divided by the number of matched anchors in the batch.
"""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from keras import ops
from numpy.typing import NDArray

from model.network.config import SsdConfig
from model.training.targets import Targets

LossName = Literal["multibox", "focal"]
Loss = Callable[[Any, Any], Any]

# SSD paper, section 2.2: at most so many negatives for each positive.
NEGATIVES_PER_POSITIVE = 3
# A picture without objects teaches too: by its so many worst false alarms.
LEAST_NEGATIVES = 10
# Of TensorFlow's ssd_mobilenet_v1 configs of 2018.
FOCAL_ALPHA, FOCAL_GAMMA = 0.75, 2.0


def pack(targets: Targets) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """`targets` as the arrays for "loc" and "logits", without the batch axis."""
    loc = np.concatenate([targets.codes, targets.is_matched[:, np.newaxis]], axis=-1)
    return loc, np.concatenate([targets.scores, targets.is_known], axis=-1)


def box_loss(packed: Any, codes: Any) -> Any:  # noqa: ANN401 - Keras tensors
    """Smooth L1 of the codes of matched anchors.

    Args:
        packed: (B, A, 5), see `pack`.
        codes: (B, A, 4), the network's "loc".
    """
    matched = packed[..., 4]
    error = ops.abs(packed[..., :4] - ops.cast(codes, packed.dtype))
    smooth = ops.where(error < 1, 0.5 * error * error, error - 0.5)
    total = ops.sum(ops.sum(smooth, axis=-1) * matched)
    return total / ops.maximum(ops.sum(matched), 1.0)


def positives(packed: Any, codes: Any) -> Any:  # noqa: ANN401, ARG001
    """Matched anchors a picture: a metric beside the losses."""
    return ops.mean(ops.sum(packed[..., 4], axis=-1))


def class_loss(config: SsdConfig, name: LossName) -> Loss:
    """The loss of "logits" (B, A, C or 1 + C) by its packed targets (B, A, 2 C).

    Args:
        config: softmax over background and classes, or sigmoids.
        name: "multibox": cross-entropy of all positives and of the hardest
            negatives, three for each positive; "focal": of everything, weighted
            by how wrong it is (arXiv 1708.02002), sigmoids only.

    Raises:
        ValueError: focal loss under softmax.
    """
    is_softmax = config.score_function == "softmax"
    if name == "focal":
        if is_softmax:
            raise ValueError("focal loss is for sigmoid scores")
        return _focal_loss
    entropies = _softmax_cross_entropy if is_softmax else _sigmoid_cross_entropy

    def multibox_loss(packed: Any, logits: Any) -> Any:  # noqa: ANN401
        scores, known = ops.split(packed, 2, axis=-1)
        loss = entropies(scores, known, ops.cast(logits, packed.dtype))  # (B, A)
        positive = ops.cast(ops.max(scores, axis=-1) > 0, loss.dtype)
        count = ops.sum(positive, axis=-1, keepdims=True)
        chosen = positive + _hardest(loss * (1 - positive), count)
        return ops.sum(loss * chosen) / ops.maximum(ops.sum(positive), 1.0)

    return multibox_loss


def holding(config: SsdConfig, loss: Loss, weight: float) -> Loss:
    """`loss`, and how far the logits are from those of the start.

    Law: where the two agree, only `loss` pulls at the logits.

    Args:
        config: as for `class_loss`.
        loss: from `class_loss`.
        weight: of the cross-entropy with the start's scores, over all anchors.

    Returns:
        The loss of "logits" by their packed targets with the start's logits behind
        them, in the last axis.

    Source: Li, Hoiem, "Learning without Forgetting" (arXiv 1606.09282), section 3,
    with a temperature of 1.
    """
    width = 2 * len(config.class_names)

    def held_loss(packed: Any, logits: Any) -> Any:  # noqa: ANN401
        targets, start = packed[..., :width], packed[..., width:]
        logits = ops.cast(logits, packed.dtype)
        if config.score_function == "softmax":
            apart = -ops.softmax(start) * ops.log_softmax(logits)
        else:
            apart = _binary_cross_entropy(ops.sigmoid(start), logits)
        positive = ops.max(targets[..., : width // 2], axis=-1) > 0
        count = ops.maximum(ops.sum(ops.cast(positive, packed.dtype)), 1.0)
        return loss(targets, logits) + weight * ops.sum(apart) / count

    return held_loss


def _softmax_cross_entropy(scores: Any, known: Any, logits: Any) -> Any:  # noqa: ANN401
    """(B, A): an object's own class; for background, anything but known classes.

    On a photo where dogs are not labelled, an anchor without an object may well be
    a dog: background and dog share the probability that is asked for.
    """
    log_p = logits - ops.logsumexp(logits, axis=-1, keepdims=True)
    positive = ops.max(scores, axis=-1)
    own = -ops.sum(scores * log_p[..., 1:], axis=-1)
    allowed = ops.concatenate(
        [log_p[..., :1], ops.where(known > 0, -1e9, log_p[..., 1:])], axis=-1
    )
    none = -ops.logsumexp(allowed, axis=-1)
    # A teacher's score s asks for s of its class and 1 - s of the rest.
    return own + (1 - positive) * none


def _sigmoid_cross_entropy(scores: Any, known: Any, logits: Any) -> Any:  # noqa: ANN401
    """(B, A): summed over the known classes."""
    return ops.sum(_binary_cross_entropy(scores, logits) * known, axis=-1)


def _focal_loss(packed: Any, logits: Any) -> Any:  # noqa: ANN401
    scores, known = ops.split(packed, 2, axis=-1)
    logits = ops.cast(logits, packed.dtype)
    # |t - p| is 1 - p_t of the paper for t of 0 and 1, and holds for a teacher's
    # scores between (quality focal loss, arXiv 2006.04388).
    wrongness = ops.abs(scores - ops.sigmoid(logits)) ** FOCAL_GAMMA
    alpha = ops.where(scores > 0, FOCAL_ALPHA, 1 - FOCAL_ALPHA)
    loss = alpha * wrongness * _binary_cross_entropy(scores, logits) * known
    positive = ops.sum(ops.cast(ops.max(scores, axis=-1) > 0, loss.dtype))
    return ops.sum(loss) / ops.maximum(positive, 1.0)


def _binary_cross_entropy(targets: Any, logits: Any) -> Any:  # noqa: ANN401
    return ops.softplus(logits) - targets * logits


def _hardest(loss: Any, positive_count: Any) -> Any:  # noqa: ANN401
    """(B, A): 1 for the negatives that count, where positives have a `loss` of 0."""
    wanted = ops.maximum(NEGATIVES_PER_POSITIVE * positive_count, LEAST_NEGATIVES)
    # The rank of each anchor among its picture's, the worst being 0.
    rank = ops.argsort(ops.argsort(-loss, axis=-1), axis=-1)
    chosen = (ops.cast(rank, loss.dtype) < wanted) & (loss > 0)
    return ops.cast(chosen, loss.dtype)
