/* ready.c: which tasks could be started now
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Records do not say when a task becomes ready, as that follows: with the last end of what it needs
 * (inputs, and tasks that it comes after). Of each task is known how much of that was never there
 * yet; whoever ends for the first time counts its dependents down, a byte each, and at 0 a task can
 * be ready. Mostly that is all: what it needs is looked through only where a result was taken back
 * since, or where it is too much for a byte. There the place of the first that was not there is
 * kept, so all looks together go through what it needs once.
 *
 * A segment's tasks can be ready once it has begun: the first graph with the run, one that stands
 * in for a task when that returned it, one of a run that is observed when it was told of, others at
 * the latest when one of their tasks starts. Graphs
 * may be there later than that, and are then looked through in whole. So it makes no difference
 * which came first, and a moment of the past (past-times.c) says the same.
 *
 * In a file that is complete nobody asks before all is read: nothing is followed there.
 */
#include "config.h"

#include "model/weft-model-private.h"

#include <string.h>

#define MOST_UNKEPT 16 /* so many needs are looked through each time */

/* In a segment's `missing`: the task has told those that need it; and how much of what it needs
 * was never there, or MANY: that is not counted. The number may be too small where results were
 * taken back, but never too large. */
#define TOLD 0x80u
#define MANY 0x7fu

/* A segment that reads a result of this one. */
typedef struct
{
  WeftModelSegment *segment;
  uint32_t import;
  uint32_t n_counts; /* the segment's, when this was noted: later its imports are others */
  uint32_t next;     /* who else reads it: index in `importers`, + 1; 0: nobody */
} Importer;

static bool
is_there (const WeftModel *model, uint32_t task)
{
  return task == WEFT_NONE || _weft_state_went_well (weft_model_task_state (model, task));
}

/* The model's number of what an input is; WEFT_NONE: no task, or unknown, and so there. */
static uint32_t
source_of (const WeftModel *model, const WeftModelSegment *segment, uint32_t input)
{
  const WeftImportSource *source;

  if (input < segment->arrays->n_tasks)
    return _weft_task_at (model, segment, input);
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
  return _weft_task_at (model, segment, arrays->after_tasks[arrays->after_offsets[number] + i - n]);
}

/* Who has ended is marked; nothing is counted yet. */
static void
make_missing (const WeftModel *model, WeftModelSegment *segment)
{
  uint32_t n = segment->arrays->n_tasks;

  g_free (segment->missing);
  segment->missing = g_new0 (uint8_t, (size_t) n + 1);
  for (uint32_t number = 0; number < n; number++)
    if (is_there (model, _weft_task_at (model, segment, number)))
      segment->missing[number] = TOLD;
}

static void
note_importer (const WeftModel *model, WeftModelSegment *segment, uint32_t import)
{
  const WeftImportSource *source = &segment->sources[import];
  WeftModelSegment *from = source->segment;
  Importer importer = { segment, import, segment->n_counts, 0 };

  if (from->missing == NULL)
    make_missing (model, from);
  if (from->importers == NULL)
    from->importers = g_array_new (FALSE, FALSE, sizeof (Importer));
  if (source->slot >= from->n_readers_of)
    {
      /* pages of it that nobody comes to stay untouched */
      uint32_t *larger = g_new0 (uint32_t, from->n_slots);

      if (from->n_readers_of > 0)
        memcpy (larger, from->readers_of, from->n_readers_of * sizeof *larger);
      g_free (from->readers_of);
      from->readers_of = larger;
      from->n_readers_of = from->n_slots;
    }
  importer.next = from->readers_of[source->slot];
  g_array_append_val (from->importers, importer);
  from->readers_of[source->slot] = from->importers->len;
}

static bool
is_noted (const WeftImportSource *source, const WeftModelSegment *segment, uint32_t import)
{
  const WeftModelSegment *from = source->segment;
  const Importer *importer;

  for (uint32_t next = source->slot < from->n_readers_of ? from->readers_of[source->slot] : 0;
       next != 0; next = importer->next)
    {
      importer = &g_array_index (from->importers, Importer, next - 1);
      if (importer->segment == segment && importer->import == import
          && importer->n_counts == segment->n_counts)
        return true;
    }
  return false;
}

