/* peer-glib.c: GLib's GThreadPool, which knows no dependencies
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "peer.h"

#include <glib.h>
#include <stdio.h>

const char *const peer_name = "GLib GThreadPool";
const char *const peer_shapes = "independent";

static const PeerGraph *the_graph;
static uint32_t *the_values;
static GThreadPool *pool;
static int pool_workers;

static void
task_cb (gpointer data, gpointer user_data)
{
  peer_task (the_graph, the_values, GPOINTER_TO_INT (data) - 1);
}

const char *
peer_version (void)
{
  static char text[32];

  snprintf (text, sizeof text, "%u.%u.%u", glib_major_version, glib_minor_version,
            glib_micro_version);
  return text;
}

void
peer_init (int n_workers)
{
  pool_workers = n_workers;
}

void
peer_build (const PeerGraph *graph, uint32_t *values)
{
  the_graph = graph;
  the_values = values;
  pool = g_thread_pool_new (task_cb, NULL, pool_workers, TRUE, NULL);
}

void
peer_run (void)
{
  for (int i = 0; i < the_graph->n_tasks; i++)
    g_thread_pool_push (pool, GINT_TO_POINTER (i + 1), NULL);
  g_thread_pool_free (pool, FALSE, TRUE);
}

void
peer_free (void)
{
}

void
peer_fini (void)
{
}
