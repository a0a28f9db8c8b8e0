"""Losses: how far predictions are from targets, as one number to make small.

Predictions and targets are sequences of numbers, or single numbers. The loss is a Value if any of
them is a Value, otherwise a float.
"""

from nn.losses.binary import binary_cross_entropy, binary_cross_entropy_with_logits, hinge
from nn.losses.categorical import cross_entropy, cross_entropy_of_probabilities
from nn.losses.regression import (
    half_sum_squared_error,
    huber,
    mean_absolute_error,
    mean_squared_error,
)

__all__ = [
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cross_entropy",
    "cross_entropy_of_probabilities",
    "half_sum_squared_error",
    "hinge",
    "huber",
    "mean_absolute_error",
    "mean_squared_error",
]
