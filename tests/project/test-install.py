"""test-install.py: what is installed can be used by a program that knows only pkg-config.

SPDX-License-Identifier: BSD-3-Clause
"""
import glob
import json
import os
import re
import shutil
import subprocess
import tempfile

import checks
import harness
from run_file import read_graph
from tap import contains, equal, main, test

# A program of its own may be plain C11, or C17: the headers may not lean on POSIX or GNU.
STANDARDS = [['-std=gnu11'], ['-std=c11', '-pedantic'], ['-std=c17', '-pedantic']]
FLAGS = ['-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter',
         '-Wno-missing-field-initializers']
STAGE = tempfile.TemporaryDirectory()


def run(*command, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                          check=False, **more)
    if done.returncode != 0:
        raise AssertionError(f'{" ".join(command)}:\n{done.stdout}')
    return done.stdout


def pkg_config(*arguments):
    """pkg-config for the staged files: the sysroot goes before the library's own paths only."""
    found = glob.glob(os.path.join(STAGE.name, '**', 'weftline-1.pc'), recursive=True)
    equal(len(found), 1)
    env = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(found[0]))
    text = run('pkg-config', *arguments, 'weftline-1', env=env)
    prefix = run('pkg-config', '--variable=prefix', 'weftline-1', env=env).strip()
    return text.replace(f'{prefix}/', f'{STAGE.name}{prefix}/').split()


def library():
    found = glob.glob(os.path.join(STAGE.name, '**', 'libweft.so.0'), recursive=True)
    equal(len(found), 1)
    return found[0]


def exported():
    lines = run('nm', '-D', '--defined-only', library()).splitlines()
    return {line.split()[-1] for line in lines}


def public_headers():
    folder = os.path.join(STAGE.name, '**', 'include', 'weftline-1')
    root = glob.glob(folder, recursive=True)[0]
    for path in glob.glob(os.path.join(root, '**', '*.h'), recursive=True):
        yield os.path.relpath(path, root), path


@test('/weft/project/install/works')
def install():
    run('meson', 'install', '-C', harness.BUILD_ROOT, '--no-rebuild', '--destdir', STAGE.name)


@test('/weft/project/install/a-program-builds-with-pkg-config-and-runs')
def program():
    source = os.path.join(STAGE.name, 'program.c')
    binary = os.path.join(STAGE.name, 'program')
    with open(source, 'w', encoding='utf-8') as out:
        out.write('#include <weft.h>\n#include <stdio.h>\n'
                  'int main (void)\n{\n  puts (weft_version ());\n'
                  '  return WEFT_CHECK_VERSION (0, 1, 0) ? 0 : 1;\n}\n')
    env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(library()))
    for standard in STANDARDS:
        run('cc', *standard, *FLAGS, source, '-o', binary, *pkg_config('--cflags', '--libs'))
        equal(run(binary, env=env).strip(), pkg_config('--modversion')[0])


@test('/weft/project/install/programs-find-each-other')
def programs():
    """Wherever the folders were put as a whole, the command finds the one that draws, and the one
    that attach starts."""
    found = glob.glob(os.path.join(STAGE.name, '**', 'bin', 'weftline'), recursive=True)
    equal(len(found), 1)
    env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(library()))
    run_file = os.path.join(STAGE.name, 'r.weft')
    example = os.path.join(harness.SOURCE_ROOT, 'data', 'examples', '01-two-increments.json')
    run(found[0], 'run', '--progress', 'none', '--trace', run_file, example, env=env)
    drawing = ['export', '--format', 'svg', '-o', '-', run_file]
    if glob.glob(os.path.join(STAGE.name, '**', 'weftline-gui'), recursive=True):
        contains(run(found[0], *drawing, env=env), '</svg>')
    if glob.glob(os.path.join(STAGE.name, '**', 'weftline-eventstream'), recursive=True):
        env['XDG_RUNTIME_DIR'] = STAGE.name  # where nobody listens
        done = subprocess.run([found[0], 'attach', 'http://127.0.0.1:1'], env=env, text=True,
                              check=False, stderr=subprocess.PIPE)
        equal(done.returncode, 3)
        contains(done.stderr, 'neither the window nor “weftline serve” listens')


@test('/weft/project/install/examples-run-where-they-are')
def examples():
    """With nothing but what is installed, from another folder."""
    program = glob.glob(os.path.join(STAGE.name, '**', 'bin', 'weftline'), recursive=True)[0]
    env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(library()))
    found = sorted(glob.glob(os.path.join(STAGE.name, '**', 'examples', '[0-9]*.json'),
                             recursive=True))
    equal(len(found) >= 8, True)
    with tempfile.TemporaryDirectory() as folder:
        for example in found:
            run(program, 'run', '--progress', 'none', example, env=env, cwd=folder)


