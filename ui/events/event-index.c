/* event-index.c: what happened in a run, in the order of time, by kind
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each lane is read on from where it was left, so events come in lane by lane. What came in one
 * update is sorted and merged with those before that are later, mostly none. Of those shown the
 * positions are kept, in order, so only their tail changes with a merge.
 */
#include "config.h"

#include "canvas/note-text.h"
#include "events/event-index.h"

#include <stdlib.h>
#include <string.h>

#define ALL_KINDS ((1u << WEFTLINE_EVENT_N_KINDS) - 1)

struct _WeftlineEventIndex
{
  WeftModel *model;
  GArray *seen;  /* uint64_t a lane: spans looked at */
  GArray *all;   /* WeftlineEvent, in the order of time */
  GArray *fresh; /* WeftlineEvent, of this update */
  GArray *tail;  /* WeftlineEvent: kept for merging */
  GArray *shown; /* uint32_t: positions in `all` */
  uint32_t n_errors, n_settings, n_notes, n_annotations;
  uint64_t n_logs;
  uint32_t n_of[WEFTLINE_EVENT_N_KINDS];
  WeftlineEventFilter filter;
  uint32_t changed; /* position in `shown` */
};

#define EVENT(array, i) (&g_array_index (array, WeftlineEvent, i))

/* ---- finding --------------------------------------------------------------------------------- */

static int
kind_of_task (const WeftSpan *span)
{
  if (span->flags & WEFT_RECORD_CONTINUED)
    return -1;
  if (span->how >> 4 == WEFT_OUTCOME_RETRIED)
    return WEFTLINE_EVENT_RETRY;
  return (span->how & 0x0f) == WEFT_HOW_STOLEN ? WEFTLINE_EVENT_STEAL : -1;
}

/* WeftlineEventKind; -1: none */
static int
kind_of (const WeftSpan *span)
{
  switch (span->kind)
    {
    case WEFT_RECORD_TASK:
      return kind_of_task (span);
    case WEFT_RECORD_RUN_STATE:
    case WEFT_RECORD_WORKER_LOST:
      return WEFTLINE_EVENT_RUN;
    case WEFT_RECORD_BREAK:
    case WEFT_RECORD_STEPPED:
      return WEFTLINE_EVENT_BREAK;
    case WEFT_RECORD_MEMORY_PAUSED:
    case WEFT_RECORD_RECORDER_WAIT:
      return WEFTLINE_EVENT_PAUSE;
    case WEFT_RECORD_SPILL_FAILED:
    case WEFT_RECORD_ADMITTED:
      return WEFTLINE_EVENT_MEMORY;
    default:
      return -1;
    }
}

/* That something failed is known at its end. */
static int64_t
time_of (const WeftSpan *span, int kind)
{
  return kind == WEFTLINE_EVENT_RETRY ? span->end_ns : span->start_ns;
}

static void
add (WeftlineEventIndex *index, int kind, int64_t at_ns, uint32_t lane, uint32_t i)
{
  const WeftlineEvent event = {
    .at_ns = at_ns, .kind = (uint8_t) kind, .lane = lane & 0xffffff, .index = i
  };

  g_array_append_val (index->fresh, event);
  index->n_of[kind]++;
}

/* Returns: how many spans were looked at */
static uint64_t
look_at_lane (WeftlineEventIndex *index, uint32_t lane, uint64_t max_spans)
{
  uint64_t *seen = &g_array_index (index->seen, uint64_t, lane);
  uint64_t from = *seen, to;
  WeftModelLane info;

  weft_model_lane (index->model, lane, &info);
  to = MIN (weft_spans_n (info.spans), from + max_spans);
  /* spans of a group lie one behind the other */
  for (uint64_t i = from; i < to;)
    {
      uint64_t until = MIN (to, i - i % WEFT_SPANS_FAN + WEFT_SPANS_FAN);

      for (const WeftSpan *span = weft_spans_get (info.spans, i); i < until; i++, span++)
        {
          int kind = kind_of (span);

          if (kind >= 0)
            add (index, kind, time_of (span, kind), lane, (uint32_t) i);
        }
    }
  *seen = to;
  return to - from;
}

/* Takes off @most what was looked at. Returns: whether there is more */
static bool
look_at_lanes (WeftlineEventIndex *index, uint32_t n_lanes, uint64_t *most)
{
  bool more = false;
  WeftModelLane info;

  if (n_lanes > index->seen->len)
    g_array_set_size (index->seen, n_lanes);
  for (uint32_t lane = 0; lane < n_lanes; lane++)
    {
      *most -= look_at_lane (index, lane, *most);
      weft_model_lane (index->model, lane, &info);
      more |= g_array_index (index->seen, uint64_t, lane) < weft_spans_n (info.spans);
    }
  return more;
}

