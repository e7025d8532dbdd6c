/* results.c: what results take, and who holds their buffers
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A result is charged to the lane that made it and to its task's group, once, from its task's end
 * until nobody reads it (readers.c). What neither the graph nor its task's span tells of it (one of
 * several outputs, on disk, handed over) is a note, found by segment and slot; most runs have none.
 *
 * A result may hold the buffers of its task's inputs (WEFT_RECORD_VIEW): these are let go of as
 * others are, but count as memory until the last result that holds them has gone, whose own buffers
 * may be held likewise. Of each slot it is noted how many hold it, once the first such result came.
 */
#include "config.h"

#include "model/weft-results-private.h"

WeftSlotNote *
_weft_slot_ensure_note (WeftModel *model, uint64_t key)
{
  WeftSlotNote *note = _weft_slot_note (model, key);

  if (note != NULL)
    return note;
  note = g_new (WeftSlotNote, 1);
  *note = (WeftSlotNote){ .key = key, .heir = WEFT_NO_SLOT };
  g_hash_table_insert (model->slot_notes, note, note);
  return note;
}

WeftSlotNote *
_weft_slot_know_bytes (WeftModel *model, const WeftModelSegment *segment, uint32_t slot,
                       uint64_t bytes, uint32_t lane)
{
  WeftSlotNote *note = _weft_slot_ensure_note (model, _weft_slot_key (segment, slot));

  note->has_bytes = true;
  note->bytes = bytes;
  note->lane = lane;
  return note;
}

/* The span of its last attempt, if that went well. @lane: whose, or WEFT_NONE. (nullable) */
static const WeftSpan *
charged_span (const WeftModel *model, uint32_t task, uint32_t *lane)
{
  const WeftSpan *span;
  uint64_t index;

  *lane = WEFT_NONE;
  if (!weft_model_task_span (model, task, lane, &index))
    return NULL;
  span = weft_spans_get (_weft_model_lane (model, *lane)->spans, index);
  return span->kind == WEFT_RECORD_TASK && span->how >> 4 == WEFT_OUTCOME_OK ? span : NULL;
}

/* All results of a task, as its last attempt was charged; none of them is away. */
static WeftCharge
task_charge (const WeftModel *model, uint32_t task)
{
  uint32_t lane;
  const WeftSpan *span = charged_span (model, task, &lane);

  return (WeftCharge){ span != NULL ? span->amount : 0, lane, false };
}

WeftCharge
_weft_slot_charge (const WeftModel *model, const WeftModelSegment *segment, uint32_t slot,
                   uint32_t task)
{
  const WeftSlotNote *note = _weft_slot_note (model, _weft_slot_key (segment, slot));
  WeftCharge charge = { 0, WEFT_NONE, false };

  if (note != NULL && note->has_bytes)
    charge = (WeftCharge){ note->bytes, note->lane, false };
  else if (segment->arrays->output_offsets == NULL)
    charge = task_charge (model, task);
  charge.away = note != NULL && note->n_away > 0;
  return charge;
}

void
_weft_charge_add (WeftModel *model, uint32_t task, WeftCharge charge, int n)
{
  uint64_t bytes = n > 0 ? charge.bytes : -charge.bytes;
  uint32_t group = weft_model_task_group (model, task);

  if (bytes == 0)
    return;
  if (charge.lane != WEFT_NONE && charge.away)
    _weft_add (_weft_model_lane (model, charge.lane)->spilled_bytes, bytes);
  else if (charge.lane != WEFT_NONE)
    _weft_add (_weft_model_lane (model, charge.lane)->live_bytes, bytes);
  if (!charge.away && group != WEFT_NO_GROUP)
    _weft_add (_weft_model_group (model, (uint16_t) group)->live_bytes, bytes);
}

void
_weft_charge_add_task (WeftModel *model, const WeftModelSegment *segment, uint32_t number,
                       uint32_t task, int n)
{
  WeftCharge charge = task_charge (model, task);
  const WeftSlotNote *note = NULL;

  if (segment->counted && segment->arrays->output_offsets == NULL)
    note = _weft_slot_note (model, _weft_slot_key (segment, number));
  charge.away = note != NULL && note->n_away > 0;
  _weft_charge_add (model, task, charge, n);
}

/* ---- slots ----------------------------------------------------------------------------------- */

