/* now.c: what lanes are in, up to where everything is told, and what ended with that
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A lane's watermark stands where the last thing in it began. That alone would hold up the whole
 * run with one long task. But a lane that two NOW frames in a row say the same of was in that for
 * all the time between, and had a whole turn of the recorder to write down what it was in before.
 * So nothing is missing of it up to the stamp of the first of the two.
 *
 * An attempt that passed its deadline is told of in lane 0, which is written first. Its span goes
 * into the lane it ran in, once that has told all that came before.
 */
#include "config.h"

#include "model/weft-model-private.h"

#include <string.h>

/* ---- what runs now --------------------------------------------------------------------------- */

void
_weft_lane_set_now (WeftModelLaneData *lane, uint8_t kind, uint32_t task, uint32_t group,
                    uint32_t attempt, int64_t start_ns, int64_t seen_ns)
{
  WeftModelNowSlot *now = &lane->now;
  uint32_t sequence = _weft_get (now->sequence);

  _weft_set (now->sequence, sequence + 1);
  atomic_store_explicit (&now->task, task, memory_order_release);
  atomic_store_explicit (&now->what, group | (uint32_t) kind << 16, memory_order_release);
  atomic_store_explicit (&now->attempt, attempt, memory_order_release);
  atomic_store_explicit (&now->start_ns, start_ns, memory_order_release);
  atomic_store_explicit (&now->seen_ns, seen_ns, memory_order_release);
  atomic_store_explicit (&now->sequence, sequence + 2, memory_order_release);
  lane->now_kind = kind;
}

void
_weft_lane_clear_now (WeftModelLaneData *lane)
{
  if (lane->now_kind != 0)
    _weft_lane_set_now (lane, 0, WEFT_NONE, WEFT_NO_GROUP, 0, 0, 0);
}

bool
weft_model_now (const WeftModel *model, uint32_t lane, WeftModelNow *now)
{
  WeftModelNowSlot *slot = &_weft_model_lane (model, lane)->now;
  uint32_t before, after, what;

  do
    {
      before = atomic_load_explicit (&slot->sequence, memory_order_acquire);
      now->task = atomic_load_explicit (&slot->task, memory_order_acquire);
      what = atomic_load_explicit (&slot->what, memory_order_acquire);
      now->attempt = (uint16_t) atomic_load_explicit (&slot->attempt, memory_order_acquire);
      now->start_ns = atomic_load_explicit (&slot->start_ns, memory_order_acquire);
      now->seen_ns = atomic_load_explicit (&slot->seen_ns, memory_order_acquire);
      after = _weft_get (slot->sequence);
    }
  while (before != after || before % 2 != 0);
  now->group = (uint16_t) what;
  now->kind = (uint8_t) (what >> 16);
  return now->kind != 0;
}

/* ---- past the deadline ----------------------------------------------------------------------- */

void
_weft_model_expire (WeftModel *model, const WeftExpired *expired)
{
  if (model->expired == NULL)
    model->expired = g_array_new (FALSE, FALSE, sizeof (WeftExpired));
  g_array_append_val (model->expired, *expired);
}

/* Where the attempt is found from now on, unless a later one is known. */
static void
place_expired (WeftModel *model, WeftModelLaneData *lane, const WeftExpired *expired)
{
  uint64_t index = weft_spans_n (lane->spans), n, known;
  uint32_t other;
  WeftSpanDetail *detail;

  weft_spans_append (lane->spans, &expired->span);
  _weft_add (model->n_spans, 1u);
  lane->last_ns = MAX (lane->last_ns, expired->span.end_ns);
  lane->target = WEFT_NONE;
  lane->target_span = 0;
  if (expired->attempt > 1)
    {
      n = _weft_get (lane->n_details);
      detail = _weft_blocks_grow (&lane->details, n, sizeof *detail);
      *detail = (WeftSpanDetail){ index, WEFT_RECORD_ATTEMPT, expired->attempt };
      atomic_store_explicit (&lane->n_details, n + 1, memory_order_release);
    }
  if (lane->now_kind == WEFT_RECORD_TASK && lane->now_task == expired->task)
    _weft_lane_clear_now (lane);
  if (expired->attempt < weft_model_task_attempts (model, expired->task)
      && weft_model_task_span (model, expired->task, &other, &known))
    return;
  _weft_task_set_place (model, expired->task, lane, index);
  _weft_task_set_attempts (model, expired->task, expired->attempt);
}

