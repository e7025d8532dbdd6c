/* readers.c: who still reads a result, and so when it was let go of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Records do not say when a result is freed, as that follows: with the last of its readers. A
 * segment's graph tells the readers of each slot (an output of a task): the inputs that name it,
 * one more where it is wanted, one for each import of a later segment. A reader is counted down
 * when it ended, however, or gave its work to a segment. At 0 the result is released; a slot that
 * is wanted never gets there, but for the slots of a segment that stands in for a task, which end
 * with it: their results are that task's from then on.
 *
 * An import counts in its own segment like a slot (behind the slots), and as one reader of its
 * source, which is let go of when all that read the import have ended.
 *
 * Graphs may be there only after many of their tasks have ended; what ended is marked, and made up
 * for then. So in the end it makes no difference which came first.
 */
#include "config.h"

#include "model/weft-readers-private.h"
#include "model/weft-results-private.h"

static void tell_end (WeftModel *model, WeftModelSegment *segment);
static void tell_stand_in (WeftModel *model, uint32_t task);

/* ---- letting go ------------------------------------------------------------------------------ */

/* Its bytes go, whoever holds it. */
static void
free_held (WeftModel *model, WeftModelSegment *segment, uint32_t slot)
{
  WeftSlotNote *note = _weft_slot_note (model, _weft_slot_key (segment, slot));

  if (note == NULL || !note->waits)
    return;
  note->waits = false;
  _weft_slot_free (model, segment, slot, _weft_slot_task (segment, slot));
  _weft_views_settle (model);
}

/* Nobody reads it any more. A task is judged by its first output. */
static void
let_go (WeftModel *model, WeftModelSegment *segment, uint32_t slot, uint32_t number)
{
  uint32_t task = _weft_task_at (model, segment, number);
  WeftSlotNote *note;

  if (!_weft_state_went_well (weft_model_task_state (model, task)))
    return;
  set_gone (segment, slot);
  note = model->has_views ? _weft_slot_note (model, _weft_slot_key (segment, slot)) : NULL;
  if (note != NULL && note->n_holders > 0)
    note->waits = true;
  else
    _weft_slot_free (model, segment, slot, number);
  if (slot == weft_graph_output_slot (segment->arrays, number, 0))
    _weft_task_set_state (model, task, WEFT_TASK_RELEASED);
  if (WEFT_UNLIKELY (model->has_views))
    _weft_views_settle (model);
}

static void
drop (WeftModel *model, WeftModelSegment *segment, uint32_t slot)
{
  if (segment->readers[slot] == GONE || segment->readers[slot] == 0 || !drop_reader (segment, slot))
    return;
  let_go (model, segment, slot, _weft_slot_task (segment, slot));
}

static void
drop_import (WeftModel *model, WeftModelSegment *segment, uint32_t import)
{
  uint32_t slot = segment->n_slots + import;
  const WeftImportSource *source = &segment->sources[import];

  if (segment->readers[slot] > 0 && drop_reader (segment, slot) && source->segment != NULL)
    drop (model, source->segment, source->slot);
}

static bool
is_consumed (const WeftModel *model, const WeftModelSegment *segment, uint32_t number,
             uint32_t task)
{
  return _weft_task_flags (model, task) & WEFT_TASK_CONSUMED || number >= segment->arrays->n_tasks;
}

void
_weft_task_consume (WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t task)
{
  const WeftGraphArrays *arrays = segment->arrays;

  if (is_consumed (model, segment, number, task))
    return;
  _weft_task_set_flags (model, task, WEFT_TASK_CONSUMED);
  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    {
      uint32_t input = arrays->input_tasks[i];
      uint32_t output = arrays->input_outputs != NULL ? arrays->input_outputs[i] : 0;

      if (input < arrays->n_tasks)
        drop (model, segment, weft_graph_output_slot (arrays, input, output));
      else
        drop_import (model, segment, input - arrays->n_tasks);
    }
}

/* The spans that the last place looked up is among: those of tasks in a row mostly are the next. */
typedef struct
{
  const WeftSpan *spans; /* of a stretch */
  WeftModelLaneData *lane;
  uint32_t stretch; /* its number, or WEFT_NONE */
} Nearby;

