/* inspect-wait.c: why a task waited, or what it waits for
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Between the end of the last thing it needed and its start the worker it then ran on did something
 * else: spans of depth 0 of a lane do not overlap, so what they have of that time, and the rest,
 * add up to it. What held the task itself (a resource, a pause between attempts) stands in the
 * run's own lane, and goes on beside.
 */
#include "config.h"

#include "inspect/inspect-facts-private.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>

#define MAX_LOOK 500000 /* spans of a worker; what is behind them is in the rest */
#define MAX_MISSING 8   /* things waited for that are named */

/* In this order. */
typedef enum
{
  DID_TASKS,
  DID_PAUSED,
  DID_MEMORY,
  DID_SPILL,
  DID_TRANSFER,
  DID_SLOWED,
  DID_RECORDER,
  DID_ELSEWHERE,
  DID_LOOKING,
  DID_ASLEEP,
  DID_REST,
  N_DID,
} Did;

static const char *const did_titles[N_DID] = {
  [DID_TASKS] = N_ ("Ran others first"),
  [DID_PAUSED] = N_ ("Paused"),
  [DID_MEMORY] = N_ ("Short of memory"),
  [DID_SPILL] = N_ ("Wrote or read spilled results"),
  [DID_TRANSFER] = N_ ("Moved results"),
  [DID_SLOWED] = N_ ("Slow motion"),
  [DID_RECORDER] = N_ ("Waited for the recorder"),
  [DID_ELSEWHERE] = N_ ("Served another run"),
  [DID_LOOKING] = N_ ("Looked for work"),
  [DID_ASLEEP] = N_ ("Asleep"),
  [DID_REST] = N_ ("Scheduling"),
};

static Did
did (const WeftSpan *span)
{
  switch (span->kind)
    {
    case WEFT_RECORD_TASK:
      return DID_TASKS;
    case WEFT_RECORD_PAUSED:
      return DID_PAUSED;
    case WEFT_RECORD_MEMORY_PAUSED:
      return DID_MEMORY;
    case WEFT_RECORD_SPILL_READ:
    case WEFT_RECORD_SPILL_WRITE:
      return DID_SPILL;
    case WEFT_RECORD_TRANSFER:
      return DID_TRANSFER;
    case WEFT_RECORD_SLOWED:
      return DID_SLOWED;
    case WEFT_RECORD_RECORDER_WAIT:
      return DID_RECORDER;
    case WEFT_RECORD_ELSEWHERE:
      return DID_ELSEWHERE;
    case WEFT_RECORD_STEAL_MISS:
      return DID_LOOKING;
    case WEFT_RECORD_PARKED:
      return DID_ASLEEP;
    default:
      return DID_REST;
    }
}

typedef struct
{
  int64_t from_ns, to_ns;
  int64_t ns[N_DID];
  uint64_t n_tasks;
  uint32_t longest_task; /* of the others, by its part in that time */
  int64_t longest_ns;
} Meanwhile;

/* @n: spans, ordered. */
static void
look_at_worker (const WeftSpans *spans, uint64_t n, uint32_t task, Meanwhile *meanwhile)
{
  uint64_t first = weft_spans_find (spans, n, meanwhile->from_ns);
  int64_t rest_ns = meanwhile->to_ns - meanwhile->from_ns;

  for (uint64_t i = first; i < n && i - first < MAX_LOOK; i++)
    {
      const WeftSpan *span = weft_spans_get (spans, i);
      int64_t start_ns = MAX (span->start_ns, meanwhile->from_ns);
      int64_t ns = MIN (span->end_ns, meanwhile->to_ns) - start_ns;

      if (span->start_ns >= meanwhile->to_ns)
        break;
      if (ns <= 0 || span->depth != 0 || span->task == task || did (span) == DID_REST)
        continue;
      meanwhile->ns[did (span)] += ns;
      rest_ns -= ns;
      if (did (span) != DID_TASKS)
        continue;
      meanwhile->n_tasks++;
      if (ns > meanwhile->longest_ns && span->task != WEFT_NONE)
        {
          meanwhile->longest_ns = ns;
          meanwhile->longest_task = span->task;
        }
    }
  meanwhile->ns[DID_REST] = MAX (rest_ns, 0);
}

/* ---- what held the task itself --------------------------------------------------------------- */

static void
add_held (WeftlineInspection *in, uint32_t lane G_GNUC_UNUSED, uint64_t index G_GNUC_UNUSED,
          const WeftSpan *span)
{
  g_autofree char *took = weftline_format_duration (span->end_ns - span->start_ns);
  const char *name = NULL;

  if (in->moment != NULL && span->end_ns > in->moment->at_ns)
    return;
  name = span->kind == WEFT_RECORD_RESOURCE_WAIT
             ? weft_model_string (in->model, (uint32_t) span->amount)
             : NULL;
  if (name != NULL)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Waited for a resource"),
                        g_strdup_printf ("%s, %s", name, took));
  else if (span->kind == WEFT_RECORD_RETRY_WAIT)
    {
      g_autofree char *title =
          g_strdup_printf (_ ("Held after attempt %u"), (unsigned) span->amount);

      _weftline_fact_add (in, WEFTLINE_FACT_TEXT, g_intern_string (title), g_steal_pointer (&took));
    }
  else if (span->kind == WEFT_RECORD_ADMITTED)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Memory limit"),
                        g_strdup (_ ("started over it, as nothing else could go on")));
}

