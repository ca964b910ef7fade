"""`pydotorg`, and `python -m pydotorg_build`."""

from pydotorg_build.cli import main

if __name__ == "__main__":
    main()