/* Takes off what the task's result was charged with. Returns: how much that was */
static inline uint64_t
take_off (const WeftModel *model, const WeftTaskPage *page, uint32_t i, Nearby *nearby)
{
  uint32_t place = _weft_get (page->places[i]);
  const WeftSpan *span;

  if (place-- == 0)
    return 0;
  if (place >> WEFT_STRETCH_SHIFT != nearby->stretch)
    {
      uint32_t lane;
      uint64_t first;

      nearby->stretch = place >> WEFT_STRETCH_SHIFT;
      _weft_model_stretch (model, nearby->stretch, &lane, &first);
      nearby->lane = _weft_model_lane (model, lane);
      nearby->spans = weft_spans_get (nearby->lane->spans, first);
    }
  span = &nearby->spans[place % WEFT_STRETCH];
  if (span->amount == 0 || span->kind != WEFT_RECORD_TASK || span->how >> 4 != WEFT_OUTCOME_OK)
    return 0;
  _weft_add (nearby->lane->live_bytes, -(uint64_t) span->amount);
  return span->amount;
}

/* drop() of the one result of a task of which nothing is known but its readers. */
static inline void
drop_simply (WeftModel *model, WeftModelSegment *segment, uint32_t number, WeftTally *tally)
{
  uint8_t *here = &segment->readers[number];
  Nearby nearby = { .stretch = WEFT_NONE };
  WeftTaskPage *page;
  uint32_t task, i;
  uint8_t all;

  if (*here == GONE || *here == 0 || !drop_reader (segment, number))
    return;
  task = _weft_task_at (model, segment, number);
  page = _weft_model_page (model, task);
  i = task % WEFT_TASK_PAGE;
  all = page != NULL ? _weft_get (page->states[i]) : WEFT_TASK_WAITING;
  if ((all & WEFT_TASK_STATE_MASK) != WEFT_TASK_MEMORY)
    {
      let_go (model, segment, number, number);
      return;
    }
  set_gone (segment, number);
  _weft_tally_turn (model, tally, _weft_task_page_group (page, i));
  tally->live_bytes -= take_off (model, page, i, &nearby);
  tally->n_states[WEFT_TASK_MEMORY]--;
  tally->n_states[WEFT_TASK_RELEASED]++;
  _weft_set (page->states[i], (uint8_t) ((all & ~WEFT_TASK_STATE_MASK) | WEFT_TASK_RELEASED));
}

static void
drop_import_simply (WeftModel *model, WeftModelSegment *segment, uint32_t import, WeftTally *tally)
{
  const WeftImportSource *source = &segment->sources[import];

  if (source->segment == NULL || source->segment->arrays->output_offsets != NULL)
    drop_import (model, segment, import);
  else if (segment->readers[segment->n_slots + import] > 0
           && drop_reader (segment, segment->n_slots + import))
    drop_simply (model, source->segment, source->slot, tally);
}

void
_weft_task_consume_simply (WeftModel *model, WeftModelSegment *segment, uint32_t number,
                           WeftTallies *tallies)
{
  const WeftGraphArrays *arrays = segment->arrays;
  uint32_t task = _weft_task_at (model, segment, number);

  if (is_consumed (model, segment, number, task))
    return;
  _weft_task_set_flags (model, task, WEFT_TASK_CONSUMED);
  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    if (arrays->input_tasks[i] < arrays->n_tasks)
      drop_simply (model, segment, arrays->input_tasks[i], &tallies->released);
    else
      drop_import_simply (model, segment, arrays->input_tasks[i] - arrays->n_tasks,
                          &tallies->released);
}

bool
_weft_segment_is_simple (const WeftModel *model, const WeftModelSegment *segment)
{
  return segment->arrays->output_offsets == NULL && !model->has_views
         && g_hash_table_size (model->slot_notes) == 0;
}

static bool
is_freed (const WeftModel *model, const WeftModelSegment *segment, uint32_t slot)
{
  const WeftSlotNote *note = _weft_slot_note (model, _weft_slot_key (segment, slot));

  return note != NULL && note->freed && segment->readers[slot] != GONE;
}

