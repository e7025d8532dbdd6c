"""test-export.py: pictures of runs, from outside.

SPDX-License-Identifier: BSD-3-Clause
"""
import csv
import io
import os
import re
import struct
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
import zlib

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import EXAMPLES, PROGRAM, Folder, graph, ref, task, weftline
from tap import contains, equal, main, test

DRAWN = ('stream', 'graph', 'progress', 'memory', 'held', 'where', 'resources', 'occupancy',
         'workers')
SAID = ('table', 'events', 'output', 'run', 'results')
VIEWS = DRAWN + SAID
FORMATS = ('png', 'svg', 'pdf')
# of what is the same for all; each view's drawing is judged in tests/ui-export
SOME = ('stream', 'graph', 'table', 'run') if os.environ.get('WEFT_SANITIZED') else VIEWS
SVG = '{http://www.w3.org/2000/svg}'
TEXT = graph({**{f'spin-{i}': task('sleep', 0.005, i) for i in range(4)},
              'weave-1': task('list', *(ref(f'spin-{i}') for i in range(4))),
              'bad-1': task('fail', message='broken thread'),
              'say-1': task('exec', ['echo', 'over and under'])}, ['weave-1', 'bad-1', 'say-1'],
             name='a <small> loom & more')


class In:
    """A folder that is there."""

    def __init__(self, name):
        self.name = name

    def path(self, name):
        return os.path.join(self.name, name)


def record(folder, text=TEXT):
    path = folder.path('r.weft')
    done = weftline('run', '--progress', 'none', '--on-error', 'continue', '--workers', 2,
                    '--trace', path, '-', stdin=text)
    equal(done.status in (0, 1), True)
    return path


def read(path):
    with open(path, 'rb') as file:
        return file.read()


def export(folder, view, kind, *options):
    out = folder.path(f'picture.{kind}')
    done = weftline('export', '--view', view, '--format', kind, '-o', out, *options,
                    folder.path('r.weft'))
    equal((done.status, done.out, done.err), (0, '', ''))
    return read(out)


def png_size(data):
    equal(data[:8], b'\x89PNG\r\n\x1a\n')
    return struct.unpack('>II', data[16:24])


def first_pixel(data):
    """Of an RGB picture: before it nothing stands, so whatever the filter, it is what it is."""
    at, parts = 8, []
    while at < len(data):
        length, kind = struct.unpack('>I4s', data[at:at + 8])
        if kind == b'IDAT':
            parts.append(data[at + 8:at + 8 + length])
        at += 12 + length
    return tuple(zlib.decompress(b''.join(parts))[1:4])


@test('/weft/cli/export/every-view-in-every-format')
def all_of_them():
    with Folder() as name:
        folder = In(name)
        record(folder)
        for view in VIEWS:
            equal(png_size(export(folder, view, 'png', '--size', '640x360')), (640, 360))
            pdf = export(folder, view, 'pdf', '--size', '640x360')
            equal(pdf[:5], b'%PDF-')
            equal([float(side) for side in
                   re.search(rb'/MediaBox \[ ([\d. ]+) \]', pdf).group(1).split()],
                  [0, 0, 640, 360])
            svg = ElementTree.fromstring(export(folder, view, 'svg', '--size', '640x360'))
            equal((svg.get('width'), svg.get('height'), svg.get('viewBox')),
                  ('640px', '360px', '0 0 640 360'))


