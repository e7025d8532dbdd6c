"""test-sources.py: the sources keep what the project promises about them.

SPDX-License-Identifier: BSD-3-Clause

Each check runs twice: over the project, where it must find nothing, and over a small tree that is
wrong in just that way, where it must find exactly what is said here. So no check can pass
unnoticed because it has become blind.
"""
import os
import tempfile

import checks
import harness
from tap import contains, equal, main, test

TREE = checks.Tree(harness.SOURCE_ROOT)

# check → (the files of a bad tree, in each of which the first line it must complain about,
# and a word of the complaint)
BAD = {
    'check_module_table': [
        {'src/astrology/stars.c': ''}, 'src/astrology: ', 'table'],
    'check_module_order': [
        {'src/graph/a.c': '#include "base/weft-base.h"\n#include "sched/weft-sched.h"\n'},
        'src/graph/a.c:2: ', 'sched'],
    'check_no_gtk_in_src': [
        {'src/sched/a.c': '#include <glib.h>\n\n#include <gtk/gtk.h>\n'},
        'src/sched/a.c:3: ', 'gtk'],
    'check_ui_is_public_only': [
        {'ui/app/a.c': '#include "sched/weft-deque-private.h"\n'}, 'ui/app/a.c:1: ', 'private'],
    'check_public_headers': [
        {'src/weft.h': '#include "base/weft-a.h"\n',
         'src/base/weft-a.h': '#include "config.h"\n'}, 'src/base/weft-a.h:1: ', 'config.h'],
    'check_public_functions_are_tested': [
        {'src/base/weft-a.h': 'WEFT_API void weft_a (void);\nWEFT_API int *weft_b (\n  int i);\n',
         'tests/base/test-a.c': '  weft_a ();\n  /* weft_b */\n'},
        'src/base/weft-a.h:2: ', 'weft_b'],
    'check_widgets_are_tested': [
        {'ui/app/weftline-a-bar.c': 'G_DEFINE_FINAL_TYPE (WeftlineABar, weftline_a_bar,'
                                    ' GTK_TYPE_WIDGET)\n',
         'ui/app/weftline-b.c': 'G_DEFINE_FINAL_TYPE (WeftlineB, weftline_b, G_TYPE_OBJECT)\n',
         'ui/app/weftline-c.c': 'G_DEFINE_FINAL_TYPE (WeftlineC, weftline_c, GTK_TYPE_WIDGET)\n',
         'tests/ui-app/test-a-bar.c': '  weftline_c_new ();\n',
         'tests/ui-app/test-c.c': '  weftline_c_new ();\n  gtk_test_accessible_assert_role ();\n'
                                  '  g_assert_finalize_object ();\n'},
        'ui/app/weftline-a-bar.c: ', 'WeftlineABar'],
    'check_views_have_references': [
        dict({f'tests/ui-app/references/a-{palette}-{shade}.png': ''
              for palette in ('safe', 'classic') for shade in ('light', 'dark')
              if palette == 'safe' or shade == 'light'},
             **{'ui/app/a-layout.c': '', 'ui/app/a-paint.c': '', 'ui/app/part-paint.c': '',
                'tests/ui-app/test-a-paint.c':
                '  assert_in_all_palettes ("ui-app", "a", draw);\n'}),
        'tests/ui-app/references/a-classic-dark.png: ', 'reference'],
    'check_build_lists': [
        {'src/base/a.c': '', 'src/base/b.c': '',
         'src/base/meson.build': "weft_sources += files('a.c')\n"}, 'src/base/b.c: ', 'meson'],
    'check_lists_are_sorted': [
        {'src/base/meson.build': "\nweft_sources += files(\n  'b.c',\n  'a.c',\n)\n"},
        'src/base/meson.build:2: ', 'sorted'],
    'check_top_level': [
        {'src/base/a.c': '', 'notes.txt': 'note'}, 'notes.txt: ', 'top level'],
    'check_no_machine_paths': [
        {'data/doc/a.md': 'fine\nsee ' + '/'.join(['', 'home', 'someone', 'x']) + '\n'},
        'data/doc/a.md:2: ', 'machine'],
    'check_finished': [
        {'src/base/a.c': '\n/* TO' 'DO: all of it */\n'}, 'src/base/a.c:2: ', 'unfinished'],
    'check_file_length': [
        {'src/base/a.c': '\n' * 1001}, 'src/base/a.c: ', '1001'],
    'check_function_length': [
        {'src/base/a.c': 'void\nf (void)\n{\n' + '  g ();\n' * 99 + '}\n'},
        'src/base/a.c:3: ', '101'],
    'check_spdx': [
        {'src/base/a.c': '/* a.c: x */\n'}, 'src/base/a.c: ', 'SPDX'],
    'check_file_heads': [
        {'src/base/a.c': '/* b.c: another file */\n'}, 'src/base/a.c:1: ', 'a.c'],
    'check_doc_comments': [
        {'src/base/weft-a.h': '/**\n * weft_a:\n *\n * Text.\n */\nWEFT_API void weft_a (void);\n'
                              '/* weft_b: no doc */\nWEFT_API char *weft_b (int x);\n'},
        'src/base/weft-a.h:8: ', 'weft_b'],
    'check_library_manners': [
        {'src/base/a.c': '/* printf ( */ char *s = "exit (";\nint f = fprintf (stderr, "");\n'},
        'src/base/a.c:2: ', 'library'],
    'check_protocol_numbers': [
        {'src/server/a.c': 'append_number (json, "%.3f", 1);\nprintf ("%s %.3f", "", 1);\n'},
        'src/server/a.c:2: ', 'language'],
    'check_format': [
        {'src/base/a.c': 'int a;\nint  b;\n'}, 'src/base/a.c:2: ', 'format'],
    'check_line_width': [
        {'src/base/a.c': '\n/* ' + 'x' * 100 + ' */\n'}, 'src/base/a.c:2: ', 'columns'],
}


