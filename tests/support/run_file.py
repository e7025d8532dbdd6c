"""run_file.py: reads run files, from data/doc/run-file.md alone.

SPDX-License-Identifier: BSD-3-Clause

    run_file.py FILE                  the file as lines of JSON
    run_file.py --compare LINES FILE  the same, compared with lines another reader made
    run_file.py --graph SEGMENT FILE  the tasks of a segment, a line each

Slow and plain: it is here to disagree when the other reader, or the document, is wrong.
"""
import json
import struct
import sys

NONE = 0xffffffff
FRAMES = {1: 'meta', 2: 'clock', 3: 'strings', 4: 'segment', 5: 'lane', 6: 'records', 7: 'now',
          8: 'log', 9: 'error', 10: 'index', 11: 'end', 12: 'series', 13: 'facts', 14: 'lod'}
RECORDS = {1: 'task', 2: 'attempt', 3: 'spill-write', 4: 'spill-read', 5: 'transfer', 6: 'paused',
           7: 'memory-paused', 8: 'resource-wait', 9: 'retry-wait', 10: 'recorder-wait',
           11: 'dropped', 12: 'parked', 13: 'worker-start', 14: 'worker-stop', 15: 'ready',
           16: 'released', 17: 'erred', 18: 'cancelled', 19: 'memory', 20: 'cpu', 21: 'io',
           22: 'run-state', 23: 'admitted', 24: 'spill-failed', 25: 'steal-miss',
           26: 'annotation', 27: 'blocked', 29: 'task-cpu', 30: 'worker-lost', 31: 'output',
           32: 'culprit', 33: 'peer', 34: 'message', 35: 'timed-out', 36: 'assigned',
           38: 'counter', 39: 'elsewhere', 40: 'begin', 42: 'break', 43: 'stepped', 44: 'reused',
           46: 'state', 47: 'phase', 48: 'slowed', 128: 'value', 129: 'setting', 130: 'link'}


class Damaged(Exception):
    pass


def make_crc_table():
    table = []
    for byte in range(256):
        crc = byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82f63b78 if crc & 1 else 0)
        table.append(crc)
    return table


CRC_TABLE = make_crc_table()


def crc32c(data):
    crc = 0xffffffff
    for byte in data:
        crc = crc >> 8 ^ CRC_TABLE[(crc ^ byte) & 0xff]
    return crc ^ 0xffffffff


assert crc32c(b'123456789') == 0xe3069283


def text(data):
    """UTF-8, each byte that is none as U+FFFD."""
    decoded = data.decode('utf-8', 'surrogateescape')
    return ''.join('\ufffd' if '\udc80' <= c <= '\udcff' else c for c in decoded)


class Frame:
    def __init__(self, head, offset, payload):
        (_, self.kind, self.flags, self.n_bytes, self.lane, self.sequence, self.watermark,
         self.run_tag, self.payload_crc, _) = head
        self.offset = offset
        self.payload = payload


def read_head(data):
    magic, version, n_head, run_id, created, page, _, incompatible, crc = struct.unpack(
        '<8sII16sqIHH12xI', data[:64])
    if magic != b'WEFTRUN\n' or crc != crc32c(data[:60]):
        raise Damaged('not a run file')
    if version != 1 or n_head < 64 or n_head % 16 != 0 or incompatible != 0:
        raise Damaged('a later version')
    return run_id, n_head


def read_frames(data):
    """Whole frames up to the first that is not."""
    if len(data) < 64:
        if not (data[:8] == b'WEFTRUN\n'[:len(data)]):
            raise Damaged('not a run file')
        return
    run_id, offset = read_head(data)
    run_tag, = struct.unpack('<Q', run_id[:8])
    sequence = 0
    while offset + 48 <= len(data):
        raw = data[offset:offset + 48]
        head = struct.unpack('<IHHIIQQQII', raw)
        n_bytes = head[3]
        if head[0] != 0x4d524657 or head[9] != crc32c(raw[:44]) or head[7] != run_tag \
                or head[5] != sequence or n_bytes > 1 << 30:
            raise Damaged(f'no frame at {offset}')
        payload = data[offset + 48:offset + 48 + n_bytes]
        end = offset + 48 + (n_bytes + 15) // 16 * 16
        if end > len(data):
            return
        if crc32c(payload) != head[8]:
            if end == len(data):
                return
            raise Damaged(f'payload of the frame at {offset}')
        frame = Frame(head, offset, payload)
        yield frame
        if frame.kind == 11:
            check_trailer(data, end)
            return
        offset, sequence = end, sequence + 1


