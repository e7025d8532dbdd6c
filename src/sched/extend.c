/* extend.c: segments that come later, and what hangs on tasks of earlier ones
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An import is a pseudo-task of the new segment with one slot. It is filled once its source is
 * there: at attach, or when the source ends. Filling copies the value (one more reference to its
 * box) and tells the import's dependents, as any ending task does. Who hangs something on a task
 * pins its output first (increment-if-not-zero), so that it cannot go before it was copied.
 */
#include "config.h"

#include "sched/weft-execute-private.h"

struct _WeftLater
{
  WeftLater *next;
  WeftFuture *future;   /* (nullable): a future that waits; else an import */
  WeftSegment *segment; /* whose import … */
  uint32_t import;      /* … number this is */
  uint32_t slot;        /* of the source that is wanted */
};

/* One more consumer of a published or coming output. FALSE: it is gone. */
bool
_weft_slot_pin (WeftSegment *segment, uint32_t slot_id)
{
  _Atomic uint32_t *consumers = &segment->slots[slot_id].consumers;
  uint32_t n = atomic_load_explicit (consumers, memory_order_relaxed);

  do
    if (n == 0)
      return false;
  while (!atomic_compare_exchange_weak_explicit (consumers, &n, n + 1, memory_order_acq_rel,
                                                 memory_order_relaxed));
  return true;
}

/* Whether the output is there: seq_cst, against the ender who looks at the status afterwards. */
static bool
is_done (WeftSegment *segment, uint32_t slot)
{
  return atomic_load_explicit (&segment->slots[slot].type, memory_order_seq_cst) != WEFT_TYPE_EMPTY;
}

/* Puts the entry on the task's list, unless the task is done: then FALSE and the caller settles
 * it. */
static bool
hang_on (WeftSegment *segment, uint32_t task, WeftLater *later)
{
  bool hung = false;

  pthread_mutex_lock (&segment->lock);
  atomic_fetch_or_explicit (&segment->status[task], WEFT_STATUS_WATCHED, memory_order_seq_cst);
  if (!is_done (segment, later->slot))
    {
      if (segment->later == NULL)
        segment->later = g_hash_table_new (NULL, NULL);
      later->next = g_hash_table_lookup (segment->later, GUINT_TO_POINTER (task));
      g_hash_table_insert (segment->later, GUINT_TO_POINTER (task), later);
      hung = true;
    }
  pthread_mutex_unlock (&segment->lock);
  return hung;
}

/* Makes import `k` ready with a value whose reference is taken over. */
static void
fill_import (WeftSeat *seat, WeftSegment *segment, uint32_t k, const WeftValue *value)
{
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t task = arrays->n_tasks + k;
  WeftSlot *slot = &segment->slots[_weft_first_slot (segment, task)];

  _weft_slot_publish (segment, slot, value);
  for (uint32_t i = arrays->notify_offsets[task]; i < arrays->notify_offsets[task + 1]; i++)
    {
      uint32_t dependent = arrays->notify[i];

      if (!_weft_pending_take (&segment->pending[dependent], 1))
        continue;
      if (seat != NULL)
        _weft_seat_push (seat, segment, dependent);
      else
        _weft_queue_push (segment->run->queue, (WeftItem){ segment, dependent });
    }
  if (arrays->notify_offsets[task] == arrays->notify_offsets[task + 1])
    {
      weft_value_unref (value);
      atomic_store_explicit (&slot->type, WEFT_SLOT_GONE, memory_order_relaxed);
    }
}

/* The source is done and pinned: copy, fill, unpin. */
static void
settle_import (WeftSeat *seat, WeftSegment *source, uint32_t slot, WeftSegment *segment, uint32_t k)
{
  WeftValue value = _weft_slot_read (&source->slots[slot]);

  weft_value_ref (&value);
  fill_import (seat, segment, k, &value);
  if (weft_value_is_boxed (&value))
    _weft_slot_drop (source, slot, 1);
}

/* Called by the ender of a task of a watchable segment, after its outputs were published. */
void
_weft_settle_watchers (WeftSeat *seat, WeftSegment *segment, uint32_t task)
{
  WeftLater *later = NULL;

  if ((atomic_load_explicit (&segment->status[task], memory_order_seq_cst) & WEFT_STATUS_WATCHED)
      == 0)
    return;
  pthread_mutex_lock (&segment->lock);
  if (segment->later != NULL)
    {
      later = g_hash_table_lookup (segment->later, GUINT_TO_POINTER (task));
      g_hash_table_remove (segment->later, GUINT_TO_POINTER (task));
    }
  pthread_mutex_unlock (&segment->lock);
  while (later != NULL)
    {
      WeftLater *next = later->next;

      if (later->future != NULL)
        _weft_future_settle (later->future);
      else
        settle_import (seat, segment, later->slot, later->segment, later->import);
      g_free (later);
      later = next;
    }
}

/* A future waits for (task, slot). FALSE: the task is done already. */
bool
_weft_watch (WeftSegment *segment, uint32_t task, uint32_t slot, WeftFuture *future)
{
  WeftLater *later = g_new0 (WeftLater, 1);

  later->future = future;
  later->slot = slot;
  if (hang_on (segment, task, later))
    return true;
  g_free (later);
  return false;
}

