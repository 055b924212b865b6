#!/usr/bin/env python
"""Django's command line, in local mode unless DJANGO_SETTINGS_MODULE says otherwise.

In local mode it reads `.env` and finds the servers of a running `make run`, and keeps Python's bytecode in the
data folder with everything else that is written.
"""

import os
import sys
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parent

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "neuralbox.settings.local")
    if os.environ["DJANGO_SETTINGS_MODULE"] == "neuralbox.settings.local":
        data_dir = Path(os.environ.get("NEURALBOX_DATA_DIR", REPOSITORY / "var"))
        if not (sys.pycache_prefix or sys.dont_write_bytecode):
            sys.pycache_prefix = str(data_dir / "pycache")
        from neuralbox.local import running

        running.adopt(REPOSITORY)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)
