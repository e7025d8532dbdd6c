"""run_check.py: what must be true of every run file, beside that it can be read.

SPDX-License-Identifier: BSD-3-Clause

    run_check.py FILE...

Checks what data/doc/run-file.md promises of records, watermarks, NOW, INDEX and END, and prints how
much there was. RunFile gives the tests the records by kind, with times.
"""
import sys

import run_file

SPANS = {'task', 'spill-write', 'spill-read', 'transfer', 'paused', 'memory-paused',
         'recorder-wait', 'parked', 'blocked', 'steal-miss', 'elsewhere', 'phase', 'slowed'}
PLACED = {'task', 'erred', 'cancelled', 'retry-wait', 'resource-wait', 'spill-read', 'spill-write',
          'timed-out', 'admitted', 'break', 'stepped', 'blocked'}
OWN = {'recorder-wait', 'dropped'}
SHARED, CONTINUED, UNIT, LATE, DETAIL, VIEW = 1, 2, 4, 8, 16, 32
BEST_EFFORT = 1
ENDED = 2**64 - 1
ROLES = ('thread', 'process', 'host', 'control', 'unplaced', 'scheduler')


class Broken(Exception):
    pass


def must(condition, text, *about):
    if not condition:
        raise Broken(': '.join([text, *map(repr, about)]))


def end_of(record):
    return record['start'] + record.get('duration', 0)


class RunFile:
    def __init__(self, path_or_bytes):
        self.data = path_or_bytes
        if not isinstance(path_or_bytes, bytes):
            with open(path_or_bytes, 'rb') as source:
                self.data = source.read()
        self.lines = list(run_file.lines(self.data))
        self.frames = [line for line in self.lines if 'frame' in line]
        self.records = [line for line in self.lines if 'record' in line]
        self.lanes = {frame['lane']: frame for frame in self.kind('lane')}
        self.strings = [text for frame in self.kind('strings') for text in frame['strings']]
        self.complete = bool(self.kind('end'))

    def kind(self, kind):
        return [frame for frame in self.frames if frame['kind'] == kind]

    def of(self, *names, **values):
        return [record for record in self.records if record['record'] in names
                and all(record[name] == value for name, value in values.items())]

    def graph(self, segment=0):
        return run_file.read_graph(self.data, segment)

    def keys(self, segment=0):
        return [task['key'] for task in self.graph(segment).tasks]

    def pieces(self, domain=0):
        """Of the clock's map, by the stamp they hold from."""
        pieces = []
        for frame in self.kind('clock'):
            if frame['domain'] != domain:
                continue
            pieces = [p for p in pieces if p['valid_from_ticks'] < frame['valid_from_ticks']]
            pieces.append(frame)
        return pieces

    def time(self, stamp, domain=0):
        """Seconds on the common axis."""
        at = [p for p in self.pieces(domain) if p['valid_from_ticks'] <= stamp][-1]
        return (at['anchor_mono_ns'] + at['offset_ns']) * 1e-9 \
            + (stamp - at['anchor_ticks']) / at['ticks_per_second']

    def wall(self, stamp, domain=0):
        """Seconds since 1970."""
        at = [p for p in self.pieces(domain) if p['valid_from_ticks'] <= stamp][-1]
        return at['anchor_wall_ns'] * 1e-9 + (stamp - at['anchor_ticks']) / at['ticks_per_second']

    def seconds(self, record):
        return record['duration'] / self.pieces()[-1]['ticks_per_second']

    def workers(self):
        """Lanes of workers."""
        return [lane for lane, frame in self.lanes.items() if frame['role'] == 0]


def is_detail(record):
    return record['flags'] & DETAIL != 0


def check_order(records):
    """Spans of a lane and depth do not overlap, and end in order; shared stamps are shared."""
    spans, last = {}, None
    for record in records:
        if record['flags'] & SHARED:
            must(last is not None and end_of(last) == record['start'], 'shared stamp', last, record)
        if record['record'] not in OWN:
            must(last is None or end_of(last) <= end_of(record), 'order', last, record)
            last = record
        if record['record'] in SPANS:
            spans.setdefault(record['depth'], []).append(record)
    for found in spans.values():
        found.sort(key=lambda record: (record['start'], end_of(record)))
        for before, record in zip(found, found[1:]):
            must(end_of(before) <= record['start'], 'spans overlap', before, record)


def check_details(records):
    main = None
    for record in records:
        if is_detail(record):
            must(main is not None, 'a detail of nothing', record)
            must(record['duration'] == 0, 'a detail that lasts', record)
        else:
            main = record


def check_worker(records):
    """Between start and stop, and again."""
    inside = False
    for record in records:
        if record['record'] == 'worker-start':
            must(not inside, 'started twice', record)
            inside = True
        else:
            must(inside or record['record'] == 'recorder-wait', 'a stopped worker', record)
            inside = inside and record['record'] != 'worker-stop'
    return inside


