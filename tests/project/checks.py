"""checks.py: what the project promises about its own sources.

SPDX-License-Identifier: BSD-3-Clause

A check takes a Tree and yields one line of text for each thing that is wrong. They are run over
the project, and each over a sample that is wrong on purpose, by test-sources.py.
"""
import os
import re
import subprocess

# Which modules a module of src/ may include; what those may include is included in that.
MODULES = {
    'base': [],
    'graph': ['base'],
    'optimize': ['graph'],
    'store': ['base'],
    'formats': ['store'],
    'kernels': ['formats', 'graph'],
    'trace': ['base'],
    'sched': ['graph', 'optimize', 'kernels', 'store', 'trace'],
    'model': ['graph', 'trace'],
    'exchange': ['model'],
    'collections': ['graph', 'kernels'],
    'server': ['sched', 'model', 'exchange'],
    'attach': ['server'],
    'cli': ['server'],
    'python': ['server', 'collections'],
}

TOP_LEVEL = {'LICENSE', 'README.md', 'data', 'dev', 'meson.build', 'meson_options.txt', 'po', 'src',
             'tests', 'ui'}

MAX_FILE_LINES = 1000
MAX_FUNCTION_LINES = 100

# Written in pieces, so that this file does not find itself.
UNFINISHED = re.compile(r'\b(TO' r'DO|FIX' r'ME|XX' r'X|HA' r'CK)\b|not ' r'implemented yet'
                        r'|^[<>]{7} ')  # what a merge leaves
MACHINE_PATH = re.compile(r'(?<![\w.$}])/(?:work|farm|home|root|Users)/\w')

# Below cli nothing prints, ends the process, takes over signals or reads the environment.
NOT_IN_LIBRARY = re.compile(
    r'(?<![\w.>])(?:printf|puts|putchar|perror|exit|abort|atexit|signal|sigaction|getenv'
    r'|secure_getenv|g_getenv|g_print|g_printerr|g_message|g_warning|g_critical|g_error|g_info)'
    r'\s*\(|\b(?:stdout|stderr)\b')

# But these, where no program can say it: where the server is, what the tool of OpenMP does.
READS_ENVIRONMENT = {'src/server/dial.c', 'src/server/ompt.c'}

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', re.MULTILINE)
PUBLIC = re.compile(r'^WEFT_API\b[^;{]*?\b(\w+)\s*\(', re.MULTILINE)


class Tree:
    """The project's files: those git knows or would add, else all but builds and dot-files."""

    def __init__(self, root):
        self.root = root
        self._texts = {}
        self.files = sorted(path for path in self._git_files() or self._walk()
                            if os.path.isfile(os.path.join(root, path)))

    def _git_files(self):
        if not os.path.exists(os.path.join(self.root, '.git')):
            return []
        try:
            listed = subprocess.run(
                ['git', '-C', self.root, 'ls-files', '-z', '--cached', '--others',
                 '--exclude-standard'], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                check=False)
        except FileNotFoundError:
            return []
        return [path for path in listed.stdout.decode().split('\0') if path]

    def _walk(self):
        for folder, below, names in os.walk(self.root):
            at_top = folder == self.root
            below[:] = [name for name in below if name not in ('.git', '__pycache__')
                        and not (at_top and re.match(r'build|_build', name))]
            for name in names:
                yield os.path.relpath(os.path.join(folder, name), self.root)

    def matching(self, *patterns):
        joined = re.compile('|'.join(f'(?:{pattern})' for pattern in patterns))
        return [path for path in self.files if joined.fullmatch(path)]

    def text(self, path):
        """The file's text, or '' if it is no text."""
        if path not in self._texts:
            with open(os.path.join(self.root, path), 'rb') as source:
                data = source.read()
            self._texts[path] = '' if b'\0' in data else data.decode('utf-8', 'replace')
        return self._texts[path]

    def lines(self, path):
        return self.text(path).splitlines()

    def c_files(self):
        return self.matching(r'.*\.[ch]')


def module_of(path):
    parts = path.split('/')
    return parts[1] if len(parts) > 2 and parts[0] == 'src' else None


def is_public_header(path):
    return bool(re.fullmatch(r'src/\w+/weft-[\w-]+\.h(\.in)?', path)) and '-private.' not in path


