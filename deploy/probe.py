"""Health check of a container: asks an address of this machine as one of the hosts that the site serves."""

import os
import sys
from urllib.request import Request, urlopen

host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
with urlopen(Request(sys.argv[1], headers={"Host": host}), timeout=5) as answer:
    sys.exit(0 if answer.status == 200 else 1)
