/* ready.c: which tasks could be started now
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Records do not say when a task becomes ready, as that follows: with the last end of what it needs
 * (inputs, and tasks that it comes after). Whoever ends tells its dependents; a dependent looks at
 * what it needs one after the other, and stops at the first that is not there. Of one that needs
 * many that place is kept, so all looks together go through what it needs once.
 *
 * A segment's tasks can be ready once it has begun: the first graph with the run, one that stands
 * in for a task when that returned it, others at the latest when one of their tasks starts. Graphs
 * may be there later than that, and are then looked through in whole. So it makes no difference
 * which came first, and a moment of the past (past-times.c) says the same.
 *
 * In a file that is complete nobody asks before all is read: nothing is followed there.
 */
#include "config.h"

#include "model/weft-model-private.h"

#define MOST_UNKEPT 16 /* so many needs are looked through each time */

/* A segment that reads a result of this one. */
typedef struct
{
  WeftModelSegment *segment;
  uint32_t import;
} Importer;

static bool
is_there (const WeftModel *model, uint32_t task)
{
  WeftModelState state = task != WEFT_NONE ? weft_model_task_state (model, task) : WEFT_TASK_MEMORY;

  return state == WEFT_TASK_MEMORY || state == WEFT_TASK_RELEASED;
}

/* The model's number of what an input is; WEFT_NONE: no task, or unknown, and so there. */
static uint32_t
source_of (const WeftModel *model, const WeftModelSegment *segment, uint32_t input)
{
  const WeftImportSource *source;

  if (input < segment->arrays->n_tasks)
    return _weft_segment_task (model, segment, input);
  source = &segment->sources[input - segment->arrays->n_tasks];
  return source->segment != NULL ? _weft_segment_task (
             model, source->segment, _weft_slot_task (source->segment, source->slot))
                                 : WEFT_NONE;
}

/* What a task needs: first its inputs, then what it comes after. */
static uint32_t
n_needs (const WeftGraphArrays *arrays, uint32_t number)
{
  uint32_t n = arrays->input_offsets[number + 1] - arrays->input_offsets[number];

  return arrays->after_offsets == NULL
             ? n
             : n + arrays->after_offsets[number + 1] - arrays->after_offsets[number];
}

static uint32_t
need (const WeftModel *model, const WeftModelSegment *segment, uint32_t number, uint32_t i)
{
  const WeftGraphArrays *arrays = segment->arrays;
  uint32_t n = arrays->input_offsets[number + 1] - arrays->input_offsets[number];

  if (i < n)
    return source_of (model, segment, arrays->input_tasks[arrays->input_offsets[number] + i]);
  return _weft_segment_task (model, segment,
                             arrays->after_tasks[arrays->after_offsets[number] + i - n]);
}

static bool
has_all (const WeftModel *model, WeftModelSegment *segment, uint32_t number)
{
  uint32_t n = n_needs (segment->arrays, number), i = 0, from;
  void *key = GUINT_TO_POINTER (number);

  if (n > MOST_UNKEPT && segment->needs == NULL)
    segment->needs = g_hash_table_new (NULL, NULL);
  if (n > MOST_UNKEPT)
    i = GPOINTER_TO_UINT (g_hash_table_lookup (segment->needs, key));
  for (from = i; i < n && is_there (model, need (model, segment, number, i)); i++)
    ;
  if (n > MOST_UNKEPT && i == n)
    g_hash_table_remove (segment->needs, key);
  else if (n > MOST_UNKEPT && i > from)
    g_hash_table_insert (segment->needs, key, GUINT_TO_POINTER (i));
  return i == n;
}

void
_weft_ready_wait (WeftModel *model, uint32_t task, int64_t since_ns, bool is_retry)
{
  uint64_t n = _weft_get (model->n_waits);
  WeftTaskWait *wait;

  if (model->is_whole)
    return;
  wait = _weft_blocks_grow (&model->waits, n, sizeof *wait);
  *wait = (WeftTaskWait){ since_ns, task, is_retry };
  atomic_store_explicit (&model->n_waits, n + 1, memory_order_release);
}

static bool
needs_a_resource (const WeftGraphArrays *arrays, uint32_t number)
{
  uint32_t attributes =
      arrays->attributes_of_task != NULL ? arrays->attributes_of_task[number] : WEFT_NONE;

  return attributes != WEFT_NONE && arrays->attributes[attributes].n_resources > 0;
}

