/* weftline-run.c: a run as the window knows it, whatever it is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-run.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

G_DEFINE_INTERFACE (WeftlineRun, weftline_run, G_TYPE_OBJECT)

#define PAUSED_STEP_NS INT64_C (1000000000)

static guint changed_signal, refused_signal;

static void
weftline_run_default_init (WeftlineRunInterface *iface)
{
  /**
   * WeftlineRun::changed:
   *
   * Status, message or results are new.
   */
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_RUN, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
  /**
   * WeftlineRun::refused:
   * @reason: for people
   *
   * A command was not carried out. It may have been asked for a while ago.
   */
  refused_signal = g_signal_new ("refused", WEFTLINE_TYPE_RUN, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 1, G_TYPE_STRING);
}

/* ---- facts ----------------------------------------------------------------------------------- */

WeftlineCapabilities
weftline_run_capabilities (WeftlineRun *run)
{
  return WEFTLINE_RUN_GET_IFACE (run)->capabilities (run);
}

bool
weftline_run_can (WeftlineRun *run, WeftlineCapabilities capability)
{
  return run != NULL && (weftline_run_capabilities (run) & capability) == capability;
}

void
weftline_run_status (WeftlineRun *run, WeftlineRunStatus *status)
{
  *status = (WeftlineRunStatus){ 0 };
  WEFTLINE_RUN_GET_IFACE (run)->status (run, status);
}

WeftlineFeed *
weftline_run_feed (WeftlineRun *run)
{
  return WEFTLINE_RUN_GET_IFACE (run)->feed (run);
}

const char *
weftline_run_name (WeftlineRun *run)
{
  return WEFTLINE_RUN_GET_IFACE (run)->name (run);
}

const char *
weftline_run_about (WeftlineRun *run)
{
  WeftlineRunInterface *iface = WEFTLINE_RUN_GET_IFACE (run);

  return iface->about != NULL ? iface->about (run) : NULL;
}

const char *
weftline_run_kind (WeftlineRun *run)
{
  return WEFTLINE_RUN_GET_IFACE (run)->kind (run);
}

const WeftModelNotes *
weftline_run_notes (WeftlineRun *run)
{
  WeftlinePlan *plan = weftline_run_plan (run);
  WeftlineFeed *feed = weftline_run_feed (run);

  if (plan != NULL)
    return weftline_plan_notes (plan);
  return feed != NULL ? weft_model_notes (weftline_feed_model (feed)) : NULL;
}

const char *
weftline_run_path (WeftlineRun *run)
{
  return WEFTLINE_RUN_GET_IFACE (run)->path (run);
}

const char *
weftline_run_message (WeftlineRun *run)
{
  WeftlineRunInterface *iface = WEFTLINE_RUN_GET_IFACE (run);

  return iface->message != NULL ? iface->message (run) : NULL;
}

char *
weftline_run_dup_results (WeftlineRun *run)
{
  WeftlineRunInterface *iface = WEFTLINE_RUN_GET_IFACE (run);

  return iface->dup_results != NULL ? iface->dup_results (run) : NULL;
}

bool
weftline_run_has_results (WeftlineRun *run)
{
  return WEFTLINE_RUN_GET_IFACE (run)->dup_results != NULL;
}

bool
weftline_run_result (WeftlineRun *run, const char *key, WeftValue *value, GError **error)
{
  return WEFTLINE_RUN_GET_IFACE (run)->result (run, key, value, error);
}

bool
weftline_run_has_result (WeftlineRun *run)
{
  return WEFTLINE_RUN_GET_IFACE (run)->result != NULL;
}

WeftlinePlan *
weftline_run_plan (WeftlineRun *run)
{
  WeftlineRunInterface *iface = WEFTLINE_RUN_GET_IFACE (run);

  return iface->plan != NULL ? iface->plan (run) : NULL;
}

bool
weftline_run_is_over (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status.phase >= WEFT_RUN_DONE;
}

bool
weftline_run_is_active (WeftlineRun *run)
{
  WeftlineRunStatus status;

  weftline_run_status (run, &status);
  return status.phase == WEFT_RUN_RUNNING || status.phase == WEFT_RUN_PAUSED;
}

bool
weftline_run_goes_on (WeftlineRun *run)
{
  WeftlineRunInterface *iface = WEFTLINE_RUN_GET_IFACE (run);

  return iface->goes_on != NULL && iface->goes_on (run);
}

