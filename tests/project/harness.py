"""harness.py: where the project's own tests find things.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import sys

SOURCE_ROOT = os.environ.get('WEFT_SOURCE_ROOT') or os.path.abspath(
    os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD_ROOT = os.environ.get('WEFT_BUILD_ROOT')

sys.path.insert(0, os.path.join(SOURCE_ROOT, 'tests', 'support'))
