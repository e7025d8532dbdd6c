/* hub.c: what other threads have for the loop
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-server-private.h"

typedef struct
{
  WeftHubFunc func;
  void *data;
} Task;

struct _WeftHub
{
  _Atomic uint32_t refs; /* atomic: a count; release and acquire where it ends */
  pthread_mutex_t lock;
  WeftServer *server; /* lock; NULL: it is gone */
  uv_async_t *async;  /* lock; while there is a server */
  GArray *tasks;      /* lock; Task */
};

WeftHub *
_weft_hub_new (WeftServer *server, uv_async_t *async)
{
  WeftHub *hub = g_new0 (WeftHub, 1);

  atomic_init (&hub->refs, 1);
  pthread_mutex_init (&hub->lock, NULL);
  hub->server = server;
  hub->async = async;
  hub->tasks = g_array_new (FALSE, FALSE, sizeof (Task));
  return hub;
}

WeftHub *
_weft_hub_ref (WeftHub *hub)
{
  atomic_fetch_add_explicit (&hub->refs, 1, memory_order_relaxed);
  return hub;
}

void
_weft_hub_unref (WeftHub *hub)
{
  if (atomic_fetch_sub_explicit (&hub->refs, 1, memory_order_acq_rel) > 1)
    return;
  g_array_unref (hub->tasks);
  pthread_mutex_destroy (&hub->lock);
  g_free (hub);
}

void
_weft_hub_post (WeftHub *hub, WeftHubFunc func, void *data)
{
  Task task = { func, data };
  bool is_open;

  pthread_mutex_lock (&hub->lock);
  is_open = hub->server != NULL;
  if (is_open)
    {
      g_array_append_val (hub->tasks, task);
      if (hub->tasks->len == 1)
        uv_async_send (hub->async);
    }
  pthread_mutex_unlock (&hub->lock);
  if (!is_open)
    func (NULL, data);
}

static void
run_tasks (GArray *tasks, WeftServer *server)
{
  for (guint i = 0; i < tasks->len; i++)
    {
      Task *task = &g_array_index (tasks, Task, i);

      task->func (server, task->data);
    }
  g_array_unref (tasks);
}

static GArray *
take_tasks (WeftHub *hub)
{
  GArray *tasks = hub->tasks;

  hub->tasks = g_array_new (FALSE, FALSE, sizeof (Task));
  return tasks;
}

void
_weft_hub_drain (WeftHub *hub)
{
  GArray *tasks;
  WeftServer *server;

  pthread_mutex_lock (&hub->lock);
  tasks = take_tasks (hub);
  server = hub->server;
  pthread_mutex_unlock (&hub->lock);
  run_tasks (tasks, server);
}

void
_weft_hub_close (WeftHub *hub)
{
  GArray *tasks;

  pthread_mutex_lock (&hub->lock);
  hub->server = NULL;
  tasks = take_tasks (hub);
  pthread_mutex_unlock (&hub->lock);
  run_tasks (tasks, NULL);
}
