/* task-stream-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/task-stream-words.h"

#include "canvas/cpu-text.h"
#include "canvas/lane-text.h"
#include "canvas/number-format.h"

#include <glib/gi18n.h>

static const char *
kind_words (uint8_t kind)
{
  switch (kind)
    {
    case WEFT_RECORD_TASK:
      return _ ("task");
    case WEFT_RECORD_SPILL_WRITE:
      return _ ("written to disk");
    case WEFT_RECORD_SPILL_READ:
      return _ ("read from disk");
    case WEFT_RECORD_TRANSFER:
      return _ ("transfer");
    case WEFT_RECORD_PAUSED:
      return _ ("paused by the user");
    case WEFT_RECORD_MEMORY_PAUSED:
      return _ ("no source was started for want of memory");
    case WEFT_RECORD_RECORDER_WAIT:
      return _ ("waited for the recorder");
    case WEFT_RECORD_PARKED:
      return _ ("asleep");
    case WEFT_RECORD_STEAL_MISS:
      return _ ("looked for work");
    case WEFT_RECORD_SLOWED:
      return _ ("slow motion");
    case WEFT_RECORD_BLOCKED:
      return _ ("waited for a future");
    case WEFT_RECORD_ELSEWHERE:
      return _ ("served another run");
    default:
      return _ ("something else");
    }
}

static const char *
outcome_words (uint8_t how)
{
  /* Translators: how a task ended, after the time it ran for */
  static const char *const words[] = {
    N_ ("done"),      N_ ("failed"),    N_ ("failed, tried again"),
    N_ ("timed out"), N_ ("cancelled"), N_ ("gave a graph of its own"),
    N_ ("running")
  };

  return _ (words[how >> 4 < (int) G_N_ELEMENTS (words) ? how >> 4 : 0]);
}

/* (nullable) */
static const char *
found_words (uint8_t how)
{
  /* Translators: how a worker came to a task */
  static const char *const words[] = {
    N_ ("next in the order"), N_ ("straight after the task before"),
    N_ ("had been passed"),   N_ ("stolen from another worker"),
    N_ ("had been put back"), N_ ("another program's scheduler")
  };

  return (how & 15) < (int) G_N_ELEMENTS (words) ? _ (words[how & 15]) : NULL;
}

static void
add (GPtrArray *lines, char *line)
{
  g_ptr_array_add (lines, line);
}

/* (transfer full) */
static char **
end_lines (GPtrArray *lines)
{
  g_ptr_array_add (lines, NULL);
  return (char **) g_ptr_array_free (lines, FALSE);
}

/* Of a task that was tried once: what came between belongs to no attempt. */
static void
add_wait (GPtrArray *lines, const WeftModel *model, const WeftModelSnapshot *snapshot,
          const WeftlineLinks *links, const WeftSpan *span)
{
  g_autofree char *took = NULL;
  g_autofree char *key = NULL;
  int64_t ready_ns;
  uint32_t last;

  if (weft_model_task_attempts (model, span->task) > 1
      || !weftline_timeline_ready (model, snapshot, links, span->task, &ready_ns, &last)
      || span->start_ns < ready_ns)
    return;
  took = weftline_format_duration (span->start_ns - ready_ns);
  if (last == WEFT_NONE)
    {
      add (lines, g_strdup_printf (_ ("waited %s from the run's start on"), took));
      return;
    }
  key = weft_model_task_dup_key (model, last);
  /* Translators: for how long, and the key of the task that it needed last */
  add (lines, g_strdup_printf (_ ("waited %s after %s"), took, key));
}

static void
add_cpu (GPtrArray *lines, const WeftModel *model, uint32_t lane, uint64_t index)
{
  g_autofree char *used = weftline_cpu_text (model, lane, index);

  /* Translators: time on a processor, or that it is not known */
  add (lines, g_strdup_printf (_ ("CPU: %s"), used));
}

