"""`python -m cli`, for where the command is not on the path."""

from cli.start import main

if __name__ == "__main__":
    main()
