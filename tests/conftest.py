"""No test touches the state of whoever runs it."""

import atexit
import os
import shutil
import tempfile

import pytest

_HOME = tempfile.mkdtemp(prefix="carveout-tests-")
os.environ["CARVEOUT_HOME"] = _HOME  # now and not in a fixture: some modules make an application when they are read
os.environ.pop("CARVEOUT_DATABASE", None)
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files that take minutes begin first, so that at the end no core waits for one of them."""
    items.sort(key=lambda item: "laws" not in item.path.parts)