void
_weft_model_end_expired (WeftModel *model, bool all)
{
  guint n = 0;

  if (model->expired == NULL || !g_queue_is_empty (&model->held))
    return;
  for (guint i = 0; i < model->expired->len; i++)
    {
      WeftExpired expired = g_array_index (model->expired, WeftExpired, i);
      WeftModelLaneData *lane = _weft_model_lane (model, expired.lane);

      if (all || lane->watermark >= expired.start)
        place_expired (model, lane, &expired);
      else
        g_array_index (model->expired, WeftExpired, n++) = expired;
    }
  g_array_set_size (model->expired, n);
}

/* ---- NOW frames ------------------------------------------------------------------------------ */

/* The task as the model has it; NONE for one of which nothing was told yet. */
static uint32_t
now_task (WeftModel *model, const WeftNowEntry *entry)
{
  const WeftModelSegment *segment =
      entry->task != WEFT_NONE ? _weft_model_segment (model, entry->segment) : NULL;

  return segment != NULL && entry->task < segment->n_told
             ? _weft_segment_task (model, segment, entry->task)
             : WEFT_NONE;
}

/* Whether a record of the task has come already that begins there or later. */
static bool
has_been (const WeftModel *model, uint32_t task, int64_t start_ns)
{
  uint32_t lane;
  uint64_t index;

  return weft_model_task_span (model, task, &lane, &index)
         && weft_spans_get (_weft_model_lane (model, lane)->spans, index)->start_ns >= start_ns;
}

static void
note_entry (WeftModel *model, WeftModelLaneData *lane, const WeftNowEntry *entry)
{
  WeftNowEntry before = lane->told;
  bool is_first = lane->told_changed == 0;

  if (!is_first && memcmp (entry, &before, sizeof before) == 0)
    return;
  lane->told = *entry;
  before.watermark = entry->watermark;
  if (is_first || memcmp (entry, &before, sizeof before) != 0)
    _weft_add (model->n_changes, 1u);
  lane->told_changed = model->n_nows;
}

static void
take_entry (WeftModel *model, const WeftNowEntry *entry, int64_t seen_ns)
{
  WeftModelLaneData *lane = _weft_model_lane (model, entry->lane);
  uint32_t task = now_task (model, entry);
  uint32_t group = task != WEFT_NONE ? weft_model_task_group (model, task) : WEFT_NO_GROUP;
  WeftModelSegment *segment;
  int64_t start_ns;

  note_entry (model, lane, entry);
  lane->watermark = MAX (lane->watermark, entry->watermark);
  if (entry->watermark == UINT64_MAX || entry->kind == 0
      || (entry->kind == WEFT_RECORD_TASK && task == WEFT_NONE))
    {
      _weft_lane_clear_now (lane);
      return;
    }
  start_ns = _weft_model_ns (model, lane->domain, entry->start);
  if (task != WEFT_NONE && has_been (model, task, start_ns))
    {
      _weft_lane_clear_now (lane);
      return;
    }
  lane->now_start = entry->start;
  lane->now_task = task;
  _weft_lane_set_now (lane, entry->kind, task, group, entry->attempt, start_ns,
                      MAX (seen_ns, start_ns));
  if (task == WEFT_NONE || entry->kind != WEFT_RECORD_TASK)
    return;
  segment = _weft_model_segment (model, entry->segment);
  if (!segment->begun)
    _weft_ready_begin (model, segment);
  _weft_task_set_attempts (model, task, MAX (entry->attempt, 1));
  if (weft_model_task_state (model, task) < WEFT_TASK_MEMORY)
    _weft_task_set_state (model, task, WEFT_TASK_RUNNING);
}