@test('/weft/cli/export/text-in-svg-can-be-read')
def texts():
    expected = {'stream': {'worker 0', 'worker 1', 'spin'},
                'graph': {'spin-0', 'spin-3', 'weave-1', 'bad-1', 'erred'},
                'progress': {'all tasks', 'spin', 'weave', 'bad'},
                'memory': {'managed', 'process'}, 'held': set(),
                'where': {'running tasks', 'scheduler', 'worker 1'},
                'resources': set(),
                'occupancy': {'all workers', 'worker 0', 'worker 1', 'running', 'asleep'},
                'table': {'7 of 7 tasks', 'Key', 'Duration', 'spin-0', 'weave-1', 'erred',
                          'worker 1'},
                'events': {'the run is ready', 'bad-1 failed: broken thread'},
                'output': {'say-1', 'over and under', '15\u00a0B of 15\u00a0B'},
                'run': {'State', 'failed', '7 of 7', 'broken thread (task bad-1)'},
                'results': {'Results'},
                'workers': {'No worker processes'}}
    with Folder() as name:
        folder = In(name)
        record(folder)
        for view in SOME:
            svg = ElementTree.fromstring(export(folder, view, 'svg', '--size', '1200x600'))
            found = {text.text for text in svg.iter(f'{SVG}text')}
            equal((view, expected[view] - found), (view, set()))
            if view == 'progress':
                equal(any(text.endswith('/s   4 / 4') for text in found), True)
            contains(svg.find(f'{SVG}title').text, 'a <small> loom & more')
            contains(svg.find(f'{SVG}desc').text, '7 of 7 tasks ended, 1 failed')
            # nothing that is read is a picture
            equal(len(list(svg.iter(f'{SVG}image'))), 0)


@test('/weft/cli/export/names-say-what-is-wanted')
def names():
    with Folder() as name:
        folder = In(name)
        run = record(folder)
        equal(weftline('export', run, cwd=name).status, 0)
        equal(read(folder.path('r-stream.png'))[:4], b'\x89PNG')
        equal(weftline('export', '--view', 'graph', '-o', 'made.SVG', run, cwd=name).status, 0)
        contains(read(folder.path('made.SVG'))[:300], b'<svg')
        done = weftline('export', '--view', 'progress', '--format', 'svg', '-o', '-', run)
        equal(done.status, 0)
        ElementTree.fromstring(done.out)


@test('/weft/cli/export/needs-no-more-room-than-there-is-to-show')
def natural_sizes():
    with Folder() as name:
        folder = In(name)
        record(folder)
        few = {view: png_size(export(folder, view, 'png')) for view in VIEWS}
        # both workers take part in both, as those before sleep
        record(folder, graph({f'g{i}-0': task('sleep', 0.005, i) for i in range(60)}))
        many = {view: png_size(export(folder, view, 'png')) for view in VIEWS}
        equal(many['progress'][1] - few['progress'][1], (60 - 4) * 36)
        for view in DRAWN:
            if view not in ('progress', 'graph'):
                equal((view, many[view]), (view, few[view]))
        # rows of the same height each
        equal((many['table'][1] - few['table'][1]) % (60 - 7), 0)
        equal(many['table'][1] > few['table'][1], True)
        equal(many['graph'][1] > few['graph'][1], True)


@test('/weft/cli/export/styles-and-palettes-differ')
def styles():
    with Folder() as name:
        folder = In(name)
        record(folder)
        for view in SOME:
            light = export(folder, view, 'png')
            dark = export(folder, view, 'png', '--style', 'dark')
            equal(sum(first_pixel(light)) > 3 * 200, True)
            equal(sum(first_pixel(dark)) < 3 * 80, True)
            # the others have no colours of groups, or here no bytes to show them with
            if view in ('stream', 'graph', 'progress', 'occupancy', 'table'):
                equal(export(folder, view, 'png', '--palette', 'classic') == light, False)
            equal(export(folder, view, 'png', '--palette', 'safe') == light, True)


@test('/weft/cli/export/selection-lineage-and-colours')
def selection():
    with Folder() as name:
        folder = In(name)
        record(folder)
        for view in ('stream', 'graph'):
            plain = export(folder, view, 'png', '--size', '640x360')
            one = export(folder, view, 'png', '--size', '640x360', '--select', 'weave-1')
            line = [export(folder, view, 'png', '--size', '640x360', '--select', 'weave-1',
                           '--lineage', which) for which in ('none', 'ancestors', 'both')]
            equal((view, one == plain, line[0] == one, line[1] == one, line[2] == line[1]),
                  (view, False, True, False, False if view == 'stream' else True))
        found = {color: export(folder, 'graph', 'svg', '--color', color)
                 for color in ('state', 'order', 'age', 'freed', 'memorypressure',
                               'memoryincreases', 'memorydecreases')}
        equal(found['state'], export(folder, 'graph', 'svg'))
        equal(len(set(found.values())), len(found))
        laid = [export(folder, 'graph', 'svg', '--layout', layout)
                for layout in ('layers', 'dot', 'dot')]
        equal(laid[0], found['state'])
        equal(laid[1], laid[2])
        if os.path.exists(os.path.join(os.environ['WEFT_BUILD_ROOT'], 'ui', 'weftline-dot')):
            equal(laid[0] == laid[1], False)
        equal(b'Place in the order' in found['order'], True)


