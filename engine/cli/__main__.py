"""`python -m carveout.engine.cli`."""

from carveout.engine.cli import main

if __name__ == "__main__":
    main()
