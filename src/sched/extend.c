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
  _Atomic uint32_t *consumers = &segment->consumers[slot_id];
  uint32_t n = atomic_load_explicit (consumers, memory_order_relaxed);

  do
    if (n == 0)
      return false;
  while (!atomic_compare_exchange_weak_explicit (consumers, &n, n + 1, memory_order_acq_rel,
                                                 memory_order_relaxed));
  return true;
}

/* Gives a pin back, after the output came or its task was cancelled with the run. */
void
_weft_slot_unpin (WeftSegment *segment, uint32_t slot_id)
{
  uint32_t type = atomic_load_explicit (&segment->slots[slot_id].type, memory_order_acquire);

  if ((type & WEFT_VALUE_BOXED) != 0 && (type & WEFT_SLOT_GONE) == 0)
    _weft_slot_drop (segment, slot_id, 1);
  else
    atomic_fetch_sub_explicit (&segment->consumers[slot_id], 1, memory_order_acq_rel);
}

/* Whether the output is there: seq_cst, against the ender who looks at the status afterwards. */
bool
_weft_slot_is_there (WeftSegment *segment, uint32_t slot)
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
  /* Whoever waits for a run that has ended would wait for ever. */
  if (!_weft_slot_is_there (segment, later->slot)
      && !(later->future != NULL
           && atomic_load_explicit (&segment->run->sealed, memory_order_seq_cst)))
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

  _weft_slot_publish (slot, value, segment->watchable);
  for (uint32_t i = arrays->notify_offsets[task]; i < arrays->notify_offsets[task + 1]; i++)
    {
      uint32_t dependent = arrays->notify[i];

      if (!_weft_pending_take (_weft_pending (segment, dependent), 1))
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
  _weft_slot_unpin (source, slot);
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
      else if (later->segment != NULL)
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

/* The run has ended: futures that still wait are told. Imports stay on their lists. */
void
_weft_segment_settle_futures (WeftSegment *segment)
{
  g_autoptr (GPtrArray) futures = g_ptr_array_new ();
  GHashTableIter iter;
  gpointer list;

  pthread_mutex_lock (&segment->lock);
  if (segment->later != NULL)
    {
      g_hash_table_iter_init (&iter, segment->later);
      while (g_hash_table_iter_next (&iter, NULL, &list))
        for (WeftLater *later = list; later != NULL; later = later->next)
          if (later->future != NULL)
            g_ptr_array_add (futures, g_steal_pointer (&later->future));
    }
  pthread_mutex_unlock (&segment->lock);
  for (guint i = 0; i < futures->len; i++)
    _weft_future_settle (futures->pdata[i]);
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
  if (!found || import->output >= _weft_n_outputs (source->segment, source->task))
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_GRAPH,
                   "the segment needs output %u of '%s', which no earlier segment has",
                   import->output, key != NULL ? key : "a task by number");
      return false;
    }
  source->slot = _weft_first_slot (source->segment, source->task) + import->output;
  return true;
}

static void
unpin_sources (const WeftGraphArrays *arrays, const Source *sources, uint32_t n)
{
  for (uint32_t k = 0; k < n; k++)
    if (arrays->imports[k].kind != WEFT_IMPORT_VALUE)
      _weft_slot_unpin (sources[k].segment, sources[k].slot);
}

/* One more consumer of a source, which must be there or be able to tell when it comes. */
static bool
pin_source (const Source *source, GError **error)
{
  g_autofree char *key = NULL;

  if (_weft_slot_pin (source->segment, source->slot))
    {
      if (source->segment->watchable || _weft_slot_is_there (source->segment, source->slot))
        return true;
      _weft_slot_unpin (source->segment, source->slot);
      key = weft_graph_dup_key (source->segment->graph, source->task);
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
                   "the result of '%s' cannot be waited for: the run was made without keep_open",
                   key);
      return false;
    }
  key = weft_graph_dup_key (source->segment->graph, source->task);
  g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_RELEASED,
               "the result of '%s' was released with its last consumer; hold a future of it "
               "for as long as later segments may need it",
               key);
  return false;
}