def check_trailer(data, offset):
    trailer = data[offset:]
    if len(trailer) < 16 and (trailer[8:] == b'WFTEND\0\n'[:max(len(trailer) - 8, 0)]):
        return
    index, magic = struct.unpack('<Q8s', trailer)
    if magic != b'WFTEND\0\n' or struct.unpack('<IH', data[index:index + 6]) != (0x4d524657, 10):
        raise Damaged('trailer')


# ---- payloads ------------------------------------------------------------------------------------

def fields(names, form, payload):
    size = struct.calcsize('<' + form)
    values = struct.unpack('<' + form, payload[:size])
    return dict(zip(names.split(), values)), payload[size:]


def take_texts(rest, *lengths):
    found = []
    for n in lengths:
        if n > len(rest):
            raise Damaged('text')
        found.append(text(rest[:n]))
        rest = rest[n:]
    return found


def meta(payload):
    return {'text': text(payload)}


def clock(payload):
    found, _ = fields('domain source ticks_per_second anchor_ticks anchor_mono_ns anchor_wall_ns '
                      'offset_ns uncertainty_ns resolution_ns clock_flags valid_from_ticks',
                      'IIQQqqqQQI4xQ', payload)
    return found


def strings(payload):
    head, rest = fields('first_id n', 'II', payload)
    found = []
    for _ in range(head['n']):
        n, = struct.unpack('<I', rest[:4])
        found += take_texts(rest[4:], n)
        rest = rest[4 + n:]
    return {'first_id': head['first_id'], 'strings': found}


def segment(payload):
    found, rest = fields('segment piece segment_flags first_task n_tasks parent_segment '
                         'parent_task', 'IIIIIII4x', payload)
    found['content_bytes'] = len(rest)
    return found


def lane(payload):
    found, rest = fields('lane role parent_lane domain worker pid os_thread n_threads lane_flags '
                         'memory_limit_bytes n_name', 'IIIIIIQIIQI4x', payload)
    found['name'], = take_texts(rest, found.pop('n_name'))
    return found


def records(payload):
    found, rest = fields('min_start max_end previous n_records n_task_spans', 'QQQII', payload)
    if len(rest) != 32 * found['n_records']:
        raise Damaged('records')
    return found


def now(payload):
    names = 'lane task segment attempt kind depth start watermark'.split()
    return {'entries': [dict(zip(names, entry))
                        for entry in struct.iter_unpack('<IIIHBBQQ', payload)]}


def log(payload):
    found, rest = fields('stamp segment task attempt stream level', 'QIIIBB2x', payload)
    found['text'] = text(rest)
    return found


def error(payload):
    found, rest = fields('stamp segment task attempt a b c d', 'QIIIIIII4x', payload)
    lengths = [found.pop(name) for name in 'abcd']
    names = 'error_kind message detail output'.split()
    found.update(zip(names, take_texts(rest, *lengths)))
    return found


def index(payload):
    found, rest = fields('previous n', 'QI4x', payload)
    names = 'offset min_start max_end lane n_records kind flags'.split()
    if len(rest) != 40 * found.pop('n'):
        raise Damaged('index')
    found['entries'] = [dict(zip(names, entry))
                        for entry in struct.iter_unpack('<QQQIIHH4x', rest)]
    return found


def end(payload):
    found, rest = fields('n_records n_dropped n_waits n_dropped_log_bytes', 'QQQQ', payload)
    found['text'] = text(rest)
    return found


def series(payload):
    found, rest = fields('series of_lane scale a b', 'IIdII', payload)
    found['name'], found['unit'] = take_texts(rest, found.pop('a'), found.pop('b'))
    return found


def facts(payload):
    found, rest = fields('stamp segment task attempt', 'QIII4x', payload)
    found['text'] = text(rest)
    return found


PAYLOADS = {'meta': meta, 'clock': clock, 'strings': strings, 'segment': segment, 'lane': lane,
            'records': records, 'now': now, 'log': log, 'error': error, 'index': index,
            'end': end, 'series': series, 'facts': facts}


def frame_line(frame):
    name = FRAMES.get(frame.kind, frame.kind)
    line = {'frame': frame.sequence, 'kind': name, 'flags': frame.flags, 'offset': frame.offset,
            'payload_bytes': frame.n_bytes, 'payload_crc': frame.payload_crc, 'lane': frame.lane,
            'watermark': frame.watermark}
    if name in PAYLOADS:
        try:
            line.update(PAYLOADS[name](frame.payload))
        except (Damaged, struct.error):
            line['malformed'] = True
    return line


