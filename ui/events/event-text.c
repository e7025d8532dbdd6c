/* event-text.c: events in words
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "canvas/lane-text.h"
#include "canvas/note-text.h"
#include "canvas/number-format.h"
#include "events/event-index.h"

#include <glib/gi18n.h>
#include <string.h>

/* Of syslog. */
#define LEVEL_ERROR 3
#define LEVEL_WARNING 4
#define LEVEL_INFO 6

const char *
weftline_event_kind_title (WeftlineEventKind kind)
{
  static const char *const titles[] = {
    N_ ("Run states"),
    N_ ("Errors"),
    N_ ("Retries"),
    N_ ("Breakpoints and steps"),
    N_ ("Settings"),
    N_ ("Pauses"),
    N_ ("Out of memory"),
    N_ ("Steals"),
    N_ ("Notes on the graph"),
    N_ ("Annotations"),
    N_ ("Log"),
  };

  _Static_assert(G_N_ELEMENTS (titles) == WEFTLINE_EVENT_N_KINDS, "a title for each kind");
  return _ (titles[kind]);
}

char *
weftline_event_count_text (uint64_t n, uint64_t n_all)
{
  g_autofree char *shown = weftline_format_count (n);
  g_autofree char *all = weftline_format_count (n_all);

  /* Translators: so many of so many */
  return g_strdup_printf (_ ("%s of %s events"), shown, all);
}

/* ---- settings -------------------------------------------------------------------------------- */

static char *
bytes_text (uint64_t n_bytes)
{
  return n_bytes > 0 ? weftline_format_bytes (n_bytes, WEFTLINE_BYTES_DECIMAL)
                     : g_strdup (_ ("none"));
}

static char *
slow_text (uint64_t ns)
{
  g_autofree char *delay = weftline_format_duration ((int64_t) ns);

  return ns > 0 ? g_strdup_printf (_ ("slow motion: %s before each start"), delay)
                : g_strdup (_ ("slow motion: off"));
}

static char *
setting_text (const WeftModel *model, const WeftModelSetting *setting)
{
  uint64_t value = setting->value;
  g_autofree char *bytes = bytes_text (value);
  g_autofree char *figure = g_strdup_printf ("%" G_GUINT64_FORMAT, value);
  const char *string = weft_model_string (model, (uint32_t) value);
  double number;

  if (string == NULL)
    string = "?";
  switch (setting->setting)
    {
    case WEFT_SETTING_WORKERS:
      return g_strdup_printf (_ ("workers: %s"), figure);
    case WEFT_SETTING_MEMORY_LIMIT:
      return g_strdup_printf (_ ("memory limit: %s"), bytes);
    case WEFT_SETTING_SLOW_MOTION:
      return slow_text (value);
    case WEFT_SETTING_ON_ERROR:
      return g_strdup (value != 0 ? _ ("after an error: go on") : _ ("after an error: stop"));
    case WEFT_SETTING_SEED:
      return g_strdup_printf (_ ("seed: %s"), figure);
    case WEFT_SETTING_SPEED:
      memcpy (&number, &value, sizeof number);
      return g_strdup_printf (_ ("speed: %.3g"), number);
    case WEFT_SETTING_BREAK_AT_KEY:
      return g_strdup_printf (_ ("breakpoint at task %s"), string);
    case WEFT_SETTING_BREAK_AT_GROUP:
      return g_strdup_printf (_ ("breakpoint at group %s"), string);
    case WEFT_SETTING_BREAK_ABOVE_BYTES:
      return g_strdup_printf (_ ("breakpoint above: %s"), bytes);
    case WEFT_SETTING_BREAK_ON_ERROR:
      return g_strdup (value != 0 ? _ ("breakpoint at errors: on")
                                  : _ ("breakpoint at errors: off"));
    default:
      return g_strdup_printf (_ ("setting %u: %s"), setting->setting, figure);
    }
}

/* ---- spans ----------------------------------------------------------------------------------- */

static const char *
phase_text (unsigned phase)
{
  switch (phase)
    {
    case WEFT_RUN_PREPARED:
      return _ ("the run is ready");
    case WEFT_RUN_RUNNING:
      return _ ("the run goes on");
    case WEFT_RUN_PAUSED:
      return _ ("the run pauses");
    case WEFT_RUN_DONE:
      return _ ("the run is done");
    case WEFT_RUN_FAILED:
      return _ ("the run has failed");
    case WEFT_RUN_CANCELLED:
      return _ ("the run was cancelled");
    default:
      return _ ("the run was interrupted");
    }
}

/* Itself, or the process it is in, if that is a worker. */
static uint32_t
process_of (const WeftModel *model, uint32_t lane)
{
  WeftModelLane info;

  weft_model_lane (model, lane, &info);
  if (info.kind == WEFT_LANE_PROCESS)
    return info.worker != WEFT_NONE ? lane : WEFT_NONE;
  return info.parent_lane < lane ? process_of (model, info.parent_lane) : WEFT_NONE;
}

