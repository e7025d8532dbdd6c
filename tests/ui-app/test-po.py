"""test-po.py: every string of the window can be translated, and is.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import re
import subprocess
import tempfile

import ui_harness as harness
from tap import equal, main, test

ROOT = harness.SOURCE_ROOT
PO = os.path.join(ROOT, 'po')
MARKED = re.compile(r'\b(?:N?_|C_|Q_|g_dngettext|g_dpgettext2?|ngettext) ?\(\s*(?:GETTEXT|")')


def read(path):
    with open(os.path.join(ROOT, path), encoding='utf-8') as source:
        return source.read()


def listed(name):
    return [line for line in read(f'po/{name}').splitlines() if line and line[0] != '#']


def has_strings(path):
    if path.endswith('.c'):
        return bool(MARKED.search(read(path)))
    return path.endswith('.ui') and 'translatable=' in read(path)


def with_strings():
    for folder, _, names in os.walk(os.path.join(ROOT, 'ui')):
        for name in names:
            path = os.path.relpath(os.path.join(folder, name), ROOT)
            if has_strings(path):
                yield path
    for name in os.listdir(os.path.join(ROOT, 'data')):
        if name.endswith(('.desktop.in', '.metainfo.xml.in')):
            yield f'data/{name}'


def template(folder):
    path = os.path.join(folder, 'weftline.pot')
    subprocess.run(
        ['xgettext', '--from-code=UTF-8', '--keyword=_', '--keyword=N_', '--keyword=C_:1c,2',
         '--keyword=NC_:1c,2', '--keyword=g_dngettext:2,3', '--files-from=po/POTFILES',
         f'--output={path}'],
        cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
    return path


@test('/weft/ui-app/po/potfiles-is-complete')
def potfiles():
    equal(sorted(listed('POTFILES')), sorted(with_strings()))


@test('/weft/ui-app/po/no-text-in-ui-files-is-forgotten')
def ui_files():
    """Labels, titles and tooltips of .ui files are marked as translatable."""
    forgotten = re.compile(r'<(?:property|attribute) name="(?:label|title|subtitle|tooltip-text)"'
                           r'(?![^>]*translatable="yes")[^>]*>[^<]*[A-Za-z]{2}')
    for path in with_strings():
        if path.endswith('.ui'):
            equal(forgotten.findall(read(path)), [])


def unmarked_sentences(text):
    """String literals with words in a row that no marking function has; a bracket: a layout."""
    text = re.sub(r'/\*.*?\*/|^#.*?$|_Static_assert.*?;', '', text, flags=re.DOTALL | re.MULTILINE)
    literal = r'"(?:[^"\\\n]|\\.)*"'
    text = re.sub(rf'\b(?:N?_|N?C_|Q_|ngettext|g_dngettext) ?\((?:[^()"]|{literal})*\)', '', text)
    return [words for words in re.findall(literal, text)
            if re.search(r'[A-Za-z]{2,} [a-z]{2,}', words) and '(' not in words]


@test('/weft/ui-app/po/no-sentence-in-sources-is-forgotten')
def sentences():
    equal(unmarked_sentences('f (_ ("so it is" "so"), "a %s", n); g ("it is"); /* "so it is" */'),
          ['"it is"'])
    for folder, _, names in os.walk(os.path.join(ROOT, 'ui')):
        for name in names:
            if name.endswith('.c'):
                path = os.path.relpath(os.path.join(folder, name), ROOT)
                equal((path, unmarked_sentences(read(path))), (path, []))


def check_language(language):
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(['msgcmp', os.path.join(PO, f'{language}.po'), template(folder)],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              check=False)
        if done.returncode != 0:
            raise AssertionError(done.stdout)
        subprocess.run(['msgfmt', '--check-format', '--check-domain', '-o', '/dev/null',
                        os.path.join(PO, f'{language}.po')], check=True)


def add(language):
    @test(f'/weft/ui-app/po/{language}-is-complete')
    def complete():
        check_language(language)


@test('/weft/ui-app/po/languages')
def languages():
    equal(sorted({'de', 'es', 'fr'} - set(listed('LINGUAS'))), [])


for known in listed('LINGUAS'):
    add(known)
main()
