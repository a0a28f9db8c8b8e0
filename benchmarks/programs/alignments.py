"""Sums over all ways to align two sequences, in logarithms."""

from __future__ import annotations

from typing import Any

from autograd import logsumexp


def soft_dtw(first: Any, second: Any) -> Any:
    """Soft dynamic time warping.

    Cuturi and Blondel, "Soft-DTW: a differentiable loss function for time-series" (2017),
    algorithm 1.
    """
    far = 1e6  # no way leads there; an infinity would have no derivative
    above = [0.0] + [far] * len(second)
    for a in first:
        row = [far]
        for j, b in enumerate(second):
            step = -logsumexp([-above[j + 1], -row[j], -above[j]])
            row.append((a - b) ** 2 + step)
        above = row
    return above[-1]


def ctc(frames: Any, text: Any) -> Any:
    """Connectionist temporal classification: the loss of a text over frames of scores of letters.

    Letter 0 is the blank. Graves, Fernandez, Gomez and Schmidhuber, "Connectionist temporal
    classification" (2006), equations 6 to 8. States that cannot be reached are left out.
    """
    labels = [0]
    for letter in text:
        labels += [letter, 0]
    alpha: dict[int, Any] = {}
    for t, frame in enumerate(frames):
        norm = logsumexp(frame)
        reached = {}
        for s, letter in enumerate(labels):
            if t == 0:
                ways = [0.0] if s < 2 else []
            else:
                skips = s > 1 and letter != 0 and letter != labels[s - 2]
                before = (s, s - 1, s - 2) if skips else (s, s - 1)
                ways = [alpha[r] for r in before if r in alpha]
            if ways:
                so_far = ways[0] if len(ways) == 1 else logsumexp(ways)
                reached[s] = so_far + frame[letter] - norm
        alpha = reached
    return -logsumexp([alpha[len(labels) - 1], alpha[len(labels) - 2]])