/* Of what was moved. */
static void
add_moved (GPtrArray *lines, const WeftSpan *span)
{
  if (span->amount > 0
      && (span->kind == WEFT_RECORD_SPILL_WRITE || span->kind == WEFT_RECORD_SPILL_READ
          || span->kind == WEFT_RECORD_TRANSFER))
    add (lines, weftline_format_bytes (span->amount, WEFTLINE_BYTES_DECIMAL));
}

static void
add_links (GPtrArray *lines, const WeftlineLinks *links, uint32_t task)
{
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autoptr (GArray) dependents = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  g_autofree char *n_inputs = NULL;
  g_autofree char *n_dependents = NULL;

  if (links == NULL || !weftline_links_inputs (links, task, inputs)
      || !weftline_links_dependents (links, task, dependents))
    return;
  n_inputs = weftline_format_count (inputs->len);
  n_dependents = weftline_format_count (dependents->len);
  /* Translators: numbers of tasks */
  add (lines, g_strdup_printf (_ ("depends on %s, needed by %s"), n_inputs, n_dependents));
}

static void
add_group (GPtrArray *lines, const WeftModel *model, uint32_t task)
{
  uint32_t group = weft_model_task_group (model, task);
  g_autofree char *mean = NULL;
  WeftModelGroup info;

  if (group == WEFT_NO_GROUP || group == WEFT_NONE)
    return;
  weft_model_group (model, group, &info);
  if (info.n_ended == 0)
    {
      /* Translators: the name of a group of tasks */
      add (lines, g_strdup_printf (_ ("%s: none has ended well"), info.name));
      return;
    }
  mean = weftline_format_duration (info.busy_ns / (int64_t) info.n_ended);
  /* Translators: the tasks of a group: so long each */
  add (lines, g_strdup_printf (_ ("%s: %s each on average"), info.name, mean));
}

static void
add_attempt (GPtrArray *lines, const WeftModel *model, uint32_t lane, uint64_t index, uint32_t task)
{
  uint32_t n_attempts = weft_model_task_attempts (model, task);
  uint64_t attempt = 1;

  weft_model_span_detail (model, lane, index, WEFT_RECORD_ATTEMPT, &attempt);
  if (n_attempts > 1)
    add (lines, g_strdup_printf (_ ("attempt %u of %u"), (unsigned) attempt, n_attempts));
}

static void
add_task_lines (GPtrArray *lines, const WeftModel *model, uint32_t lane, uint64_t index,
                const WeftSpan *span)
{
  add_cpu (lines, model, lane, index);
  if (span->amount > 0)
    {
      g_autofree char *bytes = weftline_format_bytes (span->amount, WEFTLINE_BYTES_DECIMAL);

      /* Translators: so many bytes, by a task */
      add (lines, g_strdup_printf (_ ("%s made"), bytes));
    }
  add_group (lines, model, span->task);
  add_attempt (lines, model, lane, index, span->task);
  if (found_words (span->how) != NULL)
    add (lines, g_strdup (found_words (span->how)));
}

/* (transfer full) */
static char *
place_line (const WeftModel *model, uint32_t lane, int64_t start_ns, WeftlineTimeForm form)
{
  g_autofree char *at = weftline_format_moment (start_ns, form, weft_model_wall_ns (model));
  g_autofree char *name = weftline_lane_text_of (model, lane);

  /* Translators: a thread, and since when */
  return g_strdup_printf (_ ("%s, from %s on"), name, at);
}

static const WeftSpan *
span_of (const WeftModel *model, uint32_t lane, uint64_t index)
{
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  return weft_spans_get (info.spans, index);
}