/* Whether the task may have become ready. */
static void
look_at (WeftModel *model, WeftModelSegment *segment, uint32_t number)
{
  uint32_t task = _weft_segment_task (model, segment, number);

  if (number >= segment->n_told || task == WEFT_NONE
      || weft_model_task_state (model, task) != WEFT_TASK_WAITING
      || (_weft_task_flags (model, task) & WEFT_TASK_REPLACED) != 0
      || !has_all (model, segment, number))
    return;
  _weft_task_set_state (model, task, WEFT_TASK_QUEUED);
  if (WEFT_UNLIKELY (needs_a_resource (segment->arrays, number)))
    _weft_ready_wait (model, task, INT64_MIN, false);
}

/* node: a task of the segment, or an import of it, behind the tasks. */
static void
look_at_dependents (WeftModel *model, WeftModelSegment *segment, uint32_t node)
{
  const WeftGraphArrays *arrays = segment->arrays;

  if (!segment->begun)
    return;
  for (uint32_t i = arrays->dependent_offsets[node]; i < arrays->dependent_offsets[node + 1]; i++)
    look_at (model, segment, arrays->dependents[i]);
}

static void
look_at_importers (WeftModel *model, const WeftModelSegment *segment, uint32_t slot)
{
  const GArray *importers = g_hash_table_lookup (segment->importers, GUINT_TO_POINTER (slot + 1));

  for (guint i = 0; importers != NULL && i < importers->len; i++)
    {
      const Importer *importer = &g_array_index (importers, Importer, i);
      WeftModelSegment *of = importer->segment;

      /* It may have grown since, and others be its imports. */
      if (of->counted && importer->import < of->arrays->n_imports)
        look_at_dependents (model, of, of->arrays->n_tasks + importer->import);
    }
}

void
_weft_ready_after (WeftModel *model, WeftModelSegment *segment, uint32_t number)
{
  uint32_t slot, end;

  if (model->is_whole || !segment->counted || number >= segment->arrays->n_tasks)
    return;
  look_at_dependents (model, segment, number);
  if (WEFT_LIKELY (segment->importers == NULL))
    return;
  slot = weft_graph_output_slot (segment->arrays, number, 0);
  end = segment->arrays->output_offsets != NULL ? segment->arrays->output_offsets[number + 1]
                                                : slot + 1;
  for (; slot < end; slot++)
    look_at_importers (model, segment, slot);
}

static void
note_importer (WeftModelSegment *segment, uint32_t import)
{
  const WeftImportSource *source = &segment->sources[import];
  void *key = GUINT_TO_POINTER (source->slot + 1);
  Importer importer = { segment, import };
  GArray *importers;

  if (source->segment->importers == NULL)
    source->segment->importers =
        g_hash_table_new_full (NULL, NULL, NULL, (GDestroyNotify) g_array_unref);
  importers = g_hash_table_lookup (source->segment->importers, key);
  if (importers == NULL)
    {
      importers = g_array_new (FALSE, FALSE, sizeof (Importer));
      g_hash_table_insert (source->segment->importers, key, importers);
    }
  g_array_append_val (importers, importer);
}

static void
look_at_all (WeftModel *model, WeftModelSegment *segment)
{
  uint32_t n = MIN (segment->arrays->n_tasks, segment->n_told);

  for (uint32_t number = 0; number < n; number++)
    look_at (model, segment, number);
}

void
_weft_ready_count (WeftModel *model, WeftModelSegment *segment)
{
  const WeftGraphArrays *arrays = segment->arrays;

  if (model->is_whole)
    return;
  g_clear_pointer (&segment->needs, g_hash_table_unref);
  if (segment->number == 0 ? model->has_begun
                           : segment->parent != WEFT_NONE
                                 && _weft_task_flags (model, segment->parent) & WEFT_TASK_REPLACED)
    segment->begun = true;
  for (uint32_t i = 0; i < arrays->n_imports; i++)
    if (segment->sources[i].segment != NULL
        && !is_there (model, source_of (model, segment, arrays->n_tasks + i)))
      note_importer (segment, i);
  if (segment->begun)
    look_at_all (model, segment);
}

void
_weft_ready_begin (WeftModel *model, WeftModelSegment *segment)
{
  segment->begun = true;
  if (segment->counted && !model->is_whole)
    look_at_all (model, segment);
}

void
_weft_ready_clear (WeftModelSegment *segment)
{
  g_clear_pointer (&segment->needs, g_hash_table_unref);
  g_clear_pointer (&segment->importers, g_hash_table_unref);
}
