"""Creates .venv for the Makefile, or says in one line why not. Uses the standard library alone."""

import importlib.util
import sys
import venv

if sys.version_info[:2] != (3, 11):
    sys.exit(f"NeuralBox needs Python 3.11; this is {sys.version.split()[0]}. Name another with make PYTHON=…")
if importlib.util.find_spec("ensurepip") is None:
    sys.exit("This Python cannot create virtual environments. On Debian: apt-get install python3.11-venv")
sys.stdout.write(f"Creating .venv with Python {sys.version.split()[0]} …\n")
sys.stdout.flush()
venv.create(".venv", with_pip=True, symlinks=True)