/* Who observes a run writes what was said of the graph meanwhile, then what runs now. */
static void
date_segments (WeftModel *model, int64_t seen_ns)
{
  uint32_t n = _weft_get (model->n_segments);

  for (; model->n_dated < n; model->n_dated++)
    {
      WeftModelSegment *segment = _weft_model_segment (model, model->n_dated);

      if (segment != NULL && _weft_get (segment->told_ns) == INT64_MAX)
        _weft_set (segment->told_ns, seen_ns);
    }
}

bool
_weft_model_add_now (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  const WeftNowEntry *entries;
  int64_t seen_ns;
  uint32_t n;

  if (!weft_run_frame_now (frame, &entries, &n))
    return _weft_model_fail (error, "a NOW frame is not as it should be");
  for (uint32_t i = 0; i < n; i++)
    if (entries[i].lane >= _weft_get (model->n_lanes)
        || !_weft_model_has_clock (model, _weft_model_lane (model, entries[i].lane)->domain))
      return _weft_model_fail (error, "a NOW frame tells of lane %u, which is unknown",
                               entries[i].lane);
  if (!model->has_origin)
    return true; /* before anything was recorded */
  seen_ns = frame->head.watermark != 0 && _weft_model_has_clock (model, 0)
                ? _weft_model_ns (model, 0, frame->head.watermark)
                : INT64_MIN;
  model->n_nows++;
  model->last_now_ns = model->now_ns;
  model->now_ns = seen_ns;
  date_segments (model, seen_ns);
  for (uint32_t i = 0; i < n; i++)
    take_entry (model, &entries[i], seen_ns);
  _weft_model_saw (model, seen_ns);
  _weft_model_end_expired (model, false);
  _weft_model_update_complete (model);
  return true;
}

/* ---- up to where ----------------------------------------------------------------------------- */

/* Whether the lane is in something that the frame before the last one told of already; it, or its
 * worker is not there. Lanes of others tell their own watermarks. */
static bool
is_still (const WeftModel *model, const WeftModelLaneData *lane)
{
  const WeftNowEntry *told = &lane->told;
  uint32_t n = _weft_get (lane->n_visits);

  if (lane->told_changed == 0 || lane->told_changed == model->n_nows || lane->domain != 0
      || lane->info.kind != WEFT_LANE_THREAD || told->watermark < told->start)
    return false;
  if (told->kind != 0 || n == 0)
    return told->kind != 0;
  return _weft_get (
             ((WeftLaneVisit *) _weft_blocks_get (&lane->visits, n - 1, sizeof (WeftLaneVisit)))
                 ->stop_ns)
         != INT64_MAX;
}

/* Up to where all lanes have told everything. */
void
_weft_model_update_complete (WeftModel *model)
{
  int64_t complete_ns = INT64_MAX;

  if (!g_queue_is_empty (&model->held))
    return;
  for (uint32_t i = 0; i < _weft_get (model->n_lanes); i++)
    {
      const WeftModelLaneData *lane = _weft_model_lane (model, i);
      int64_t told_ns;

      if (lane->watermark == 0 || lane->watermark == UINT64_MAX
          || lane->info.kind == WEFT_LANE_CONTROL || lane->info.flags & WEFT_LANE_BEST_EFFORT)
        continue;
      told_ns = _weft_model_ns (model, lane->domain, lane->watermark);
      if (is_still (model, lane))
        told_ns = MAX (told_ns, model->last_now_ns);
      complete_ns = MIN (complete_ns, told_ns);
    }
  if (complete_ns == INT64_MAX)
    complete_ns = _weft_get (model->last_ns);
  _weft_set (model->complete_ns, MAX (complete_ns, _weft_get (model->complete_ns)));
}

void
_weft_model_saw (WeftModel *model, int64_t at_ns)
{
  if (at_ns > _weft_get (model->last_ns))
    _weft_set (model->last_ns, at_ns);
}
