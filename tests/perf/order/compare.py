#!/usr/bin/python3
# compare.py: peaks of the static order beside those of dask.order.
#
# Usage: compare.py --driver ORDER-BENCH [--wfcommons FOLDER] [--quick] [FILTER]
#
# Every graph is ordered here and by dask.order: the installed one, and the one
# in the sources that the environment variable DASK_SRC names (a folder that
# holds dask/order.py). A checker written for this script executes each order
# serially and notes the most results and the most bytes that were live.
#
# Sizes of results: dask.order does not know any. Ours is asked twice, without
# sizes (then it minimises results: column "results") and with them (column
# "bytes"). "both" tells in how many cases the order made with sizes holds no
# more results than dask's either.
#
# Results of tasks without dependents: "drop" lets them die at once, "hold"
# keeps them to the end, as Dask keeps what was asked for. A graph passes if
# ours is not worse than any dask.order in any of the four. "least" is equal
# where no order can be better by a simple lower bound.
#
# The last line counts; the exit status is 1 if anything was worse.
#
# SPDX-License-Identifier: BSD-3-Clause

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import time
import types

SPECS = {
    "tree": ["tree:64,2", "tree:1000,2", "tree:1000,10", "tree:4096,4"],
    "stencil": ["stencil:20,50", "stencil:50,20", "stencil:100,100",
                "stencil:16,200", "stencil:50,20@1"],
    "shuffle": ["shuffle:8,8", "shuffle:30,30", "shuffle:50,20",
                "shuffle:20,50"],
    "matmul": ["matmul:4,4,4", "matmul:8,8,8", "matmul:6,10,14",
               "matmul:14,10,6", "matmul:12,4,6@3"],
    "map-overlap": ["map-overlap:200,1", "map-overlap:12,12",
                    "map-overlap:10,40", "map-overlap:40,10",
                    "map-overlap:50,50@2"],
    "fan": ["fan:10", "fan:100", "fan:1000"],
    "chains": ["chains:10,10", "chains:100,20", "chains:20,100"],
    "fork-join": ["fork-join:5,10", "fork-join:20,50", "fork-join:50,20"],
    "rechunk": ["rechunk:20,20,20", "rechunk:40,20,5", "rechunk:60,10,7",
                "rechunk:60,30,1"],
    "random-layered": ["random-layered:%d,%d,%d,%d" % (seed, *sizes)
                       for sizes in ((10, 20, 2), (10, 50, 3), (20, 20, 4),
                                     (5, 100, 3), (40, 8, 3))
                       for seed in range(1, 7)],
    "random": ["random:%d,%d,%d" % (seed, *sizes)
               for sizes in ((60, 2), (200, 3), (500, 2)) for seed in range(1, 5)],
    "independent": ["independent:10", "independent:100", "independent:1000"],
    "grid": ["grid:10,10", "grid:40,20", "grid:20,60", "grid:30,30@2"],
    "bipartite": ["bipartite:10,10", "bipartite:30,100", "bipartite:100,30"],
}
LARGE = ["tree:50000,2", "stencil:1000,100", "shuffle:300,300",
         "map-overlap:120,120", "chains:1000,100", "fork-join:100,1000",
         "rechunk:1000,50,20", "random-layered:1,100,1000,3", "grid:300,300"]


class Graph:
    def __init__(self, name, deps, sizes):
        self.name, self.deps, self.sizes = name, deps, sizes
        self.is_sink = [True] * len(deps)
        for needed in deps:
            for dep in needed:
                self.is_sink[dep] = False

    def text(self):
        lines = ["weft-csr %d %d" % (len(self.deps), sum(map(len, self.deps)))]
        for size, needed in zip(self.sizes, self.deps):
            lines.append(" ".join(map(str, [size, len(needed), *needed])))
        return "\n".join(lines) + "\n"


def graph_from_text(name, text):
    lines = text.splitlines()
    rows = [[int(word) for word in line.split()] for line in lines[1:]]
    return Graph(name, [row[2:] for row in rows], [row[0] for row in rows])


