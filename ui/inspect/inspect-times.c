/* inspect-times.c: when a task was ready, its attempts, how long it took
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The model knows where a task's last span is. Those of attempts before it are searched for among
 * what failed, and what became of its result among what was spilled.
 */
#include "config.h"

#include "inspect/inspect-facts-private.h"

#include "canvas/cpu-text.h"
#include "canvas/number-format.h"

#include <glib/gi18n.h>

#define FAILED (WEFT_SPANS_HAS_ERROR | WEFT_SPANS_HAS_RETRY)

/* ---- attempts -------------------------------------------------------------------------------- */

static uint64_t
detail (const WeftlineInspection *in, uint32_t lane, uint64_t index, uint8_t kind, uint64_t none)
{
  uint64_t amount = none;

  weft_model_span_detail (in->model, lane, index, kind, &amount);
  return amount;
}

static void
add_attempt (WeftlineInspection *in, uint32_t lane, uint64_t index, const WeftSpan *span)
{
  WeftlineAttempt attempt = { .span = span, .index = index, .span_lane = lane, .lane = lane };

  if (span->kind == WEFT_RECORD_TIMED_OUT)
    {
      attempt.number = (uint32_t) span->amount;
      attempt.lane = (uint32_t) detail (in, lane, index, WEFT_RECORD_PEER, lane);
    }
  else
    attempt.number = (uint32_t) detail (in, lane, index, WEFT_RECORD_ATTEMPT, 1);
  g_array_append_val (in->attempts, attempt);
}

/* One whose result came too late is none of its own. */
static void
take_attempt (WeftlineInspection *in, uint32_t lane, uint64_t index, const WeftSpan *span)
{
  if ((span->flags & WEFT_RECORD_LATE) == 0
      && (span->kind == WEFT_RECORD_TIMED_OUT || span->kind == WEFT_RECORD_TASK))
    add_attempt (in, lane, index, span);
}

/* Those that had not begun by then are left out; whether the last of them went on. */
static void
cut_attempts (WeftlineInspection *in)
{
  for (guint i = in->attempts->len; i-- > 0;)
    {
      WeftlineAttempt *attempt = &g_array_index (in->attempts, WeftlineAttempt, i);

      if (attempt->span->start_ns > in->moment->at_ns)
        g_array_remove_index (in->attempts, i);
      else if (attempt->span->end_ns > in->moment->at_ns && !in->running)
        {
          in->running = true;
          in->now_lane = attempt->lane;
          in->now = (WeftModelNow){ .task = in->task,
                                    .attempt = (uint16_t) attempt->number,
                                    .kind = WEFT_RECORD_TASK,
                                    .start_ns = attempt->span->start_ns };
          g_array_remove_index (in->attempts, i);
        }
    }
}

static int
compare_attempts (const void *a, const void *b)
{
  const WeftSpan *one = ((const WeftlineAttempt *) a)->span;
  const WeftSpan *other = ((const WeftlineAttempt *) b)->span;

  return (one->start_ns > other->start_ns) - (one->start_ns < other->start_ns);
}

/* An attempt that timed out is a span of its own, up to its deadline; a record of the task that
 * says how it ended comes after. */
static bool
is_told_otherwise (const WeftlineInspection *in, const WeftlineAttempt *attempt)
{
  if (weft_span_is_deadline (attempt->span))
    return false;
  for (guint i = 0; i < in->attempts->len; i++)
    {
      const WeftlineAttempt *other = &g_array_index (in->attempts, WeftlineAttempt, i);

      if (weft_span_is_deadline (other->span) && other->number == attempt->number)
        return true;
    }
  return false;
}

/* Whether there may be more than the span that the model knows. */
static bool
has_more (const WeftlineInspection *in, const WeftSpan *last)
{
  return weft_model_task_attempts (in->model, in->task) > 1
         || last->how >> 4 == WEFT_OUTCOME_TIMED_OUT || last->how >> 4 == WEFT_OUTCOME_RETRIED;
}

static void
find_attempts (WeftlineInspection *in)
{
  const WeftSpan *last;
  uint32_t last_lane;
  uint64_t last_index;
  WeftModelLane info;
  bool found = false;

  if (!weft_model_task_span (in->model, in->task, &last_lane, &last_index))
    return;
  weft_model_lane (in->model, last_lane, &info);
  last = weft_spans_get (info.spans, last_index);
  for (uint32_t lane = 0; has_more (in, last) && lane < in->snapshot->n_lanes; lane++)
    _weftline_each_span (in, lane, FAILED, take_attempt);
  for (guint i = 0; i < in->attempts->len; i++)
    {
      const WeftlineAttempt *attempt = &g_array_index (in->attempts, WeftlineAttempt, i);

      found |= attempt->span_lane == last_lane && attempt->index == last_index;
    }
  if (!found)
    add_attempt (in, last_lane, last_index, last);
  for (guint i = in->attempts->len; i-- > 0;)
    if (is_told_otherwise (in, &g_array_index (in->attempts, WeftlineAttempt, i)))
      g_array_remove_index (in->attempts, i);
  g_array_sort (in->attempts, compare_attempts);
}

