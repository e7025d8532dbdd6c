#!/usr/bin/python3
"""window.py: what the window takes: until its first frame, idle, and while a run keeps all busy.

SPDX-License-Identifier: BSD-3-Clause

Usage: with_display.py window.py BUILD start|idle|run|memory|open [NUMBER]

CPU times are read from the kernel, thread by thread (/proc/PID/task/N/schedstat), frames from what
the window tells with WEFTLINE_TIMING=1. Workers' threads are named weft-N; all others belong to the
window or to the recorder, those that have ended, too: what the process used is known as a whole.
Memory is what the kernel counts as resident, mapped files included, once the window has come to
rest; pictures on their way to the display, in memory that is shared with it, are told apart: how
many there are depends on how often the window was drawn. A run's first picture is the first frame
in which its task stream shows spans; all are there when it shows as many tasks as the run has. A
frame counts when it is handed to the display. Prints lines that dashboard.py reads.
"""
import json
import os
import re
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'ui-app'))
import keyboard  # noqa: E402 (it is beside the tests of the window)

N_STARTS = 41  # the first fills the caches
N_OPENINGS = 11  # likewise
N_CALIBRATIONS = 5  # beside each
SETTLE_S = 4
IDLE_S = 8
N_PAUSED = 400  # tasks of the run that is paused
PAUSED_TASK_S = 0.05
SAMPLE_S = 0.05
REST_S = 8  # up to 11 million tasks longer than the window waits until it gives back memory
REST_LIMIT_S = 180
TASK_S = 10e-6
WIDTH = 40  # tasks side by side in the run's graph
ALL_VIEWS = 'h(24 v(26 memory v(28 progress v(45 where v(50 run inspector)))) ' \
    'v(42 stream v(52 h(60 graph v(74 held results)) ' \
    'h(46 table h(36 occupancy h(50 resources events))))))'
FRAME = re.compile(r'frame ([0-9.]+) ms, CPU ([0-9.]+) ms, tasks ([0-9]+)')


def program(build):
    return os.path.join(build, 'ui', 'weftline-gui')


class Window:
    """weftline-gui, its frames as (ms of the monotonic clock, ms of CPU, tasks in the stream)."""

    def __init__(self, build, arguments, **more):
        self.frames = []
        self.other_lines = []
        self.start_ms = time.monotonic() * 1e3
        self.process = subprocess.Popen(
            [program(build), '--window-size', '1920x1080', *arguments],
            env=dict(os.environ, WEFTLINE_TIMING='1', **more), text=True,
            stderr=subprocess.PIPE, stdout=subprocess.DEVNULL)
        self.reader = threading.Thread(target=self._read)
        self.reader.start()

    def _read(self):
        for line in self.process.stderr:
            found = FRAME.search(line)
            if found:
                self.frames.append((float(found[1]), float(found[2]), int(found[3])))
            else:
                self.other_lines.append(line)

    def wait_for_frame(self, n_tasks=0, seconds=60):
        """The first frame whose task stream shows so many tasks at least."""
        end, seen = time.monotonic() + seconds, 0
        while True:
            shown = len(self.frames)
            for frame in self.frames[seen:shown]:
                if frame[2] >= n_tasks:
                    return frame
            seen = shown
            if time.monotonic() > end or self.process.poll() is not None:
                self.stop()
                sys.exit(f'window: no frame came with {n_tasks} tasks: '
                         f'{"".join(self.other_lines)}')
            time.sleep(0.005)

    def frames_between(self, first_ms, last_ms):
        return [at for at, _, _ in self.frames if first_ms <= at <= last_ms]

    def stop(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.reader.join()


def thread_times(pid):
    """CPU seconds (of the workers, of all other threads by name)."""
    workers, others = 0.0, {}
    try:
        for tid in os.listdir(f'/proc/{pid}/task'):
            folder = f'/proc/{pid}/task/{tid}/'
            with open(folder + 'comm', encoding='utf-8') as comm, \
                    open(folder + 'schedstat', encoding='ascii') as stat:
                name, seconds = comm.read().strip(), int(stat.read().split()[0]) / 1e9
            if re.fullmatch(r'weft-\d+', name):
                workers += seconds
            else:
                others[name] = others.get(name, 0) + seconds
    except (FileNotFoundError, ProcessLookupError):
        pass
    return workers, others


def process_seconds(pid):
    """CPU seconds, also of threads that have ended."""
    try:
        with open(f'/proc/{pid}/stat', encoding='utf-8') as stat:
            fields = stat.read().rsplit(')', 1)[1].split()
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf('SC_CLK_TCK')


def calibration(build, n=N_CALIBRATIONS):
    """ms of CPU that each of so many drawings took which never change."""
    done = subprocess.run([os.path.join(build, 'tests', 'perf', 'dashboard', 'calibration'),
                           str(n)], stdout=subprocess.PIPE, text=True, check=True)
    return [float(line) for line in done.stdout.split()]


def times(what, took, base):
    """One line, as print_times() in picture-times.h has it: of so few the p99 is the largest."""
    middle, median, largest = statistics.median(base), statistics.median(took), max(took)
    return (f'{what}: median {median:.1f} ms, p99 {largest:.1f} ms; of calibration '
            f'{median / middle:.4f}, p99 {largest / middle:.4f}')


# ---- start, opening, idle -----------------------------------------------------------------------

def measure_start(build):
    wall, cpu, base = [], [], []
    for _ in range(N_STARTS):
        window = Window(build, [])
        at, used, _ = window.wait_for_frame()
        window.stop()
        wall.append(at - window.start_ms)
        cpu.append(used)
        base += calibration(build)
    print(times('start', wall[1:], base))
    print(times('start, CPU', cpu[1:], base))


def open_in_window(build, path, n_tasks):
    """(ms until the first picture, until the one with all tasks) from when another process begins
    that tells a window which shows its start page to open the file."""
    window = Window(build, [])
    window.wait_for_frame()
    wait_for_rest(window, 1)
    begin_ms = time.monotonic() * 1e3
    subprocess.run([program(build), path], stderr=subprocess.DEVNULL, check=True)
    first, whole = window.wait_for_frame(1), window.wait_for_frame(n_tasks)
    window.stop()
    return first[0] - begin_ms, whole[0] - begin_ms


def open_from_start(build, path, n_tasks):
    """Likewise from when the window's own process begins, which is told to open it."""
    window = Window(build, [path])
    first, whole = window.wait_for_frame(1), window.wait_for_frame(n_tasks)
    window.stop()
    return first[0] - window.start_ms, whole[0] - window.start_ms


def measure_open(build, n_tasks):
    bench = os.path.join(build, 'tests', 'perf', 'dashboard', 'open-bench')
    told, started, base = [], [], []
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, 'many.weft')
        subprocess.run([bench, 'write', path, str(n_tasks)], check=True)
        for _ in range(N_OPENINGS):
            told.append(open_in_window(build, path, n_tasks))
            started.append(open_from_start(build, path, n_tasks))
            base += calibration(build)
    for what, took in (('told', told), ('started', started)):
        print(times(f'{what}, first picture', [first for first, _ in took[1:]], base))
        print(times(f'{what}, all spans', [whole for _, whole in took[1:]], base))


