"""``python -m hanten`` is ``hanten``."""

from hanten.cli.main import main

main()