/* The last moment that is told of. */
static int64_t
until (const WeftlineInspection *in)
{
  return in->moment != NULL ? in->moment->at_ns : INT64_MAX;
}

static void
find_now (WeftlineInspection *in)
{
  for (uint32_t lane = 0; lane < in->snapshot->n_lanes && !in->running; lane++)
    if (weft_model_now (in->model, lane, &in->now) && in->now.kind == WEFT_RECORD_TASK
        && in->now.task == in->task && in->now.start_ns <= until (in))
      {
        in->running = true;
        in->now_lane = lane;
      }
}

/* ---- its result ------------------------------------------------------------------------------ */

static void
take_spill (WeftlineInspection *in, uint32_t lane G_GNUC_UNUSED, uint64_t index G_GNUC_UNUSED,
            const WeftSpan *span)
{
  bool is_write = span->kind == WEFT_RECORD_SPILL_WRITE;
  int64_t *last_ns = is_write ? &in->written_ns : &in->read_ns;

  if (span->end_ns > until (in))
    return;
  (*(is_write ? &in->n_writes : &in->n_reads))++;
  *last_ns = MAX (*last_ns, span->end_ns);
}

static void
find_spills (WeftlineInspection *in)
{
  for (uint32_t lane = 0; lane < in->snapshot->n_lanes; lane++)
    _weftline_each_span (in, lane, WEFT_SPANS_HAS_SPILL, take_spill);
}

bool
_weftline_task_end (const WeftModel *model, uint32_t task, int64_t *end_ns)
{
  WeftModelLane info;
  uint64_t index;
  uint32_t lane;

  if (!weft_model_task_span (model, task, &lane, &index))
    return false;
  weft_model_lane (model, lane, &info);
  *end_ns = weft_spans_get (info.spans, index)->end_ns;
  return true;
}

/* Once all that needs it has ended. */
static bool
last_read (const WeftlineInspection *in, int64_t *at_ns)
{
  int64_t end_ns;

  *at_ns = INT64_MIN;
  for (guint i = 0; i < in->dependents->len; i++)
    {
      uint32_t task = g_array_index (in->dependents, uint32_t, i);

      if (weft_model_task_state (in->model, task) < WEFT_TASK_MEMORY
          || !_weftline_task_end (in->model, task, &end_ns))
        return false;
      *at_ns = MAX (*at_ns, end_ns);
    }
  return in->dependents->len > 0 && *at_ns <= until (in);
}

/* ---- ready ----------------------------------------------------------------------------------- */

/* When the run first began to run. */
static bool
find_begin (const WeftlineInspection *in, int64_t *at_ns)
{
  WeftModelLane info;
  uint64_t n;

  for (uint32_t lane = 0; lane < in->snapshot->n_lanes; lane++)
    {
      weft_model_lane (in->model, lane, &info);
      if (info.kind != WEFT_LANE_CONTROL)
        continue;
      n = weft_spans_n (info.spans);
      for (uint64_t i = 0; i < n; i++)
        {
          const WeftSpan *span = weft_spans_get (info.spans, i);

          if (span->kind == WEFT_RECORD_RUN_STATE && span->how == WEFT_RUN_RUNNING)
            {
              *at_ns = span->start_ns;
              return true;
            }
        }
    }
  return false;
}

/* Returns: false: it is not known when the result was there */
static bool
end_of (const WeftlineInspection *in, uint32_t task, int64_t *end_ns)
{
  WeftModelState state = weft_model_task_state (in->model, task);
  const WeftSpan *span;
  WeftModelLane info;
  uint64_t index;
  uint32_t lane;

  if (state < WEFT_TASK_MEMORY || state >= WEFT_TASK_ERRED)
    return false; /* nor is what needs it ready, ever */
  if (!weft_model_task_span (in->model, task, &lane, &index))
    {
      *end_ns = INT64_MIN; /* kept from another run, if nothing was dropped */
      return in->snapshot->n_dropped == 0;
    }
  weft_model_lane (in->model, lane, &info);
  span = weft_spans_get (info.spans, index);
  *end_ns = span->end_ns;
  return span->how >> 4 != WEFT_OUTCOME_REPLACED && span->kind == WEFT_RECORD_TASK;
}