/* What programs wrote to their outputs has a page of its own. Returns: whether there is more */
static bool
look_at_logs (WeftlineEventIndex *index, uint64_t n_logs, uint64_t most)
{
  WeftModelLog log;

  for (; index->n_logs < MIN (n_logs, UINT32_MAX) && most > 0; index->n_logs++, most--)
    {
      weft_model_log (index->model, index->n_logs, &log);
      if (log.stream == WEFT_STREAM_LOG)
        add (index, WEFTLINE_EVENT_LOG, log.at_ns, log.lane, (uint32_t) index->n_logs);
    }
  return index->n_logs < MIN (n_logs, UINT32_MAX);
}

static bool
look_at_annotations (WeftlineEventIndex *index, uint64_t most)
{
  uint32_t n = weft_model_n_annotations (index->model);
  WeftModelAnnotation annotation;

  for (; index->n_annotations < n && most > 0; index->n_annotations++, most--)
    {
      weft_model_annotation (index->model, index->n_annotations, &annotation);
      add (index, WEFTLINE_EVENT_ANNOTATION, annotation.at_ns, annotation.lane,
           index->n_annotations);
    }
  return index->n_annotations < n;
}

/* Returns: whether there is more */
static bool
look_at_texts (WeftlineEventIndex *index, uint64_t most)
{
  uint32_t n_settings = weft_model_n_settings (index->model);
  WeftModelSnapshot snapshot;
  WeftModelErrorText error;
  WeftModelSetting setting;
  bool more;

  weft_model_snapshot (index->model, &snapshot);
  for (; index->n_settings < n_settings && most > 0; index->n_settings++, most--)
    {
      weft_model_setting (index->model, index->n_settings, &setting);
      add (index, WEFTLINE_EVENT_SETTING, setting.at_ns, 0, index->n_settings);
    }
  for (; index->n_errors < snapshot.n_errors && most > 0; index->n_errors++, most--)
    {
      weft_model_error (index->model, index->n_errors, &error);
      add (index, WEFTLINE_EVENT_ERROR, error.at_ns, 0, index->n_errors);
    }
  more = look_at_annotations (index, most);
  more |= look_at_logs (index, snapshot.n_logs, most);
  return more || index->n_errors < snapshot.n_errors || index->n_settings < n_settings;
}

/* From the start on, however early its end. */
static void
look_at_notes (WeftlineEventIndex *index)
{
  g_auto (GStrv) lines = NULL;
  uint32_t n;

  if (index->n_notes > 0 || weft_model_notes (index->model) == NULL)
    return;
  lines = weftline_note_lines (weft_model_notes (index->model));
  n = g_strv_length (lines);
  for (; index->n_notes < n; index->n_notes++)
    add (index, WEFTLINE_EVENT_NOTE, 0, 0, index->n_notes);
}

/* ---- order ----------------------------------------------------------------------------------- */

/* Of the same moment: by kind, and each kind as it came. */
static int
compare (const void *a, const void *b)
{
  const WeftlineEvent *x = a, *y = b;

  if (x->at_ns != y->at_ns)
    return x->at_ns < y->at_ns ? -1 : 1;
  if (x->kind != y->kind)
    return x->kind < y->kind ? -1 : 1;
  if (x->lane != y->lane)
    return x->lane < y->lane ? -1 : 1;
  return x->index < y->index ? -1 : x->index > y->index;
}