char **
weftline_task_stream_span_words (const WeftModel *model, const WeftModelSnapshot *snapshot,
                                 const WeftlineLinks *links, uint32_t lane, uint64_t index,
                                 WeftlineTimeForm form)
{
  const WeftSpan *span = span_of (model, lane, index);
  g_autofree char *took = weftline_format_duration (span->end_ns - span->start_ns);
  GPtrArray *lines = g_ptr_array_new ();
  bool is_task = span->kind == WEFT_RECORD_TASK && span->task != WEFT_NONE;

  add (lines, span->task != WEFT_NONE ? weft_model_task_dup_key (model, span->task)
                                      : g_strdup (kind_words (span->kind)));
  if (is_task)
    /* Translators: for how long, and how it ended */
    add (lines, g_strdup_printf (_ ("ran %s, %s"), took, outcome_words (span->how)));
  else
    /* Translators: what a worker did, and for how long */
    add (lines, g_strdup_printf (_ ("%s, %s"), kind_words (span->kind), took));
  if (is_task)
    add_wait (lines, model, snapshot, links, span);
  add (lines, place_line (model, lane, span->start_ns, form));
  if (is_task)
    {
      add_task_lines (lines, model, lane, index, span);
      add_links (lines, links, span->task);
    }
  else
    add_moved (lines, span);
  return end_lines (lines);
}

char **
weftline_task_stream_now_words (const WeftModel *model, uint32_t lane, const WeftModelNow *now,
                                const WeftModelSnapshot *snapshot, WeftlineTimeForm form)
{
  bool interrupted = snapshot->phase == WEFT_RUN_INTERRUPTED;
  g_autofree char *took = weftline_format_duration (MAX (snapshot->last_ns - now->start_ns, 0));
  GPtrArray *lines = g_ptr_array_new ();

  add (lines, now->task != WEFT_NONE ? weft_model_task_dup_key (model, now->task)
                                     : g_strdup (kind_words (now->kind)));
  if (now->kind == WEFT_RECORD_TASK && interrupted)
    /* Translators: a task, for how long before its run was interrupted */
    add (lines, g_strdup_printf (_ ("had run %s when the run was interrupted"), took));
  else if (now->kind == WEFT_RECORD_TASK)
    add (lines, g_strdup_printf (_ ("running for %s so far"), took));
  else if (interrupted)
    add (lines, g_strdup_printf (_ ("%s, %s"), kind_words (now->kind), took));
  else
    add (lines, g_strdup_printf (_ ("%s, %s so far"), kind_words (now->kind), took));
  add (lines, place_line (model, lane, now->start_ns, form));
  if (now->attempt > 1)
    add (lines, g_strdup_printf (_ ("attempt %u"), now->attempt));
  return end_lines (lines);
}

/* ---- gaps ------------------------------------------------------------------------------------ */

static const char *
gap_title (const WeftlineGap *gap)
{
  switch (gap->kind)
    {
    case WEFTLINE_GAP_NOT_STARTED:
      return _ ("The run had not begun");
    case WEFTLINE_GAP_AWAITED:
    case WEFTLINE_GAP_UNTAKEN:
      return _ ("No task was ready");
    case WEFTLINE_GAP_RESOURCE:
      return _ ("Resource limit");
    case WEFTLINE_GAP_RETRY:
      return _ ("Held before another attempt");
    case WEFTLINE_GAP_PAUSED:
      return _ ("Paused");
    case WEFTLINE_GAP_MEMORY:
      return _ ("Short of memory");
    case WEFTLINE_GAP_SLOWED:
      return _ ("Slow motion");
    case WEFTLINE_GAP_SCHEDULER:
      return _ ("Scheduling");
    case WEFTLINE_GAP_NO_MORE:
      return gap->to_ns == INT64_MAX ? _ ("No task has come since") : _ ("No task came any more");
    case WEFTLINE_GAP_UNKNOWN:
    default:
      return _ ("Nothing ran: not known why");
    }
}

