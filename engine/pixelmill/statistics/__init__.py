"""statistics: what an output's samples come to: levels, sizes, classes and boxes, counted.

Of every sample there are whole numbers under names such as "levels/uint8x3/sums/0".  They are added
up by sample, by task and by output, in any order, to the same.
"""

from pixelmill.statistics.sample import Counts, Looking
from pixelmill.statistics.told import told

__all__ = ["Counts", "Looking", "told"]