/* Lets go of what of the task's results nobody waits for. */
static void
settle (WeftModel *model, WeftModelSegment *segment, uint32_t number)
{
  const WeftGraphArrays *arrays = segment->arrays;
  uint32_t first, end;

  if (number >= arrays->n_tasks)
    return;
  first = weft_graph_output_slot (arrays, number, 0);
  end = arrays->output_offsets != NULL ? arrays->output_offsets[number + 1] : first + 1;
  for (uint32_t slot = first; slot < end; slot++)
    {
      bool freed = is_freed (model, segment, slot);

      if (segment->readers[slot] == 0 || freed)
        let_go (model, segment, slot, number);
      if (freed)
        free_held (model, segment, slot);
    }
}

/* ---- counting -------------------------------------------------------------------------------- */

static bool
find_source (WeftModel *model, const WeftModelSegment *segment, const WeftImport *import,
             WeftImportSource *source)
{
  WeftGraph *graph = atomic_load_explicit (&segment->graph, memory_order_relaxed);
  const WeftGraphArrays *arrays;
  uint32_t task = import->task;

  source->segment = NULL;
  if (import->kind == WEFT_IMPORT_TASK)
    source->segment = _weft_model_segment (model, import->segment);
  for (uint32_t i = segment->number; import->kind == WEFT_IMPORT_KEY && i-- > 0;)
    {
      WeftGraph *earlier = weft_model_graph (model, i);

      task = earlier != NULL ? weft_graph_find (earlier, weft_graph_string (graph, import->key), -1)
                             : WEFT_NONE;
      if (task == WEFT_NONE)
        continue;
      source->segment = _weft_model_segment (model, i);
      break;
    }
  if (source->segment == NULL || source->segment == segment || !source->segment->counted)
    return false;
  arrays = source->segment->arrays;
  if (task >= arrays->n_tasks)
    return false;
  source->slot = weft_graph_output_slot (arrays, task, 0) + import->output;
  return _weft_slot_task (source->segment, source->slot) == task
         && source->slot < source->segment->n_slots;
}

/* One more reads a result, which may have been let go of already: somebody held it otherwise. */
static void
read_again (WeftModel *model, const WeftImportSource *source)
{
  WeftModelSegment *segment = source->segment;
  uint32_t number = _weft_slot_task (segment, source->slot);
  uint32_t task = _weft_task_at (model, segment, number);

  if (segment->readers[source->slot] != GONE)
    {
      add_reader (segment, source->slot);
      return;
    }
  if (!_weft_slot_is_charged (model, segment, source->slot))
    _weft_charge_add (model, task, _weft_slot_charge (model, segment, source->slot, task), 1);
  else
    _weft_slot_note (model, _weft_slot_key (segment, source->slot))->waits = false;
  segment->readers[source->slot] = 1;
  if (source->slot == weft_graph_output_slot (segment->arrays, number, 0)
      && weft_model_task_state (model, task) == WEFT_TASK_RELEASED)
    _weft_task_set_state (model, task, WEFT_TASK_MEMORY);
}

static void
count_imports (WeftModel *model, WeftModelSegment *segment)
{
  const WeftGraphArrays *arrays = segment->arrays;

  segment->sources = g_new0 (WeftImportSource, arrays->n_imports);
  for (uint32_t i = 0; i < arrays->n_imports; i++)
    if (!find_source (model, segment, &arrays->imports[i], &segment->sources[i]))
      segment->sources[i].segment = NULL;
    else if (segment->readers[segment->n_slots + i] > 0)
      read_again (model, &segment->sources[i]);
}

static void
count_readers (WeftModelSegment *segment)
{
  const WeftGraphArrays *arrays = segment->arrays;
  uint64_t n_inputs = arrays->input_offsets[arrays->n_tasks];

  for (uint64_t i = 0; i < n_inputs; i++)
    {
      uint32_t input = arrays->input_tasks[i];
      uint32_t output = arrays->input_outputs != NULL ? arrays->input_outputs[i] : 0;

      if (input < arrays->n_tasks)
        add_reader (segment, weft_graph_output_slot (arrays, input, output));
      else
        add_reader (segment, segment->n_slots + input - arrays->n_tasks);
    }
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    add_reader (segment,
                weft_graph_output_slot (arrays, arrays->wanted[i].task, arrays->wanted[i].output));
}