static void
add_holds (WeftlineInspection *in)
{
  WeftModelLane info;

  for (uint32_t lane = 0; lane < in->snapshot->n_lanes; lane++)
    {
      weft_model_lane (in->model, lane, &info);
      if (info.kind == WEFT_LANE_CONTROL)
        _weftline_each_span (in, lane, WEFT_SPANS_HAS_OTHER, add_held);
    }
}

/* ---- a task that has started ----------------------------------------------------------------- */

static void
add_did (WeftlineInspection *in, const Meanwhile *meanwhile)
{
  for (Did i = 0; i < N_DID; i++)
    {
      g_autofree char *took = weftline_format_duration (meanwhile->ns[i]);
      g_autofree char *n_tasks = weftline_format_count (meanwhile->n_tasks);

      if (meanwhile->ns[i] <= 0)
        continue;
      if (i == DID_TASKS)
        _weftline_fact_add (
            in, WEFTLINE_FACT_TEXT, _ (did_titles[i]),
            /* Translators: so many tasks, for so long */
            g_strdup_printf (ngettext ("%s task, %s", "%s tasks, %s", (gulong) meanwhile->n_tasks),
                             n_tasks, took));
      else
        _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ (did_titles[i]), g_steal_pointer (&took));
    }
  if (meanwhile->longest_task != WEFT_NONE)
    _weftline_fact_add_link (in, _ ("Longest of them"), meanwhile->longest_task);
}

static void
add_meanwhile (WeftlineInspection *in, uint32_t lane, int64_t start_ns)
{
  Meanwhile meanwhile = { .from_ns = in->ready_ns, .to_ns = start_ns, .longest_task = WEFT_NONE };
  g_autofree char *name = NULL;
  WeftModelLane info;

  weft_model_lane (in->model, lane, &info);
  if (start_ns <= in->ready_ns || !weft_spans_is_ordered (info.spans))
    return;
  name = _weftline_lane_text (in->model, lane);
  _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Meanwhile"),
                      /* Translators: a worker */
                      g_strdup_printf (_ ("on %s"), name));
  look_at_worker (info.spans, weft_spans_n (info.spans), in->task, &meanwhile);
  add_did (in, &meanwhile);
}

static void
add_started (WeftlineInspection *in, uint32_t lane, int64_t start_ns)
{
  guint before = in->facts->len;

  _weftline_fact_add (in, WEFTLINE_FACT_HEADING, _ ("Why it waited"), g_strdup (""));
  if (in->last_input != WEFT_NONE)
    {
      uint32_t input_lane;
      uint64_t index;

      _weftline_fact_add_link (in, _ ("Needed last"), in->last_input);
      if (weft_model_task_span (in->model, in->last_input, &input_lane, &index))
        _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("That ran on"),
                            _weftline_lane_text (in->model, input_lane));
    }
  if (in->has_ready)
    add_meanwhile (in, lane, start_ns);
  add_holds (in);
  if (in->facts->len == before + 1)
    g_ptr_array_set_size (in->facts, (int) before); /* nothing is known */
}

/* ---- a task that has not --------------------------------------------------------------------- */

static void
add_missing (WeftlineInspection *in)
{
  g_autoptr (GArray) missing = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autofree char *n_missing = NULL;
  g_autofree char *all = weftline_format_count (in->inputs->len);

  for (guint i = 0; i < in->inputs->len; i++)
    {
      uint32_t input = g_array_index (in->inputs, uint32_t, i);

      if (_weftline_state_of (in, input) < WEFT_TASK_MEMORY)
        g_array_append_val (missing, input);
    }
  if (missing->len == 0)
    return;
  n_missing = weftline_format_count (missing->len);
  _weftline_fact_add (in, WEFTLINE_FACT_HEADING, _ ("Waits for"),
                      g_strdup_printf (_ ("%s of %s"), n_missing, all));
  for (guint i = 0; i < MIN (missing->len, MAX_MISSING); i++)
    _weftline_fact_add_link (in, "", g_array_index (missing, uint32_t, i));
}

void
_weftline_add_wait (WeftlineInspection *in)
{
  if (in->attempts->len > 0)
    {
      const WeftlineAttempt *first = &g_array_index (in->attempts, WeftlineAttempt, 0);

      add_started (in, first->lane, first->span->start_ns);
    }
  else if (in->running)
    add_started (in, in->now_lane, in->now.start_ns);
  else if (_weftline_state_of (in, in->task) < WEFT_TASK_MEMORY)
    add_missing (in);
}
