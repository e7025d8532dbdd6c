"""test-table.py: tests of the benchmark table's arithmetic and form.

SPDX-License-Identifier: BSD-3-Clause
"""
import contextlib
import io
import json
import os
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, '..', '..', 'support'))
sys.path.insert(0, HERE)

import drivers  # noqa: E402
import figures  # noqa: E402
import table  # noqa: E402
from tap import contains, equal, main, test  # noqa: E402

# A scheduler that says what it is told to: its runs take NS, twice that when cold.
FAKE = '''#!/bin/bash
case $1 in
  shapes) printf 'NAME\\tchain stencil\\t1.0\\n' ;;
  metg) printf '10\\t1.0\\t1000\\t50000\\n100\\t1.0\\t1000\\t66666\\n' ;;
  bytes) printf '40.5\\t20.0\\n' ;;
  pair) echo 0.67 ;;
  *) for ((i = 0; i < $3; i++)); do
       printf '1000\\t7000\\t%d\\t1\\t24000\\n' $((NS * (i == 0 ? 2 : 1) * 1000))
     done ;;
esac
'''


def write_program(path, text):
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, 'w', encoding='utf-8') as out:
        out.write(text)
    os.chmod(path, 0o755)


@contextlib.contextmanager
def fake_build(**peers):
    """A build folder with a `weftline` whose tasks take 50 ns and peers of given speeds."""
    with tempfile.TemporaryDirectory() as folder:
        # its arguments stand behind `bench --values VALUES --driver RECORDS`
        write_program(os.path.join(folder, 'src/cli/weftline'),
                      FAKE.replace('case', 'shift 5\ncase', 1).replace('NAME', 'Weftline')
                      .replace('NS', '50'))
        for name, ns in peers.items():
            write_program(os.path.join(folder, 'tests/perf/peers/peer-' + name.lower()),
                          FAKE.replace('NAME', name).replace('NS', str(ns)))
        yield folder


def run_table(folder, *arguments):
    """(status, stdout) of the table over a made-up build."""
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        status = table.main(['--build', folder, *arguments])
    return status, out.getvalue()


@test('/weft/perf/table/minimum-and-median-a-task')
def minimum_and_median():
    runs = [(10, 1, ns, 0, 0) for ns in (500, 300, 900, 400)]
    equal(figures.per_task(runs, figures.RUN), (30.0, 45.0))
    equal(figures.per_task(runs[:3], figures.RUN), (30.0, 50.0))
    equal(figures.per_task([], figures.RUN), None)
    equal(figures.spread((30.0, 45.04)), '30.0/45.0')
    equal(figures.spread(None), '–')


@test('/weft/perf/table/numbers-are-short')
def numbers():
    for value, text in ((9.55, '9.6'), (62.34, '62.3'), (99.96, '100'), (131.2, '131'),
                        (1234.5, '1,234'), (24365, '24.4k'), (190000, '190.0k')):
        equal(figures.number(value), text)


@test('/weft/perf/table/efficiency-is-the-share-of-the-peak-rate')
def efficiency():
    # 1,000 tasks of 100 ns on two workers need 50 µs at best
    equal(figures.efficiency((100, 1.0, 1000, 50000), 2), 1.0)
    equal(figures.efficiency((50, 2.0, 1000, 200000), 2), 0.25)


@test('/weft/perf/table/metg-lies-on-the-line-between-two-points')
def metg():
    # 40 % with tasks of 100 ns, 60 % with 200 ns: half-way
    points = [(100, 1.0, 1000, 125000), (200, 1.0, 1000, 1000 * 200 / 2 / 0.6)]
    duration, granularity = figures.metg(points, 2)
    equal(round(duration, 6), 150.0)
    # wall time × workers / tasks: 250 ns and 333 ns
    equal(round(granularity, 3), round((250 + 1000 / 3) / 2, 3))


@test('/weft/perf/table/metg-is-the-first-crossing')
def metg_first():
    points = [(10, 1.0, 1000, 50000), (100, 1.0, 1000, 100000), (200, 1.0, 1000, 900000)]
    equal(round(figures.metg(points, 2)[0], 6), 100.0)
    equal(figures.metg(points[1:], 2), (100.0, 200.0))
    equal(figures.metg(points[:1], 2), None)
    equal(figures.metg([], 2), None)


@test('/weft/perf/table/rounds-begin-with-each-in-turn')
def rotation():
    equal([''.join(figures.rotated(list('abc'), n)) for n in range(4)],
          ['abc', 'bca', 'cab', 'abc'])
    equal(figures.rotated([], 3), [])


@test('/weft/perf/table/taskflow-is-the-rival-where-there-is-one')
def rivals():
    medians = {'OpenMP depend': 90, 'oneTBB flow graph': 80, 'GLib GThreadPool': 10}
    equal(figures.rival(medians), ('oneTBB flow graph', 80))
    equal(figures.rival({**medians, 'Taskflow': 120}), ('Taskflow', 120))
    equal(figures.rival({'StarPU': 3}), None)


@test('/weft/perf/table/aims-hold-or-fall-short')
def verdicts():
    equal(figures.verdict('ns', 60.0), '60.0 holds')
    equal(figures.verdict('ns', 60.01), '60.0 falls short')
    equal(figures.verdict('gib', 2.25), '2.25 falls short')


@test('/weft/perf/table/figures-stand-in-the-table')
def in_the_table():
    with fake_build(Taskflow=49, StarPU=900) as folder:
        status, text = run_table(folder, '--rounds', '3', '--shapes', 'chain')
    equal(status, 0)
    contains(text, '── chain, 1,000 tasks')
    contains(text, 'Weftline, int64              7   50.0/50.0   50.0/50.0   50.0/50.0     100/100'
                   '     100/100     100/100     24')
    contains(text, 'Taskflow                     7   49.0/49.0           –           –   98.0/98.0')
    contains(text, 'chain  50.0 holds      Taskflow 49.0 falls short  0.0 holds        60.5 holds')
    contains(text, 'METG(50 %), records in a file, ≤ 180 ns: 65.4 holds; Taskflow 65')
    contains(text, 'METG(50 %), records in memory, ≤ 180 ns: 65.4 holds; Taskflow 65')


