"""The array type of pictures."""

import numpy as np
from numpy.typing import NDArray

GreyImage = NDArray[np.uint8]
"""A picture of one channel, or a stack of them: uint8, [height, width] or [count, height, width]."""