def code_only(text):
    """C without comments, strings and characters; the lines stay where they are."""
    def blank(found):
        return re.sub(r'[^\n]', ' ', found.group(0))
    return re.sub(r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', blank, text,
                  flags=re.DOTALL)


def line_at(text, offset):
    return text.count('\n', 0, offset) + 1


def reachable(module):
    seen, todo = set(), [module]
    while todo:
        for below in MODULES.get(todo.pop(), []):
            if below not in seen:
                seen.add(below)
                todo.append(below)
    return seen


def includes(tree, path):
    text = tree.text(path)
    for found in INCLUDE.finditer(text):
        yield line_at(text, found.start(2)), found.group(1), found.group(2)


def check_module_table(tree):
    """The table above has no cycle and knows every module that has sources."""
    for module in MODULES:
        if module in reachable(module):
            yield f'module {module} depends on itself'
    for module in sorted({module_of(path) for path in tree.matching(r'src/\w+/.*\.[ch]')}):
        if module not in MODULES:
            yield f'src/{module}: not in the table of modules'


def check_module_order(tree):
    """A file of src/ includes its own module and those below it, nothing else of the project."""
    for path in tree.matching(r'src/\w+/.*\.[ch](\.in)?'):
        module = module_of(path)
        allowed = reachable(module) | {module}
        for line, mark, name in includes(tree, path):
            if name.startswith('..') or '/../' in name:
                yield f'{path}:{line}: includes {name}, not from the root of src/'
            first = name.split('/')[0]
            if first in MODULES and '/' in name and first not in allowed:
                yield f'{path}:{line}: {module} includes {name}; {first} is not below it'
            if mark == '"' and name == 'weft.h' and module not in ('cli', 'python'):
                yield f'{path}:{line}: includes weft.h, which is for programs'


def check_no_gtk_in_src(tree):
    for path in tree.matching(r'src/.*\.(c|h|h\.in)'):
        for line, _, name in includes(tree, path):
            if re.match(r'(gtk|gdk|gsk|adwaita|libadwaita|gtksourceview)', name):
                yield f'{path}:{line}: includes {name}'
    for path in tree.matching(r'src/(.*/)?meson\.build', r'meson\.build'):
        for number, line in enumerate(tree.lines(path), 1):
            if path != 'meson.build' and re.search(r'\b(gtk|gdk|gsk|libadwaita|adw)', line):
                yield f'{path}:{number}: mentions GTK'


def check_ui_is_public_only(tree):
    for path in tree.matching(r'ui/.*\.[ch]'):
        for line, _, name in includes(tree, path):
            if re.search(r'(^|/)weft-.*-private\.h$', name) or 'src/' in name:
                yield f'{path}:{line}: includes {name}, which is private to src/'


def check_public_headers(tree):
    """Public headers include public headers only, and all are in weft.h."""
    umbrella = {name for _, _, name in includes(tree, 'src/weft.h')} \
        if 'src/weft.h' in tree.files else set()
    for path in filter(is_public_header, tree.files):
        name = re.sub(r'^src/|\.in$', '', path)
        if name.split('/')[0] not in ('cli', 'python') and name not in umbrella:
            yield f'{path}: not included by src/weft.h'
        for line, _, other in includes(tree, path):
            if other == 'config.h' or other.endswith('-private.h'):
                yield f'{path}:{line}: a public header includes {other}'


def check_public_functions_are_tested(tree):
    """Each public function, error domains aside, is called in some test program."""
    called = {name for path in tree.matching(r'tests/.*\.[ch]')
              for name in re.findall(r'\bweft_\w+(?= \()', tree.text(path))}
    for path in filter(is_public_header, tree.files):
        text = tree.text(path)
        for found in re.finditer(r'^WEFT_API\s[^;()]*?\b(weft_\w+) \(', text, re.M):
            if found[1] not in called and not found[1].endswith('_quark'):
                line = text.count('\n', 0, found.start()) + 1
                yield f'{path}:{line}: {found[1]} stands in no test program'


def widgets(tree):
    """(file, type, name): each widget of the window, as “ui/app/weftline-card.c”, WeftlineCard,
    “card”."""
    define = re.compile(r'^G_DEFINE_\w*TYPE\w* \((\w+),\s*\w+,\s*((?:GTK|ADW)_TYPE_\w+)', re.M)
    for path in tree.matching(r'ui/\w+/[\w-]+\.c'):
        for kind, parent in define.findall(tree.text(path)):
            if not parent.endswith('_TYPE_APPLICATION'):
                yield path, kind, re.sub(r'^weftline-', '', os.path.basename(path)[:-2])


