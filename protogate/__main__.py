"""`python -m protogate` is `protogate`."""

import sys

from protogate.cli import main

sys.exit(main())