/* Pins every source first, so that nothing has to be undone half way. */
static bool
pin_sources (WeftRun *run, WeftSegment *segment, Source *sources, GError **error)
{
  const WeftGraphArrays *arrays = &segment->arrays;

  for (uint32_t k = 0; k < arrays->n_imports; k++)
    if (arrays->imports[k].kind != WEFT_IMPORT_VALUE
        && (!find_source (run, segment->graph, &arrays->imports[k], &sources[k], error)
            || !pin_source (&sources[k], error)))
      {
        unpin_sources (arrays, sources, k);
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

static bool
is_right_number (const WeftGraphArrays *arrays, uint32_t n_values, GError **error)
{
  uint32_t n_wanted = count_value_imports (arrays);

  if (n_wanted != n_values)
    g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_ARGUMENT,
                 "the segment wants %u values, %u were given", n_wanted, n_values);
  return n_wanted == n_values;
}

/* Attaches a graph; `parent` (nullable) is the task it stands in for. The caller holds the run
 * open. On failure nothing has changed. */
WeftSegment *
_weft_run_add (WeftRun *run, WeftGraph *graph, const WeftExtendOptions *options,
               const WeftItem *parent, bool watchable, GError **error)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  g_autofree Source *sources = g_new0 (Source, arrays->n_imports + 1);
  WeftSegment *segment;

  if (!is_right_number (arrays, options != NULL ? options->n_values : 0, error))
    return NULL;
  segment = _weft_segment_new (run, graph, options, watchable, error);
  if (segment == NULL)
    return NULL;
  if (!pin_sources (run, segment, sources, error))
    {
      _weft_segment_free (segment);
      return NULL;
    }
  if (parent != NULL)
    {
      segment->parent = *parent;
      atomic_store_explicit (&parent->segment->has_replaced, true, memory_order_seq_cst);
    }
  _weft_groups_add_segment (run->groups, segment);
  if (!_weft_run_attach (run, segment))
    {
      unpin_sources (arrays, sources, arrays->n_imports);
      _weft_segment_free (segment);
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE, "the run has ended");
      return NULL;
    }
  bind_imports (segment, sources, options);
  return segment;
}

/* Keeps the run from ending while a segment is added. A kernel of the run may always add, as the
 * run cannot end while it runs. */
static bool
hold_open (WeftRun *run, bool in_kernel, GError **error)
{
  bool held;

  pthread_mutex_lock (&run->lock);
  held = !run->sealed && run->phase < WEFT_RUN_DONE
         && (in_kernel || (run->watchable ? run->keep_open : !run->started))
         && atomic_load_explicit (&run->remaining, memory_order_acquire) > 0;
  if (held)
    atomic_fetch_add_explicit (&run->remaining, 1, memory_order_relaxed);
  pthread_mutex_unlock (&run->lock);
  if (!held)
    g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
                 "the run takes no more segments: it has ended, was closed, or was started "
                 "without keep_open");
  return held;
}

uint32_t
weft_run_extend (WeftRun *run, WeftGraph *graph, const WeftExtendOptions *options, GError **error)
{
  WeftSeat *seat = _weft_seat_of_thread ();
  bool in_kernel = seat != NULL && seat->run == run
                   && !atomic_load_explicit (&seat->task.cancelled, memory_order_acquire);
  WeftSegment *segment;
  uint32_t index;

  if (!hold_open (run, in_kernel, error))
    return WEFT_NONE;
  segment = _weft_run_add (run, graph, options, NULL, run->watchable || in_kernel, error);
  index = segment != NULL ? segment->index : WEFT_NONE;
  _weft_run_done (run, 1);
  _weft_run_leave (run);
  _weft_engine_wake (run->engine);
  return index;
}