/* Of a run that is observed, when its part of the graph was told of. */
static void
find_telling (WeftlineInspection *in, int64_t told_ns)
{
  in->has_ready = told_ns != INT64_MAX;
  if (in->last_input == WEFT_NONE || told_ns > in->ready_ns)
    in->ready_ns = told_ns;
  if (in->attempts->len > 0)
    in->ready_ns =
        MIN (in->ready_ns, g_array_index (in->attempts, WeftlineAttempt, 0).span->start_ns);
  else if (in->running)
    in->ready_ns = MIN (in->ready_ns, in->now.start_ns);
}

static void
find_ready (WeftlineInspection *in)
{
  int64_t last_ns = INT64_MIN, end_ns, told_ns;
  uint32_t number;

  if (!in->all_inputs_known)
    return;
  for (guint i = 0; i < in->inputs->len; i++)
    {
      uint32_t input = g_array_index (in->inputs, uint32_t, i);

      if (!end_of (in, input, &end_ns))
        return;
      if (end_ns > last_ns)
        {
          last_ns = end_ns;
          in->last_input = input;
        }
    }
  if (in->last_input != WEFT_NONE)
    {
      in->ready_ns = last_ns;
      /* a later part of the graph was there only after what of it has run */
      in->has_ready =
          in->segment == 0
          || weft_model_task_segment (in->model, in->last_input, &number) == in->segment;
    }
  else if (in->segment == 0)
    in->has_ready = find_begin (in, &in->ready_ns);
  if (weft_model_segment_told (in->model, in->segment, &told_ns))
    find_telling (in, told_ns);
}

void
_weftline_find_times (WeftlineInspection *in)
{
  find_attempts (in);
  find_now (in);
  if (in->moment != NULL)
    cut_attempts (in);
  find_ready (in);
  in->has_ready = in->has_ready && in->ready_ns <= until (in);
  find_spills (in);
}

/* ---- rows ------------------------------------------------------------------------------------ */

static const char *
outcome_word (const WeftSpan *span)
{
  static const char *const words[] = {
    N_ ("done"),      N_ ("failed"),    N_ ("failed, tried again"),
    N_ ("timed out"), N_ ("cancelled"), N_ ("gave a graph")
  };

  if (span->kind == WEFT_RECORD_TIMED_OUT)
    return _ (words[WEFT_OUTCOME_TIMED_OUT]);
  return _ (words[MIN (span->how >> 4, (int) G_N_ELEMENTS (words) - 1)]);
}

static const char *
way_words (const WeftSpan *span)
{
  static const char *const words[] = {
    N_ ("next in the order"),      N_ ("the task before it made it ready"),
    N_ ("the worker's own queue"), N_ ("another worker, stolen"),
    N_ ("the run's queue"),        N_ ("another scheduler")
  };
  unsigned way = span->how & 15;

  return way < G_N_ELEMENTS (words) ? _ (words[way]) : NULL;
}

/* (transfer full) */
static char *
moment_text (const WeftlineInspection *in, int64_t ns)
{
  return weftline_format_stamp (ns, in->time_form, weft_model_wall_ns (in->model));
}

static void
add_stamp (WeftlineInspection *in, const char *title, int64_t ns)
{
  _weftline_fact_add (in, WEFTLINE_FACT_TEXT, title, moment_text (in, ns));
}

static void
add_duration (WeftlineInspection *in, const char *title, int64_t ns)
{
  _weftline_fact_add (in, WEFTLINE_FACT_TEXT, title, weftline_format_duration (ns));
}

static void
add_way (WeftlineInspection *in, const WeftlineAttempt *last)
{
  uint64_t peer = WEFT_NONE;

  if (last->span->kind != WEFT_RECORD_TASK)
    return;
  if ((last->span->how & 15) == WEFT_HOW_STOLEN)
    peer = detail (in, last->span_lane, last->index, WEFT_RECORD_PEER, WEFT_NONE);
  if (peer < in->snapshot->n_lanes)
    {
      g_autofree char *from = _weftline_lane_text (in->model, (uint32_t) peer);

      _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Came from"),
                          /* Translators: a worker */
                          g_strdup_printf (_ ("%s, stolen"), from));
    }
  else
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Came from"), g_strdup (way_words (last->span)));
}

static void
add_cpu (WeftlineInspection *in, const WeftlineAttempt *last)
{
  if (last->span->kind == WEFT_RECORD_TASK)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("CPU time"),
                        weftline_cpu_text (in->model, last->span_lane, last->index));
}

