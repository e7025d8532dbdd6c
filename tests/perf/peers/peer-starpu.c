/* peer-starpu.c: StarPU with declared dependencies, no data handles
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Making tasks and declaring their dependencies counts as building; workers run while the main
 * thread submits. STARPU_SCHED chooses the policy.
 */
#include "peer.h"

#include <starpu.h>
#include <stdio.h>
#include <stdlib.h>

const char *const peer_name = "StarPU";
const char *const peer_shapes = "independent chain tree stencil fan";

static const PeerGraph *the_graph;
static uint32_t *the_values;
static struct starpu_task **tasks;

static void
task_cb (void *buffers[], void *argument)
{
  peer_task (the_graph, the_values, (int) (intptr_t) argument);
}

static struct starpu_codelet codelet = { .cpu_funcs = { task_cb }, .nbuffers = 0, .name = "task" };

const char *
peer_version (void)
{
  static char text[32];
  int major, minor, release;

  starpu_get_version (&major, &minor, &release);
  snprintf (text, sizeof text, "%d.%d.%d", major, minor, release);
  return text;
}

void
peer_init (int n_workers)
{
  struct starpu_conf conf;

  setenv ("STARPU_SILENT", "1", 0);
  setenv ("STARPU_WORKERS_NOBIND", "1", 0);
  setenv ("STARPU_SCHED", "lws", 0);
  starpu_conf_init (&conf);
  conf.ncpus = n_workers;
  conf.ncuda = 0;
  conf.nopencl = 0;
  if (starpu_init (&conf) != 0)
    {
      fputs ("StarPU does not start\n", stderr);
      exit (3);
    }
}

static struct starpu_task *
new_task (int i)
{
  struct starpu_task *task = starpu_task_create ();

  task->cl = &codelet;
  task->cl_arg = (void *) (intptr_t) i;
  task->destroy = 0;
  return task;
}

void
peer_build (const PeerGraph *graph, uint32_t *values)
{
  struct starpu_task **before = malloc (((size_t) graph->n_tasks + 1) * sizeof *before);

  the_graph = graph;
  the_values = values;
  tasks = malloc ((size_t) graph->n_tasks * sizeof *tasks);
  for (int i = 0; i < graph->n_tasks; i++)
    {
      int n = 0;
      tasks[i] = new_task (i);
      for (int k = graph->offsets[i]; k < graph->offsets[i + 1]; k++)
        before[n++] = tasks[graph->preds[k]];
      if (n > 0)
        starpu_task_declare_deps_array (tasks[i], (unsigned) n, before);
    }
  free (before);
}

void
peer_run (void)
{
  for (int i = 0; i < the_graph->n_tasks; i++)
    if (starpu_task_submit (tasks[i]) != 0)
      {
        fputs ("StarPU does not take the task\n", stderr);
        exit (3);
      }
  starpu_task_wait_for_all ();
}

void
peer_free (void)
{
  for (int i = 0; i < the_graph->n_tasks; i++)
    starpu_task_destroy (tasks[i]);
  free (tasks);
}

void
peer_fini (void)
{
  starpu_shutdown ();
}
