"""Who is who: boxes of frame after frame, joined to tracks.

ByteTrack's idea, with the clock in it: boxes with good scores find their tracks first,
what is left of the tracks looks among the weak ones. Time is what the frames say, in
seconds, so rates that vary, drops and gaps do no harm.

Source: Zhang et al., "ByteTrack: Multi-Object Tracking by Associating Every Detection
Box", ECCV 2022, algorithm 1.
"""

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from app.tracking.matching import doubles, first_of, overlaps
from app.tracking.motion import SMALLEST_PX, Floats, Motion, xyxy_to_cxywh
from app.types import Detections

# A track that nobody has seen for so long is over.
KEEP_S = 1.0
# Weaker boxes belong to nobody.
LOWEST_SCORE = 0.1
# A track has an id once it was seen so often; until then it may miss this share of
# the keeping time.
CONFIRMED_HITS = 2
UNCONFIRMED_PATIENCE = 0.1
# At low rates a track may wait for the next frame, however late, up to so many keeping
# times.
LONGEST_WAIT = 3.0
# Weak boxes carry a track for so many keeping times.
WEAK_PATIENCE = 3.0
# They are so many times less sure of their place.
WEAK_NOISE = 2.0
# Overlap of a box with where its track should be by now; where the class is another
# one, it has to lie on top.
LEAST_OVERLAP, LEAST_OVERLAP_LOW, LEAST_OVERLAP_OTHER_CLASS = 0.15, 0.2, 0.65
OTHER_CLASS_LIKENESS = 0.3
# Of widths and heights: nothing is twice as large a moment later, but a weak box may
# hold a whole group.
LEAST_SIZE_RATIO = np.array([0.5, 0.6])
# A network that sees in cells has two boxes for whoever steps from one to the next:
# what overlaps so much with a box that a track of its class has is somebody else only
# if it is still there after this share of the keeping time.
BESIDE_OVERLAP, BESIDE_WAIT = 0.3, 0.25
# Boxes of two classes that overlap more are one thing with two names.
SAME_THING_OVERLAP = 0.85
# A vote counts for so many keeping times, and another class has to lead by so much.
VOTE_MEMORY, VOTE_LEAD = 2.0, 1.2


@dataclass(eq=False, slots=True)
class _Tracks:
    """T tracks, as columns.

    Attributes:
        motion: where they are.
        ids: (T,) from 1; 0: not confirmed yet.
        hits: (T,) how often they were seen.
        seen_s: (T,) when last.
        strong_s: (T,) when last with a good score.
        due_s: (T,) since when they may have an id.
        class_ids: (T,) by the vote.
        votes: (T, C) of each class: scores, the old ones fading.
    """

    motion: Motion
    ids: NDArray[np.int64]
    hits: NDArray[np.int64]
    seen_s: Floats
    strong_s: Floats
    due_s: Floats
    class_ids: NDArray[np.int64]
    votes: Floats

    def __len__(self) -> int:
        return len(self.ids)

    def where(self, stays: NDArray[np.bool_]) -> "_Tracks":
        if stays.all():
            return self
        columns = (getattr(self, field.name) for field in fields(self)[1:])
        return _Tracks(self.motion.where(stays), *(column[stays] for column in columns))

    def and_(self, more: "_Tracks") -> "_Tracks":
        names = [field.name for field in fields(self)[1:]]
        columns = [
            np.concatenate([getattr(self, name), getattr(more, name)]) for name in names
        ]
        return _Tracks(self.motion.and_(more.motion), *columns)


def _no_tracks() -> _Tracks:
    whole = np.zeros(0, np.int64)
    real = np.zeros(0)
    return _Tracks(
        Motion.at(np.zeros((0, 4))),
        *(whole, whole, real, real, real, whole, np.zeros((0, 1))),
    )


