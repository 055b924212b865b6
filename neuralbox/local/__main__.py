"""`python -m neuralbox.local`: the same as `manage.py up`, without loading Django first."""

import argparse
import os
import sys

from neuralbox.local import running, up
from neuralbox.local.site import REPOSITORY

parser = argparse.ArgumentParser(prog="python -m neuralbox.local", description=up.__doc__)
parser.add_argument("--port", type=int, default=8000, help="of the site (8000)")

if __name__ == "__main__":
    os.chdir(REPOSITORY)
    running.adopt(REPOSITORY)
    try:
        up.run(port=parser.parse_args().port)
    except up.CannotRun as reason:
        sys.exit(str(reason))
