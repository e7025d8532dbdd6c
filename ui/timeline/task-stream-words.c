/* task-stream-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "timeline/task-stream-words.h"

#include "canvas/number-format.h"

static const char *
kind_words (uint8_t kind)
{
  switch (kind)
    {
    case WEFT_RECORD_TASK:
      return "task";
    case WEFT_RECORD_SPILL_WRITE:
      return "written to disk";
    case WEFT_RECORD_SPILL_READ:
      return "read from disk";
    case WEFT_RECORD_TRANSFER:
      return "transfer";
    case WEFT_RECORD_PAUSED:
      return "paused by the user";
    case WEFT_RECORD_MEMORY_PAUSED:
      return "no source was started for want of memory";
    case WEFT_RECORD_RECORDER_WAIT:
      return "waited for the recorder";
    case WEFT_RECORD_PARKED:
      return "asleep: nothing was ready";
    case WEFT_RECORD_STEAL_MISS:
      return "looked for work";
    case WEFT_RECORD_SLOWED:
      return "slow motion";
    case WEFT_RECORD_BLOCKED:
      return "waited for a future";
    case WEFT_RECORD_ELSEWHERE:
      return "served another run";
    default:
      return "something else";
    }
}

static const char *
outcome_words (uint8_t how)
{
  static const char *const words[] = { "done",      "failed",    "failed, tried again",
                                       "timed out", "cancelled", "gave a graph of its own",
                                       "running" };

  return how >> 4 < (int) G_N_ELEMENTS (words) ? words[how >> 4] : "done";
}

static const char *
found_words (uint8_t how)
{
  static const char *const words[] = { "next in the order", "straight after the task before",
                                       "had been passed",   "stolen from another worker",
                                       "had been put back", "another program's scheduler" };

  return (how & 15) < (int) G_N_ELEMENTS (words) ? words[how & 15] : NULL;
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

      add (lines, g_strdup_printf ("%s made", bytes));
    }
  if (group != WEFT_NO_GROUP && group != WEFT_NONE)
    {
      weft_model_group (model, group, &info);
      if (info.n_ended > 0)
        {
          g_autofree char *mean = weftline_format_duration (info.busy_ns / (int64_t) info.n_ended);

          add (lines, g_strdup_printf ("%s: %s each on average", info.name, mean));
        }
    }
  if (n_attempts > 1)
    add (lines, g_strdup_printf ("%u attempts", n_attempts));
  if (found_words (span->how) != NULL)
    add (lines, g_strdup (found_words (span->how)));
}

/* (transfer full) */
static char *
place_line (const WeftModel *model, uint32_t lane, int64_t start_ns)
{
  g_autofree char *at = weftline_format_duration (start_ns);
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  if (info.name[0] == 0 && info.worker != WEFT_NONE)
    return g_strdup_printf ("worker %u, from %s on", info.worker, at);
  return g_strdup_printf ("%s, from %s on", info.name, at);
}

char **
weftline_task_stream_span_words (const WeftModel *model, uint32_t lane, const WeftSpan *span)
{
  g_autofree char *took = weftline_format_duration (span->end_ns - span->start_ns);
  GPtrArray *lines = g_ptr_array_new ();
  bool is_task = span->kind == WEFT_RECORD_TASK && span->task != WEFT_NONE;

  add (lines, span->task != WEFT_NONE ? weft_model_task_dup_key (model, span->task)
                                      : g_strdup (kind_words (span->kind)));
  if (is_task)
    add (lines, g_strdup_printf ("ran %s, %s", took, outcome_words (span->how)));
  else
    add (lines, g_strdup_printf ("%s, %s", kind_words (span->kind), took));
  add (lines, place_line (model, lane, span->start_ns));
  if (is_task)
    add_task_lines (lines, model, span);
  return end_lines (lines);
}

char **
weftline_task_stream_now_words (const WeftModel *model, uint32_t lane, const WeftModelNow *now,
                                int64_t until_ns)
{
  g_autofree char *took = weftline_format_duration (MAX (until_ns - now->start_ns, 0));
  GPtrArray *lines = g_ptr_array_new ();

  add (lines, now->task != WEFT_NONE ? weft_model_task_dup_key (model, now->task)
                                     : g_strdup (kind_words (now->kind)));
  if (now->kind == WEFT_RECORD_TASK)
    add (lines, g_strdup_printf ("running for %s so far", took));
  else
    add (lines, g_strdup_printf ("%s, %s so far", kind_words (now->kind), took));
  add (lines, place_line (model, lane, now->start_ns));
  if (now->attempt > 1)
    add (lines, g_strdup_printf ("attempt %u", now->attempt));
  return end_lines (lines);
}

char *
weftline_task_stream_status (const WeftModelSnapshot *snapshot, bool following)
{
  uint32_t n_ended = snapshot->n_states[WEFT_TASK_MEMORY] + snapshot->n_states[WEFT_TASK_RELEASED]
                     + snapshot->n_states[WEFT_TASK_ERRED];
  g_autofree char *ended = weftline_format_count (n_ended);
  g_autofree char *all = weftline_format_count (snapshot->n_tasks);
  g_autofree char *erred = weftline_format_count (snapshot->n_states[WEFT_TASK_ERRED]);
  g_autofree char *dropped = weftline_format_count (snapshot->n_dropped);
  GString *text =
      g_string_new (following && snapshot->phase < WEFT_RUN_DONE ? "following · " : NULL);

  g_string_append_printf (text, "%s of %s tasks", ended, all);
  if (snapshot->n_states[WEFT_TASK_ERRED] > 0)
    g_string_append_printf (text, " · %s erred", erred);
  g_string_append_printf (text, " · %s dropped", dropped);
  return g_string_free (text, FALSE);
}