@test('/weft/perf/table/metg-tells-both-ways-to-count')
def metg_in_the_table():
    with fake_build(Taskflow=49) as folder:
        _, text = run_table(folder, '--rounds', '2', '--parts', 'metg')
        _, aims = run_table(folder, '--rounds', '2', '--parts', 'metg', '--aims')
    lines = [line.split() for line in text.splitlines() if line.startswith('Weftline, records')]
    # 10 % with 10 ns (100 ns with scheduling), 75 % with 100 ns (133.3)
    equal([line[:-2] for line in lines], [['Weftline,', 'records', 'in', 'memory'],
                                          ['Weftline,', 'records', 'in', 'a', 'file']])
    equal([line[-2:] for line in lines], 2 * [['65.4/65.4', '121/121']])
    contains(aims, 'METG(50 %), records in memory, ≤ 180 ns: 65.4 holds; Taskflow 65')


@test('/weft/perf/table/rounds-short-of-half-are-told')
def metg_not_reached():
    """Every other round, then every round, of ours stays below half of the peak rate."""
    for when, told, verdict in (('$((n % 3)) -eq 0', 1, '65.4 holds'), ('1 -eq 1', 3, None)):
        with fake_build(Taskflow=49) as folder:
            write_program(os.path.join(folder, 'src/cli/weftline'), FAKE
                          .replace('case', 'records=$5\nshift 5\ncase', 1)
                          .replace('NAME', 'Weftline')
                          .replace('NS', '50').replace('metg) ', f'''metg)
    n=$(cat {folder}/$records 2>/dev/null || echo 0); echo $((n + 1)) >{folder}/$records
    if [[ {when} ]]; then printf '10\\t1.0\\t1000\\t50000\\n'; exit; fi
    '''))
            _, text = run_table(folder, '--rounds', '3', '--parts', 'metg')
            _, raw = run_table(folder, '--rounds', '3', '--parts', 'metg', '--json')
        rows = [line for line in text.splitlines() if line.startswith('Weftline, records')]
        equal(len(rows), 2)
        for row in rows:
            contains(row, f'(not reached in {told} of 3 rounds)')
        for place in ('in a file', 'in memory'):
            contains(text, f'METG(50 %), records {place}, ≤ 180 ns: {verdict or "falls short"}  '
                           f'(not reached in {told} of 3 rounds); Taskflow 65')
        found = json.loads(raw)['metg']
        equal([found['Weftline int file'].count(None), found['Taskflow'].count(None)], [told, 0])


@test('/weft/perf/table/aims-leave-out-what-they-do-not-need')
def only_aims():
    with fake_build(Taskflow=70, StarPU=900) as folder:
        status, text = run_table(folder, '--rounds', '2', '--aims', '--shapes', 'stencil',
                                 '--parts', 'shapes')
    equal(status, 0)
    equal('StarPU' in text, False)
    contains(text, 'stencil  50.0 holds      Taskflow 70.0 holds  0.0 holds        –')


@test('/weft/perf/table/tells-what-two-processors-do-together')
def together():
    with fake_build() as folder:
        _, text = run_table(folder, '--rounds', '2', '--shapes', 'chain', '--parts', 'shapes')
    contains(text, 'A busy processor beside another one: 67 % of its speed alone (67 to 67 %; '
                   'two thirds mean that both are one core)')
    equal(table.pair_text([0.98, 0.9, 0.93]),
          'A busy processor beside another one: 93 % of its speed alone (90 to 98 %)')


@test('/weft/perf/table/json-has-every-run')
def as_json():
    with fake_build(Taskflow=49) as folder:
        status, text = run_table(folder, '--rounds', '3', '--shapes', 'chain', '--json')
    equal(status, 0)
    found = json.loads(text)
    chain = found['shapes']['chain']
    equal(chain['Weftline int file']['warm']['median_ns'], 50.0)
    equal([run['run_ns'] for run in chain['Taskflow']['cold']['runs']], [98000] * 3)
    equal(chain['aims']['rival'], ['Taskflow', 49.0])
    equal(found['versions']['Taskflow'], '1.0')
    equal(found['rounds'], 3)
    equal(found['beside_another'], [0.67] * 3)


@test('/weft/perf/table/a-driver-that-fails-is-named')
def failing():
    broken = FAKE.replace('NAME', 'Taskflow').replace('  *) ', '  *) echo "3 wrong values" >&2; '
                                                      'exit 1; ')
    with fake_build() as folder:
        write_program(os.path.join(folder, 'tests/perf/peers/peer-taskflow'), broken)
        err = io.StringIO()
        with contextlib.redirect_stderr(err):
            status, text = run_table(folder, '--rounds', '2', '--shapes', 'chain')
    equal(status, 1)
    contains(err.getvalue(), 'Taskflow: 3 wrong values')
    contains(text, 'Weftline, int64')


@test('/weft/perf/table/a-driver-gets-only-so-long')
def too_long():
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'peer-stuck')
        write_program(path, '#!/bin/bash\nexec sleep 1000\n')
        driver = drivers.Driver([path])
        usual, drivers.TIMEOUT_S = drivers.TIMEOUT_S, 0.2
        try:
            equal(driver.call('shapes'), None)
        finally:
            drivers.TIMEOUT_S = usual
    contains(driver.complaint, '-9')


main()
