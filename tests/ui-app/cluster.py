"""cluster.py: a Dask cluster for tests of the window: says its address, computes when told to.

SPDX-License-Identifier: BSD-3-Clause

For each line of its input, a number, so many tasks are computed; the end of it ends the cluster.
"""
import sys

from distributed import Client, LocalCluster


def inc(x):
    return x + 1


def main():
    with LocalCluster(n_workers=1, threads_per_worker=2, processes=False, protocol='tcp://',
                      dashboard_address=None, silence_logs=50) as cluster, \
            Client(cluster) as client:
        print(cluster.scheduler_address, flush=True)
        for line in sys.stdin:
            client.gather(client.map(inc, range(int(line)), pure=False))
            print('computed', line.strip(), flush=True)


if __name__ == '__main__':
    main()