def graph_from_wfcommons(path):
    """A task's result is all the files it writes."""
    tree = json.loads(path.read_text())["workflow"]["specification"]
    sizes = {file["id"]: file["sizeInBytes"] for file in tree.get("files", [])}
    ids = {task["id"]: at for at, task in enumerate(tree["tasks"])}
    deps = [[ids[parent] for parent in task.get("parents", [])]
            for task in tree["tasks"]]
    written = [sum(sizes.get(file, 0) for file in task.get("outputFiles", []))
               for task in tree["tasks"]]
    return Graph("wf:" + path.name.split("-chameleon")[0], deps, written)


def simulate(graph, order, hold):
    """The most results and the most bytes live; asserts that order is valid."""
    n = len(graph.deps)
    assert sorted(order) == list(range(n)), graph.name
    readers = [0] * n
    for needed in graph.deps:
        for dep in set(needed):
            readers[dep] += 1
    done = [False] * n
    results = bytes_ = most_results = most_bytes = 0
    for task in order:
        assert all(done[dep] for dep in graph.deps[task]), graph.name
        done[task] = True
        results, bytes_ = results + 1, bytes_ + graph.sizes[task]
        most_results = max(most_results, results)
        most_bytes = max(most_bytes, bytes_)
        dead = [] if readers[task] or hold else [task]
        for dep in set(graph.deps[task]):
            readers[dep] -= 1
            if readers[dep] == 0:
                dead.append(dep)
        for task in dead:
            results, bytes_ = results - 1, bytes_ - graph.sizes[task]
    return most_results, most_bytes


# --- ours

def driver_run(driver, arguments, text=None):
    return subprocess.run([driver, *arguments], input=text, text=True,
                          check=True, capture_output=True).stdout


def order_ours(driver, graph, hold, sized, repeat):
    arguments = ["--order", "--repeat", str(repeat)]
    arguments += ["--hold-sinks"] * hold + ["--no-bytes"] * (not sized)
    out = dict(line.split(" ", 1) if " " in line else (line, "")
               for line in driver_run(driver, arguments, graph.text()).splitlines())
    order = [int(word) for word in out["order"].split()]
    peaks = simulate(graph, order, hold)
    assert peaks == (int(out["peak_results"]), int(out["peak_bytes"])), graph.name
    return peaks, int(out["min_us"]) / 1e6, int(out["median_us"]) / 1e6


# --- dask.order, in a process of its own

def load_installed():
    import dask
    from dask.order import order
    return dask.__version__, lambda deps: (
        order, {key: (sum, *needed) for key, needed in deps.items()})


def load_sources(folder):
    """dask.order and what it stands on, without the package's own start-up,
    which wants modules that need not be installed."""
    import importlib
    import importlib.metadata
    package = types.ModuleType("dask")
    package.__path__ = [str(pathlib.Path(folder) / "dask")]
    sys.modules["dask"] = package
    sys.modules.setdefault("importlib_metadata", importlib.metadata)
    spec = importlib.import_module("dask._task_spec")
    order = importlib.import_module("dask.order").order
    return "sources", lambda deps: (
        order, {key: spec.Task(key, sum, *map(spec.TaskRef, needed))
                for key, needed in deps.items()})


def serve(folder):
    name, prepare = load_sources(folder) if folder else load_installed()
    print(json.dumps(name), flush=True)
    for line in sys.stdin:
        deps = json.loads(line)
        keys = ["t%07d" % at for at in range(len(deps))]
        order, graph = prepare({key: [keys[dep] for dep in needed]
                                for key, needed in zip(keys, deps)})
        start = time.perf_counter()
        placed = order(graph)
        seconds = time.perf_counter() - start
        sequence = sorted(range(len(keys)), key=lambda at: placed[keys[at]])
        print(json.dumps([seconds, sequence]), flush=True)


class Peer:
    def __init__(self, folder):
        environment = dict(os.environ, PYTHONHASHSEED="0")
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--serve", folder], text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment)
        self.name = "dask " + json.loads(self.process.stdout.readline())

    def order(self, graph):
        self.process.stdin.write(json.dumps(graph.deps) + "\n")
        self.process.stdin.flush()
        return json.loads(self.process.stdout.readline())


# --- the table

def least(graph, hold):
    """No order does with less: a task needs its inputs and its result, and what
    is held is all there in the end."""
    held = [at for at, sink in enumerate(graph.is_sink) if sink and hold]
    groups = [[at, *set(needed)] for at, needed in enumerate(graph.deps)] + [held]
    return (max(map(len, groups)),
            max(sum(graph.sizes[at] for at in group) for group in groups))