# What a widget's test has to have, beside the widget.
OF_A_WIDGET = {
    'what assistive technology is told': r'\bgtk_test_accessible_|\bassert_drawn_view \(',
    'its end': r'\bg_assert_finalize_object|\btest_assert_finalised|\btest_is_gone'
               r'|\bview_fixture_close|\brun_page_close',
}


def check_widgets_are_tested(tree):
    """Each widget has a test file of its own, tests/ui-*/test-NAME.c, which makes one, asks what is
    told of it, and sees it go."""
    for path, kind, name in widgets(tree):
        text = ''.join(map(tree.text, tree.matching(rf'tests/ui-[\w-]+/test-{name}\.c')))
        words = re.sub(r'(?<!^)([A-Z])', r'_\1', kind)
        of_type = words.upper().replace('WEFTLINE_', 'WEFTLINE_TYPE_', 1)
        if not re.search(rf'\b({words.lower()}_new|{of_type})\b', text):
            yield f'{path}: no tests/ui-*/test-{name}.c makes a {kind}'
            continue
        for what, pattern in OF_A_WIDGET.items():
            if not re.search(pattern, text):
                yield f'{path}: tests/ui-*/test-{name}.c says nothing of {what}'


def drawn_views(tree):
    """(folder, name): what has a layout and is painted, as “memory”, “held”."""
    painted = {path[:-len('-paint.c')] for path in tree.matching(r'ui/\w+/\w+-paint\.c')}
    laid_out = {path[:-len('-layout.c')] for path in tree.matching(r'ui/\w+/\w+-layout\.c')}
    for stem in sorted(painted & laid_out):
        yield stem.split('/')[1], stem.split('/')[2]


def check_views_have_references(tree):
    """Each drawn view is compared with pictures of it in both palettes, light and dark."""
    for folder, view in drawn_views(tree):
        tests = f'tests/ui-{folder}'
        for palette in ('safe', 'classic'):
            for shade in ('light', 'dark'):
                picture = f'{tests}/references/{view}-{palette}-{shade}.png'
                if picture not in tree.files:
                    yield f'{picture}: there is no such reference'
        compares = rf'\bassert_in_all_palettes(?:_within)? \("ui-{folder}",\s*"{view}",'
        if not any(re.search(compares, tree.text(path))
                   for path in tree.matching(rf'{tests}/test-[\w-]+\.c')):
            yield f'ui/{folder}/{view}-paint.c: no test of {tests} compares it in all palettes'


def check_build_lists(tree):
    """Each source and public header is named in the meson.build of its folder."""
    for path in tree.matching(r'src/\w+/[\w-]+\.c', r'src/\w+/weft-[\w-]+\.h(\.in)?',
                              r'tests/\w+/test-[\w-]+\.(c|py)', r'tests/fuzz/fuzz-[\w-]+\.c'):
        folder, name = os.path.split(path)
        if name.endswith('-private.h'):
            continue
        unit = re.sub(r'^(?:test|fuzz)-(.*)\.c$', r'\1', name)
        listing = os.path.join(folder, 'meson.build')
        listed = tree.text(listing) if listing in tree.files else ''
        if f"'{name}'" not in listed and (unit == name or f"'{unit}'" not in listed):
            yield f'{path}: not in {listing}'


def check_lists_are_sorted(tree):
    for path in tree.matching(r'src/\w+/meson\.build'):
        for found in re.finditer(r'\+= files\(([^)]*)\)', tree.text(path)):
            names = re.findall(r"'([^']+)'", found.group(1))
            if names != sorted(names):
                yield f'{path}:{line_at(tree.text(path), found.start())}: not sorted'


def check_top_level(tree):
    for name in sorted({path.split('/')[0] for path in tree.files}):
        if name not in TOP_LEVEL and not name.startswith('.'):
            yield f'{name}: not one of the entries of the top level'


def check_no_machine_paths(tree):
    for path in tree.files:
        for number, line in enumerate(tree.lines(path), 1):
            if MACHINE_PATH.search(line):
                yield f'{path}:{number}: a path of one machine: {line.strip()[:80]}'


