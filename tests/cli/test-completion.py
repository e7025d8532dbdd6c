"""test-completion.py: the completion, typed into a bash on a terminal.

SPDX-License-Identifier: BSD-3-Clause
"""
import os
import pty
import re
import select
import subprocess
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))

from command import EXAMPLES, PROGRAM, Folder, environment, weftline
from tap import equal, main, test

COMPLETION = os.path.join(EXAMPLES, '..', 'completions', 'weftline')
READY = 'ready-to-type> '


class Bash:
    """An interactive bash in a folder with two files and a folder of graphs."""

    def __init__(self):
        self.folder = Folder()
        self.folder.write('graph.json', '{}')
        self.folder.write('with space.dot', '')
        os.mkdir(self.folder.path('graphs'))
        self.folder.write('init', f'PS1="{READY}"\nbind "set bell-style none"\n'
                                  'bind "set enable-bracketed-paste off"\n'
                                  'bind "set page-completions off"\n'
                                  f'. {COMPLETION}\n')
        path = os.path.dirname(os.path.abspath(PROGRAM)) + ':' + os.environ['PATH']
        self.fd, theirs = pty.openpty()
        self.process = subprocess.Popen(
            ['bash', '--noprofile', '--rcfile', self.folder.path('init'), '-i'],
            stdin=theirs, stdout=theirs, stderr=theirs, cwd=self.folder.name,
            start_new_session=True, env=environment(PATH=path, TERM='dumb', HISTFILE=''))
        os.close(theirs)
        self.wait_for(READY)

    def wait_for(self, text):
        seen = ''
        while text not in seen:
            if not select.select([self.fd], [], [], 30)[0]:
                raise AssertionError(f'{text!r} does not come after {seen!r}')
            seen += os.read(self.fd, 65536).decode(errors='replace')
        return seen

    def complete(self, line):
        """What the line becomes when the tabulator is hit once; it is shown, not run."""
        os.write(self.fd, line.encode() + b'\t')
        os.write(self.fd, b"\x01echo '<<\x05>>'\r")  # at the start and at the end of the line
        seen = self.wait_for('>>\r\n' + READY).replace('\r', '')
        return re.search(r'^<<(.*)>>$', seen, re.MULTILINE).group(1)

    def close(self):
        os.write(self.fd, b'\x15exit\r')
        self.process.wait(timeout=30)
        os.close(self.fd)
        self.folder.cleanup()


@test('/weft/cli/completion/one-tabulator-is-enough')
def one_tab():
    bash = Bash()
    for typed, expected in (('weftline chec', 'weftline check '),
                            ('weftline doc', 'weftline doctor '),
                            ('weftline run --mem', 'weftline run --memory-limit '),
                            ('weftline run --on-error c', 'weftline run --on-error continue '),
                            ('weftline run --on-error=c', 'weftline run --on-error=continue '),
                            ('weftline run --progress=', 'weftline run --progress='),
                            ('weftline convert --to w', 'weftline convert --to wfcommons '),
                            ('weftline info --f', 'weftline info --from '),
                            ('weftline ops str.up', 'weftline ops str.upper '),
                            ('weftline run graph.', 'weftline run graph.json '),
                            ('weftline run wi', 'weftline run with\\ space.dot '),
                            ('weftline run --keep graphs', 'weftline run --keep graphs/'),
                            ('weftline run --trace=graph.', 'weftline run --trace=graph.json '),
                            ('weftline bench --shape st', 'weftline bench --shape stencil '),
                            ('weftline export --view g', 'weftline export --view graph '),
                            ('weftline export --size', 'weftline export --size '),
                            ('weftline doctor g', 'weftline doctor g')):
        equal((typed, bash.complete(typed)), (typed, expected))
    bash.close()


def offered(*words):
    """What the function offers for the last word, without a terminal."""
    quoted = ' '.join(f"'{word}'" for word in words)
    text = (f'compopt () {{ :; }}; . {COMPLETION}; COMP_WORDS=({quoted}); '
            f'COMP_CWORD={len(words) - 1}; _weftline; printf "%s\\n" "${{COMPREPLY[@]}}"')
    path = os.path.dirname(os.path.abspath(PROGRAM)) + ':' + os.environ['PATH']
    done = subprocess.run(['bash', '-c', text], stdout=subprocess.PIPE, text=True, check=True,
                          env=environment(PATH=path))
    return done.stdout.split()


@test('/weft/cli/completion/offers-what-there-is')
def what_there_is():
    listed = re.findall(r'^  (\w+) ', weftline('--help').out, re.MULTILINE)
    equal(sorted(offered('weftline', '')), sorted(listed + ['--help', '--version']))
    for command in listed:
        section = weftline(command, '--help').out.split('Options:')[1].split('\n\n')[0]
        options = set(re.findall(r'(--[a-z-]+)', section))
        equal((command, sorted(offered('weftline', command, '-'))), (command, sorted(options)))
    names = re.findall(r'^([\w.]+)\(', weftline('ops').out, re.MULTILINE)
    equal(len(names) > 40, True)
    equal(offered('weftline', 'ops', ''), names)


main()
