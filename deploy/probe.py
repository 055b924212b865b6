"""Health check of a container: `probe.py PORT` asks /healthz here, as one of the hosts that the site serves."""

import os
import sys
from http.client import HTTPConnection

host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].lstrip(".")
connection = HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=5)
connection.request("GET", "/healthz", headers={"Host": host})
sys.exit(0 if connection.getresponse().status == 200 else 1)