def table(folder, view, *options):
    done = weftline('export', '--view', view, '-o', '-', *options, folder.path('r.weft'))
    equal((done.status, done.err), (0, ''))
    return list(csv.DictReader(io.StringIO(done.out, newline=''), strict=True))


@test('/weft/cli/export/lists-are-csv')
def lists():
    """What is a list in the window is written as one: each task once, whatever its key; events in
    the order of time; and what is known of one task."""
    with Folder() as name:
        folder = In(name)
        odd = 'say "hi", twice'
        record(folder, graph({odd: task('sleep', 0.002, 1),
                              **{f'spin-{i}': task('sleep', 0.005, ref(odd)) for i in range(4)},
                              'bad-1': task('fail', message='broken, and\nmore')},
                             ['bad-1', *(f'spin-{i}' for i in range(4))]))
        tasks = {row['key']: row for row in table(folder, 'tasks')}
        equal(sorted(tasks), sorted([odd, 'bad-1', *(f'spin-{i}' for i in range(4))]))
        equal(tasks['bad-1']['state'], 'erred')
        equal(tasks[odd]['state'], 'released')
        end = int(tasks[odd]['start_ns']) + int(tasks[odd]['duration_ns'])
        for i in range(4):
            row = tasks[f'spin-{i}']
            equal((row['group'], row['attempts'], row['worker'] in '01'), ('spin', '1', True))
            equal(int(row['duration_ns']) >= 5_000_000 and int(row['start_ns']) >= end, True)
        events = table(folder, 'events')
        times = [int(event['at_ns']) for event in events]
        equal(times, sorted(times))
        equal([event['task'] for event in events if event['kind'] == 'error'], ['bad-1'])
        contains([event['event'] for event in events], 'the run is ready')
        lines = weftline('export', '--view', 'events', '--format', 'txt', '-o', '-',
                         folder.path('r.weft')).out.splitlines()
        equal(len(lines), len(events))
        facts = {row['name']: row['value'] for row in table(folder, 'inspector', '--select', odd)}
        equal((facts['Key'], facts['State']), (odd, 'released'))
        done = weftline('export', '--view', 'tasks', folder.path('r.weft'), cwd=name)
        equal((done.status, os.path.exists(folder.path('r-tasks.csv'))), (0, True))
        equal(table(folder, 'table', '--format', 'csv'), list(tasks.values()))
        longest = [row['key'] for row in table(folder, 'tasks', '--sort', 'duration',
                                               '--descending', '--filter', 'SPIN')]
        equal(longest, sorted((f'spin-{i}' for i in range(4)),
                              key=lambda key: -int(tasks[key]['duration_ns'])))
        early = table(folder, 'tasks', '--at', f"{int(tasks[odd]['start_ns']) + 1}ns")
        equal({row['key'] for row in early if row['attempts']} <= {odd, 'bad-1'}, True)
        for options, told in ((('--view', 'tasks', '--format', 'png'), 'there is csv'),
                              (('--view', 'tasks', '--format', 'txt'), 'there is csv'),
                              (('--view', 'table', '--format', 'txt'), 'svg, pdf and csv, not txt'),
                              (('--view', 'stream', '--format', 'csv'), 'there is png, svg'),
                              (('--view', 'run', '--format', 'csv'), 'there is png, svg'),
                              (('--view', 'tasks', '--size', '9x9'), 'of pictures'),
                              (('--view', 'events', '--style', 'dark'), 'of pictures'),
                              (('--view', 'inspector',), '--select')):
            done = weftline('export', *options, folder.path('r.weft'), cwd=name)
            equal((done.status, done.out), (2, ''))
            contains(done.err, told)