/* A segment that was counted before has grown: begin anew. */
static void
forget (WeftModel *model, WeftModelSegment *segment)
{
  for (uint32_t i = 0; i < segment->arrays->n_imports; i++)
    if (segment->sources[i].segment != NULL && segment->readers[segment->n_slots + i] > 0)
      drop (model, segment->sources[i].segment, segment->sources[i].slot);
  for (uint32_t slot = 0; slot < segment->n_slots; slot++)
    if (segment->readers[slot] == GONE)
      read_again (model, &(WeftImportSource){ segment, slot });
  for (uint32_t number = 0; number < segment->arrays->n_tasks; number++)
    _weft_task_clear_flags (model, _weft_task_at (model, segment, number), WEFT_TASK_CONSUMED);
  g_clear_pointer (&segment->readers, g_free);
  g_clear_pointer (&segment->more_readers, g_hash_table_unref);
  g_clear_pointer (&segment->sources, g_free);
}

/* The task may have ended before its segment was counted. */
static void
make_up (WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t task)
{
  uint8_t flags = _weft_task_flags (model, task);

  if (flags & WEFT_TASK_ENDED)
    {
      _weft_views_tell (model, segment, number);
      settle (model, segment, number);
    }
  if (flags & (WEFT_TASK_ENDED | WEFT_TASK_REPLACED))
    _weft_task_consume (model, segment, number, task);
  if (flags & WEFT_TASK_REPLACED)
    tell_stand_in (model, task);
}

/* make_up() of many, of a simple segment of one range: what has ended well, and is for nobody, goes
 * without being asked for by itself. */
static void
make_up_simply (WeftModel *model, WeftModelSegment *segment, uint32_t n)
{
  WeftTally tally = { .group = WEFT_NO_GROUP };
  Nearby nearby = { .stretch = WEFT_NONE };

  for (uint32_t number = 0; number < n; number++)
    {
      uint32_t task = segment->first + number, i = task % WEFT_TASK_PAGE;
      WeftTaskPage *page = _weft_model_page (model, task);
      uint8_t all = _weft_get (page->states[i]);

      if ((all & (WEFT_TASK_STATE_MASK | WEFT_TASK_ENDED | WEFT_TASK_REPLACED))
              != (WEFT_TASK_MEMORY | WEFT_TASK_ENDED)
          || segment->readers[number] > 0)
        {
          make_up (model, segment, number, task);
          continue;
        }
      _weft_tally_turn (model, &tally, _weft_task_page_group (page, i));
      segment->readers[number] = GONE;
      tally.live_bytes -= take_off (model, page, i, &nearby);
      tally.n_states[WEFT_TASK_MEMORY]--;
      tally.n_states[WEFT_TASK_RELEASED]++;
      _weft_set (page->states[i], (uint8_t) ((all & ~WEFT_TASK_STATE_MASK) | WEFT_TASK_RELEASED));
      _weft_task_consume (model, segment, number, task);
    }
  _weft_tally_flush (model, &tally);
}

void
_weft_segment_count (WeftModel *model, WeftModelSegment *segment)
{
  WeftGraph *graph = atomic_load_explicit (&segment->graph, memory_order_acquire);
  uint32_t n_tasks;

  if (segment->counted)
    forget (model, segment);
  segment->arrays = weft_graph_arrays (graph);
  segment->n_slots = weft_graph_n_slots (graph);
  segment->readers = g_new0 (uint8_t, (size_t) segment->n_slots + segment->arrays->n_imports);
  segment->counted = true;
  count_readers (segment);
  count_imports (model, segment);
  n_tasks = MIN (segment->arrays->n_tasks, segment->n_told);
  if (segment->n_ranges == 1 && _weft_segment_is_simple (model, segment))
    make_up_simply (model, segment, n_tasks);
  else
    for (uint32_t number = 0; number < n_tasks; number++)
      make_up (model, segment, number, _weft_task_at (model, segment, number));
  tell_end (model, segment);
  _weft_ready_count (model, segment);
}

/* ---- ends ------------------------------------------------------------------------------------ */

/* If all of the segment has ended, its parent is to be told, of whose results the readers must be
 * known by then. */
