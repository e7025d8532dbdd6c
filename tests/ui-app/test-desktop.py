"""test-desktop.py: what desktops are told about the window is valid, and fits together.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import re
import subprocess
import tempfile
import xml.etree.ElementTree

import ui_harness as harness
from tap import contains, equal, main, test

DATA = os.path.join(harness.SOURCE_ROOT, 'data')
BUILT = os.path.join(harness.BUILD_ROOT, 'data')
ID = 'org.weftline.Weftline'


def run(*command):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False)
    if done.returncode != 0:
        raise AssertionError(f'{" ".join(command)}:\n{done.stdout}')
    return done.stdout


def read(*path):
    with open(os.path.join(*path), encoding='utf-8') as source:
        return source.read()


@test('/weft/ui-app/desktop/desktop-file')
def desktop_file():
    run('desktop-file-validate', os.path.join(BUILT, f'{ID}.desktop'))
    contains(read(BUILT, f'{ID}.desktop'), 'Comment[de]=')


@test('/weft/ui-app/desktop/metainfo')
def metainfo():
    run('appstreamcli', 'validate', '--no-net', os.path.join(BUILT, f'{ID}.metainfo.xml'))


@test('/weft/ui-app/desktop/schema')
def schema():
    with tempfile.TemporaryDirectory() as folder:
        run('glib-compile-schemas', '--strict', f'--targetdir={folder}', DATA)


@test('/weft/ui-app/desktop/every-key-is-used')
def keys():
    """Each key of the schema is one that the program names."""
    names = re.findall(r'<key name="([^"]+)"', read(DATA, f'{ID}.gschema.xml'))
    sources = ''.join(read(folder, name)
                      for folder, _, files in os.walk(os.path.join(harness.SOURCE_ROOT, 'ui'))
                      for name in files if name.endswith('.c'))
    equal([name for name in names
           if f'"{name}"' not in sources and not name.startswith('layout-')], [])


@test('/weft/ui-app/desktop/mime-types')
def mime_types():
    """The types of the desktop file are those that are declared; run files are known by content."""
    declared = set(re.findall(r'mime-type type="([^"]+)"', read(DATA, f'{ID}.mime.xml')))
    desktop = re.search(r'^MimeType=(.*);$', read(DATA, f'{ID}.desktop.in'), re.MULTILINE).group(1)
    provided = set(re.findall(r'<mediatype>([^<]+)', read(DATA, f'{ID}.metainfo.xml.in')))
    equal(sorted(desktop.split(';')), sorted(declared))
    equal(sorted(provided), sorted(declared))
    magic = re.search(r'WEFT_RUN_FILE_MAGIC "([^"]+)"',
                      read(harness.SOURCE_ROOT, 'src', 'trace', 'weft-run-file.h')).group(1)
    contains(read(DATA, f'{ID}.mime.xml'), f'value="{magic}"')


@test('/weft/ui-app/desktop/resources')
def resources():
    """Every file of the bundle is there, and every icon that sources name is in it or standard."""
    names = re.findall(r'>([^<>]+\.(?:ui|css|svg))</file>', read(DATA, 'weftline.gresource.xml'))
    folders = (DATA, os.path.join(harness.SOURCE_ROOT, 'ui', 'app'))
    for name in names:
        found = [folder for folder in folders if os.path.exists(os.path.join(folder, name))]
        equal(len(found), 1)
        if not name.endswith('.css'):
            xml.etree.ElementTree.fromstring(read(found[0], name))
    for folder, _, files in os.walk(os.path.join(harness.SOURCE_ROOT, 'ui')):
        for name in files:
            if name.endswith(('.c', '.ui')):
                for icon in re.findall(r'weftline-[a-z]+-symbolic', read(folder, name)):
                    contains(names, f'icons/{icon}.svg')


main()
