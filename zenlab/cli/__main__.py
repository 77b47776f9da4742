"""`python -m zenlab.cli`: the command line where its script is not on PATH, as in a Git hook."""

from zenlab.cli import main

if __name__ == "__main__":
    main()
