/* task-stream-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/task-stream-words.h"

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
      return _ ("asleep: nothing was ready");
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

static void
add_task_lines (GPtrArray *lines, const WeftModel *model, const WeftSpan *span)
{
  uint32_t group = weft_model_task_group (model, span->task);
  uint32_t n_attempts = weft_model_task_attempts (model, span->task);
  WeftModelGroup info;

  if (span->amount > 0)
    {
      g_autofree char *bytes = weftline_format_bytes (span->amount, WEFTLINE_BYTES_DECIMAL);

      /* Translators: so many bytes, by a task */
      add (lines, g_strdup_printf (_ ("%s made"), bytes));
    }
  if (group != WEFT_NO_GROUP && group != WEFT_NONE)
    {
      weft_model_group (model, group, &info);
      if (info.n_ended > 0)
        {
          g_autofree char *mean = weftline_format_duration (info.busy_ns / (int64_t) info.n_ended);

          /* Translators: the tasks of a group: so long each */
          add (lines, g_strdup_printf (_ ("%s: %s each on average"), info.name, mean));
        }
    }
  if (n_attempts > 1)
    add (lines, g_strdup_printf (ngettext ("%u attempt", "%u attempts", n_attempts), n_attempts));
  if (found_words (span->how) != NULL)
    add (lines, g_strdup (found_words (span->how)));
}

/* (transfer full) */
static char *
place_line (const WeftModel *model, uint32_t lane, int64_t start_ns, WeftlineTimeForm form)
{
  g_autofree char *at = weftline_format_moment (start_ns, form, weft_model_wall_ns (model));
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  if (info.name[0] == 0 && info.worker != WEFT_NONE)
    return g_strdup_printf (_ ("worker %u, from %s on"), info.worker, at);
  /* Translators: a thread, and since when */
  return g_strdup_printf (_ ("%s, from %s on"), info.name, at);
}

char **
weftline_task_stream_span_words (const WeftModel *model, uint32_t lane, const WeftSpan *span,
                                 WeftlineTimeForm form)
{
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
  add (lines, place_line (model, lane, span->start_ns, form));
  if (is_task)
    add_task_lines (lines, model, span);
  return end_lines (lines);
}

char **
weftline_task_stream_now_words (const WeftModel *model, uint32_t lane, const WeftModelNow *now,
                                int64_t until_ns, WeftlineTimeForm form)
{
  g_autofree char *took = weftline_format_duration (MAX (until_ns - now->start_ns, 0));
  GPtrArray *lines = g_ptr_array_new ();

  add (lines, now->task != WEFT_NONE ? weft_model_task_dup_key (model, now->task)
                                     : g_strdup (kind_words (now->kind)));
  if (now->kind == WEFT_RECORD_TASK)
    add (lines, g_strdup_printf (_ ("running for %s so far"), took));
  else
    add (lines, g_strdup_printf (_ ("%s, %s so far"), kind_words (now->kind), took));
  add (lines, place_line (model, lane, now->start_ns, form));
  if (now->attempt > 1)
    add (lines, g_strdup_printf (_ ("attempt %u"), now->attempt));
  return end_lines (lines);
}