def record_lines(frame):
    for kind, flags, how, depth, task, seg, low, high, start in struct.iter_unpack(
            '<BBBBIIIQQ', frame.payload[32:]):
        line = {'record': RECORDS.get(kind, kind), 'lane': frame.lane, 'flags': flags, 'how': how,
                'depth': depth, 'task': task, 'segment': seg, 'start': start}
        if kind < 128:
            line.update(duration=high >> 16, amount=low | (high & 0xffff) << 32)
        else:
            line.update(low=low, high=high)
        yield line


def lines(data):
    for frame in read_frames(data):
        line = frame_line(frame)
        yield line
        if line['kind'] == 'records' and 'malformed' not in line:
            yield from record_lines(frame)


# ---- segments ------------------------------------------------------------------------------------

class Reader:
    def __init__(self, data):
        self.data = data
        self.at = 0

    def take(self, n):
        if n > len(self.data) - self.at:
            raise Damaged('section')
        self.at += n
        return self.data[self.at - n:self.at]

    def u8(self):
        return self.take(1)[0]

    def varint(self):
        found, shift = 0, 0
        while True:
            byte = self.u8()
            found |= (byte & 0x7f) << shift
            shift += 7
            if byte < 0x80:
                return found

    def signed(self):
        found = self.varint()
        return found >> 1 ^ -(found & 1)

    def f64(self):
        return struct.unpack('<d', self.take(8))[0]

    def text(self):
        return text(self.take(self.varint()))

    def optional(self):
        n = self.varint()
        return text(self.take(n - 1)) if n > 0 else None

    def runs(self, n, take):
        found = []
        while len(found) < n:
            length = self.varint()
            found += [take()] * length
        if len(found) != n:
            raise Damaged('run')
        return found


