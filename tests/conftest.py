"""No test touches the state of whoever runs it."""

import atexit
import os
import shutil
import tempfile

_HOME = tempfile.mkdtemp(prefix="carveout-tests-")
os.environ["CARVEOUT_HOME"] = _HOME  # now and not in a fixture: some modules make an application when they are read
os.environ.pop("CARVEOUT_DATABASE", None)
atexit.register(shutil.rmtree, _HOME, ignore_errors=True)
