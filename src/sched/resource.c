/* resource.c: named resources, shared by all runs of an engine
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A task that needs resources takes all it needs or none. Refused ones wait here in order; whoever
 * gives back lets waiters through, first come first served among those that fit. A need above the
 * whole amount can never be met: that is the task's error, not a hang. A resource nobody set has no
 * limit. Paused runs hold nothing that they do not use.
 */
#include "config.h"

#include "sched/weft-careful-private.h"

#include <math.h>

typedef struct
{
  double amount;
  double used;
} Resource;

typedef struct
{
  WeftRun *run; /* holds a reference */
  WeftItem item;
  uint64_t since;  /* stamp */
  uint32_t string; /* id of the name of what was short first */
} Waiter;

struct _WeftResources
{
  pthread_mutex_t lock;
  GHashTable *by_name; /* lock: char * → Resource */
  GArray *waiters;     /* lock: Waiter */
};

void
_weft_engine_open_resources (WeftEngine *engine)
{
  engine->resources = g_new0 (struct _WeftResources, 1);
  pthread_mutex_init (&engine->resources->lock, NULL);
  engine->resources->by_name = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  engine->resources->waiters = g_array_new (FALSE, FALSE, sizeof (Waiter));
}

void
_weft_engine_close_resources (WeftEngine *engine)
{
  g_hash_table_unref (engine->resources->by_name);
  for (guint i = 0; i < engine->resources->waiters->len; i++)
    weft_run_unref (g_array_index (engine->resources->waiters, Waiter, i).run);
  g_array_unref (engine->resources->waiters);
  pthread_mutex_destroy (&engine->resources->lock);
  g_free (engine->resources);
}

static Resource *
find (struct _WeftResources *resources, const char *name)
{
  Resource *resource = g_hash_table_lookup (resources->by_name, name);

  if (resource != NULL)
    return resource;
  /* Counted from the first task that needs it, as an amount may be set while that runs. */
  resource = g_new0 (Resource, 1);
  resource->amount = INFINITY;
  g_hash_table_insert (resources->by_name, g_strdup (name), resource);
  return resource;
}

static Resource *
needed (struct _WeftResources *resources, const WeftItem *item, const WeftResourceNeed *need)
{
  return find (resources, weft_graph_string (item->segment->graph, need->name));
}

static const WeftTaskAttributes *
attributes_of (const WeftItem *item)
{
  const WeftGraphArrays *arrays = &item->segment->arrays;

  return &arrays->attributes[arrays->attributes_of_task[item->task]];
}

/* lock held. `shortage` is set with LATER and NEVER. */
static WeftGrant
try_take (struct _WeftResources *resources, const WeftItem *item, WeftShortage *shortage)
{
  const WeftTaskAttributes *attributes = attributes_of (item);

  for (uint32_t i = 0; i < attributes->n_resources; i++)
    {
      const WeftResourceNeed *need = &attributes->resources[i];
      const Resource *resource = needed (resources, item, need);

      if (resource->used + need->amount <= resource->amount + 1e-9
          && need->amount <= resource->amount)
        continue;
      *shortage = (WeftShortage){ weft_graph_string (item->segment->graph, need->name),
                                  need->amount, resource->amount };
      return need->amount > resource->amount ? WEFT_GRANT_NEVER : WEFT_GRANT_LATER;
    }
  for (uint32_t i = 0; i < attributes->n_resources; i++)
    needed (resources, item, &attributes->resources[i])->used += attributes->resources[i].amount;
  return WEFT_GRANT_YES;
}

/* lock held */
static void
wait_in_line (struct _WeftResources *resources, const WeftItem *item, const char *short_of)
{
  WeftRun *run = item->segment->run;
  Waiter waiter = { .run = weft_run_ref (run), .item = *item };

  if (run->recorder != NULL)
    {
      waiter.since = _weft_engine_stamp (run->engine);
      waiter.string = weft_recorder_string (run->recorder, short_of);
    }
  g_array_append_val (resources->waiters, waiter);
}

/* Takes what the task needs; on LATER it waits here and comes back through its run's queue. */
WeftGrant
_weft_resources_take (WeftEngine *engine, const WeftItem *item, WeftShortage *shortage)
{
  struct _WeftResources *resources = engine->resources;
  WeftGrant grant;

  pthread_mutex_lock (&resources->lock);
  grant = try_take (resources, item, shortage);
  if (grant == WEFT_GRANT_LATER)
    wait_in_line (resources, item, shortage->name);
  pthread_mutex_unlock (&resources->lock);
  return grant;
}

static bool
is_paused (WeftRun *run)
{
  return (atomic_load_explicit (&run->control, memory_order_seq_cst) & WEFT_CONTROL_PAUSED) != 0;
}

static void
set_granted (const WeftItem *item)
{
  atomic_fetch_or_explicit (&item->segment->status[item->task], WEFT_STATUS_GRANTED,
                            memory_order_acq_rel);
}