static char *
lane_name (const WeftModel *model, uint32_t lane)
{
  uint32_t process = process_of (model, lane);
  WeftModelLane info;

  weft_model_lane (model, process != WEFT_NONE ? process : lane, &info);
  if (info.worker != WEFT_NONE && info.kind == WEFT_LANE_THREAD)
    return weftline_lane_text ("", info.worker, info.nth);
  return g_strdup (info.name);
}

static char *
steal_text (const WeftModel *model, const WeftlineEvent *event, const char *key)
{
  g_autofree char *thief = lane_name (model, event->lane);
  g_autofree char *victim = NULL;
  uint64_t lane = WEFT_NONE;
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  weft_model_span_detail (model, event->lane, event->index, WEFT_RECORD_PEER, &lane);
  if (lane >= snapshot.n_lanes)
    /* Translators: a worker, a task */
    return g_strdup_printf (_ ("%s stole %s"), thief, key);
  victim = lane_name (model, (uint32_t) lane);
  /* Translators: a worker, a task, another worker */
  return g_strdup_printf (_ ("%s stole %s from %s"), thief, key, victim);
}

static char *
pause_text (const WeftModel *model, const WeftlineEvent *event, const WeftSpan *span)
{
  g_autofree char *worker = lane_name (model, event->lane);
  g_autofree char *time = weftline_format_duration (span->end_ns - span->start_ns);

  if (span->kind == WEFT_RECORD_RECORDER_WAIT)
    /* Translators: a worker, a duration */
    return g_strdup_printf (_ ("%s waited %s for the recorder"), worker, time);
  /* Translators: a worker, a duration */
  return g_strdup_printf (_ ("%s waited %s for memory"), worker, time);
}

static char *
memory_text (const WeftSpan *span, const char *key)
{
  g_autofree char *bytes = weftline_format_bytes (span->amount, WEFTLINE_BYTES_DECIMAL);

  if (span->kind == WEFT_RECORD_ADMITTED)
    return g_strdup_printf (_ ("%s was started over the memory limit"), key);
  /* Translators: bytes, a task */
  return g_strdup_printf (_ ("%s of %s could not be written to disk"), bytes, key);
}

static char *
lost_text (const WeftModel *model, const WeftlineEvent *event)
{
  g_autofree char *worker = lane_name (model, event->lane);

  /* Translators: a worker */
  return *worker != '\0' ? g_strdup_printf (_ ("%s is gone"), worker)
                         : g_strdup (_ ("a worker is gone"));
}

static char *
span_text (const WeftModel *model, const WeftlineEvent *event, const WeftSpan *span)
{
  g_autofree char *key =
      span->task != WEFT_NONE ? weft_model_task_dup_key (model, span->task) : g_strdup ("?");

  switch (event->kind)
    {
    case WEFTLINE_EVENT_RETRY:
      return g_strdup_printf (_ ("%s will be tried again"), key);
    case WEFTLINE_EVENT_STEAL:
      return steal_text (model, event, key);
    case WEFTLINE_EVENT_BREAK:
      return g_strdup_printf (
          span->kind == WEFT_RECORD_BREAK ? _ ("breakpoint hit at %s") : _ ("step: %s"), key);
    case WEFTLINE_EVENT_PAUSE:
      return pause_text (model, event, span);
    case WEFTLINE_EVENT_MEMORY:
      return memory_text (span, key);
    case WEFTLINE_EVENT_RUN:
    default:
      return span->kind == WEFT_RECORD_WORKER_LOST ? lost_text (model, event)
                                                   : g_strdup (phase_text (span->how));
    }
}

/* ---- all ------------------------------------------------------------------------------------- */

static const WeftSpan *
span_of (const WeftModel *model, const WeftlineEvent *event)
{
  WeftModelLane info;

  weft_model_lane (model, event->lane, &info);
  return weft_spans_get (info.spans, event->index);
}

static WeftModelLog
log_of (const WeftModel *model, const WeftlineEvent *event)
{
  WeftModelLog log;

  weft_model_log (model, event->index, &log);
  return log;
}

static WeftModelAnnotation
annotation_of (const WeftModel *model, const WeftlineEvent *event)
{
  WeftModelAnnotation annotation;

  weft_model_annotation (model, event->index, &annotation);
  return annotation;
}

uint32_t
weftline_event_task (const WeftModel *model, const WeftlineEvent *event)
{
  WeftModelErrorText error;

  if (event->kind == WEFTLINE_EVENT_SETTING || event->kind == WEFTLINE_EVENT_NOTE)
    return WEFT_NONE;
  if (event->kind == WEFTLINE_EVENT_LOG)
    return log_of (model, event).task;
  if (event->kind == WEFTLINE_EVENT_ANNOTATION)
    return annotation_of (model, event).task;
  if (event->kind != WEFTLINE_EVENT_ERROR)
    return span_of (model, event)->task;
  weft_model_error (model, event->index, &error);
  return error.task;
}