def judge(ours, theirs, bound):
    """least: equal, and no order could be better."""
    if any(ours > other for other in theirs):
        return "WORSE"
    if all(ours < other for other in theirs):
        return "better"
    return "least" if ours == bound else "equal"


def compare(driver, graph, peers, repeat):
    row = {"name": graph.name, "n": len(graph.deps), "cells": []}
    orders = [peer.order(graph) for peer in peers]
    row["seconds"] = [seconds for seconds, _ in orders]
    times = []
    for hold in (False, True):
        theirs = [simulate(graph, order, hold) for _, order in orders]
        counted, _, _ = order_ours(driver, graph, hold, False, 1)
        sized, fastest, median = order_ours(driver, graph, hold, True, repeat)
        times.append((fastest, median))
        bound = least(graph, hold)
        for measure, ours in ((0, counted), (1, sized)):
            others = [peaks[measure] for peaks in theirs]
            verdict = judge(ours[measure], others, bound[measure])
            row["cells"].append((ours[measure], others, verdict))
        row.setdefault("both", []).append(
            all(sized[0] <= peaks[0] for peaks in theirs))
    row["ours"] = min(times)
    return row


def show_bytes(number):
    return "%.4g" % (number / 2**20)


def show(row):
    text = "%-28s %6d" % (row["name"], row["n"])
    for at, (ours, others, verdict) in enumerate(row["cells"]):
        write = show_bytes if at % 2 else str
        text += "  %22s %-6s" % (" ".join(map(write, [ours, *others])), verdict)
    least, median = row["ours"]
    text += "  %8.2f %8.2f" % (least * 1e3, median * 1e3)
    text += "".join(" %8.0f" % (seconds * 1e3) for seconds in row["seconds"])
    print(text, flush=True)


def collect(arguments):
    for names in SPECS.values():
        for spec in names:
            yield spec
    if not arguments.quick:
        yield from LARGE


def graphs(arguments):
    for spec in collect(arguments):
        if arguments.filter in spec:
            yield graph_from_text(spec, driver_run(arguments.driver, ["--emit", spec]))
    if arguments.wfcommons:
        for path in sorted(pathlib.Path(arguments.wfcommons).glob("*.json")):
            if "schema" not in path.name and arguments.filter in "wf:" + path.name:
                yield graph_from_wfcommons(path)


def finish(rows):
    verdicts = [cell[2] for row in rows for cell in row["cells"]]
    shapes = [{cell[2] for cell in row["cells"]} for row in rows]
    times = [row["ours"][0] / row["n"] * 1e6 for row in rows if row["n"] >= 10000]
    both = sum(sum(row["both"]) for row in rows)
    if times:
        print("us a task, graphs of 10,000 tasks or more: median %.3f, most %.3f"
              % (statistics.median(times), max(times)))
    print("order made with sizes holds no more results either: %d of %d"
          % (both, 2 * len(rows)))
    print("%d graphs, %d better somewhere; %d comparisons: %d better, %d least "
          "possible, %d equal, %d worse"
          % (len(rows), sum("better" in shape for shape in shapes),
             len(verdicts), verdicts.count("better"), verdicts.count("least"),
             verdicts.count("equal"), verdicts.count("WORSE")))
    return 1 if "WORSE" in verdicts else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--driver")
    parser.add_argument("--wfcommons", default=os.environ.get("WEFT_WFCOMMONS"))
    parser.add_argument("--quick", action="store_true", help="no large graphs")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--serve", help=argparse.SUPPRESS)
    parser.add_argument("filter", nargs="?", default="")
    arguments = parser.parse_args()
    if arguments.serve is not None:
        return serve(arguments.serve)
    if not arguments.driver:
        parser.error("--driver is needed")
    peers = [Peer("")]
    if os.environ.get("DASK_SRC"):
        peers.append(Peer(os.environ["DASK_SRC"]))
    print("peers: " + ", ".join(peer.name for peer in peers))
    print("graph, tasks; peaks (ours, each peer) and verdict: results dropped, "
          "MiB dropped, results held, MiB held; ms: ours least, median, each peer")
    rows = []
    for graph in graphs(arguments):
        rows.append(compare(arguments.driver, graph, peers, arguments.repeat))
        show(rows[-1])
    return finish(rows)


if __name__ == "__main__":
    sys.exit(main())
