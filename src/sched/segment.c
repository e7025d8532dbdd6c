/* segment.c: attaching a graph to a run: binding, state, imports, and what hangs on tasks later
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One block of memory holds `slots`, `consumers` and `status` of a segment; it is written once
 * here, so no page is touched for the first time while tasks run. Large blocks ask for huge pages.
 */
#include "config.h"

#include "sched/weft-execute-private.h"

#include <stdlib.h>
#include <sys/mman.h>

#define HUGE_PAGE_BYTES ((size_t) 2 << 20)

/* ---- state memory ---------------------------------------------------------------------------- */

static size_t
round_up (size_t n, size_t unit)
{
  return (n + unit - 1) / unit * unit;
}

static bool
alloc_state (WeftSegment *segment, uint32_t n_slots)
{
  size_t n_all_tasks = (size_t) segment->arrays.n_tasks + segment->arrays.n_imports;
  size_t n_all_slots = (size_t) n_slots + segment->arrays.n_imports;
  size_t slots_bytes = round_up ((n_all_slots + 1) * sizeof (WeftSlot), WEFT_CACHE_LINE);
  size_t consumers_bytes = round_up ((n_all_slots + 1) * sizeof (uint32_t), WEFT_CACHE_LINE);
  size_t bytes = slots_bytes + consumers_bytes + round_up (n_all_tasks + 1, WEFT_CACHE_LINE);
  size_t alignment = bytes >= HUGE_PAGE_BYTES ? HUGE_PAGE_BYTES : WEFT_CACHE_LINE;
  uint8_t *memory;

  bytes = round_up (bytes, alignment);
  memory = aligned_alloc (alignment, bytes);
  if (memory == NULL)
    return false;
  if (alignment == HUGE_PAGE_BYTES)
    madvise (memory, bytes, MADV_HUGEPAGE);
  memset (memory, 0, bytes);
  segment->state_memory = memory;
  segment->state_bytes = bytes;
  segment->slots = (WeftSlot *) memory;
  segment->consumers = (_Atomic uint32_t *) (memory + slots_bytes);
  segment->status = (_Atomic uint8_t *) (memory + slots_bytes + consumers_bytes);
  return true;
}

/* pending = edges that will be told of + the cursor's token. */
static void
init_pending (WeftSegment *segment)
{
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t n = arrays->n_tasks;
  uint64_t n_notify = arrays->notify_offsets[n + arrays->n_imports];

  for (uint32_t task = 0; task < n; task++)
    atomic_init (_weft_pending (segment, task), 1);
  for (uint64_t i = 0; i < n_notify; i++)
    {
      _Atomic uint32_t *pending = _weft_pending (segment, arrays->notify[i]);

      atomic_init (pending, atomic_load_explicit (pending, memory_order_relaxed) + 1);
    }
}

static void
add_consumer (WeftSegment *segment, uint32_t slot)
{
  _Atomic uint32_t *consumers = &segment->consumers[slot];

  atomic_init (consumers, atomic_load_explicit (consumers, memory_order_relaxed) + 1);
}

static void
init_consumers (WeftSegment *segment, uint32_t n_slots)
{
  const WeftGraphArrays *arrays = &segment->arrays;
  uint32_t n_inputs = arrays->input_offsets[arrays->n_tasks];

  for (uint32_t edge = 0; edge < n_inputs; edge++)
    add_consumer (segment, _weft_input_slot (segment, edge));
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    add_consumer (segment,
                  _weft_first_slot (segment, arrays->wanted[i].task) + arrays->wanted[i].output);
  if (segment->watchable)
    for (uint32_t slot = 0; slot < n_slots; slot++)
      add_consumer (segment, slot);
}

static bool
attributes_need_care (const WeftTaskAttributes *attributes)
{
  return attributes->retries > 0 || attributes->timeout_ns > 0 || attributes->n_resources > 0;
}

static void
init_status (WeftSegment *segment)
{
  const WeftGraphArrays *arrays = &segment->arrays;

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    {
      const WeftPlan *plan = &segment->plans[arrays->call_of_task[task]];
      uint8_t status = 0;

      if (plan->n_outputs != 1)
        status |= WEFT_STATUS_OUTPUTS;
      if (plan->runtime)
        status |= WEFT_STATUS_CAREFUL;
      if (arrays->attributes_of_task != NULL && arrays->attributes_of_task[task] != WEFT_NONE
          && attributes_need_care (&arrays->attributes[arrays->attributes_of_task[task]]))
        status |= WEFT_STATUS_ATTRIBUTES;
      if (status != 0)
        atomic_init (&segment->status[task], status);
    }
}

