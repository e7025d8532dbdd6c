/* recorded-run.h: a run of a graph into a file, for what is measured of such files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "graph/weft-graph-builder.h"
#include "sched/weft-engine.h"

#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

/* @graph: (transfer full) (nullable). Returns: whether all its tasks are done and in the file */
static inline bool
write_run (const char *path, WeftGraph *graph, uint32_t n_workers)
{
  WeftEngine *engine = weft_engine_new (&(WeftEngineOptions){ .n_workers = n_workers }, NULL);
  WeftRunOptions options = { .records = true, .recorder = { .path = path } };
  WeftRun *run =
      engine != NULL && graph != NULL ? weft_run_new (engine, graph, &options, NULL) : NULL;
  bool done = false;

  if (run != NULL)
    {
      weft_run_start (run);
      done = weft_run_wait (run, -1) && weft_run_phase (run) == WEFT_RUN_DONE;
      weft_run_unref (run);
    }
  weft_graph_unref (graph);
  weft_engine_free (engine);
  return done;
}

/* The same in a child process, so that this one has nothing of it in its memory. */
static inline bool
write_apart (const char *path, WeftGraph *(*make_graph) (uint32_t n_tasks), uint32_t n_tasks,
             uint32_t n_workers)
{
  int status = EXIT_FAILURE;
  pid_t child = fork ();

  if (child == 0)
    _exit (write_run (path, make_graph (n_tasks), n_workers) ? EXIT_SUCCESS : EXIT_FAILURE);
  return child > 0 && waitpid (child, &status, 0) == child && WIFEXITED (status)
         && WEXITSTATUS (status) == EXIT_SUCCESS;
}