class Graph:
    """A segment, from its pieces in order."""

    def __init__(self):
        self.name, self.metadata, self.groups = '', None, []
        self.strings, self.calls, self.patterns = [], [], []
        self.attributes, self.imports, self.tasks, self.wanted = [], [], [], []

    def add(self, content):
        sections = {1: self.summary, 2: self.take_strings, 7: self.block,
                    3: self.listed(self.calls, self.call),
                    4: self.listed(self.patterns, self.pattern),
                    5: self.listed(self.attributes, self.attribute),
                    6: self.listed(self.imports, self.take_import),
                    8: self.listed(self.wanted, self.want)}
        reader = Reader(content)
        while reader.at < len(content):
            kind, n_bytes = struct.unpack('<II', reader.take(8))
            section = Reader(reader.take(n_bytes))
            if kind in sections:
                sections[kind](section)
                if section.at != n_bytes:
                    raise Damaged(f'section {kind}: {n_bytes - section.at} bytes too many')

    @staticmethod
    def listed(found, take):
        def section(reader):
            if reader.varint() != len(found):
                raise Damaged('list')
            for _ in range(reader.varint()):
                found.append(take(reader))
        return section

    def summary(self, r):
        self.n_tasks, self.n_imports, self.n_edges = r.varint(), r.varint(), r.varint()
        self.name, self.metadata = r.text(), r.optional()
        self.groups = [(r.text(), r.varint()) for _ in range(r.varint())]

    def take_strings(self, r):
        self.strings += [r.text() for _ in range(r.varint())]

    def string(self, number):
        return self.strings[number - 1] if number > 0 else None

    def call(self, r):
        found = {'op': r.optional(), 'version': r.varint(), 'n_outputs': r.varint(),
                 'line': r.varint(), 'column': r.varint()}
        n_args, n_kwargs = r.varint(), r.varint()
        self.next_slot = 0
        found['args'] = [self.arg(r) for _ in range(n_args)]
        found['kwargs'] = [(self.arg(r), self.arg(r)) for _ in range(n_kwargs)]
        return found

    def arg(self, r):
        kind = r.u8()
        if kind in (4, 5, 13):
            return [kind, r.take(r.varint()).hex()]
        if kind in (6, 7, 12):
            n = r.varint() * (1 if kind == 6 else 2)
            return [kind] + [self.arg(r) for _ in range(n)]
        if kind == 9:
            return [kind, r.varint(), r.varint()]
        if kind == 11:
            return [kind, self.arg(r), self.arg(r)]
        if kind in (8, 14):
            slot = r.varint() if kind == 8 else self.next_slot
            self.next_slot = slot + 1
            return [8, slot]
        simple = {0: lambda: None, 1: r.u8, 2: r.signed, 3: r.f64, 10: r.varint}
        return [kind, simple[kind]()]

    @staticmethod
    def pattern(r):
        return r.u8(), r.text(), r.text()

    def attribute(self, r):
        found = {'priority': r.signed(), 'retries': r.varint(), 'retry_delay_ns': r.signed(),
                 'timeout_ns': r.signed(), 'label': self.string(r.varint())}
        found['resources'] = [[self.string(r.varint()), r.f64()] for _ in range(r.varint())]
        found['metadata'] = r.optional()
        return found

    def take_import(self, r):
        kind = r.u8()
        if kind == 0:
            return [kind, self.string(r.varint()), r.varint()]
        return [kind] + [r.varint() for _ in range(3 if kind == 1 else 0)]

    @staticmethod
    def want(r):
        return [r.varint(), r.varint()]

    def key(self, pattern, number):
        width, prefix, suffix = self.patterns[pattern]
        return prefix if width == 255 else f'{prefix}{number:0{max(width, 1)}d}{suffix}'

    def keys(self, r, n):
        found, pattern, number = [], 0, 0
        while len(found) < n:
            length, pattern_step, number_step = r.varint(), r.signed(), r.signed()
            for _ in range(length):
                pattern = (pattern + pattern_step) % 2**32
                number = (number + number_step) % 2**32
                found.append(self.key(pattern, number))
        return found

    @staticmethod
    def inputs(r, task, with_outputs):
        found = []
        for _ in range(r.varint()):
            distance = r.varint()
            source = task - distance if distance > 0 else {'import': r.varint()}
            found.append([source, r.varint() if with_outputs else 0])
        return found

    @staticmethod
    def regular(r, ids):
        found = []
        for task in ids:
            code = r.varint()
            if code == 0:
                found.append([[source + step, 0] for source, _ in found[-1]])
                continue
            step, sources = r.signed() if code > 1 else 0, []
            for i in range(code - 1):
                sources.append(task - r.varint() if i == 0 else sources[-1] + 1 + r.signed())
            found.append([[source, 0] for source in sources])
        return found

    def block(self, r):
        first, n, columns = r.varint(), r.varint(), r.u8()
        if first != len(self.tasks):
            raise Damaged('block')
        ids = range(first, first + n)
        calls = r.runs(n, r.varint)
        groups = r.runs(n, r.varint)
        keys = self.keys(r, n)
        inputs = self.regular(r, ids) if columns & 128 else \
            [self.inputs(r, t, columns & 1) for t in ids]
        afters = [[t - r.varint() for _ in range(r.varint())] for t in ids] if columns & 2 else \
            [[]] * n
        attributes = r.runs(n, r.varint) if columns & 4 else [0] * n
        units = r.runs(n, r.varint) if columns & 8 else [0] * n
        runtimes = [r.varint() - 1 for _ in ids] if columns & 16 else [-1] * n
        n_bytes = [[r.varint() - 1 for _ in range(self.calls[call]['n_outputs'])]
                   for call in calls] if columns & 32 else [[]] * n
        machines = r.runs(n, r.varint) if columns & 64 else [0] * n
        for i in range(n):
            self.tasks.append({
                'key': keys[i], 'group': self.groups[groups[i]][0], 'call': calls[i],
                'op': self.calls[calls[i]]['op'], 'inputs': inputs[i], 'after': afters[i],
                'attributes': self.attributes[attributes[i] - 1] if attributes[i] else None,
                'unit': units[i], 'runtime_ns': runtimes[i], 'output_bytes': n_bytes[i],
                'machine': self.string(machines[i])})


def read_graph(data, number):
    graph = Graph()
    for frame in read_frames(data):
        if frame.kind == 4 and frame.lane == number:
            graph.add(frame.payload[32:])
    return graph


# ---- command -------------------------------------------------------------------------------------

def normal(line):
    """Scales are printed as strings, with whatever digits tell them apart."""
    if 'scale' in line:
        line['scale'] = float(line['scale'])
    return line


def compare(ours, theirs):
    n = 0
    for mine in ours:
        other = next(theirs, None)
        if other is None or normal(json.loads(other)) != normal(mine):
            sys.exit(f'line {n + 1} differs:\n{json.dumps(mine)}\n{other}')
        n += 1
    if next(theirs, None) is not None:
        sys.exit(f'more than {n} lines')
    print(f'{n} lines agree')


def main(arguments):
    with open(arguments[-1], 'rb') as source:
        data = source.read()
    if arguments[0] == '--compare':
        with open(arguments[1], encoding='utf-8') as theirs:
            compare(lines(data), theirs)
    elif arguments[0] == '--graph':
        for task in read_graph(data, int(arguments[1])).tasks:
            print(json.dumps(task, ensure_ascii=False))
    else:
        for line in lines(data):
            if 'scale' in line:
                line['scale'] = repr(line['scale'])
            print(json.dumps(line, ensure_ascii=False))


if __name__ == '__main__':
    main(sys.argv[1:])
