"""Amount: how much of a change, one number for every sample or one drawn for each."""

from pixelmill.random import Randomness

Amount = float | tuple[float, float]
Whole = int | tuple[int, int]


def expect_amount(name: str, amount: Amount, low: float, high: float = float("inf")) -> None:
    """ValueError unless `amount` is a number or a [low, high] range within these limits."""
    ends = amount if isinstance(amount, tuple) else (amount, amount)
    if not low <= ends[0] <= ends[1] <= high:
        limits = f"{low} or more" if high == float("inf") else f"{low}..{high}"
        shown = list(amount) if isinstance(amount, tuple) else amount
        raise ValueError(f"{name} must be {limits}, a number or [low, high], got {shown}")


def expect_probability(probability: float) -> None:
    if not 0 <= probability <= 1:
        raise ValueError(f"probability must be 0..1, got {probability}")


def drawn(amount: Amount, random: Randomness) -> float:
    """The number itself, or the next draw from [low, high)."""
    return random.uniform(*amount) if isinstance(amount, tuple) else amount


def drawn_whole(amount: Whole, random: Randomness) -> int:
    """The number itself, or the next draw of a whole one from low to high, both included."""
    return random.integer(amount[0], amount[1] + 1) if isinstance(amount, tuple) else amount
