"""`python -m gateway` is `protogate gateway`."""

import sys

from gateway.commands import run
from protogate.console import guard

sys.exit(guard(run, sys.argv[1:]))