@test('/weft/project/install/each-header-stands-alone')
def headers_alone():
    flags = pkg_config('--cflags')
    wrong = []
    for name, _ in sorted(public_headers()):
        text = f'#include "{name}"\n'
        for standard in STANDARDS:
            command = ['cc', *standard, *FLAGS, *flags, '-fsyntax-only', '-x', 'c', '-']
            done = subprocess.run(command, input=text, text=True, check=False,
                                  stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            if done.returncode != 0:
                wrong.append(f'{name}: {" ".join(standard)}: {done.stdout[:400]}')
    equal(wrong, [])


# A program that reports, by how it is built: standards, and what stands before its source.
REPORTING = {
    'heat.c': [['cc', f'-std={standard}', '-D_XOPEN_SOURCE=600', *FLAGS, '-pthread']
               for standard in ('c11', 'gnu11', 'c17')],
    'squares.cpp': [['c++', f'-std={standard}', '-pedantic', *FLAGS, '-pthread']
                    for standard in ('c++17', 'c++20')],
    'pi.f90': [['gfortran', '-std=f2008', '-Wall', '-Werror', 'weft_client.f90']],
}
TOLD = {'heat.c': 'strip-', 'squares.cpp': 'square-', 'pi.f90': 'block-'}


def report(source, command, folder):
    """The program's run, recorded as nobody listens: keys of its tasks, and whether each ended."""
    binary, run_file = os.path.join(folder, 'program'), os.path.join(folder, 'run.weft')
    shutil.copytree(os.path.join(harness.SOURCE_ROOT, 'data', 'examples', 'report'), folder,
                    dirs_exist_ok=True)
    run(*command, source, '-o', binary, *pkg_config('--cflags', '--libs'), cwd=folder)
    env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(library()),
               WEFTLINE_ADDRESS=os.path.join(folder, 'nobody'))
    arguments = ['20', run_file] if source == 'heat.c' else [run_file]
    run(binary, *arguments, env=env)
    program = glob.glob(os.path.join(STAGE.name, '**', 'bin', 'weftline'), recursive=True)[0]
    with open(run_file, 'rb') as data:
        keys = [task['key'] for task in read_graph(data.read(), 0).tasks]
    records = [json.loads(line) for line in run(program, 'dump', run_file, env=env).splitlines()]
    return keys, [record for record in records if record.get('record') == 'task']


@test('/weft/project/install/programs-that-report-build-and-run')
def reporting():
    """In C, C++ and Fortran, with the installed header only."""
    for source, commands in REPORTING.items():
        if shutil.which(commands[0][0]) is None:
            raise AssertionError(f'{commands[0][0]} is not there; ./dev packages test installs it')
        for command in commands:
            with tempfile.TemporaryDirectory() as folder:
                keys, records = report(source, command, folder)
                equal(sorted(set(key[:len(TOLD[source])] for key in keys) & {TOLD[source]}),
                      [TOLD[source]])
                equal(len({(r['segment'], r['task']) for r in records}), len(records))
                equal(len(records), {'heat.c': 160, 'squares.cpp': 6, 'pi.f90': 20}[source])
                failed = [record for record in records if record['how'] >> 4 == 1]
                equal(len(failed), 1 if source == 'squares.cpp' else 0)


@test('/weft/project/install/header-for-reports-is-for-c++-alone-too')
def header_in_cpp():
    text = '#include <server/weft-client.h>\n' \
           'int main () { return weft_client_dropped (nullptr); }\n'
    run('c++', '-std=c++11', '-pedantic', *FLAGS, '-x', 'c++', '-fsyntax-only', '-',
        *pkg_config('--cflags'), input=text)


@test('/weft/project/install/no-private-header-is-installed')
def no_private():
    equal([name for name, _ in public_headers() if 'private' in name], [])
    contains([name for name, _ in public_headers()], 'base/weft-version.h')


@test('/weft/project/install/only-weft-names-are-exported')
def exported_names():
    equal(sorted(name for name in exported() if not name.startswith('weft_')), [])


@test('/weft/project/install/each-declared-function-exists')
def declared_exist():
    names = exported()
    missing = []
    for name, path in public_headers():
        with open(path, encoding='utf-8') as header:
            text = header.read()
        for found in checks.PUBLIC.finditer(text):
            if found.group(1) not in names and not re.match(r'__', found.group(1)):
                missing.append(f'{name}: {found.group(1)}')
    equal(missing, [])


main()
