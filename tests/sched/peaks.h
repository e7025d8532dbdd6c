/* peaks.h: what a run held at most, read from its own records
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "sched-fixture.h"

/* How tasks that stand in for recorded ones behave: they sleep and hold bytes. */
typedef struct
{
  double bytes;    /* factor on the recorded sizes */
  double seconds;  /* factor on the recorded run times, in seconds a second */
  uint32_t seed;   /* shapes have no run times: these are drawn, a tenth of them ten times longer */
  int64_t most_ns; /* …up to this; 0: none takes any time */
} PeaksScale;

/* A shape as a graph of `replay` tasks with sizes and times as hints, in the static order. */
WeftGraph *peaks_graph_of_shape (const WeftShape *shape, const PeaksScale *scale);
/* A recorded workflow, likewise. */
WeftGraph *peaks_graph_of_file (const char *path, const PeaksScale *scale);

typedef struct
{
  uint64_t recorded_bytes; /* most that was live at once, by spans and sizes of the records */
  uint64_t static_bytes;   /* what running the tasks by id holds at most, with the same sizes */
  uint64_t n_tasks;        /* spans that ended well */
  uint64_t n_written, n_read, n_failed_writes, n_admitted, n_released;
  uint64_t written_bytes;
} Peaks;

/* A result is live from its task's start to the end of its last reader, as `released` follows from
 * the last consumer's end; a wanted one for good; one on disk is not, from the end of the writing
 * to the start of the reading. The run kept its records in memory and has one segment. */
void peaks_of_run (WeftRun *run, WeftGraph *graph, Peaks *peaks);
