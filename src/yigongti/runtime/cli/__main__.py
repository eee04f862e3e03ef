"""``python -m yigongti.runtime.cli``: the same as the command ``yigongti``."""

import sys

from yigongti.runtime.cli import main

sys.exit(main())
