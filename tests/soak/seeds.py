"""What a soak draws from: told on the terminal, so that it can be drawn again."""

import os
import random


def drawn_seed() -> int:
    """Give the number that SLUIS_SOAK_SEED asks for, or a new one."""
    return int(os.environ.get("SLUIS_SOAK_SEED") or random.SystemRandom().getrandbits(32))
