"""Tests of one `xdist_group` stay in one process, and long tests begin early.

pytest-xdist 3.8 marks the group in a member of the item that pytest 9.2 no longer has, so the mark is set here.
"""

import os

import pytest
from _pytest.nodeid import NodeId


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Within the worker: what `--dist loadgroup` splits tests by stands at the end of their ids."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    # One that begins last keeps a process busy when the others have nothing to do any more.
    items.sort(key=lambda item: item.get_closest_marker("slow") is None)
    for item in items:
        groups = sorted({str(mark.args[0]) for mark in item.iter_markers("xdist_group")})
        if groups and "@" not in item.nodeid.rpartition("]")[2].rpartition("::")[2]:
            item._id = NodeId.parse(f"{item.nodeid}@{'_'.join(groups)}")