static void
tell_end (WeftModel *model, WeftModelSegment *segment)
{
  uint32_t number;

  if (segment->parent == WEFT_NONE || segment->finished || !segment->counted || !segment->complete
      || segment->n_ended < segment->n_tasks
      || (_weft_task_flags (model, segment->parent) & WEFT_TASK_REPLACED) == 0)
    return;
  _weft_model_number (model, segment->parent, &number);
  if (!_weft_model_segment (model, number)->counted)
    return;
  segment->finished = true;
  g_ptr_array_add (model->to_finish, segment);
}

static void
tell_stand_in (WeftModel *model, uint32_t task)
{
  WeftModelSegment *stand_in = g_hash_table_lookup (model->stand_ins, GUINT_TO_POINTER (task + 1));

  if (stand_in == NULL)
    return;
  tell_end (model, stand_in);
  if (!stand_in->begun)
    _weft_ready_begin (model, stand_in);
}

/* Whether the one result of a task goes as the task ends, and nothing more is known of it: nobody
 * reads it. So it need not be counted to be taken away at once. */
static inline bool
is_for_nobody (const WeftModel *model, const WeftModelSegment *segment, uint32_t number)
{
  return segment->counted && number < segment->arrays->n_tasks && segment->readers[number] == 0
         && _weft_segment_is_simple (model, segment);
}

/* The task's state, and its results as they are then. @is_first: it was not known to have ended */
static void
take_end (WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t task,
          WeftModelState state, bool is_first)
{
  bool was_live = weft_model_task_state (model, task) == WEFT_TASK_MEMORY;

  if (state == WEFT_TASK_MEMORY && is_first && !was_live && is_for_nobody (model, segment, number))
    {
      set_gone (segment, number);
      _weft_task_set_state (model, task, WEFT_TASK_RELEASED);
      return;
    }
  if (was_live != (state == WEFT_TASK_MEMORY))
    _weft_charge_add_task (model, segment, number, task, was_live ? -1 : 1);
  _weft_task_set_state (model, task, state);
  if (!segment->counted)
    return;
  _weft_views_tell (model, segment, number);
  if (is_first)
    settle (model, segment, number);
}

void
_weft_task_end (WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t task,
                WeftModelState state)
{
  bool is_first = (_weft_task_flags (model, task) & WEFT_TASK_ENDED) == 0;

  if (is_first)
    segment->n_ended++;
  _weft_task_set_flags (model, task, WEFT_TASK_ENDED);
  take_end (model, segment, number, task, state, is_first);
  if (segment->counted)
    _weft_task_consume (model, segment, number, task);
  if (segment->parent != WEFT_NONE)
    tell_end (model, segment);
  if (state == WEFT_TASK_MEMORY)
    _weft_ready_after (model, segment, number, NULL);
}

/* ---- once more ------------------------------------------------------------------------------- */

void
_weft_task_note_release (WeftModel *model, uint32_t task, int64_t at_ns)
{
  if (model->releases != NULL)
    g_hash_table_insert (model->releases, GUINT_TO_POINTER (task + 1), (void *) (intptr_t) at_ns);
}

/* INT64_MIN: never. Only where a task ended twice it is asked for. */
static int64_t
last_release (WeftModel *model, uint32_t task)
{
  uint64_t n = _weft_get (model->n_points);
  void *at_ns;

  if (model->releases == NULL)
    {
      model->releases = g_hash_table_new (NULL, NULL);
      for (uint64_t i = 0; i < n; i++)
        {
          const WeftTaskPoint *point = _weft_blocks_get (&model->points, i, sizeof *point);

          if (point->kind == WEFT_RECORD_RELEASED)
            _weft_task_note_release (model, point->task, point->at_ns);
        }
    }
  return g_hash_table_lookup_extended (model->releases, GUINT_TO_POINTER (task + 1), NULL, &at_ns)
             ? (int64_t) (intptr_t) at_ns
             : INT64_MIN;
}

/* Its results were let go of by a word of their own, and are there until the next: who has read
 * them does not count any more. */
static void
make_anew (WeftModelSegment *segment, uint32_t number)
{
  const WeftGraphArrays *arrays = segment->arrays;
  uint32_t slot = weft_graph_output_slot (arrays, number, 0);
  uint32_t end = arrays->output_offsets != NULL ? arrays->output_offsets[number + 1] : slot + 1;

  for (; slot < end; slot++)
    if (segment->readers[slot] == GONE)
      pin (segment, slot);
}

