"""The folder itself is put on the path, so that its tests can share `tars`."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
