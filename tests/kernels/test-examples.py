"""test-examples.py: the example plug-in and the example program, against what is installed.

SPDX-License-Identifier: BSD-3-Clause

Both are built as a user would build them: with the installed headers and weftline-1.pc, warnings
being errors, and are used through the installed command.
"""
import glob
import json
import math
import os
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.environ['WEFT_SOURCE_ROOT'], 'tests', 'support'))

from tap import contains, equal, main, test  # noqa: E402

EXAMPLES = os.path.join(os.environ['WEFT_SOURCE_ROOT'], 'data', 'examples')
FLAGS = ['-std=gnu11', '-O1', '-Wall', '-Wextra', '-Werror', '-Wno-unused-parameter',
         '-Wno-missing-field-initializers']
STAGE = tempfile.TemporaryDirectory()
BAD_PLUGINS = {
    'abi': '#include <weft.h>\n'
           '__attribute__ ((visibility ("default"))) const uint32_t weft_plugin_abi_version = 99;\n'
           'bool weft_plugin_register (WeftOpRegistry *r, uint32_t v, GError **e);\n'
           'bool weft_plugin_register (WeftOpRegistry *r, uint32_t v, GError **e)\n'
           '{ g_error ("called"); }\n',
    'silent': '#include <weft.h>\n'
              'bool weft_plugin_register (WeftOpRegistry *r, uint32_t v, GError **e);\n'
              'bool weft_plugin_register (WeftOpRegistry *r, uint32_t v, GError **e)\n'
              '{ return false; }\n',
    'empty': 'int weft_nothing;\n',
}


def run(*command, status=0, **more):
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False, **more)
    if done.returncode != status:
        raise AssertionError(f'{" ".join(command)}: status {done.returncode}, expected {status}\n'
                             f'{done.stdout}{done.stderr}')
    return done


def find(*parts):
    found = glob.glob(os.path.join(STAGE.name, '**', *parts), recursive=True)
    equal(len(found), 1)
    return found[0]


def pkg_config(*arguments):
    env = dict(os.environ, PKG_CONFIG_PATH=os.path.dirname(find('weftline-1.pc')))
    prefix = run('pkg-config', '--variable=prefix', 'weftline-1', env=env).stdout.strip()
    text = run('pkg-config', *arguments, 'weftline-1', env=env).stdout
    return text.replace(f'{prefix}/', f'{STAGE.name}{prefix}/').split()


def staged(*command, **more):
    """Runs a command that finds the staged library."""
    env = dict(os.environ, LD_LIBRARY_PATH=os.path.dirname(find('libweft.so.0')))
    return run(*command, env=env, **more)


def sanitizer():
    """What a program needs that links a library built with a sanitizer."""
    options = json.loads(run('meson', 'introspect', '--buildoptions',
                             os.environ['WEFT_BUILD_ROOT']).stdout)
    names = next(option['value'] for option in options if option['name'] == 'b_sanitize')
    return [] if names == 'none' else [f'-fsanitize={names}']


def build(source, output, *flags):
    path = os.path.join(STAGE.name, output)
    run('cc', *FLAGS, *flags, source, '-o', path, *pkg_config('--cflags', '--libs'), '-lm')
    return path


def weftline(*arguments, **more):
    return staged(find('bin', 'weftline'), *arguments, **more)


def run_variance(plugin, *more):
    graph = os.path.join(EXAMPLES, 'plugin', 'variance.json')
    done = weftline('run', '--plugin', plugin, '--progress', 'none', '--json', *more, graph)
    return json.loads(done.stdout)


@test('/weft/kernels/examples/are-installed-with')
def install():
    run('meson', 'install', '-C', os.environ['WEFT_BUILD_ROOT'], '--no-rebuild', '--destdir',
        STAGE.name)


@test('/weft/kernels/examples/plugin-builds-and-is-listed')
def plugin_listed():
    plugin = build(os.path.join(EXAMPLES, 'plugin', 'weft-stats.c'), 'weft-stats.so', '-shared',
                   '-fPIC')
    text = weftline('ops', '--plugin', plugin, 'stats.variance').stdout
    contains(text, 'the variance of a list of numbers')


@test('/weft/kernels/examples/plugin-runs-a-graph')
def plugin_runs():
    plugin = os.path.join(STAGE.name, 'weft-stats.so')
    first = run_variance(plugin, '--seed', '1', '--workers', '1')
    again = run_variance(plugin, '--seed', '1', '--workers', '3')
    other = run_variance(plugin, '--seed', '2')
    equal(first, again)
    if first == other:
        raise AssertionError(f'the seed plays no part: {first}')
    contains(json.dumps(first), 'mean')
    equal(abs(first['mean'] - math.pi) < 0.05, True)
    equal(0 < first['variance'] < 0.01, True)


@test('/weft/kernels/examples/plugin-works-out-the-variance')
def plugin_variance():
    values = [1, 2.5, -3, 10]
    path = os.path.join(STAGE.name, 'values.json')
    with open(path, 'w', encoding='utf-8') as out:
        json.dump({'weftline': 1, 'tasks': {'v': {'op': 'stats.variance', 'args': [values]}}}, out)
    plugin = os.path.join(STAGE.name, 'weft-stats.so')
    done = weftline('run', '--plugin', plugin, '--progress', 'none', '--json', path)
    found = json.loads(done.stdout)['v']
    equal(math.isclose(found, statistics.pvariance(values), rel_tol=1e-12), True)


@test('/weft/kernels/examples/plugin-errors-are-clear')
def plugin_errors():
    expected = {'abi': 'found ABI version 99, expected 1',
                'silent': 'weft_plugin_register failed without saying why',
                'empty': 'it does not export the function weft_plugin_register'}
    for name, source in BAD_PLUGINS.items():
        path = os.path.join(STAGE.name, f'{name}.c')
        with open(path, 'w', encoding='utf-8') as out:
            out.write(source)
        plugin = build(path, f'{name}.so', '-shared', '-fPIC')
        done = weftline('ops', '--plugin', plugin, status=2)
        contains(done.stderr, f'plug-in {plugin}: {expected[name]}')


@test('/weft/kernels/examples/plugin-twice-is-once-but-names-are-unique')
def plugin_twice():
    plugin = os.path.join(STAGE.name, 'weft-stats.so')
    copy = os.path.join(STAGE.name, 'copy.so')
    with open(plugin, 'rb') as source, open(copy, 'wb') as out:
        out.write(source.read())
    weftline('ops', '--plugin', plugin, '--plugin', plugin)
    done = weftline('ops', '--plugin', plugin, '--plugin', copy, status=2)
    contains(done.stderr, 'operation “stats.variance” version 1 is there already')


@test('/weft/kernels/examples/program-counts-primes')
def program():
    binary = build(os.path.join(EXAMPLES, 'embed', 'blocks.c'), 'blocks', *sanitizer())
    for bound, primes in ((1000, 168), (100000, 9592), (0, 0)):
        equal(staged(binary, str(bound)).stdout, f'{primes} primes below {bound}\n')


main()
