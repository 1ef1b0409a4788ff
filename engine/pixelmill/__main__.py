"""python -m pixelmill, and the command `pixelmill`: the same."""

import sys

from pixelmill import cli

# What works on samples, and may die of one.
SUPERVISED = {"run", "retry"}


def main() -> None:
    if sys.platform == "linux" and SUPERVISED.intersection(sys.argv[1:2]):
        from pixelmill.cli.supervise import supervise

        supervise()
    cli.main()


if __name__ == "__main__":
    main()