uint32_t
_weft_slot_task (const WeftModelSegment *segment, uint32_t slot)
{
  const uint32_t *offsets = segment->arrays->output_offsets;
  uint32_t low = 0, high = segment->arrays->n_tasks;

  if (offsets == NULL)
    return slot;
  while (high - low > 1)
    {
      uint32_t middle = low + (high - low) / 2;

      if (offsets[middle] <= slot)
        low = middle;
      else
        high = middle;
    }
  return low;
}

void
_weft_slot_free (WeftModel *model, WeftModelSegment *segment, uint32_t slot, uint32_t number)
{
  uint32_t task = _weft_task_at (model, segment, number);
  WeftSlotPlace place = { segment, number };

  _weft_charge_add (model, task, _weft_slot_charge (model, segment, slot, task), -1);
  if (WEFT_UNLIKELY (model->has_views))
    g_array_append_val (model->gone, place);
}

/* ---- views ----------------------------------------------------------------------------------- */

/* Whether its result holds its inputs' buffers, by the span it was charged with. */
static bool
is_view (const WeftModel *model, uint32_t task)
{
  uint32_t lane;
  const WeftSpan *span = charged_span (model, task, &lane);

  return span != NULL && span->flags & WEFT_RECORD_VIEW;
}

bool
_weft_task_has_buffers (const WeftModel *model, const WeftModelSegment *segment, uint32_t number,
                        uint32_t task)
{
  const WeftGraphArrays *arrays = segment->arrays;
  WeftModelState state = weft_model_task_state (model, task);
  uint32_t slot = weft_graph_output_slot (arrays, number, 0);
  uint32_t end = arrays->output_offsets != NULL ? arrays->output_offsets[number + 1] : slot + 1;

  if (!_weft_state_went_well (state))
    return false;
  while (slot < end && !_weft_slot_is_charged (model, segment, slot))
    slot++;
  return slot < end;
}

/* One more holds it, or one less. */
static void
hold (WeftModel *model, WeftModelSegment *segment, uint32_t slot, bool more)
{
  WeftSlotNote *note = _weft_slot_ensure_note (model, _weft_slot_key (segment, slot));

  if (more)
    note->n_holders++;
  else if (--note->n_holders == 0 && note->waits)
    {
      note->waits = false;
      _weft_slot_free (model, segment, slot, _weft_slot_task (segment, slot));
    }
}

static void
hold_inputs (WeftModel *model, WeftModelSegment *segment, uint32_t number, bool more)
{
  const WeftGraphArrays *arrays = segment->arrays;

  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    {
      uint32_t input = arrays->input_tasks[i];
      uint32_t output = arrays->input_outputs != NULL ? arrays->input_outputs[i] : 0;
      const WeftImportSource *source;

      if (input < arrays->n_tasks)
        {
          hold (model, segment, weft_graph_output_slot (arrays, input, output), more);
          continue;
        }
      source = &segment->sources[input - arrays->n_tasks];
      if (source->segment != NULL)
        hold (model, source->segment, source->slot, more);
    }
}

/* Whether the task's result holds its inputs may be another now. */
static void
look_at_view (WeftModel *model, WeftModelSegment *segment, uint32_t number)
{
  uint64_t key = _weft_slot_key (segment, weft_graph_output_slot (segment->arrays, number, 0));
  uint32_t task = _weft_task_at (model, segment, number);
  const WeftSlotNote *note = _weft_slot_note (model, key);
  bool holds = is_view (model, task) && _weft_task_has_buffers (model, segment, number, task);

  if (holds == (note != NULL && note->holds))
    return;
  _weft_slot_ensure_note (model, key)->holds = holds;
  hold_inputs (model, segment, number, holds);
}

/* What has gone may have held others; a chain of them may be long. */
void
_weft_views_settle (WeftModel *model)
{
  while (model->gone->len > 0)
    {
      WeftSlotPlace place = g_array_index (model->gone, WeftSlotPlace, model->gone->len - 1);

      g_array_set_size (model->gone, model->gone->len - 1);
      look_at_view (model, place.segment, place.number);
    }
}

void
_weft_views_tell (WeftModel *model, WeftModelSegment *segment, uint32_t number)
{
  if (WEFT_LIKELY (!model->has_views) || number >= segment->arrays->n_tasks)
    return;
  look_at_view (model, segment, number);
  _weft_views_settle (model);
}
