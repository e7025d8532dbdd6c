/* peer-libuv.c: libuv's thread pool, which knows no dependencies
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <uv.h>

const char *const peer_name = "libuv uv_queue_work";
const char *const peer_shapes = "independent";

static const PeerGraph *the_graph;
static uint32_t *the_values;
static uv_loop_t loop;
static uv_work_t *requests;
static int n_done;

static void
task_cb (uv_work_t *request)
{
  peer_task (the_graph, the_values, (int) (request - requests));
}

static void
done_cb (uv_work_t *request, int status)
{
  n_done++;
}

const char *
peer_version (void)
{
  return uv_version_string ();
}

void
peer_init (int n_workers)
{
  char text[16];

  snprintf (text, sizeof text, "%d", n_workers);
  setenv ("UV_THREADPOOL_SIZE", text, 1);
  uv_loop_init (&loop);
}

void
peer_build (const PeerGraph *graph, uint32_t *values)
{
  the_graph = graph;
  the_values = values;
  requests = calloc ((size_t) graph->n_tasks, sizeof *requests);
}

void
peer_run (void)
{
  n_done = 0;
  for (int i = 0; i < the_graph->n_tasks; i++)
    uv_queue_work (&loop, &requests[i], task_cb, done_cb);
  uv_run (&loop, UV_RUN_DEFAULT);
  if (n_done != the_graph->n_tasks)
    abort ();
}

void
peer_free (void)
{
  free (requests);
}

void
peer_fini (void)
{
  uv_loop_close (&loop);
}
