#!/usr/bin/python3
"""value_codec.py: an independent reader of encoded values, written from data/doc/value-codec.md.

SPDX-License-Identifier: BSD-3-Clause

Usage: value_codec.py FOLDER

Reads each *.wval in FOLDER, brings it into the JSON form that weft_value_to_text() documents and
compares it with the *.json beside it. Checksums and compression come from the C libraries.
"""
import base64
import ctypes
import glob
import json
import math
import os
import struct
import sys

NEW, NEW_COUNTED = 0xffffffff, 0xfffffffe

xxhash = ctypes.CDLL('libxxhash.so.0')
xxhash.XXH3_64bits.restype = ctypes.c_uint64
xxhash.XXH3_64bits.argtypes = [ctypes.c_char_p, ctypes.c_size_t]
lz4 = ctypes.CDLL('liblz4.so.1')
zstd = ctypes.CDLL('libzstd.so.1')
zstd.ZSTD_decompress.restype = ctypes.c_size_t
zstd.ZSTD_decompress.argtypes = [ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t]


class Damaged(Exception):
    pass


class Float32(float):
    """Printed with the digits a float32 needs, so equal when it becomes the same float32."""


def need(true, message):
    if not true:
        raise Damaged(message)


def checksum(data):
    return xxhash.XXH3_64bits(data, len(data))


# ---- 1. head, blocks, end


def unpack_block(compression, stored, n_raw):
    if len(stored) == n_raw:
        return stored
    raw = ctypes.create_string_buffer(n_raw)
    if compression == 1:
        n = lz4.LZ4_decompress_safe(stored, raw, len(stored), n_raw)
    else:
        need(compression == 2, 'a short block without compression')
        n = zstd.ZSTD_decompress(raw, n_raw, stored, len(stored))
    need(n == n_raw, 'a block that does not decompress')
    return raw.raw


def read_body(data):
    magic, version, compression, zero, n_body, zero2, check = struct.unpack_from('<4sHBBQQQ', data)
    need(magic == b'WVAL' and version == 1 and compression <= 2 and zero == zero2 == 0, 'head')
    need(check == checksum(data[:24]), 'checksum of the head')
    at, body, heads = 32, [], b''
    while True:
        n_raw, n_stored, check = struct.unpack_from('<IIQ', data, at)
        stored = data[at + 16:at + 16 + n_stored]
        need(len(stored) == n_stored and check == checksum(stored), 'checksum of a block')
        if n_raw == 0:
            break
        need(n_stored <= n_raw <= 1 << 20, 'sizes of a block')
        body.append(unpack_block(compression, stored, n_raw))
        heads += data[at:at + 16]
        at += 16 + n_stored
    need(n_stored == 24 and at + 40 == len(data), 'end')
    need(struct.unpack('<QQQ', stored) == (n_body, len(body), checksum(heads)), 'totals')
    body = b''.join(body)
    need(len(body) == n_body, 'length of the body')
    return body


# ---- the JSON form of what stands in values


def json_float(f):
    if math.isnan(f) or math.isinf(f):
        return {'$float': 'nan' if math.isnan(f) else 'inf' if f > 0 else '-inf'}
    return f


def json_bytes(data):
    return {'$bytes': base64.b64encode(data).decode()}


def json_unicode(data):
    points = struct.unpack(f'<{len(data) // 4}I', data)
    return ''.join(chr(c) if c < 0x110000 and not 0xd800 <= c < 0xe000 else '\ufffd'
                   for c in points).rstrip('\0')


FORMATS = {1: 'B', 2: 'b', 3: 'h', 4: 'i', 5: 'q', 6: 'B', 7: 'H', 8: 'I', 9: 'Q', 10: 'e', 11: 'f',
           12: 'd', 13: 'ff', 14: 'dd', 15: 'q', 16: 'q', 39: 'i', 40: 'q'}
DTYPE_NAMES = {1: 'bool', 2: 'int8', 3: 'int16', 4: 'int32', 5: 'int64', 6: 'uint8', 7: 'uint16',
               8: 'uint32', 9: 'uint64', 10: 'float16', 11: 'float32', 12: 'float64',
               13: 'complex64', 14: 'complex128', 15: 'datetime64[ns]', 16: 'timedelta64[ns]',
               17: 'fixed_bytes', 43: 'unicode', 32: 'string', 33: 'bytes', 34: 'list',
               35: 'struct', 36: 'dictionary', 37: 'fixed_list', 38: 'null', 39: 'date32',
               40: 'timestamp', 41: 'map', 42: 'decimal128'}