class Tracker:
    """Gives the boxes of frame after frame the ids of their tracks.

    Ids count from 1 and are never used twice. Trackers share nothing, and the order
    of the boxes in a frame changes nothing. No box is dropped: one that belongs to no
    track, or to none that is confirmed, has id 0.
    """

    def __init__(self, *, keep_s: float = KEEP_S) -> None:
        """A tracker that remembers what it does not see for `keep_s` seconds."""
        if not keep_s > 0:
            raise ValueError(f"keep_s must be above 0, got {keep_s}")
        self.keep_s = keep_s
        self._tracks = _no_tracks()
        self._now_s: float | None = None
        self._next_id = 1

    def restart(self) -> None:
        """What comes is from elsewhere: all tracks end, ids go on."""
        self._tracks = _no_tracks()
        self._now_s = None

    def update(
        self, found: Detections, timestamp_s: float, *, score_threshold: float = 0.5
    ) -> Detections:
        """`found` in the same order, with `track_ids` and `track_class_ids`.

        Args:
            found: all of one frame above `LOWEST_SCORE`, shown or not.
            timestamp_s: of the frame; one that falls begins anew.
            score_threshold: boxes above it begin tracks; weaker ones only go on with
                them.
        """
        if self._now_s is not None and timestamp_s < self._now_s:
            self.restart()
        self._let_pass(timestamp_s)
        ids = np.zeros(len(found), np.int64)
        class_ids = found.class_ids.copy()
        order = _best_first(found)
        scores = found.scores[order].astype(np.float64)
        usable = scores > min(LOWEST_SCORE, score_threshold)
        if not usable.all():
            order, scores = order[usable], scores[usable]
        boxes_xyxy = found.boxes_xyxy[order].astype(np.float64)
        named = found.class_ids[order]
        is_good = scores > score_threshold

        overlap, double_of = self._overlaps(boxes_xyxy, named)
        single = double_of < 0
        rows, picks = self._match(overlap, boxes_xyxy, named, is_good, single)
        born = is_good & single
        born[picks] = False
        (starts,) = born.nonzero()
        self._see(rows, boxes_xyxy[picks], is_good[picks], timestamp_s)
        if len(starts):
            known = picks[self._tracks.ids[rows] > 0]
            beside = overlaps(boxes_xyxy[starts], boxes_xyxy[known]) > BESIDE_OVERLAP
            beside &= named[starts][:, None] == named[known]
            wait_s = np.where(beside.any(axis=1), BESIDE_WAIT * self.keep_s, 0.0)
            due_s = timestamp_s + wait_s
            self._begin(boxes_xyxy[starts], named[starts], timestamp_s, due_s)

        # Which track each box is of; a double votes for the track of its better half.
        track_of = np.full(len(order), -1)
        track_of[picks] = rows
        tracks = self._tracks
        track_of[starts] = np.arange(len(tracks) - len(starts), len(tracks))
        voter = np.where(single, track_of, track_of[double_of])
        self._vote(voter, named, scores)
        self._confirm(timestamp_s)
        (owned,) = (track_of >= 0).nonzero()
        row_of, at = track_of[owned], order[owned]
        ids[at] = own_ids = tracks.ids[row_of]
        own_class_ids = tracks.class_ids[row_of]
        class_ids[at] = np.where(own_ids > 0, own_class_ids, named[owned])
        return found.followed(ids, class_ids)

    def _let_pass(self, timestamp_s: float) -> None:
        before_s, self._now_s = self._now_s, timestamp_s
        if before_s is None or not len(self._tracks):
            return
        tracks, keep_s = self._tracks, self.keep_s
        # Each may wait for the frame after the one it was seen in.
        patience_s = np.where(tracks.ids > 0, 1.0, UNCONFIRMED_PATIENCE) * keep_s
        unseen_s = timestamp_s - tracks.seen_s
        was_just_seen = tracks.seen_s == before_s
        alive = unseen_s <= patience_s
        alive |= was_just_seen & (unseen_s <= LONGEST_WAIT * keep_s)
        alive &= timestamp_s - tracks.strong_s <= WEAK_PATIENCE * keep_s
        self._tracks = tracks = tracks.where(alive)
        elapsed = (timestamp_s - before_s) / keep_s
        tracks.motion.step(elapsed)
        tracks.votes *= np.exp(-elapsed / VOTE_MEMORY)

    def _overlaps(
        self, boxes_xyxy: Floats, named: NDArray[np.int64]
    ) -> tuple[Floats, NDArray[np.intp]]:
        """(T, N) of the tracks with the boxes, and (N,) what each box doubles."""
        places_xyxy = self._tracks.motion.boxes_xyxy()
        if not len(named) or (named == named[0]).all():
            return overlaps(places_xyxy, boxes_xyxy), np.full(len(named), -1)
        # At once: with few boxes each call of NumPy counts.
        both = overlaps(np.concatenate([places_xyxy, boxes_xyxy]), boxes_xyxy)
        count = len(places_xyxy)
        return both[:count], doubles(both[count:], named, SAME_THING_OVERLAP)

    def _match(
        self,
        overlap: Floats,
        boxes_xyxy: Floats,
        named: NDArray[np.int64],
        is_good: NDArray[np.bool_],
        single: NDArray[np.bool_],
    ) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Rows of the tracks and, for each, which box it is.

        First the good boxes; of each kind, first to tracks that have an id.
        """
        tracks = self._tracks
        least = np.where(is_good, LEAST_OVERLAP, LEAST_OVERLAP_LOW)
        # Of all pairs, few are near enough to be asked for more.
        of, to = np.nonzero((overlap >= least) & single)
        likeness = overlap[of, to]
        size = np.maximum(tracks.motion.place[of, 2:], SMALLEST_PX)
        found_size = np.maximum(
            (boxes_xyxy[:, 2:] - boxes_xyxy[:, :2])[to], SMALLEST_PX
        )
        ratio = np.minimum(size / found_size, found_size / size)
        is_same = tracks.class_ids[of] == named[to]
        is_like = is_same | (likeness >= LEAST_OVERLAP_OTHER_CLASS)
        is_fit = ratio >= LEAST_SIZE_RATIO
        is_like &= is_fit[:, 0] & is_fit[:, 1]
        likeness = np.where(is_same, likeness, likeness * OTHER_CLASS_LIKENESS)
        if not is_like.all():
            of, to, likeness = of[is_like], to[is_like], likeness[is_like]
        order = np.lexsort((-likeness, tracks.ids[of] == 0, ~is_good[to]))
        pairs = np.array(first_of(of[order], to[order]), np.intp).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def _see(
        self,
        rows: NDArray[np.intp],
        boxes_xyxy: Floats,
        is_good: NDArray[np.bool_],
        timestamp_s: float,
    ) -> None:
        if len(rows):
            tracks = self._tracks
            noise = np.where(is_good, 1.0, WEAK_NOISE)
            tracks.motion.see(rows, xyxy_to_cxywh(boxes_xyxy), noise)
            tracks.hits[rows] += 1
            tracks.seen_s[rows] = timestamp_s
            tracks.strong_s[rows[is_good]] = timestamp_s

    def _begin(
        self,
        boxes_xyxy: Floats,
        named: NDArray[np.int64],
        timestamp_s: float,
        due_s: Floats,
    ) -> None:
        count = len(boxes_xyxy)
        self._tracks = self._tracks.and_(
            _Tracks(
                motion=Motion.at(xyxy_to_cxywh(boxes_xyxy)),
                ids=np.zeros(count, np.int64),
                hits=np.ones(count, np.int64),
                seen_s=np.full(count, timestamp_s),
                strong_s=np.full(count, timestamp_s),
                due_s=due_s,
                class_ids=named.copy(),
                votes=np.zeros((count, self._tracks.votes.shape[1])),
            )
        )

    def _vote(
        self,
        voter: NDArray[np.int64],
        named: NDArray[np.int64],
        scores: Floats,
    ) -> None:
        tracks = self._tracks
        (voters,) = (voter >= 0).nonzero()
        if not len(voters):
            return
        rows, named, scores = voter[voters], named[voters], scores[voters]
        missing = int(named.max()) + 1 - tracks.votes.shape[1]
        if missing > 0:
            tracks.votes = np.pad(tracks.votes, ((0, 0), (0, missing)))
        np.add.at(tracks.votes, (rows, named), scores)
        votes, current = tracks.votes[rows], tracks.class_ids[rows]
        leader = votes.argmax(axis=1)
        at = np.arange(len(rows))
        leads = votes[at, leader] > VOTE_LEAD * votes[at, current]
        if leads.any():
            tracks.class_ids[rows[leads]] = leader[leads]

    def _confirm(self, timestamp_s: float) -> None:
        tracks = self._tracks
        is_ready = (tracks.hits >= CONFIRMED_HITS) & (tracks.due_s <= timestamp_s)
        (new,) = ((tracks.ids == 0) & is_ready).nonzero()
        if len(new):
            tracks.ids[new] = np.arange(self._next_id, self._next_id + len(new))
            self._next_id += len(new)


def _best_first(found: Detections) -> NDArray[np.intp]:
    """An order of the boxes that does not depend on the one they come in."""
    scores = found.scores
    order = np.argsort(-scores, kind="stable")
    best_first = scores[order]
    if (best_first[1:] != best_first[:-1]).all():
        return order
    x1, y1, x2, y2 = found.boxes_xyxy.T
    return np.lexsort((y2, x2, y1, x1, found.class_ids, -found.scores))