/* It may have been told to be let go of while it had failed: that was before. */
static void
forget_freed (WeftModel *model, const WeftModelSegment *segment, uint32_t number)
{
  WeftSlotNote *note = _weft_slot_note (
      model, _weft_slot_key (segment, weft_graph_output_slot (segment->arrays, number, 0)));

  if (note != NULL)
    note->freed = false;
}

void
_weft_task_end_again (WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t task,
                      int64_t at_ns)
{
  WeftModelState before = weft_model_task_state (model, task);
  bool is_known = segment->counted && number < segment->arrays->n_tasks;
  int64_t released_ns = is_known && before != WEFT_TASK_MEMORY ? last_release (model, task) : 0;

  if (is_known && before == WEFT_TASK_RELEASED
      && segment->readers[weft_graph_output_slot (segment->arrays, number, 0)] == GONE)
    {
      if (released_ns == INT64_MIN || released_ns >= at_ns)
        return; /* it went with its last reader, or after this */
      make_anew (segment, number);
    }
  else if (is_known && before >= WEFT_TASK_ERRED && released_ns < at_ns)
    forget_freed (model, segment, number);
  _weft_task_end (model, segment, number, task, WEFT_TASK_MEMORY);
  if (is_known && before >= WEFT_TASK_ERRED)
    settle (model, segment, number);
}

void
_weft_task_move (WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t task,
                 WeftModelLaneData *lane, uint64_t index)
{
  bool is_live = weft_model_task_state (model, task) == WEFT_TASK_MEMORY
                 || (segment->counted && model->has_views && number < segment->arrays->n_tasks
                     && _weft_task_has_buffers (model, segment, number, task));

  if (is_live)
    _weft_charge_add_task (model, segment, number, task, -1);
  _weft_task_set_place (model, task, lane, index);
  if (is_live)
    _weft_charge_add_task (model, segment, number, task, 1);
}

void
_weft_task_give_up (WeftModel *model, WeftModelSegment *segment, uint32_t task)
{
  if ((_weft_task_flags (model, task) & WEFT_TASK_ENDED) == 0)
    segment->n_ended++;
  _weft_task_set_flags (model, task, WEFT_TASK_ENDED | WEFT_TASK_CONSUMED);
  _weft_task_set_state (model, task, WEFT_TASK_CANCELLED);
}

void
_weft_task_replace (WeftModel *model, WeftModelSegment *segment, uint32_t number, uint32_t task)
{
  _weft_task_set_flags (model, task, WEFT_TASK_REPLACED);
  if (_weft_task_flags (model, task) & WEFT_TASK_ENDED)
    return;
  _weft_task_set_state (model, task, WEFT_TASK_WAITING);
  if (segment->counted)
    _weft_task_consume (model, segment, number, task);
  tell_stand_in (model, task);
}

/* Whether the result is there, in memory or on disk. */
static bool
is_there (const WeftModel *model, const WeftModelSegment *segment, uint32_t slot)
{
  uint32_t task;

  if (!segment->counted || slot >= segment->n_slots
      || !_weft_slot_is_charged (model, segment, slot))
    return false;
  task = _weft_task_at (model, segment, _weft_slot_task (segment, slot));
  return _weft_state_went_well (weft_model_task_state (model, task));
}

void
_weft_task_output (WeftModel *model, WeftModelSegment *segment, uint32_t slot, uint64_t bytes,
                   uint32_t lane)
{
  const WeftSlotNote *note = _weft_slot_know_bytes (model, segment, slot, bytes, lane);
  uint32_t task;

  if (!segment->counted || slot >= segment->n_slots)
    return;
  task = _weft_task_at (model, segment, _weft_slot_task (segment, slot));
  if (!_weft_slot_is_charged (model, segment, slot))
    /* It was let go of at once, before it was known how large it is. */
    _weft_charge_add (model, task, (WeftCharge){ bytes, lane, false }, -1);
  else if (note->n_away > 0 && is_there (model, segment, slot))
    {
      _weft_charge_add (model, task, (WeftCharge){ bytes, lane, false }, -1);
      _weft_charge_add (model, task, (WeftCharge){ bytes, lane, true }, 1);
    }
}

