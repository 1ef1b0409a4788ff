"""python -m pixelmill: the same as the command `pixelmill`."""

from pixelmill.cli import main

main()
