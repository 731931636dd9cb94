"""`python -m marelle`, which `.venv/bin/marelle` runs."""

import sys

from marelle.commands.line import main

if __name__ == "__main__":
    sys.exit(main())