/* The slot alone, whoever has its result since. */
static void
move_slot (WeftModel *model, WeftSlotNote *note, int n)
{
  WeftModelSegment *segment = _weft_model_segment (model, (uint32_t) (note->key >> 32));
  uint32_t slot = (uint32_t) note->key;
  bool was_away = note->n_away > 0;
  WeftCharge charge;
  uint32_t task;

  note->n_away += n;
  if (was_away == (note->n_away > 0) || !is_there (model, segment, slot))
    return;
  task = _weft_task_at (model, segment, _weft_slot_task (segment, slot));
  charge = _weft_slot_charge (model, segment, slot, task);
  charge.away = was_away;
  _weft_charge_add (model, task, charge, -1);
  charge.away = !was_away;
  _weft_charge_add (model, task, charge, 1);
}

void
_weft_slot_move (WeftModel *model, const WeftModelSegment *segment, uint32_t slot, bool away)
{
  WeftSlotNote *note = _weft_slot_ensure_note (model, _weft_slot_key (segment, slot));

  for (; note != NULL;
       note = note->heir != WEFT_NO_SLOT ? _weft_slot_note (model, note->heir) : NULL)
    move_slot (model, note, away ? 1 : -1);
}

void
_weft_slot_release (WeftModel *model, WeftModelSegment *segment, uint32_t slot)
{
  if (slot >= segment->n_slots)
    return;
  if (segment->readers[slot] != GONE)
    let_go (model, segment, slot, _weft_slot_task (segment, slot));
  free_held (model, segment, slot);
  if (segment->readers[slot] != GONE)
    _weft_slot_ensure_note (model, _weft_slot_key (segment, slot))->freed = true;
}

/* ---- stand-ins ------------------------------------------------------------------------------- */

/* The parent's outputs are what the segment was asked for. */
static void
hand_over (WeftModel *model, WeftModelSegment *segment, WeftModelSegment *to, uint32_t number)
{
  const WeftGraphArrays *arrays = segment->arrays;
  uint32_t first = weft_graph_output_slot (to->arrays, number, 0);
  uint32_t n = to->arrays->output_offsets != NULL
                   ? to->arrays->output_offsets[number + 1] - to->arrays->output_offsets[number]
                   : 1;

  for (uint32_t k = 0; k < MIN (n, arrays->n_wanted); k++)
    {
      uint32_t slot =
          weft_graph_output_slot (arrays, arrays->wanted[k].task, arrays->wanted[k].output);
      uint32_t task = _weft_task_at (model, segment, arrays->wanted[k].task);
      WeftCharge charge = _weft_slot_charge (model, segment, slot, task);
      WeftSlotNote *note = _weft_slot_ensure_note (model, _weft_slot_key (segment, slot));
      WeftSlotNote *heir = _weft_slot_know_bytes (model, to, first + k, charge.bytes, charge.lane);

      note->heir = heir->key;
      heir->n_away = note->n_away;
      _weft_charge_add (model, segment->parent, charge, 1);
      drop (model, segment, slot);
      free_held (model, segment, slot);
    }
}

static void
finish_parent (WeftModel *model, WeftModelSegment *segment)
{
  const WeftGraphArrays *arrays = segment->arrays;
  uint32_t parent_number, number = _weft_model_number (model, segment->parent, &parent_number);
  WeftModelSegment *to = _weft_model_segment (model, parent_number);
  WeftModelState state = WEFT_TASK_MEMORY;

  if (_weft_task_flags (model, segment->parent) & WEFT_TASK_ENDED)
    return;
  if (arrays->n_wanted > 0)
    state = weft_model_task_state (model, _weft_task_at (model, segment, arrays->wanted[0].task));
  if (state != WEFT_TASK_ERRED && state != WEFT_TASK_CANCELLED)
    {
      state = WEFT_TASK_MEMORY;
      if (number < to->arrays->n_tasks)
        hand_over (model, segment, to, number);
    }
  _weft_task_end (model, to, number, segment->parent, state);
}

void
_weft_model_finish_parents (WeftModel *model)
{
  while (model->to_finish->len > 0)
    finish_parent (model, g_ptr_array_steal_index (model->to_finish, model->to_finish->len - 1));
}