/* ---- plans ----------------------------------------------------------------------------------- */

/* Run lock held. A small number for each operation the run meets. */
static uint32_t
op_slot (WeftRun *run, const WeftOp *op)
{
  uint32_t slot = GPOINTER_TO_UINT (g_hash_table_lookup (run->ops, op));

  if (slot == 0)
    {
      slot = ++run->n_ops;
      g_hash_table_insert (run->ops, (gpointer) op, GUINT_TO_POINTER (slot));
    }
  return MIN (slot - 1, WEFT_MAX_OPS - 1);
}

static void
init_plans (WeftSegment *segment)
{
  WeftRun *run = segment->run;
  uint32_t n_calls = segment->arrays.n_calls;

  segment->plans = g_new0 (WeftPlan, n_calls + 1);
  pthread_mutex_lock (&run->lock);
  for (uint32_t i = 0; i < n_calls; i++)
    {
      WeftPlan *plan = &segment->plans[i];
      const WeftBinding *binding = &segment->bindings[i];

      plan->binding = binding;
      plan->op = binding->op;
      plan->kernel = binding->op->kernel;
      plan->n_outputs = MAX (1, segment->arrays.calls[i].n_outputs);
      plan->op_slot = op_slot (run, binding->op);
      plan->cheap = (binding->op->flags & WEFT_OP_CHEAP) != 0;
      plan->direct = binding->kind == WEFT_BINDING_IDENTITY && !binding->checked;
      plan->nested = _weft_binding_is_nested (binding);
      plan->runtime = binding->op->runtime != NULL;
    }
  pthread_mutex_unlock (&run->lock);
}

/* ---- segments -------------------------------------------------------------------------------- */

WeftSegment *
_weft_segment_new (WeftRun *run, WeftGraph *graph, const WeftExtendOptions *options, bool watchable,
                   GError **error)
{
  WeftSegment *segment = aligned_alloc (WEFT_CACHE_LINE, sizeof *segment);
  uint32_t n_slots = weft_graph_n_slots (graph);

  g_assert (segment != NULL);
  memset (segment, 0, sizeof *segment);
  segment->run = run;
  segment->graph = weft_graph_ref (graph);
  segment->arrays = *weft_graph_arrays (graph);
  segment->priority = options != NULL ? options->priority : 0;
  segment->watchable = watchable;
  segment->plain =
      !watchable && segment->arrays.unit_flags == NULL && segment->arrays.output_offsets == NULL;
  pthread_mutex_init (&segment->lock, NULL);
  segment->bindings = _weft_bind_graph (run->engine->registry, graph, error);
  if (segment->bindings == NULL || !alloc_state (segment, n_slots))
    {
      if (segment->bindings != NULL)
        g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_SYSTEM,
                     "no memory for the state of %u tasks", segment->arrays.n_tasks);
      _weft_segment_free (segment);
      return NULL;
    }
  if (run->opening && segment->arrays.n_imports == 0)
    _weft_segment_record (segment); /* nothing can fail any more, and it will be number 0 */
  init_plans (segment);
  init_pending (segment);
  init_consumers (segment, n_slots);
  init_status (segment);
  atomic_init (&segment->n_open, segment->arrays.n_tasks);
  return segment;
}

/* Values still in slots: wanted outputs nobody took, and all of a cancelled run. */
static void
clear_slots (WeftSegment *segment)
{
  uint32_t n = weft_graph_n_slots (segment->graph) + segment->arrays.n_imports;

  for (uint32_t slot = 0; slot < n; slot++)
    {
      uint32_t type = atomic_load_explicit (&segment->slots[slot].type, memory_order_relaxed);

      if ((type & WEFT_VALUE_BOXED) != 0 && (type & WEFT_SLOT_GONE) == 0)
        {
          WeftValue value = _weft_slot_read (&segment->slots[slot]);

          weft_value_unref (&value);
        }
    }
}

static gboolean
free_culprit (gpointer task G_GNUC_UNUSED, gpointer box, gpointer data G_GNUC_UNUSED)
{
  weft_box_unref (box);
  return TRUE;
}