/* (transfer full) (nullable): what it was about, by the task's key */
static char *
gap_reason (const WeftModel *model, const WeftlineGap *gap)
{
  g_autofree char *key = gap->task != WEFT_NONE ? weft_model_task_dup_key (model, gap->task) : NULL;
  g_autofree char *place = NULL;

  if (key == NULL)
    return NULL;
  if (gap->lane != WEFT_NONE)
    place = weftline_lane_text_of (model, gap->lane);
  switch (gap->kind)
    {
    case WEFTLINE_GAP_AWAITED:
      /* Translators: a task's key, and the worker it ran on */
      return g_strdup_printf (_ ("awaited %s, which ran on %s"), key, place);
    case WEFTLINE_GAP_UNTAKEN:
      return g_strdup_printf (_ ("%s had to come first, which nobody had started yet"), key);
    case WEFTLINE_GAP_RESOURCE:
      /* Translators: a task's key, and a resource's name */
      return g_strdup_printf (_ ("%s was ready, but waited for %s"), key,
                              gap->resource != NULL ? gap->resource : _ ("a resource"));
    case WEFTLINE_GAP_RETRY:
      return g_strdup_printf (_ ("%s had failed before"), key);
    case WEFTLINE_GAP_PAUSED:
    case WEFTLINE_GAP_MEMORY:
    case WEFTLINE_GAP_SLOWED:
      return g_strdup_printf (_ ("%s was ready, but was not started"), key);
    case WEFTLINE_GAP_SCHEDULER:
      return g_strdup_printf (_ ("%s was ready, and came next"), key);
    case WEFTLINE_GAP_NO_MORE:
      return g_strdup_printf (_ ("%s ran on %s"), key, place);
    default:
      return NULL;
    }
}

/* (transfer full) */
static char *
gap_time (const WeftModel *model, uint32_t lane, const WeftlineGap *gap, WeftlineTimeForm form)
{
  const char *did = gap->span_kind != 0 ? kind_words (gap->span_kind) : _ ("nothing recorded");
  g_autofree char *took = NULL;

  if (gap->to_ns == INT64_MAX)
    {
      g_autofree char *at = weftline_format_moment (gap->from_ns, form, weft_model_wall_ns (model));
      g_autofree char *name = weftline_lane_text_of (model, lane);

      /* Translators: a thread, and since when */
      return g_strdup_printf (_ ("%s, from %s on"), name, at);
    }
  took = weftline_format_duration (gap->to_ns - gap->from_ns);
  /* Translators: what a worker did, and for how long */
  return g_strdup_printf (_ ("%s, %s"), did, took);
}

char **
weftline_task_stream_gap_words (const WeftModel *model, uint32_t lane, const WeftlineGap *gap,
                                WeftlineTimeForm form)
{
  GPtrArray *lines = g_ptr_array_new ();
  char *reason = gap_reason (model, gap);

  add (lines, g_strdup (gap_title (gap)));
  if (reason != NULL)
    add (lines, reason);
  if (gap->n_between > 0 && gap->task != WEFT_NONE)
    add (lines, g_strdup_printf (ngettext ("%u task had to come between",
                                           "%u tasks had to come between", gap->n_between),
                                 gap->n_between));
  if (gap->next != WEFT_NONE && gap->next != gap->task)
    {
      g_autofree char *next = weft_model_task_dup_key (model, gap->next);

      /* Translators: the key of the task that a worker ran next */
      add (lines, g_strdup_printf (_ ("next here: %s"), next));
    }
  add (lines, gap_time (model, lane, gap, form));
  return end_lines (lines);
}

/* ---- the status ------------------------------------------------------------------------------ */

