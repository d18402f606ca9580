"""``python -m equilingua``: the command line, as torchrun starts it."""

from equilingua.cli.app import main

if __name__ == "__main__":
    main()