void
_weft_segment_free (WeftSegment *segment)
{
  if (segment->slots != NULL)
    clear_slots (segment);
  free (segment->state_memory);
  g_free (segment->plans);
  _weft_bindings_free (segment->bindings, segment->arrays.n_calls);
  if (segment->culprits != NULL)
    g_hash_table_foreach_remove (segment->culprits, free_culprit, NULL);
  _weft_segment_free_later (segment);
  g_clear_pointer (&segment->culprits, g_hash_table_unref);
  g_clear_pointer (&segment->later, g_hash_table_unref);
  g_clear_pointer (&segment->attempts, g_hash_table_unref);
  weft_graph_unref (segment->graph);
  pthread_mutex_destroy (&segment->lock);
  free (segment);
}

/* Block k holds numbers 16 * (2^k - 1) … ; readers need no lock. */
static uint32_t
block_of (uint32_t index, uint32_t *offset)
{
  uint32_t n = index / 16 + 1;
  uint32_t block = 31 - (uint32_t) __builtin_clz (n);

  *offset = index - 16 * ((1u << block) - 1);
  return block;
}

WeftSegment *
_weft_run_get_segment (WeftRun *run, uint32_t index)
{
  uint32_t offset;
  uint32_t block = block_of (index, &offset);

  return atomic_load_explicit (&run->segment_blocks[block], memory_order_acquire)[offset];
}

/* Run lock held. Puts the segment behind the last of at least its priority in the line of issue.
 * Only _weft_run_next_issue() moves the line on, under the same lock. */
static void
insert_issue (WeftRun *run, WeftSegment *segment)
{
  WeftSegment *at = atomic_load_explicit (&run->issue, memory_order_relaxed);
  WeftSegment *after;

  if (at == NULL || at->priority < segment->priority)
    {
      atomic_store_explicit (&segment->next_issue, at, memory_order_relaxed);
      atomic_store_explicit (&run->issue, segment, memory_order_seq_cst);
      return;
    }
  for (;;)
    {
      after = atomic_load_explicit (&at->next_issue, memory_order_relaxed);
      if (after == NULL || after->priority < segment->priority)
        break;
      at = after;
    }
  atomic_store_explicit (&segment->next_issue, after, memory_order_relaxed);
  atomic_store_explicit (&at->next_issue, segment, memory_order_seq_cst);
}

/* All ids of `segment` are issued: the line moves on. Returns the segment in line then; NULL when
 * there is none behind it. */
WeftSegment *
_weft_run_next_issue (WeftRun *run, WeftSegment *segment)
{
  WeftSegment *now, *after;

  pthread_mutex_lock (&run->lock);
  now = atomic_load_explicit (&run->issue, memory_order_relaxed);
  if (now == segment)
    {
      after = atomic_load_explicit (&segment->next_issue, memory_order_relaxed);
      if (after != NULL)
        atomic_store_explicit (&run->issue, after, memory_order_release);
      now = after;
    }
  pthread_mutex_unlock (&run->lock);
  return now;
}

/* Numbers the segment and makes it runnable. FALSE: the run has ended. */
bool
_weft_run_attach (WeftRun *run, WeftSegment *segment)
{
  uint32_t offset, block;

  pthread_mutex_lock (&run->lock);
  if (run->sealed)
    {
      pthread_mutex_unlock (&run->lock);
      return false;
    }
  segment->index = atomic_load_explicit (&run->n_segments, memory_order_relaxed);
  block = block_of (segment->index, &offset);
  WeftSegment **pointers = atomic_load_explicit (&run->segment_blocks[block], memory_order_relaxed);
  if (pointers == NULL)
    {
      pointers = g_new0 (WeftSegment *, (gsize) 16 << block);
      atomic_store_explicit (&run->segment_blocks[block], pointers, memory_order_release);
    }
  pointers[offset] = segment;
  atomic_store_explicit (&run->n_segments, segment->index + 1, memory_order_release);
  atomic_fetch_add_explicit (&run->remaining, segment->arrays.n_tasks, memory_order_relaxed);
  run->n_tasks += segment->arrays.n_tasks;
  _weft_segment_break_groups (segment, run->break_groups);
  _weft_segment_record (segment);
  insert_issue (run, segment);
  pthread_mutex_unlock (&run->lock);
  return true;
}

/* Tasks of the segment have ended. TRUE: they were its last, and it stands in for a task. */
bool
_weft_segment_done (WeftSegment *segment, uint32_t n)
{
  int64_t before = atomic_fetch_sub_explicit (&segment->n_open, n, memory_order_acq_rel);

  return before == n && segment->parent.segment != NULL;
}