def element(dtype, data):
    if dtype == 17:
        return json_bytes(data)
    if dtype == 43:
        return json_unicode(data)
    if dtype == 42:
        return int.from_bytes(data, 'little', signed=True)
    parts = struct.unpack('<' + FORMATS[dtype], data)
    if dtype == 1:
        return parts[0] != 0
    if dtype in (10, 11, 13):
        parts = [Float32(part) for part in parts]
    if dtype in (10, 11, 12, 13, 14):
        parts = [json_float(part) for part in parts]
    return list(parts) if dtype in (13, 14) else parts[0]


def nested(shape, strides, offset, get):
    if not shape:
        return get(offset)
    return [nested(shape[1:], strides[1:], offset + i * strides[0], get) for i in range(shape[0])]


# ---- 2 to 5. the body


class Reader:
    def __init__(self, body):
        self.body, self.at = body, 0
        self.nodes, self.shapes, self.columns, self.buffers = [], [], [], []

    def take(self, n):
        data = self.body[self.at:self.at + n]
        need(len(data) == n, 'the body ends early')
        self.at += n
        return data

    def number(self, format_):
        return struct.unpack('<' + format_, self.take(struct.calcsize('<' + format_)))[0]

    def numbers(self, format_, n):
        return list(struct.unpack(f'<{n}{format_}', self.take(n * struct.calcsize('<' + format_))))

    def text(self):
        n = self.number('I')
        if n == 0xffffffff:
            return None
        data = self.take(n)
        need(b'\0' not in data, 'a zero in a text')
        return data.decode('utf-8', 'replace')

    def run(self):
        n = self.number('Q')
        if n >= 1024:
            need(not any(self.take(-self.at % 64)), 'padding')
        return self.take(n)

    def buffer(self):
        number = self.number('I')
        if number == NEW:
            self.buffers.append(self.run())
            number = -1
        return self.buffers[number]

    def shape(self):
        number = self.number('I')
        if number == NEW:
            self.shapes.append([self.text() for _ in range(self.number('I'))])
            number = -1
        return self.shapes[number]

    def node(self):
        type_ = self.number('B')
        if type_ == 64:
            value = self.node()
            self.nodes.append(value)
            return value
        if type_ == 65:
            return self.nodes[self.number('I')]
        need(type_ in NODES, f'node type {type_}')
        return NODES[type_](self)

    def boolean(self):
        return bool(self.number('B'))

    def string(self):
        return self.run().decode()

    def bytes(self):
        if self.number('B') == 0:
            return json_bytes(self.run())
        data, offset, n = self.buffer(), self.number('Q'), self.number('Q')
        return json_bytes(data[offset:offset + n])

    def list(self):
        self.text()
        return [self.node() for _ in range(self.number('Q'))]

    def record(self):
        return {'$' + name if name.startswith('$') else name: self.node() for name in self.shape()}

    def array(self):
        dtype, n_dims, layout, zero, item_bytes, repeated = struct.unpack('<BBBBII', self.take(12))
        need(zero == 0, 'reserved')
        shape = self.numbers('q', n_dims)
        if layout == 2:
            data, offset, strides = self.buffer(), self.number('q'), self.numbers('q', n_dims)
        else:
            data, offset, strides, step = self.run(), 0, [0] * n_dims, item_bytes
            for axis in range(n_dims) if layout == 1 else reversed(range(n_dims)):
                if not repeated >> axis & 1:
                    strides[axis] = step
                    step *= max(shape[axis], 1)
        elements = [] if 0 in shape else nested(
            shape, strides, offset, lambda at: element(dtype, data[at:at + item_bytes]))
        return {'$array': {'dtype': DTYPE_NAMES[dtype], 'item_bytes': item_bytes, 'shape': shape,
                           'data': elements}}

    def table(self):
        n_rows, n_columns = self.number('q'), self.number('I')
        self.text()
        columns = [self.column() for _ in range(n_columns)]
        need(all(len(column[2]) == n_rows for column in columns), 'rows of a column')
        return {'$table': {'n_rows': n_rows, 'columns': [
            {'name': name, 'dtype': DTYPE_NAMES[dtype], 'data': rows}
            for name, dtype, rows in columns]}}

    def column(self):
        number = self.number('I')
        if number < NEW_COUNTED:
            return self.columns[number]
        column = self.new_column()
        if number == NEW_COUNTED:
            self.columns.append(column)
        return column

    def new_column(self):
        dtype, width, _unit, codes, _flags, has_validity = struct.unpack('<BBBBBB', self.take(6))
        need(self.take(2) == b'\0\0', 'reserved')
        list_size, item_bytes = self.number('i'), self.number('I')
        n_rows, _n_nulls = self.number('q'), self.number('q')
        name, _metadata, n_children = self.text(), self.text(), self.number('I')
        validity = self.run() if has_validity else None
        offsets = values = None
        if width:
            offsets = struct.unpack(f'<{n_rows + 1}{"i" if width == 4 else "q"}', self.run())
            need(offsets[0] == 0, 'offsets from 0')
        if dtype <= 17 or dtype in (32, 33, 36, 39, 40, 42):
            values = self.run()
        children = [self.column() for _ in range(n_children)]

        def row(i):
            if dtype == 38 or (validity is not None and not validity[i // 8] >> i % 8 & 1):
                return None
            if dtype == 1:
                return bool(values[i // 8] >> i % 8 & 1)
            if dtype in (32, 33):
                content = values[offsets[i]:offsets[i + 1]]
                return content.decode() if dtype == 32 else json_bytes(content)
            if dtype in (34, 41):
                return children[0][2][offsets[i]:offsets[i + 1]]
            if dtype == 37:
                return children[0][2][i * list_size:(i + 1) * list_size]
            if dtype == 35:
                return {child[0]: child[2][i] for child in children}
            if dtype == 36:
                size = struct.calcsize(FORMATS[codes])
                code, = struct.unpack('<' + FORMATS[codes], values[i * size:(i + 1) * size])
                return children[0][2][code]
            return element(dtype, values[i * item_bytes:(i + 1) * item_bytes])

        return name, dtype, [row(i) for i in range(n_rows)]

    def histogram(self):
        axes, n_cells = [], 1
        for _ in range(self.number('I')):
            name, n_bins = self.text(), self.number('I')
            edges = struct.unpack(f'<{n_bins + 1}d', self.run())
            axes.append({'name': name, 'edges': [json_float(edge) for edge in edges]})
            n_cells *= n_bins + 2
        n_entries = self.number('Q')
        cells = [json_float(cell) for cell in struct.unpack(f'<{2 * n_cells}d', self.run())]
        return {'$histogram': {'n_entries': n_entries, 'axes': axes, 'weights': cells[:n_cells],
                               'squares': cells[n_cells:]}}

    def file(self):
        return {'$file': {'path': self.text(), 'size_bytes': self.number('Q'),
                          'modified_wall_ns': self.number('q')}}

    def error(self):
        status, _task, _segment, attempt = self.numbers('I', 4)
        key, kind, message, detail, output = [self.text() for _ in range(5)]
        self.node()
        return {'$error': {'key': key, 'status': status, 'attempt': attempt, 'kind': kind,
                           'message': message, 'detail': detail, 'output': output}}


NODES = {0: lambda reader: None, 1: lambda reader: None, 2: Reader.boolean,
         3: lambda reader: reader.number('q'),
         4: lambda reader: json_float(reader.number('d')),
         8: Reader.string, 9: Reader.bytes, 10: Reader.list, 11: Reader.record, 12: Reader.array,
         13: Reader.table, 14: Reader.histogram, 15: Reader.file, 17: Reader.error}


def decode(data):
    """The JSON form of an encoded value without foreign objects; Damaged if it is none."""
    reader = Reader(read_body(data))
    value = reader.node()
    need(reader.at == len(reader.body), 'something behind the value')
    return value


def difference(a, b, path='$'):
    """Where two JSON forms differ, types and signs of zeros included; None if nowhere."""
    if isinstance(a, Float32) and isinstance(b, float):
        return None if struct.pack('<f', a) == struct.pack('<f', b) else f'{path}: {a} and {b}'
    if type(a) is not type(b):
        return f'{path}: {a!r:.60} and {b!r:.60}'
    if isinstance(a, dict):
        if list(a) != list(b):
            return f'{path}: fields {list(a)} and {list(b)}'
        return next(filter(None, (difference(a[key], b[key], f'{path}.{key}') for key in a)), None)
    if isinstance(a, list):
        if len(a) != len(b):
            return f'{path}: {len(a)} and {len(b)} items'
        return next(filter(None, (difference(x, y, f'{path}[{i}]')
                                  for i, (x, y) in enumerate(zip(a, b)))), None)
    return None if repr(a) == repr(b) else f'{path}: {a!r:.60} and {b!r:.60}'


def main():
    paths = sorted(glob.glob(os.path.join(sys.argv[1], '*.wval')))
    failed = 0
    for path in paths:
        with open(path, 'rb') as file:
            value = decode(file.read())
        with open(path.replace('.wval', '.json'), encoding='utf-8') as file:
            said = json.load(file)
        differs = difference(value, said)
        if differs:
            print(f'{os.path.basename(path)}: {differs}')
            failed += 1
    print(f'{len(paths) - failed} of {len(paths)} values agree' if failed or not paths
          else f'all {len(paths)} values agree')
    return 1 if failed or not paths else 0


if __name__ == '__main__':
    sys.exit(main())