/* Lists that were never settled: the run was cancelled. */
void
_weft_segment_free_later (WeftSegment *segment)
{
  GHashTableIter iter;
  gpointer list;

  if (segment->later == NULL)
    return;
  g_hash_table_iter_init (&iter, segment->later);
  while (g_hash_table_iter_next (&iter, NULL, &list))
    for (WeftLater *later = list, *next; later != NULL; later = next)
      {
        next = later->next;
        g_free (later);
      }
}

/* ---- binding imports ------------------------------------------------------------------------- */

typedef struct
{
  WeftSegment *segment;
  uint32_t task, slot;
} Source;

/* The newest task of that key in the run. */
static bool
find_by_key (WeftRun *run, const char *key, Source *source)
{
  for (uint32_t i = weft_run_n_segments (run); i-- > 0;)
    {
      source->segment = _weft_run_get_segment (run, i);
      source->task = weft_graph_find (source->segment->graph, key, -1);
      if (source->task != WEFT_NONE)
        return true;
    }
  return false;
}

static bool
find_source (WeftRun *run, WeftGraph *graph, const WeftImport *import, Source *source,
             GError **error)
{
  const char *key = import->kind == WEFT_IMPORT_KEY ? weft_graph_string (graph, import->key) : NULL;
  bool found;

  if (import->kind == WEFT_IMPORT_KEY)
    found = find_by_key (run, key, source);
  else
    {
      found = import->segment < weft_run_n_segments (run);
      if (found)
        source->segment = _weft_run_get_segment (run, import->segment);
      source->task = import->task;
      found = found && import->task < source->segment->arrays.n_tasks;
    }
  if (!found)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_GRAPH,
                   "the segment needs the result of '%s', which no earlier segment has",
                   key != NULL ? key : "a task by number");
      return false;
    }
  source->slot = _weft_first_slot (source->segment, source->task) + import->output;
  return true;
}

/* Pins every source first, so that nothing has to be undone half way. */
static bool
pin_sources (WeftRun *run, WeftSegment *segment, Source *sources, GError **error)
{
  const WeftGraphArrays *arrays = &segment->arrays;

  for (uint32_t k = 0; k < arrays->n_imports; k++)
    {
      g_autofree char *key = NULL;

      if (arrays->imports[k].kind == WEFT_IMPORT_VALUE)
        continue;
      if (find_source (run, segment->graph, &arrays->imports[k], &sources[k], error))
        {
          if (_weft_slot_pin (sources[k].segment, sources[k].slot))
            continue;
          key = weft_graph_dup_key (sources[k].segment->graph, sources[k].task);
          g_set_error (
              error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_RELEASED,
              "the result of '%s' was released with its last consumer; hold a future of it "
              "for as long as later segments may need it",
              key);
        }
      while (k-- > 0)
        if (arrays->imports[k].kind != WEFT_IMPORT_VALUE)
          _weft_slot_drop (sources[k].segment, sources[k].slot, 1);
      return false;
    }
  return true;
}

static void
bind_imports (WeftSegment *segment, const Source *sources, const WeftExtendOptions *options)
{
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t n_values = 0;

  for (uint32_t k = 0; k < arrays->n_imports; k++)
    {
      WeftLater *later;

      if (arrays->imports[k].kind == WEFT_IMPORT_VALUE)
        {
          fill_import (NULL, segment, k, &options->values[n_values++]);
          continue;
        }
      later = g_new0 (WeftLater, 1);
      later->segment = segment;
      later->import = k;
      later->slot = sources[k].slot;
      if (hang_on (sources[k].segment, sources[k].task, later))
        continue;
      g_free (later);
      settle_import (NULL, sources[k].segment, sources[k].slot, segment, k);
    }
}

static uint32_t
count_value_imports (const WeftGraphArrays *arrays)
{
  uint32_t n = 0;

  for (uint32_t k = 0; k < arrays->n_imports; k++)
    n += arrays->imports[k].kind == WEFT_IMPORT_VALUE;
  return n;
}

/* Attaches a graph; `parent` (nullable) is the task it stands in for. */
WeftSegment *
_weft_run_add (WeftRun *run, WeftGraph *graph, const WeftExtendOptions *options,
               struct _WeftParent *parent, GError **error)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  g_autofree Source *sources = g_new0 (Source, arrays->n_imports + 1);
  uint32_t n_values = options != NULL ? options->n_values : 0;
  WeftSegment *segment;

  if (count_value_imports (arrays) != n_values)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT,
                   "the segment wants %u values, %u were given", count_value_imports (arrays),
                   n_values);
      return NULL;
    }
  segment = _weft_segment_new (run, graph, options, error);
  if (segment == NULL)
    return NULL;
  if (!pin_sources (run, segment, sources, error))
    {
      _weft_segment_free (segment);
      return NULL;
    }
  segment->parent = parent;
  _weft_groups_add_segment (run->groups, segment);
  _weft_run_attach (run, segment);
  bind_imports (segment, sources, options);
  return segment;
}

uint32_t
weft_run_extend (WeftRun *run, WeftGraph *graph, const WeftExtendOptions *options, GError **error)
{
  WeftSegment *segment;

  pthread_mutex_lock (&run->lock);
  bool refused = run->phase >= WEFT_RUN_DONE || (run->started && !run->keep_open);
  pthread_mutex_unlock (&run->lock);
  if (refused)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
                   "the run takes no more segments: it was started without keep_open, or closed");
      return WEFT_NONE;
    }
  segment = _weft_run_add (run, graph, options, NULL, error);
  if (segment == NULL)
    return WEFT_NONE;
  _weft_engine_wake (run->engine);
  return segment->index;
}
