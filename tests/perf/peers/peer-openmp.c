/* peer-openmp.c: OpenMP tasks with depend clauses
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Tasks are made inside the parallel region, so making and running them overlap; both count as the
 * run.
 */
#include "peer.h"

#include <omp.h>

const char *const peer_name = "OpenMP depend";
const char *const peer_shapes = "independent chain tree stencil fan";

static const PeerGraph *the_graph;
static uint32_t *the_values;

const char *
peer_version (void)
{
  return "libgomp of gcc " __VERSION__;
}

void
peer_init (int n_workers)
{
  omp_set_dynamic (0);
  omp_set_num_threads (n_workers);
#pragma omp parallel
  {
  }
}

void
peer_build (const PeerGraph *graph, uint32_t *values)
{
  the_graph = graph;
  the_values = values;
}

static void
make_task (const PeerGraph *graph, uint32_t *values, int i)
{
  int first = graph->offsets[i], end = graph->offsets[i + 1];

  if (first == end)
    {
#pragma omp task firstprivate(i) depend(out : values[i])
      peer_task (graph, values, i);
    }
  else
    {
/* clang-format off */
#pragma omp task firstprivate(i) \
    depend(iterator(int k = first : end), in : values[graph->preds[k]]) depend(out : values[i])
      /* clang-format on */
      peer_task (graph, values, i);
    }
}

void
peer_run (void)
{
#pragma omp parallel
#pragma omp single
  for (int i = 0; i < the_graph->n_tasks; i++)
    make_task (the_graph, the_values, i);
}

void
peer_free (void)
{
}

void
peer_fini (void)
{
}