static bool
clear_granted (const WeftItem *item)
{
  return (atomic_fetch_and_explicit (&item->segment->status[item->task],
                                     (uint8_t) ~WEFT_STATUS_GRANTED, memory_order_acq_rel)
          & WEFT_STATUS_GRANTED)
         != 0;
}

/* lock held. Lets through who fits now; they hold their resources already. Those of paused runs,
 * and those whose need can never be met, go back to their queues with nothing. */
static void
let_through (struct _WeftResources *resources)
{
  for (guint i = 0; i < resources->waiters->len;)
    {
      Waiter waiter = g_array_index (resources->waiters, Waiter, i);
      WeftShortage shortage;
      WeftGrant grant =
          is_paused (waiter.run) ? WEFT_GRANT_NEVER : try_take (resources, &waiter.item, &shortage);

      if (grant == WEFT_GRANT_LATER)
        {
          i++;
          continue;
        }
      g_array_remove_index (resources->waiters, i);
      if (grant == WEFT_GRANT_YES)
        set_granted (&waiter.item);
      _weft_run_note_span (waiter.run, WEFT_RECORD_RESOURCE_WAIT, &waiter.item, waiter.since,
                           waiter.string);
      _weft_queue_push (waiter.run->queue, waiter.item);
      weft_run_unref (waiter.run);
    }
}

/* lock held */
static void
give_back (struct _WeftResources *resources, const WeftItem *item)
{
  const WeftTaskAttributes *attributes = attributes_of (item);

  for (uint32_t i = 0; i < attributes->n_resources; i++)
    needed (resources, item, &attributes->resources[i])->used -= attributes->resources[i].amount;
}

void
_weft_resources_give (WeftEngine *engine, const WeftItem *item)
{
  struct _WeftResources *resources = engine->resources;

  pthread_mutex_lock (&resources->lock);
  give_back (resources, item);
  let_through (resources);
  pthread_mutex_unlock (&resources->lock);
  _weft_engine_wake (engine);
}

/* The run was paused: what its tasks were granted, but do not use, goes to others. Nothing is
 * granted to a paused run, and what was before is in the queue by the time the lock is had. */
void
_weft_resources_reclaim (WeftEngine *engine, WeftRun *run)
{
  struct _WeftResources *resources = engine->resources;
  g_autoptr (GArray) items = g_array_new (FALSE, FALSE, sizeof (WeftItem));
  WeftItem item;

  pthread_mutex_lock (&resources->lock);
  while (g_hash_table_size (resources->by_name) > 0 && _weft_queue_pop (run->queue, &item))
    {
      if (clear_granted (&item))
        give_back (resources, &item);
      g_array_append_val (items, item);
    }
  for (guint i = 0; i < items->len; i++)
    _weft_queue_push (run->queue, g_array_index (items, WeftItem, i));
  let_through (resources);
  pthread_mutex_unlock (&resources->lock);
  _weft_engine_wake_all (engine);
}

/* Waiters of a run that ended are forgotten. */
void
_weft_resources_forget_run (WeftEngine *engine, WeftRun *run)
{
  struct _WeftResources *resources = engine->resources;
  guint n_forgotten = 0;

  pthread_mutex_lock (&resources->lock);
  for (guint i = resources->waiters->len; i-- > 0;)
    if (g_array_index (resources->waiters, Waiter, i).run == run)
      {
        g_array_remove_index (resources->waiters, i);
        n_forgotten++;
      }
  pthread_mutex_unlock (&resources->lock);
  while (n_forgotten-- > 0)
    weft_run_unref (run);
}

/* A waiter that was cancelled goes back to its run's queue, without what it waited for. */
void
_weft_resources_let_go (WeftEngine *engine, const WeftItem *item)
{
  struct _WeftResources *resources = engine->resources;
  WeftRun *run = NULL;

  pthread_mutex_lock (&resources->lock);
  for (guint i = 0; i < resources->waiters->len && run == NULL; i++)
    {
      Waiter waiter = g_array_index (resources->waiters, Waiter, i);

      if (waiter.item.segment != item->segment || waiter.item.task != item->task)
        continue;
      g_array_remove_index (resources->waiters, i);
      run = waiter.run;
    }
  pthread_mutex_unlock (&resources->lock);
  if (run == NULL)
    return;
  _weft_queue_push (run->queue, *item);
  _weft_engine_wake (engine);
  weft_run_unref (run);
}

void
weft_engine_set_resource (WeftEngine *engine, const char *name, double amount)
{
  struct _WeftResources *resources = engine->resources;

  pthread_mutex_lock (&resources->lock);
  find (resources, name)->amount = amount;
  let_through (resources);
  pthread_mutex_unlock (&resources->lock);
  _weft_engine_wake_all (engine);
}

/* Gives back what a task holds, if it needed anything. */
void
_weft_item_give_resources (WeftEngine *engine, const WeftItem *item)
{
  const WeftTaskAttributes *attributes = _weft_item_attributes (item);

  if (attributes != NULL && attributes->n_resources > 0 && clear_granted (item))
    _weft_resources_give (engine, item);
}