def check_finished(tree):
    for path in tree.files:
        for number, line in enumerate(tree.lines(path), 1):
            if UNFINISHED.search(line):
                yield f'{path}:{number}: left unfinished: {line.strip()[:80]}'


def check_file_length(tree):
    for path in tree.matching(r'.*\.(c|h|cpp|py|sh)', r'dev', r'(.*/)?meson\.build'):
        count = len(tree.lines(path))
        if count > MAX_FILE_LINES:
            yield f'{path}: {count} lines'


def functions(text):
    """(name, first line, lines) of each function, by the GNU layout's braces in column 0."""
    start, name = 0, ''
    lines = code_only(text).splitlines()
    for number, line in enumerate(lines, 1):
        if line.startswith('{'):
            start = number
        elif re.match(r'\w+ ?\(', line):
            name = line.split('(')[0].strip()
        elif line.startswith('}') and start:
            yield name, start, number - start + 1
            start = 0


def check_function_length(tree):
    for path in tree.matching(r'.*\.[ch]'):
        for name, start, count in functions(tree.text(path)):
            if count > MAX_FUNCTION_LINES:
                yield f'{path}:{start}: {name} has {count} lines'


def check_spdx(tree):
    """C and Python files and scripts name their licence in the comment that opens them."""
    for path in tree.matching(r'.*\.(c|h|cpp|h\.in|py)', r'dev', r'\.ci/run'):
        if not re.search(r'SPDX-License-Identifier: BSD-3-Clause\s', tree.text(path)[:4000]):
            yield f'{path}: no SPDX line in its head'


def check_file_heads(tree):
    """A C file opens with its own name and its purpose."""
    for path in tree.c_files():
        name = os.path.basename(path)
        head = tree.lines(path)[0] if tree.lines(path) else ''
        if not head.startswith(f'/* {name}: '):
            yield f'{path}:1: does not open with “/* {name}: …”'


def check_doc_comments(tree):
    """Before each public function stands a gi-docgen comment that names it."""
    for path in filter(is_public_header, tree.files):
        text = tree.text(path)
        for found in PUBLIC.finditer(text):
            name = found.group(1)
            before = text[:found.start()].rstrip()
            opening = before.rfind('/**')
            if not before.endswith('*/') or opening < 0 or '*/' in before[opening:-2] \
                    or not re.search(rf'\b{name}:', before[opening:]):
                yield f'{path}:{line_at(text, found.start())}: {name} has no doc comment'


def check_library_manners(tree):
    for path in tree.matching(r'src/\w+/.*\.[ch]'):
        if module_of(path) in ('attach', 'cli', 'python'):
            continue
        code = code_only(tree.text(path))
        for found in NOT_IN_LIBRARY.finditer(code):
            if path in READS_ENVIRONMENT and 'getenv' in found.group(0):
                continue
            yield f'{path}:{line_at(code, found.start())}: {found.group(0).rstrip("( ")} ' \
                  'is not for a library'


def check_protocol_numbers(tree):
    """JSON has points, also where a window's language writes commas."""
    for path in tree.matching(r'src/server/\w+\.c'):
        for number, line in enumerate(tree.text(path).splitlines(), 1):
            if re.search(r'%[-+ #0-9.*]*l?[fgeFGE]\b', line) and 'append_number' not in line:
                yield f'{path}:{number}: a number as the language has it, ' \
                      'expected _weft_said_append_number()'


def check_format(tree):
    """What clang-format would change."""
    files = tree.c_files()
    if not files:
        return
    done = subprocess.run(['clang-format', '--dry-run', '--style=file', '--ferror-limit=0', *files],
                          cwd=tree.root, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                          check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    seen = set()
    for found in re.finditer(r'^([^\s:]+):(\d+):\d+: warning', done.stderr, re.MULTILINE):
        if found.groups() not in seen:
            seen.add(found.groups())
            yield f'{found.group(1)}:{found.group(2)}: ./dev format would change this'


def check_line_width(tree):
    for path in tree.matching(r'.*\.(c|h|cpp|h\.in|py)', r'dev', r'(.*/)?meson\.build'):
        for number, line in enumerate(tree.lines(path), 1):
            if len(line) > 100:
                yield f'{path}:{number}: {len(line)} columns'
