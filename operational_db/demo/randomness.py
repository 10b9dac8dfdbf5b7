"""Chance that repeats itself: every subject draws from a stream of its own.

A change in one subject (say, names) then leaves the others (say, payments) as they were.
"""

from zlib import crc32

import numpy as np


def stream(seed: int, subject: str, part: int = 0) -> np.random.Generator:
    """Return the random numbers of a subject; the same arguments give the same numbers."""
    return np.random.default_rng([seed, crc32(subject.encode()), part])


def pick(random: np.random.Generator, weights: list[float], size: int) -> np.ndarray:
    """Draw ``size`` positions of ``weights``, each as often as its weight says."""
    edges = np.cumsum(weights, dtype=float)
    return np.searchsorted(edges, random.random(size) * edges[-1], side="right").astype(np.int64)


def chance(random: np.random.Generator, probability: float | np.ndarray, size: int) -> np.ndarray:
    """Return ``size`` flags, true with the given probability."""
    return random.random(size) < probability


def between(
    random: np.random.Generator,
    low: int | np.ndarray,
    high: int | np.ndarray,
    size: int | None = None,
) -> np.ndarray:
    """Draw whole numbers from ``low`` to ``high``, both included."""
    low, high = np.asarray(low), np.asarray(high)
    shape = np.broadcast(low, high).shape if size is None else size
    return low + (random.random(shape) * (high - low + 1)).astype(np.int64)