def used_seconds(window):
    workers, others = thread_times(window.process.pid)
    return workers + sum(others.values())


def print_idle(what, window):
    """Once nothing more comes, how much comes."""
    time.sleep(SETTLE_S)
    shown, before = len(window.frames), used_seconds(window)
    time.sleep(IDLE_S)
    used, drawn = used_seconds(window) - before, len(window.frames) - shown
    print(f'idle, {what}: {used * 1e3:.1f} ms CPU in {IDLE_S} s, {drawn} frames drawn, '
          f'{shown} before; {window.frames[-1][2]} tasks in the stream')


def pause_a_run(build, folder):
    """A window with a run that was begun and paused by keys, all as at first."""
    name, keys = 'paused', keyboard.Keyboard()
    path = os.path.join(folder, f'{name}.json')
    with open(path, 'w', encoding='utf-8') as out:
        json.dump({'weftline': 1, 'name': name, 'tasks': {
            f'{group}-{i}': {'op': 'sleep', 'args': [PAUSED_TASK_S, i]}
            for i in range(N_PAUSED // 2) for group in ('first', 'second')}}, out)
    window = Window(build, [path])
    window.wait_for_frame()
    end = time.monotonic() + 20
    while not keys.give_focus(name):
        if time.monotonic() > end:
            window.stop()
            sys.exit(f'window: it is not named “{name}”')
        time.sleep(0.05)
    keys.press('F5')
    window.wait_for_frame(N_PAUSED // 8)
    keys.press('F5')
    return window


def measure_idle(build):
    for what, arguments in (('start page', []),
                            ('a run that is over', ['--example', 'tree', '--duration', '0.001'])):
        window = Window(build, arguments)
        window.wait_for_frame()
        print_idle(what, window)
        window.stop()
    with tempfile.TemporaryDirectory() as folder:
        window = pause_a_run(build, folder)
        print_idle('a run that is paused', window)
        window.stop()


# ---- memory -------------------------------------------------------------------------------------

def resident_bytes(pid):
    """(own and of files, of files, shared with the display)"""
    with open(f'/proc/{pid}/status', encoding='ascii') as status:
        found = dict(re.findall(r'^Rss(Anon|File|Shmem):\s+(\d+) kB', status.read(),
                                re.MULTILINE))
    own, files, shared = (int(found[name]) * 1024 for name in ('Anon', 'File', 'Shmem'))
    return own + files, files, shared


def wait_for_rest(window, seconds=REST_S):
    """Until it has used next to no CPU for so long."""
    end, used, since = time.monotonic() + REST_LIMIT_S, 0.0, time.monotonic()
    while time.monotonic() < end:
        now = process_seconds(window.process.pid)
        if now - used > seconds * 0.02:
            used, since = now, time.monotonic()
        elif time.monotonic() - since >= seconds:
            return
        time.sleep(0.2)
    window.stop()
    sys.exit('window: it does not come to rest')


def window_memory(build, arguments):
    window = Window(build, arguments)
    window.wait_for_frame()
    wait_for_rest(window)
    found = resident_bytes(window.process.pid)
    window.stop()
    return found


def measure_memory(build, n_tasks):
    bench = os.path.join(build, 'tests', 'perf', 'dashboard', 'open-bench')
    empty, empty_files, _ = window_memory(build, [])
    with tempfile.TemporaryDirectory() as folder:
        few, path = os.path.join(folder, 'few.weft'), os.path.join(folder, 'many.weft')
        subprocess.run([bench, 'write', few, '16'], check=True)
        subprocess.run([bench, 'write', path, str(n_tasks)], check=True)
        small, _, _ = window_memory(build, [few])
        whole, files, shared = window_memory(build, [path])
    print(f'memory: {(whole - empty) / n_tasks:.1f} bytes a task, of files '
          f'{(files - empty_files) / n_tasks:.1f}, above a window that shows 16 tasks '
          f'{(whole - small) / n_tasks:.1f}; {n_tasks} tasks, empty {empty / 1e6:.0f} MB, '
          f'pictures shared with the display {shared / 1e6:.0f} MB')


# ---- while a run keeps all busy -----------------------------------------------------------------

def write_graph(path, n_tasks):
    """Chains side by side, each task 10 µs of CPU time."""
    with open(path, 'w', encoding='utf-8') as out:
        out.write('{"weftline": 1, "name": "10 µs", "tasks": {\n')
        for at in range(n_tasks):
            args = [TASK_S, {'ref': key(at - WIDTH, n_tasks)} if at >= WIDTH else 1]
            out.write(f'"{key(at, n_tasks)}": {json.dumps({"op": "busy", "args": args})},\n')
        refs = [{'ref': key(at, n_tasks)} for at in range(n_tasks - WIDTH, n_tasks)]
        out.write(f'"end": {json.dumps({"op": "sum", "args": [refs]})}}},\n"outputs": ["end"]}}\n')


def key(at, n_tasks):
    return f'{"abcdefgh"[at * 8 // n_tasks]}-{at}'


class Sampled:
    """A program watched while its workers work, and the display server meanwhile."""

    def __init__(self, pid, alive, n_seconds):
        self.first = self.last = None  # (time, workers' seconds, others by name, all, display's)
        end = time.monotonic() + n_seconds
        idle_since, seen = None, 0.0
        while alive() and time.monotonic() < end:
            now = (time.monotonic(), *thread_times(pid), process_seconds(pid),
                   process_seconds(os.environ['WEFT_DISPLAY_PID']))
            if now[1] > seen + 1e-3:
                self.first = self.first or now
                self.last, seen, idle_since = now, now[1], None
            elif self.first:
                idle_since = idle_since or now[0]
                if now[0] - idle_since > 1.0:
                    break
            time.sleep(SAMPLE_S)

    def elapsed(self):
        return self.last[0] - self.first[0]

    def workers(self):
        return self.last[1] - self.first[1]

    def others(self):
        return self.last[3] - self.first[3] - self.workers()

    def display(self):
        return self.last[4] - self.first[4]

    def others_by_name(self):
        """Of threads that are still there at the end."""
        before = self.first[2]
        return {name: used - before.get(name, 0) for name, used in self.last[2].items()}


def burn(cores):
    """A program that has nothing to do with ours and uses so much CPU: a share of each 10 ms, on
    as many processes as it takes."""
    text = ('import sys, time\nshare = float(sys.argv[1])\nstart = time.monotonic()\n'
            'while True:\n'
            '    while time.process_time() < share * (time.monotonic() - start): pass\n'
            '    time.sleep(0.01)\n')
    shares = [1.0] * int(cores) + [cores % 1]
    return [subprocess.Popen([sys.executable, '-c', text, str(share)]) for share in shares]


def run_in_window(build, folder):
    config = os.path.join(folder, 'config')
    os.makedirs(os.path.join(config, 'glib-2.0', 'settings'), exist_ok=True)
    with open(os.path.join(config, 'glib-2.0', 'settings', 'keyfile'), 'w',
              encoding='utf-8') as out:
        out.write(f"[org/weftline/Weftline]\nlayout-status='{ALL_VIEWS}'\nhidden-panes=@as []\n")
    window = Window(build, ['--example', 'workflow'], WEFTLINE_EXAMPLES=folder,
                    GSETTINGS_BACKEND='keyfile', XDG_CONFIG_HOME=config)
    sampled = Sampled(window.process.pid, lambda: window.process.poll() is None, 120)
    window.stop()
    if sampled.first is None:
        sys.exit(f'window: no worker ran: {"".join(window.other_lines)}')
    frames = window.frames_between(sampled.first[0] * 1e3, sampled.last[0] * 1e3)
    return sampled, frames


def least_in_a_second(frames, first_ms, last_ms):
    """How few frames any whole second has, wherever it begins."""
    starts = [first_ms] + [at + 0.001 for at in frames if at + 1000 <= last_ms]
    return min(sum(start <= at < start + 1000 for at in frames) for start in starts)


def run_beside(build, path, cores):
    burners = burn(cores)
    with subprocess.Popen([os.path.join(build, 'src', 'cli', 'weftline'), 'run', '--progress',
                           'none', '--trace', path + '.weft', path],
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run:
        sampled = Sampled(run.pid, lambda: run.poll() is None, 120)
    used = sum(float(open(f'/proc/{burner.pid}/schedstat', encoding='ascii').read().split()[0])
               for burner in burners) / 1e9
    for burner in burners:
        burner.kill()
        burner.wait()
    os.unlink(path + '.weft')
    return sampled, used


def measure_run(build, n_tasks):
    n_cores = len(os.sched_getaffinity(0))
    with tempfile.TemporaryDirectory() as folder:
        os.makedirs(os.path.join(folder, 'workflows'))
        path = os.path.join(folder, 'workflows', 'mosaic.json')
        write_graph(path, n_tasks)
        seconds, beside, shares, displays, own_shares, rates = [], [], [], [], [], []
        for _ in range(3):
            sampled, frames = run_in_window(build, folder)
            used, display = sampled.others(), sampled.display()
            shares.append(used / sampled.elapsed() / n_cores)
            displays.append(display / sampled.elapsed() / n_cores)
            own_shares.append(used / (used + sampled.workers()))
            gaps = [b - a for a, b in zip(frames, frames[1:])]
            rates.append((len(frames) / sampled.elapsed(), max(gaps, default=float('inf')),
                          least_in_a_second(frames, sampled.first[0] * 1e3,
                                            sampled.last[0] * 1e3)))
            seconds.append(sampled.elapsed())
            # what the display server copies for the window is taken from the run, too
            other, burnt = run_beside(build, path, (used + display) / sampled.elapsed())
            beside.append(other.elapsed())
            names = sorted(sampled.others_by_name().items(), key=lambda pair: -pair[1])[:5]
            print(f'  in {sampled.elapsed():.2f} s: workers {sampled.workers():.2f} s, all others '
                  f'{used:.2f} s (' + ', '.join(f'{name} {s:.2f} s' for name, s in names)
                  + f'), display server {display:.2f} s; beside, in {other.elapsed():.2f} s: '
                  f'workers {other.workers():.2f} s, all others {other.others():.2f} s, the '
                  f'program {burnt:.2f} s')
    print(f'run: {statistics.median(shares):.1%} of the machine, '
          f'{statistics.median(own_shares):.1%} of what the process got; '
          f'{statistics.median(rate for rate, _, _ in rates):.1f} frames a second, longest gap '
          f'{statistics.median(gap for _, gap, _ in rates):.0f} ms, at least '
          f'{statistics.median(least for _, _, least in rates):.0f} in any second; display '
          f'server {statistics.median(displays):.1%} of the machine')
    print(f'loss: {statistics.median(seconds):.2f} s in the window, {statistics.median(beside):.2f}'
          f' s beside a program that uses as much, ratio '
          f'{statistics.median(a / b for a, b in zip(seconds, beside)):.3f}')


def main(arguments):
    build, what = arguments[:2]
    if what == 'start':
        measure_start(build)
    elif what == 'idle':
        measure_idle(build)
    elif what == 'open':
        measure_open(build, int(arguments[2]) if len(arguments) > 2 else 10000000)
    elif what == 'memory':
        measure_memory(build, int(arguments[2]) if len(arguments) > 2 else 6000000)
    else:
        measure_run(build, int(arguments[2]) if len(arguments) > 2 else 800000)


if __name__ == '__main__':
    main(sys.argv[1:])
