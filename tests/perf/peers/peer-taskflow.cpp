/* peer-taskflow.cpp: Taskflow, one static task per task
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "peer.h"

#include <memory>
#include <taskflow/taskflow.hpp>
#include <vector>

const char *const peer_name = "Taskflow";
const char *const peer_shapes = "independent chain tree stencil fan";

static std::unique_ptr<tf::Executor> executor;
static std::unique_ptr<tf::Taskflow> taskflow;
/* Not captured, so that a task's function needs no memory of its own. */
static const PeerGraph *the_graph;
static uint32_t *the_values;

const char *
peer_version (void)
{
  return tf::version ();
}

void
peer_init (int n_workers)
{
  executor = std::make_unique<tf::Executor> (n_workers);
}

void
peer_build (const PeerGraph *graph, uint32_t *values)
{
  std::vector<tf::Task> tasks (graph->n_tasks);

  the_graph = graph;
  the_values = values;
  taskflow = std::make_unique<tf::Taskflow> ();
  for (int i = 0; i < graph->n_tasks; i++)
    {
      tasks[i] = taskflow->emplace ([i] { peer_task (the_graph, the_values, i); });
      for (int k = graph->offsets[i]; k < graph->offsets[i + 1]; k++)
        tasks[graph->preds[k]].precede (tasks[i]);
    }
}

void
peer_run (void)
{
  executor->run (*taskflow).wait ();
}

void
peer_free (void)
{
  taskflow.reset ();
}

void
peer_fini (void)
{
  executor.reset ();
}