def words(data):
    """What a picture says, from top to bottom."""
    return [text.text for text in ElementTree.fromstring(data).iter(f'{SVG}text')]


@test('/weft/cli/export/tables-are-sorted-and-filtered')
def tables():
    with Folder() as name:
        folder = In(name)
        record(folder)
        found = words(export(folder, 'table', 'svg', '--sort', 'key', '--descending'))
        keys = [word for word in found if re.fullmatch(r'\w+-\d', word)]
        equal(keys, ['weave-1', *(f'spin-{i}' for i in (3, 2, 1, 0)), 'say-1', 'bad-1'])
        contains(found, 'Key \u25bc')
        found = words(export(folder, 'table', 'svg', '--filter', 'spin', '--sort', 'start'))
        equal(sum(re.fullmatch(r'spin-\d', word) is not None for word in found), 4)
        equal('weave-1' in found, False)
        contains(found, '4 of 7 tasks')
        # not all has room: what is selected does, and what is left out is said
        found = words(export(folder, 'table', 'svg', '--sort', 'key', '--size', '900x140',
                             '--select', 'weave-1'))
        equal(('weave-1' in found, 'bad-1' in found), (True, False))
        equal(any(re.fullmatch(r'rows \d–7 of 7', word) for word in found), True)
        equal(words(export(folder, 'table', 'svg', '--filter', 'nothing')).count(
            'No task is like that'), 1)


@test('/weft/cli/export/an-inspector-of-a-task')
def inspector():
    with Folder() as name:
        folder = In(name)
        record(folder)
        for kind in FORMATS:
            export(folder, 'inspector', kind, '--select', 'weave-1')
        found = words(export(folder, 'inspector', 'svg', '--select', 'bad-1'))
        for word in ('bad-1', 'erred', 'Message', 'broken thread', 'Times'):
            contains(found, word)
        found = words(export(folder, 'inspector', 'svg', '--select', 'weave-1'))
        for i in range(4):
            contains(found, f'spin-{i}')
        png = export(folder, 'inspector', 'png', '--select', 'bad-1', '--size', '300x77')
        equal(png_size(png), (300, 77))


@test('/weft/cli/export/as-it-was')
def moments():
    """At its start nothing had run; every view says so, or has a line there."""
    with Folder() as name:
        folder = In(name)
        record(folder)
        for view in SOME:
            now = export(folder, view, 'svg', '--size', '900x500')
            then = export(folder, view, 'svg', '--size', '900x500', '--at', '0')
            # a run of this program has no worker processes, now and then
            equal((view, now == then), (view, view == 'workers'))
        equal('released' in words(export(folder, 'table', 'svg', '--at', '0')), False)
        contains(words(export(folder, 'run', 'svg', '--at', '0')), '0 of 7')
        contains(words(export(folder, 'output', 'svg', '--at', '0')),
                 'No task has written anything')