/* The segment has a task that waits for what its need i is of: mostly known already, but where that
 * was there when the segment was counted and was taken back. */
static void
watch (const WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t i)
{
  const WeftGraphArrays *arrays = segment->arrays;
  uint32_t at = arrays->input_offsets[number] + i, import;
  const WeftImportSource *source;

  if (at >= arrays->input_offsets[number + 1] || arrays->input_tasks[at] < arrays->n_tasks)
    return;
  import = arrays->input_tasks[at] - arrays->n_tasks;
  source = &segment->sources[import];
  if (!is_noted (source, segment, import))
    note_importer (model, segment, import);
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
  if (i < n)
    watch (model, segment, number, i);
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

static inline uint32_t
n_missing (const WeftModelSegment *segment, uint32_t number)
{
  return segment->missing != NULL ? segment->missing[number] & MANY : 0;
}

static void
set_queued (WeftModel *model, uint32_t task, WeftTallies *tallies)
{
  WeftTaskPage *page = _weft_model_page (model, task);
  uint32_t i = task % WEFT_TASK_PAGE;

  if (tallies == NULL)
    {
      _weft_task_set_state (model, task, WEFT_TASK_QUEUED);
      return;
    }
  _weft_tally_turn (model, &tallies->queued, _weft_task_page_group (page, i));
  tallies->queued.n_states[WEFT_TASK_WAITING]--;
  tallies->queued.n_states[WEFT_TASK_QUEUED]++;
  _weft_set (page->states[i], _weft_get (page->states[i]) | WEFT_TASK_QUEUED);
}

/* Whether the task may have become ready; what it needs was there once, or is not counted. */
static void
look_at (WeftModel *model, WeftModelSegment *segment, uint32_t number, WeftTallies *tallies)
{
  uint32_t task = _weft_task_at (model, segment, number);
  const uint8_t not_now = WEFT_TASK_STATE_MASK | WEFT_TASK_REPLACED; /* or not waiting: it is 0 */

  if (number >= segment->n_told || task == WEFT_NONE
      || (_weft_task_flags (model, task) & not_now) != 0)
    return;
  if ((model->took_back || n_missing (segment, number) == MANY)
      && !has_all (model, segment, number))
    return;
  if (WEFT_UNLIKELY (model->late_needs != NULL) && !_weft_late_is_there (model, task))
    return;
  set_queued (model, task, tallies);
  if (WEFT_UNLIKELY (needs_a_resource (segment->arrays, number)))
    _weft_ready_wait (model, task, INT64_MIN, false);
}

/* node: a task of the segment, or an import of it, behind the tasks. @is_first: it was never there
 * before */
static void
tell_dependents (WeftModel *model, WeftModelSegment *segment, uint32_t node, bool is_first,
                 WeftTallies *tallies)
{
  const WeftGraphArrays *arrays = segment->arrays;

  for (uint32_t i = arrays->dependent_offsets[node]; i < arrays->dependent_offsets[node + 1]; i++)
    {
      uint32_t number = arrays->dependents[i], n = segment->missing[number] & MANY;

      if (is_first && n - 1 < MANY - 1)
        {
          segment->missing[number]--;
          n--;
        }
      if ((n == 0 || n == MANY) && segment->begun)
        look_at (model, segment, number, tallies);
    }
}

static void
tell_importers (WeftModel *model, const WeftModelSegment *segment, uint32_t slot, bool is_first,
                WeftTallies *tallies)
{
  uint32_t next = slot < segment->n_readers_of ? segment->readers_of[slot] : 0;

  while (next != 0)
    {
      /* a copy: who is told may have to watch another task of this segment, and the list moves */
      const Importer importer = g_array_index (segment->importers, Importer, next - 1);
      WeftModelSegment *of = importer.segment;

      if (of->n_counts == importer.n_counts)
        tell_dependents (model, of, of->arrays->n_tasks + importer.import, is_first, tallies);
      next = importer.next;
    }
}

/* Those that need the task by a link. */
static void
tell_late (WeftModel *model, const WeftModelSegment *segment, uint32_t number, WeftTallies *tallies)
{
  const GArray *readers = _weft_late_readers (model, _weft_task_at (model, segment, number));

  for (guint i = 0; readers != NULL && i < readers->len; i++)
    {
      uint32_t of, reader = g_array_index (readers, uint32_t, i);
      uint32_t reader_number = _weft_model_number (model, reader, &of);
      WeftModelSegment *reads = _weft_model_segment (model, of);

      if (reads != NULL && reads->counted && reads->begun && reader_number < reads->arrays->n_tasks
          && (n_missing (reads, reader_number) == 0 || n_missing (reads, reader_number) == MANY))
        look_at (model, reads, reader_number, tallies);
    }
}

void
_weft_ready_after (WeftModel *model, WeftModelSegment *segment, uint32_t number,
                   WeftTallies *tallies)
{
  bool is_first;
  uint32_t slot, end;

  if (WEFT_UNLIKELY (model->late_readers != NULL) && !model->is_whole)
    tell_late (model, segment, number, tallies);
  if (model->is_whole || !segment->counted || segment->missing == NULL
      || number >= segment->arrays->n_tasks)
    return;
  is_first = (segment->missing[number] & TOLD) == 0;
  segment->missing[number] |= TOLD;
  tell_dependents (model, segment, number, is_first, tallies);
  if (segment->importers == NULL)
    return;
  slot = weft_graph_output_slot (segment->arrays, number, 0);
  end = segment->arrays->output_offsets != NULL ? segment->arrays->output_offsets[number + 1]
                                                : slot + 1;
  for (; slot < end; slot++)
    tell_importers (model, segment, slot, is_first, tallies);
}

/* What the node's dependents need was not there yet. */
static void
count_missing (WeftModelSegment *segment, uint32_t node)
{
  const WeftGraphArrays *arrays = segment->arrays;

  for (uint32_t i = arrays->dependent_offsets[node]; i < arrays->dependent_offsets[node + 1]; i++)
    segment->missing[arrays->dependents[i]] +=
        (segment->missing[arrays->dependents[i]] & MANY) < MANY;
}

/* Whether it was there before: then it will not count down again. */
static bool
has_told (const WeftImportSource *source)
{
  return (source->segment->missing[_weft_slot_task (source->segment, source->slot)] & TOLD) != 0;
}

static void
count_all (WeftModel *model, WeftModelSegment *segment)
{
  const WeftGraphArrays *arrays = segment->arrays;

  segment->n_counts++;
  g_clear_pointer (&segment->missing, g_free);
  if (arrays->n_edges == 0)
    return;
  make_missing (model, segment);
  for (uint32_t number = 0; number < arrays->n_tasks; number++)
    if ((segment->missing[number] & TOLD) == 0)
      count_missing (segment, number);
  for (uint32_t i = 0; i < arrays->n_imports; i++)
    if (segment->sources[i].segment != NULL
        && !is_there (model, source_of (model, segment, arrays->n_tasks + i)))
      {
        note_importer (model, segment, i);
        if (!has_told (&segment->sources[i]))
          count_missing (segment, arrays->n_tasks + i);
      }
}

static void
look_at_all (WeftModel *model, WeftModelSegment *segment)
{
  uint32_t n = MIN (segment->arrays->n_tasks, segment->n_told);

  for (uint32_t number = 0; number < n; number++)
    if (n_missing (segment, number) == 0 || n_missing (segment, number) == MANY)
      look_at (model, segment, number, NULL);
}

void
_weft_ready_count (WeftModel *model, WeftModelSegment *segment)
{
  if (model->is_whole)
    return;
  g_clear_pointer (&segment->needs, g_hash_table_unref);
  if (segment->number == 0 ? model->has_begun
                           : segment->parent != WEFT_NONE
                                 && _weft_task_flags (model, segment->parent) & WEFT_TASK_REPLACED)
    segment->begun = true;
  segment->begun |= segment->number > 0 && _weft_get (model->is_observed);
  count_all (model, segment);
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
  g_clear_pointer (&segment->missing, g_free);
  g_clear_pointer (&segment->importers, g_array_unref);
  g_clear_pointer (&segment->readers_of, g_free);
}