def check_records_frame(frame, records):
    must(frame['n_records'] == len(records), 'number of records', frame)
    must(frame['min_start'] == min(r['start'] for r in records), 'smallest start', frame)
    must(frame['max_end'] == max(map(end_of, records)), 'greatest end', frame)
    must(frame['n_task_spans'] == sum(r['record'] == 'task' for r in records), 'spans', frame)


def check_references(run, record, n_strings, segments, lanes):
    must(record['lane'] in lanes, 'a lane that was not told', record)
    if record['record'] in PLACED:
        must(record['segment'] in segments, 'a segment that was not told', record)
    if record['record'] in ('resource-wait', 'annotation', 'message'):
        must(record['amount'] < n_strings, 'a string that was not told', record)
    if record['record'] == 'setting' and record['how'] == 2:
        must(record['high'] < n_strings, 'a string that was not told', record)


class Checker:
    def __init__(self, run):
        self.run = run
        self.watermarks, self.previous, self.records, self.in_file = {}, {}, {}, 0
        self.n_strings, self.segments, self.lanes = 0, set(), set()

    def promises(self, lane):
        """Whether the lane's watermarks are a promise."""
        return not self.run.lanes[lane]['lane_flags'] & BEST_EFFORT

    def advance(self, lane, watermark):
        must(watermark >= self.watermarks.get(lane, 0), 'a watermark went back', lane, watermark)
        self.watermarks[lane] = watermark

    def take_records(self, frame, records):
        lane = frame['lane']
        must(lane in self.lanes, 'a lane that was not told', frame)
        check_records_frame(frame, records)
        must(frame['previous'] == self.previous.get(lane, 0), 'previous frame of the lane', frame)
        self.previous[lane] = frame['offset']
        for record in records:
            check_references(self.run, record, self.n_strings, self.segments, self.lanes)
            must(not self.promises(lane) or end_of(record) >= self.watermarks.get(lane, 0),
                 'behind the watermark', self.watermarks.get(lane), record)
        self.advance(lane, frame['watermark'])
        self.records.setdefault(lane, []).extend(records)
        self.in_file += len(records)

    def take_frame(self, frame):
        if frame['kind'] == 'lane':
            must(frame['lane'] == len(self.lanes), 'lanes count up', frame)
            self.lanes.add(frame['lane'])
        elif frame['kind'] == 'strings':
            must(frame['first_id'] == self.n_strings, 'strings count up', frame)
            self.n_strings += len(frame['strings'])
        elif frame['kind'] == 'segment':
            self.segments.add(frame['segment'])
        elif frame['kind'] == 'now':
            for entry in frame['entries']:
                must(entry['lane'] in self.lanes, 'a lane that was not told', entry)
                if entry['watermark'] != ENDED:
                    self.advance(entry['lane'], entry['watermark'])

    def take_all(self):
        lines = self.run.lines
        for i, line in enumerate(lines):
            if 'frame' not in line:
                continue
            must('malformed' not in line, 'malformed', line)
            n = line['n_records'] if line['kind'] == 'records' else 0
            if n > 0:
                self.take_records(line, lines[i + 1:i + 1 + n])
            self.take_frame(line)

    def check_index(self):
        frames = [f for f in self.run.frames if f['kind'] not in ('index', 'end')]
        entries = [e for frame in self.run.kind('index') for e in frame['entries']]
        must(len(entries) == len(frames), 'entries of the index', len(entries), len(frames))
        numbers = {name: number for number, name in run_file.FRAMES.items()}
        for entry, frame in zip(entries, frames):
            must((entry['offset'], entry['lane'], entry['kind'])
                 == (frame['offset'], frame['lane'], numbers[frame['kind']]), 'index', entry, frame)
            for name in ('min_start', 'max_end', 'n_records'):
                must(entry[name] == frame.get(name, 0), 'index', entry, frame)

    def check_end(self):
        end, = self.run.kind('end')
        must(end['n_records'] == self.in_file, 'records in END', end, self.in_file)
        must(end['n_dropped'] == sum(r['amount'] for r in self.run.of('dropped')), 'dropped', end)
        must(end['n_waits'] == len(self.run.of('recorder-wait')), 'waits', end)
        for lane in self.run.workers():
            records = self.records.get(lane, [])
            must(self.is_closed(lane) or not check_worker(records), 'a worker did not stop', lane)

    def is_closed(self, lane):
        """Its worker was stuck past a deadline."""
        return any(r['amount'] == lane for r in self.run.of('peer', lane=0))

    def check_lanes(self):
        for lane, records in self.records.items():
            check_details(records)
            if lane != 0:
                check_order(records)


def check(run):
    checker = Checker(run)
    checker.take_all()
    checker.check_lanes()
    if run.complete:
        checker.check_index()
        checker.check_end()
    return run


def main(paths):
    for path in paths:
        run = check(RunFile(path))
        print(f'{path}: {len(run.frames)} frames, {len(run.records)} records are as they must be')


if __name__ == '__main__':
    main(sys.argv[1:])
