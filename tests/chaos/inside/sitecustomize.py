"""Python imports this at its start where PYTHONPATH names this folder: it lets faults into a service's process."""

import os
import sys
import traceback

from tests.chaos.inside.entering import enter, service_of

REFUSED = 78
"""The exit code of a process that could not be prepared: what is patched here is no longer there."""

if _service := service_of(sys.orig_argv):
    try:
        enter(_service, os.environ)
    except Exception:  # noqa: BLE001 -- `site` would print it and let the process run without its faults
        traceback.print_exc()
        sys.stderr.flush()
        os._exit(REFUSED)
