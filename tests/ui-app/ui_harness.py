"""ui_harness.py: where the window's tests find things.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import sys

SOURCE_ROOT = os.environ.get('WEFT_SOURCE_ROOT') or os.path.abspath(
    os.path.join(os.path.dirname(__file__), '..', '..'))
BUILD_ROOT = os.environ.get('WEFT_BUILD_ROOT') or os.path.join(SOURCE_ROOT, 'build', 'release')
WITH_DISPLAY = os.path.join(SOURCE_ROOT, 'tests', 'support', 'with_display.py')
GUI = os.path.join(BUILD_ROOT, 'ui', 'weftline-gui')

sys.path.insert(0, os.path.join(SOURCE_ROOT, 'tests', 'support'))
