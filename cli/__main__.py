"""`python -m cli`, for where the command is not on the path."""

from workings.__main__ import main

if __name__ == "__main__":
    main()
