"""`python -m registry` is `protogate registry`."""

import sys

from protogate.console import guard
from registry.commands import run

sys.exit(guard(run, sys.argv[1:]))
