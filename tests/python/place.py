"""place.py: puts the package and the tests' support where Python finds them.

SPDX-License-Identifier: BSD-3-Clause

It is for the processes that a test starts, too: for these PATH has the package, and OTHERS what
else stands in PYTHONPATH, such as sources of another Dask (test-present.py).
"""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
SOURCE = os.path.dirname(os.path.dirname(HERE))
PACKAGE = os.path.join(SOURCE, 'src', 'python')

for folder in (os.path.join(SOURCE, 'tests', 'support'), HERE, PACKAGE):
    if folder not in sys.path:
        sys.path.insert(0, folder)

OTHERS = os.pathsep.join(folder for folder in os.environ.get('PYTHONPATH', '').split(os.pathsep)
                         if folder and os.path.abspath(folder) != PACKAGE)
PATH = os.pathsep.join(filter(None, [PACKAGE, OTHERS]))