/* The first of all that comes after the event. */
static uint32_t
find_place (WeftlineEventIndex *index, const WeftlineEvent *event)
{
  uint32_t low = 0, high = index->all->len;

  while (low < high)
    {
      uint32_t middle = low + (high - low) / 2;

      if (compare (EVENT (index->all, middle), event) < 0)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

static void
merge (WeftlineEventIndex *index, uint32_t place)
{
  GArray *fresh = index->fresh, *tail = index->tail;
  const WeftlineEvent *x, *x_end, *y, *y_end;
  WeftlineEvent *to;

  g_array_set_size (tail, 0);
  if (place < index->all->len)
    g_array_append_vals (tail, EVENT (index->all, place), index->all->len - place);
  g_array_set_size (index->all, place + tail->len + fresh->len);
  to = EVENT (index->all, place);
  x = EVENT (fresh, 0);
  y = EVENT (tail, 0);
  x_end = x + fresh->len;
  y_end = y + tail->len;
  while (x < x_end && y < y_end)
    *to++ = compare (x, y) < 0 ? *x++ : *y++;
  while (x < x_end)
    *to++ = *x++;
  while (y < y_end)
    *to++ = *y++;
}

static bool
is_shown (const WeftlineEventIndex *index, const WeftlineEvent *event)
{
  const WeftlineEventFilter *filter = &index->filter;

  if ((filter->kinds & 1u << event->kind) == 0)
    return false;
  if (filter->n_levels > 0 && event->kind == WEFTLINE_EVENT_LOG
      && weftline_event_level (index->model, event) >= filter->n_levels)
    return false;
  return filter->worker == 0 || weftline_event_worker (index->model, event) == filter->worker;
}

/* From that position in `all` on. */
static void
show_from (WeftlineEventIndex *index, uint32_t place)
{
  uint32_t n = index->shown->len, *to;

  while (n > 0 && g_array_index (index->shown, uint32_t, n - 1) >= place)
    n--;
  index->changed = MIN (index->changed, n);
  g_array_set_size (index->shown, n + index->all->len - place);
  to = &g_array_index (index->shown, uint32_t, n);
  for (uint32_t i = place; i < index->all->len; i++)
    if (is_shown (index, EVENT (index->all, i)))
      *to++ = i;
  g_array_set_size (index->shown, (guint) (to - &g_array_index (index->shown, uint32_t, 0)));
}

bool
weftline_event_index_update (WeftlineEventIndex *index, uint32_t n_lanes, uint64_t most)
{
  bool more;
  uint32_t place;

  g_array_set_size (index->fresh, 0);
  more = look_at_lanes (index, n_lanes, &most);
  more |= look_at_texts (index, most);
  look_at_notes (index);
  if (index->fresh->len == 0)
    return more;
  qsort (index->fresh->data, index->fresh->len, sizeof (WeftlineEvent), compare);
  place = find_place (index, EVENT (index->fresh, 0));
  merge (index, place);
  show_from (index, place);
  return more;
}

/* ---- asking ---------------------------------------------------------------------------------- */

void
weftline_event_index_set_filter (WeftlineEventIndex *index, const WeftlineEventFilter *filter)
{
  WeftlineEventFilter wanted = *filter;

  wanted.kinds &= ALL_KINDS;
  if (index->filter.kinds == wanted.kinds && index->filter.n_levels == wanted.n_levels
      && index->filter.worker == wanted.worker)
    return;
  index->filter = wanted;
  show_from (index, 0);
}

const WeftlineEventFilter *
weftline_event_index_filter (WeftlineEventIndex *index)
{
  return &index->filter;
}

uint32_t
weftline_event_index_n (WeftlineEventIndex *index)
{
  return index->all->len;
}

uint32_t
weftline_event_index_n_of (WeftlineEventIndex *index, WeftlineEventKind kind)
{
  return index->n_of[kind];
}

uint32_t
weftline_event_index_n_shown (WeftlineEventIndex *index)
{
  return index->shown->len;
}

uint32_t
weftline_event_index_n_until (WeftlineEventIndex *index, int64_t at_ns)
{
  uint32_t low = 0, high = index->all->len;

  while (low < high)
    {
      uint32_t middle = low + (high - low) / 2;

      if (EVENT (index->all, middle)->at_ns <= at_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

uint32_t
weftline_event_index_n_shown_until (WeftlineEventIndex *index, int64_t at_ns)
{
  uint32_t n = weftline_event_index_n_until (index, at_ns), low = 0, high = index->shown->len;

  while (low < high)
    {
      uint32_t middle = low + (high - low) / 2;

      if (g_array_index (index->shown, uint32_t, middle) < n)
        low = middle + 1;
      else
        high = middle;
    }
  return low;
}

uint32_t
weftline_event_index_n_of_until (WeftlineEventIndex *index, WeftlineEventKind kind, int64_t at_ns)
{
  uint32_t n = weftline_event_index_n_until (index, at_ns), n_of = 0;

  if (n == index->all->len)
    return index->n_of[kind];
  for (uint32_t i = 0; i < n; i++)
    n_of += EVENT (index->all, i)->kind == (uint32_t) kind;
  return n_of;
}

uint32_t
weftline_event_index_take_changed (WeftlineEventIndex *index)
{
  uint32_t changed = MIN (index->changed, index->shown->len);

  index->changed = UINT32_MAX;
  return changed;
}

const WeftlineEvent *
weftline_event_index_get (WeftlineEventIndex *index, uint32_t at)
{
  return EVENT (index->all, g_array_index (index->shown, uint32_t, at));
}

/* ---- life ------------------------------------------------------------------------------------ */

WeftlineEventIndex *
weftline_event_index_new (WeftModel *model)
{
  WeftlineEventIndex *index = g_new0 (WeftlineEventIndex, 1);

  index->model = weft_model_ref (model);
  index->seen = g_array_new (FALSE, TRUE, sizeof (uint64_t));
  index->all = g_array_new (FALSE, FALSE, sizeof (WeftlineEvent));
  index->fresh = g_array_new (FALSE, FALSE, sizeof (WeftlineEvent));
  index->tail = g_array_new (FALSE, FALSE, sizeof (WeftlineEvent));
  index->shown = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  index->filter.kinds = ALL_KINDS;
  index->changed = UINT32_MAX;
  return index;
}

void
weftline_event_index_free (WeftlineEventIndex *index)
{
  if (index == NULL)
    return;
  weft_model_unref (index->model);
  g_array_unref (index->seen);
  g_array_unref (index->all);
  g_array_unref (index->fresh);
  g_array_unref (index->tail);
  g_array_unref (index->shown);
  g_free (index);
}