static void
append_lineage (GString *text, const WeftlineTimelineLinks *links, WeftlineLineage lineage)
{
  gulong n = links->n_members - 1;
  g_autofree char *count = weftline_format_count (n);
  g_autofree char *shown = weftline_format_count (links->n_looked_at - 1);
  g_autofree char *of =
      /* Translators: so many of so many; what comes after */
      links->n_looked_at < links->n_members ? g_strdup_printf (_ ("%s of %s"), shown, count)
                                            : g_strdup (count);

  if (lineage == WEFTLINE_LINEAGE_ANCESTORS)
    g_string_append_printf (text, ngettext ("%s ancestor", "%s ancestors", n), of);
  else if (lineage == WEFTLINE_LINEAGE_DESCENDANTS)
    g_string_append_printf (text, ngettext ("%s descendant", "%s descendants", n), of);
  else
    g_string_append_printf (text, ngettext ("%s relative", "%s relatives", n), of);
}

char *
weftline_task_stream_links_words (const WeftlineTimelineLinks *links, WeftlineLineage lineage)
{
  GString *text = g_string_new (NULL);

  if (links->n_members > 0 && links->n_looked_at > 0)
    {
      g_string_append (text, " · ");
      append_lineage (text, links, lineage);
    }
  if (links->arrows->len < links->n_arrows)
    {
      g_autofree char *shown = weftline_format_count (links->arrows->len);
      g_autofree char *all = weftline_format_count (links->n_arrows);

      g_string_append (text, " · ");
      g_string_append_printf (text, ngettext ("%s of %s arrow", "%s of %s arrows", links->n_arrows),
                              shown, all);
    }
  return g_string_free (text, FALSE);
}

/* Those that are whole. */
static unsigned
n_lanes_in_sight (const WeftlineTimelineLayout *layout)
{
  int top = layout->view.scroll * layout->view.scale;
  int first = (top + layout->pitch - 1) / layout->pitch;
  int last = (top + layout->area_height) / layout->pitch;

  return (unsigned) MAX (MIN (last, (int) layout->input.n_lanes) - first, 0);
}

char *
weftline_task_stream_lanes_words (const WeftlineTimelineLayout *layout)
{
  unsigned n_all = layout->input.n_lanes;
  unsigned n = n_all > 0 ? n_lanes_in_sight (layout) : 0;
  g_autofree char *shown = weftline_format_count (n);
  g_autofree char *all = weftline_format_count (n_all);
  GString *text = g_string_new (NULL);

  if (n < n_all)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, ngettext ("%s of %s lane", "%s of %s lanes", n_all), shown,
                              all);
    }
  return g_string_free (text, FALSE);
}

char *
weftline_task_stream_status (const WeftModelSnapshot *snapshot, bool following)
{
  uint32_t n_ended = snapshot->n_states[WEFT_TASK_MEMORY] + snapshot->n_states[WEFT_TASK_RELEASED]
                     + snapshot->n_states[WEFT_TASK_ERRED];
  g_autofree char *ended = weftline_format_count (n_ended);
  g_autofree char *all = weftline_format_count (snapshot->n_tasks);
  g_autofree char *erred = weftline_format_count (snapshot->n_states[WEFT_TASK_ERRED]);
  g_autofree char *cancelled = weftline_format_count (snapshot->n_states[WEFT_TASK_CANCELLED]);
  g_autofree char *dropped = weftline_format_count (snapshot->n_dropped);
  GString *text = g_string_new (NULL);

  if (snapshot->n_tasks == 0)
    return g_string_free (text, FALSE);
  if (following && snapshot->phase < WEFT_RUN_DONE)
    g_string_append_printf (text, "%s · ", _ ("following"));
  g_string_append_printf (text, ngettext ("%s of %s task", "%s of %s tasks", snapshot->n_tasks),
                          ended, all);
  if (snapshot->n_states[WEFT_TASK_ERRED] > 0)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, _ ("%s erred"), erred);
    }
  if (snapshot->n_states[WEFT_TASK_CANCELLED] > 0)
    {
      g_string_append (text, " · ");
      g_string_append_printf (text, _ ("%s cancelled"), cancelled);
    }
  g_string_append (text, " · ");
  g_string_append_printf (text, _ ("%s dropped"), dropped);
  return g_string_free (text, FALSE);
}
