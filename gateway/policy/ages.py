"""From which age somebody decides for oneself (BW boek 1 art. 233)."""

from typing import Final

ADULT_AGE: Final = 18