static bool
is_same_but_time (const WeftlineRunTold *a, const WeftlineRunTold *b)
{
  const WeftlineRunStatus *x = &a->status, *y = &b->status;

  return a->feed == b->feed && x->phase == y->phase && x->known == y->known
         && x->knows_memory == y->knows_memory && x->n_tasks == y->n_tasks
         && x->n_ended == y->n_ended && x->n_running == y->n_running && x->n_erred == y->n_erred
         && x->managed_bytes == y->managed_bytes && x->peak_bytes == y->peak_bytes
         && x->spilled_bytes == y->spilled_bytes && x->delay_ns == y->delay_ns
         && x->n_workers == y->n_workers && x->memory_limit_bytes == y->memory_limit_bytes;
}

bool
weftline_run_moves (WeftlineRun *run, WeftlineRunTold *told, unsigned after_ms)
{
  WeftlineFeed *feed = weftline_run_feed (run);
  WeftlineRunTold now = { .at_us = g_get_monotonic_time () };

  if (now.at_us - told->at_us < (gint64) after_ms * 1000)
    return false;
  weftline_run_status (run, &now.status);
  now.feed = feed != NULL ? weftline_feed_state (feed) : WEFT_FEED_READING;
  if (now.status.phase == WEFT_RUN_PAUSED && is_same_but_time (&now, told)
      && now.status.elapsed_ns - told->status.elapsed_ns < PAUSED_STEP_NS)
    return false;
  *told = now;
  return true;
}

void
weftline_run_changed (WeftlineRun *run)
{
  g_signal_emit (run, changed_signal, 0);
}

void
weftline_run_refuse (WeftlineRun *run, const char *reason)
{
  g_signal_emit (run, refused_signal, 0, reason);
}

/* ---- commands -------------------------------------------------------------------------------- */

#define COMMAND(run, name, ...)                   \
  if (WEFTLINE_RUN_GET_IFACE (run)->name != NULL) \
  WEFTLINE_RUN_GET_IFACE (run)->name (run, ##__VA_ARGS__)

void
weftline_run_look (WeftlineRun *run)
{
  COMMAND (run, look);
}

void
weftline_run_show (WeftlineRun *run)
{
  COMMAND (run, show);
}

void
weftline_run_start (WeftlineRun *run)
{
  COMMAND (run, start);
}

void
weftline_run_pause (WeftlineRun *run)
{
  COMMAND (run, pause);
}

void
weftline_run_resume (WeftlineRun *run)
{
  COMMAND (run, resume);
}

void
weftline_run_step (WeftlineRun *run)
{
  COMMAND (run, step);
}

void
weftline_run_cancel (WeftlineRun *run)
{
  COMMAND (run, cancel);
}

void
weftline_run_set_delay (WeftlineRun *run, int64_t delay_ns)
{
  COMMAND (run, set_delay, delay_ns);
}

void
weftline_run_set_workers (WeftlineRun *run, uint32_t n_workers)
{
  COMMAND (run, set_workers, n_workers);
}

void
weftline_run_set_memory_limit (WeftlineRun *run, uint64_t n_bytes)
{
  COMMAND (run, set_memory_limit, n_bytes);
}

WeftlineRun *
weftline_run_again (WeftlineRun *run, GError **error)
{
  WeftlineRunInterface *iface = WEFTLINE_RUN_GET_IFACE (run);

  if (iface->again != NULL)
    return iface->again (run, error);
  g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
               _ ("This run cannot be repeated"));
  return NULL;
}

void
weftline_run_run_to (WeftlineRun *run, const char *key)
{
  COMMAND (run, run_to, key);
}

const WeftlineBreaks *
weftline_run_breaks (WeftlineRun *run)
{
  WeftlineRunInterface *iface = WEFTLINE_RUN_GET_IFACE (run);

  return iface->breaks != NULL ? iface->breaks (run) : NULL;
}

void
weftline_run_set_break (WeftlineRun *run, const WeftlineBreak *what, bool on)
{
  COMMAND (run, set_break, what, on);
}

WeftlineRun *
weftline_run_rerun_task (WeftlineRun *run, const char *key, GError **error)
{
  WeftlineRunInterface *iface = WEFTLINE_RUN_GET_IFACE (run);

  if (iface->rerun_task != NULL)
    return iface->rerun_task (run, key, error);
  g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
               _ ("This run cannot be repeated"));
  return NULL;
}

bool
weftline_run_save (WeftlineRun *run, const char *path, GError **error)
{
  g_autoptr (GFile) from = NULL;
  g_autoptr (GFile) to = g_file_new_for_path (path);

  if (weftline_run_path (run) == NULL)
    {
      g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_STATE,
                   _ ("There is nothing to save before the start"));
      return false;
    }
  from = g_file_new_for_path (weftline_run_path (run));
  if (g_file_equal (from, to))
    return true;
  return g_file_copy (from, to, G_FILE_COPY_OVERWRITE, NULL, NULL, NULL, error);
}