def found_in(files, check):
    with tempfile.TemporaryDirectory() as folder:
        for path, text in files.items():
            path = os.path.join(folder, path)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, 'w', encoding='utf-8') as out:
                out.write(text)
        with open(os.path.join(harness.SOURCE_ROOT, '.clang-format'), encoding='utf-8') as style, \
                open(os.path.join(folder, '.clang-format'), 'w', encoding='utf-8') as out:
            out.write(style.read())
        return list(check(checks.Tree(folder)))


def name_of(check):
    return check.__name__.replace('check_', '').replace('_', '-')


def add(check):
    @test(f'/weft/project/{name_of(check)}/holds')
    def holds():
        wrong = list(check(TREE))
        if wrong:
            more = [f'and {len(wrong) - 40} more'] if len(wrong) > 40 else []
            raise AssertionError('\n'.join(wrong[:40] + more))

    @test(f'/weft/project/{name_of(check)}/sees-a-bad-sample')
    def sees():
        files, place, word = BAD[check.__name__]
        wrong = found_in(files, check)
        equal(len(wrong), 1)
        equal(wrong[0][:len(place)], place)
        contains(wrong[0], word)


for found in [getattr(checks, name) for name in vars(checks) if name.startswith('check_')]:
    add(found)


@test('/weft/project/widgets-are-tested/half-a-test-is-seen')
def half_a_test():
    """One that never asks for names, and never sees the widget go, says so in both."""
    widget = 'G_DEFINE_FINAL_TYPE (WeftlineA, weftline_a, GTK_TYPE_WIDGET)\n'
    wrong = found_in({'ui/app/a.c': widget, 'tests/ui-app/test-a.c': '  weftline_a_new ();\n'},
                     checks.check_widgets_are_tested)
    equal(len(wrong), 2)
    contains(wrong[0], 'assistive')
    contains(wrong[1], 'end')


@test('/weft/project/views-have-references/one-that-is-not-compared-is-seen')
def not_compared():
    """Four pictures that no test looks at do not count."""
    files = {f'tests/ui-app/references/a-{palette}-{shade}.png': ''
             for palette in ('safe', 'classic') for shade in ('light', 'dark')}
    files.update({'ui/app/a-layout.c': '', 'ui/app/a-paint.c': '',
                  'tests/ui-app/test-a-paint.c':
                  '  assert_in_all_palettes ("ui-app", "b", draw);\n'})
    wrong = found_in(files, checks.check_views_have_references)
    equal(len(wrong), 1)
    contains(wrong[0], 'compares')


@test('/weft/project/views-have-references/all-views-are-known')
def all_views():
    equal(sorted(view for _, view in checks.drawn_views(TREE)),
          ['graph', 'held', 'memory', 'occupancy', 'progress', 'resource', 'scrub', 'sheet',
           'timeline', 'transfer', 'where', 'workers'])


@test('/weft/project/module-order/violation-in-a-copy-is-seen')
def violation_in_a_copy():
    """Every upward include that can be made between the project's modules is seen."""
    for module in checks.MODULES:
        above = [name for name in checks.MODULES
                 if name != module and name not in checks.reachable(module)]
        lines = ''.join(f'#include "{name}/weft-{name}.h"\n' for name in above)
        own = {path: TREE.text(path) for path in TREE.matching(rf'src/{module}/[\w-]+\.[ch]')}
        own[f'src/{module}/violation.c'] = lines
        wrong = found_in(own, checks.check_module_order)
        equal(len([line for line in wrong if 'violation.c' in line]), len(above))


main()