/* @n: times, the last at @at_ns. */
static void
add_occasions (WeftlineInspection *in, const char *title, uint32_t n, int64_t at_ns)
{
  g_autofree char *at = moment_text (in, at_ns);
  g_autofree char *times = weftline_format_count (n);

  if (n == 1)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, title, g_steal_pointer (&at));
  else if (n > 1)
    _weftline_fact_add (in, WEFTLINE_FACT_TEXT, title,
                        /* Translators: when it last happened; how often it did */
                        g_strdup_printf (_ ("%s, the last of %s times"), at, times));
}

/* What became of what it made. */
static void
add_result (WeftlineInspection *in, const WeftlineAttempt *last)
{
  int64_t at_ns;

  if (last->span->kind != WEFT_RECORD_TASK || last->span->how >> 4 != WEFT_OUTCOME_OK)
    return;
  _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Result"),
                      weftline_format_bytes (last->span->amount, WEFTLINE_BYTES_DECIMAL));
  add_occasions (in, _ ("Written to disk"), in->n_writes, in->written_ns);
  add_occasions (in, _ ("Read back"), in->n_reads, in->read_ns);
  if (last_read (in, &at_ns))
    add_stamp (in, _ ("Last read"), at_ns);
}

static void
add_ended (WeftlineInspection *in, const WeftlineAttempt *last)
{
  const WeftSpan *span = last->span;

  add_stamp (in, _ ("Ended"), span->end_ns);
  add_duration (in, _ ("Took"), span->end_ns - span->start_ns);
  add_cpu (in, last);
  _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Ran on"),
                      _weftline_lane_text (in->model, last->lane));
  add_way (in, last);
  add_result (in, last);
}

static void
add_now (WeftlineInspection *in)
{
  add_duration (in, _ ("Running for"),
                MAX (MIN (in->snapshot->last_ns, until (in)) - in->now.start_ns, 0));
  _weftline_fact_add (in, WEFTLINE_FACT_TEXT, _ ("Runs on"),
                      _weftline_lane_text (in->model, in->now_lane));
}

static const char *
attempt_title (uint32_t number)
{
  g_autofree char *title = g_strdup_printf (_ ("Attempt %u"), number);

  return g_intern_string (title);
}

static void
add_attempts (WeftlineInspection *in)
{
  uint32_t n = in->moment == NULL ? weft_model_task_attempts (in->model, in->task)
                                  : in->attempts->len + in->running;
  guint first = in->attempts->len > WEFTLINE_FACTS_MAX_ATTEMPTS
                    ? in->attempts->len - WEFTLINE_FACTS_MAX_ATTEMPTS
                    : 0;
  g_autofree char *shown = weftline_format_count (in->attempts->len - first);
  g_autofree char *all = weftline_format_count (n);

  if (n <= 1)
    return;
  _weftline_fact_add (in, WEFTLINE_FACT_HEADING, _ ("Attempts"),
                      g_strdup_printf (_ ("%s of %s"), shown, all));
  for (guint i = first; i < in->attempts->len; i++)
    {
      const WeftlineAttempt *attempt = &g_array_index (in->attempts, WeftlineAttempt, i);
      g_autofree char *start = moment_text (in, attempt->span->start_ns);
      g_autofree char *end = moment_text (in, attempt->span->end_ns);
      g_autofree char *lane = _weftline_lane_text (in->model, attempt->lane);

      _weftline_fact_add (
          in, WEFTLINE_FACT_TEXT, attempt_title (attempt->number),
          /* Translators: how it ended, start, end, which worker */
          g_strdup_printf (_ ("%s: %s – %s, %s"), outcome_word (attempt->span), start, end, lane));
    }
}

/* When it first started. */
static bool
first_start (const WeftlineInspection *in, int64_t *start_ns)
{
  if (in->attempts->len > 0)
    *start_ns = g_array_index (in->attempts, WeftlineAttempt, 0).span->start_ns;
  else if (in->running)
    *start_ns = in->now.start_ns;
  else
    return false;
  return true;
}

void
_weftline_add_times (WeftlineInspection *in)
{
  int64_t start_ns = 0;
  bool started = first_start (in, &start_ns);

  if (!in->has_ready && !started)
    return;
  _weftline_fact_add (in, WEFTLINE_FACT_HEADING, _ ("Times"),
                      g_strdup (_ ("since the run's start")));
  if (in->has_ready)
    add_stamp (in, _ ("Ready"), in->ready_ns);
  if (started)
    add_stamp (in, in->attempts->len > 1 ? _ ("First started") : _ ("Started"), start_ns);
  if (in->has_ready && started)
    add_duration (in, _ ("Waited"), MAX (start_ns - in->ready_ns, 0));
  if (in->running)
    add_now (in);
  else if (in->attempts->len > 0)
    add_ended (in, &g_array_index (in->attempts, WeftlineAttempt, in->attempts->len - 1));
  add_attempts (in);
}