uint32_t
weftline_event_worker (const WeftModel *model, const WeftlineEvent *event)
{
  uint32_t lane = event->lane, task = weftline_event_task (model, event), worker = WEFT_NONE;
  uint64_t index;

  if (lane > 0)
    worker = process_of (model, lane);
  if (worker == WEFT_NONE && task != WEFT_NONE && weft_model_task_span (model, task, &lane, &index))
    worker = process_of (model, lane);
  return worker;
}

unsigned
weftline_event_level (const WeftModel *model, const WeftlineEvent *event)
{
  if (event->kind == WEFTLINE_EVENT_LOG)
    return log_of (model, event).level;
  if (event->kind == WEFTLINE_EVENT_ERROR)
    return LEVEL_ERROR;
  return event->kind == WEFTLINE_EVENT_RUN
                 && span_of (model, event)->kind == WEFT_RECORD_WORKER_LOST
             ? LEVEL_WARNING
             : LEVEL_INFO;
}

static char *
error_text (const WeftModel *model, const WeftlineEvent *event)
{
  WeftModelErrorText error;
  g_autofree char *key = NULL;
  g_autofree char *message = NULL;

  weft_model_error (model, event->index, &error);
  message = g_utf8_make_valid (*error.message != '\0' ? error.message : error.kind, -1);
  message[strcspn (message, "\n")] = '\0';
  if (error.task == WEFT_NONE)
    return g_steal_pointer (&message);
  key = weft_model_task_dup_key (model, error.task);
  /* Translators: a task, why it failed */
  return g_strdup_printf (_ ("%s failed: %s"), key, message);
}

/* Whom words are of, or about: a task, a worker, or nobody: "". (transfer full) */
static char *
who_text (const WeftModel *model, uint32_t task, uint32_t lane)
{
  if (task != WEFT_NONE)
    return weft_model_task_dup_key (model, task);
  return lane != 0 ? lane_name (model, lane) : g_strdup ("");
}

/* “who, warning: words”: as far as there is any of it. (transfer full) */
static char *
said_text (const char *who, const char *level, const char *words)
{
  if (*who != '\0' && *level != '\0')
    return g_strdup_printf ("%s, %s: %s", who, level, words);
  return *who != '\0' || *level != '\0' ? g_strdup_printf ("%s%s: %s", who, level, words)
                                        : g_strdup (words);
}

/* All of it, or the first line. (transfer full) */
static char *
words_of (const char *bytes, size_t n_bytes, bool whole)
{
  char *words = g_utf8_make_valid (bytes, (gssize) n_bytes);

  g_strchomp (words);
  if (!whole)
    words[strcspn (words, "\n")] = '\0';
  return words;
}

static char *
log_text (const WeftModel *model, const WeftlineEvent *event, bool whole)
{
  WeftModelLog log = log_of (model, event);
  g_autofree char *who = who_text (model, log.task, log.lane);
  g_autofree char *words = words_of (log.bytes, log.n_bytes, whole);
  const char *level = log.level <= LEVEL_ERROR     ? _ ("error")
                      : log.level == LEVEL_WARNING ? _ ("warning")
                                                   : "";

  return said_text (who, level, words);
}

static char *
annotation_text (const WeftModel *model, const WeftlineEvent *event, bool whole)
{
  WeftModelAnnotation annotation = annotation_of (model, event);
  g_autofree char *who = who_text (model, annotation.task, annotation.lane);
  g_autofree char *words = words_of (annotation.text, strlen (annotation.text), whole);

  return said_text (who, "", words);
}

static char *
note_text (const WeftModel *model, uint32_t i)
{
  g_auto (GStrv) lines = weftline_note_lines (weft_model_notes (model));

  return weftline_note_short (lines[i]);
}

char *
weftline_event_dup_text (const WeftModel *model, const WeftlineEvent *event)
{
  WeftModelSetting setting;

  if (event->kind == WEFTLINE_EVENT_ERROR)
    return error_text (model, event);
  if (event->kind == WEFTLINE_EVENT_NOTE)
    return note_text (model, event->index);
  if (event->kind == WEFTLINE_EVENT_LOG)
    return log_text (model, event, false);
  if (event->kind == WEFTLINE_EVENT_ANNOTATION)
    return annotation_text (model, event, false);
  if (event->kind != WEFTLINE_EVENT_SETTING)
    return span_text (model, event, span_of (model, event));
  weft_model_setting (model, event->index, &setting);
  return setting_text (model, &setting);
}

char *
weftline_event_dup_whole (const WeftModel *model, const WeftlineEvent *event)
{
  if (event->kind == WEFTLINE_EVENT_ANNOTATION)
    return annotation_text (model, event, true);
  return event->kind == WEFTLINE_EVENT_LOG ? log_text (model, event, true)
                                           : weftline_event_dup_text (model, event);
}