@test('/weft/cli/export/what-is-wrong-is-said')
def wrong():
    with Folder() as name:
        folder = In(name)
        run = record(folder)
        text = os.path.join(EXAMPLES, 'text', 'loom.txt')
        out = folder.path('out.png')
        for arguments, status, part in (
                ((text,), 2, 'run file'),
                ((folder.path('none.weft'),), 2, 'none.weft'),
                ((), 2, 'a file is expected'),
                ((run, run), 2, 'unexpected argument'),
                (('--view', 'flames', run), 2, 'flames'),
                (('--format', 'gif', run), 2, 'gif'),
                (('--style', 'blue', run), 2, 'blue'),
                (('--palette', 'blue', run), 2, 'blue'),
                (('--size', '0x5', run), 2, '0x5'),
                (('--size', '640', run), 2, '640'),
                (('--size', '640x360x2', run), 2, '640x360x2'),
                (('--size', '99999x360', run), 2, '99999x360'),
                (('--view', 'graph', '--color', 'heat', run), 2, 'heat'),
                (('--color', 'age', run), 2, '--color'),
                (('--layout', 'dot', run), 2, '--layout'),
                (('--view', 'graph', '--layout', 'neato', run), 2, 'neato'),
                (('--view', 'memory', '--select', 'spin-0', run), 2, '--select'),
                (('--lineage', 'both', run), 2, '--select'),
                (('--select', 'spin-0', '--lineage', 'cousins', run), 2, 'cousins'),
                (('--select', 'nobody', run), 2, 'nobody'),
                (('--select', 'spin-00', run), 2, 'did you mean “spin-0”?'),
                (('--view', 'table', '--sort', 'heat', run), 2, 'heat'),
                (('--sort', 'key', run), 2, '--sort'),
                (('--filter', 'spin', run), 2, '--filter'),
                (('--view', 'table', '--descending', run), 2, '--sort'),
                (('--at', 'noon', run), 2, 'noon')):
            done = weftline('export', '-o', out, *arguments)
            equal((arguments, done.status, done.out), (arguments, status, ''))
            contains(done.err, part)
            equal(len(done.err.splitlines()), 1)
            equal(os.path.exists(out), False)
        done = weftline('export', '-o', folder.path('none/out.png'), run)
        equal((done.status, done.out, len(done.err.splitlines())), (3, '', 1))
        contains(done.err, 'none/out.png')
        if os.path.exists('/dev/full'):
            done = weftline('export', '-o', '/dev/full', '--format', 'svg', run)
            equal((done.status, len(done.err.splitlines())), (3, 1))


@test('/weft/cli/export/a-run-that-was-cut-off-is-drawn-as-far-as-it-goes')
def cut():
    with Folder() as name:
        folder = In(name)
        run = record(folder)
        whole = read(run)
        for share in (0.3, 0.6, 0.9):
            with open(run, 'wb') as file:
                file.write(whole[:int(len(whole) * share)])
            for view in SOME:
                ElementTree.fromstring(export(folder, view, 'svg'))


def state_of(folder):
    """As the picture of “This run” says."""
    texts = [''.join(text.itertext()) for text in
             ElementTree.fromstring(export(folder, 'run', 'svg')).iter(SVG + 'text')]
    return texts[texts.index('State') + 1]


@test('/weft/cli/export/a-run-that-goes-on-is-not-interrupted')
def goes_on():
    """What is drawn of it is what there is; once its writer is gone it was interrupted."""
    with Folder() as name:
        folder = In(name)
        run = folder.path('r.weft')
        with subprocess.Popen([PROGRAM, 'run', '--progress', 'none', '--trace', run, '-'],
                              stdin=subprocess.PIPE, stdout=subprocess.DEVNULL) as writer:
            writer.stdin.write(graph({'long-1': task('sleep', 600, 1)}).encode())
            writer.stdin.close()
            until = time.monotonic() + 20
            while weftline('export', '--view', 'run', '-o', folder.path('p.svg'), run).status != 0 \
                    or state_of(folder) != 'running':
                if time.monotonic() > until or writer.poll() is not None:
                    raise AssertionError('it does not run')
                time.sleep(0.05)
            graphs = export(folder, 'graph', 'svg').decode()
            equal(('running' in graphs, 'interrupted' in graphs), (True, False))
            writer.kill()
            writer.wait()
        equal(state_of(folder), 'interrupted')
        contains(export(folder, 'graph', 'svg').decode(), 'interrupted')


@test('/weft/cli/export/odd-keys-are-good-xml')
def odd_keys():
    odd = ('a\u0001b', 'c<d>&"e"', '\u05d0\u05d1-1', 'ende\uffff', 'tab\tline\nend')
    with Folder() as name:
        folder = In(name)
        record(folder, graph({key: task('sleep', 0.002, 1) for key in odd}, name='x\u0002y'))
        for view in SOME:
            ElementTree.fromstring(export(folder, view, 'svg', '--size', '1600x600'))


main()
