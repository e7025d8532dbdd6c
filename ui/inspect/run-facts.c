/* run-facts.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "inspect/run-facts.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>
#include <string.h>

static const char *const row_titles[WEFTLINE_RUN_N_FACTS] = {
  N_ ("State"),     N_ ("Tasks ended"), N_ ("Running now"),  N_ ("Failed"),  N_ ("Elapsed"),
  N_ ("Time left"), N_ ("Managed"),     N_ ("Peak managed"), N_ ("Spilled"),
};

const char *
weftline_run_fact_title (WeftlineRunFact row)
{
  return _ (row_titles[row]);
}

const char *
weftline_phase_text (WeftRunPhase phase)
{
  switch (phase)
    {
    case WEFT_RUN_PREPARED:
      return _ ("ready");
    case WEFT_RUN_RUNNING:
      return _ ("running");
    case WEFT_RUN_PAUSED:
      return _ ("paused");
    case WEFT_RUN_DONE:
      return _ ("done");
    case WEFT_RUN_FAILED:
      return _ ("failed");
    case WEFT_RUN_CANCELLED:
      return _ ("cancelled");
    case WEFT_RUN_INTERRUPTED:
    default:
      return _ ("interrupted");
    }
}

/* ---- figures --------------------------------------------------------------------------------- */

/* “1 m 50 s – 2 m 40 s”. */
static char *
left_text (const WeftEta *left)
{
  g_autofree char *low = NULL;
  g_autofree char *high = NULL;

  if (left == NULL)
    return g_strdup ("");
  low = weftline_format_rough_duration (left->low_ns);
  high = weftline_format_rough_duration (left->high_ns);
  return g_str_equal (low, high) ? g_strdup (low) : g_strdup_printf ("%s – %s", low, high);
}

/* While it is paused nothing moves but this, and it once a second. */
static char *
elapsed_text (const WeftlineRunStatus *status)
{
  int64_t step = status->phase == WEFT_RUN_PAUSED ? G_USEC_PER_SEC * INT64_C (1000) : 1;

  return weftline_format_duration (status->elapsed_ns < step ? status->elapsed_ns
                                                             : status->elapsed_ns / step * step);
}

/* (transfer full) */
static char *
tasks_text (const WeftlineRunStatus *status)
{
  g_autofree char *ended = weftline_format_count (status->n_ended);
  g_autofree char *all = weftline_format_count (status->n_tasks);

  /* Translators: so many of so many tasks */
  return g_strdup_printf (_ ("%s of %s"), ended, all);
}

char *
weftline_run_fact_text (const WeftlineRunStatus *status, const WeftEta *left, WeftlineRunFact row)
{
  switch (row)
    {
    case WEFTLINE_RUN_FACT_STATE:
      return g_strdup (weftline_phase_text (status->phase));
    case WEFTLINE_RUN_FACT_TASKS:
      return tasks_text (status);
    case WEFTLINE_RUN_FACT_RUNNING:
      return weftline_format_count (status->n_running);
    case WEFTLINE_RUN_FACT_ERRED:
      return weftline_format_count (status->n_erred);
    case WEFTLINE_RUN_FACT_ELAPSED:
      return elapsed_text (status);
    case WEFTLINE_RUN_FACT_LEFT:
      return left_text (left);
    case WEFTLINE_RUN_FACT_MEMORY:
      return weftline_format_bytes (status->managed_bytes, WEFTLINE_BYTES_DECIMAL);
    case WEFTLINE_RUN_FACT_PEAK:
      return weftline_format_bytes (status->peak_bytes, WEFTLINE_BYTES_DECIMAL);
    case WEFTLINE_RUN_FACT_SPILLED:
    default:
      return weftline_format_bytes (status->spilled_bytes, WEFTLINE_BYTES_DECIMAL);
    }
}

static bool
is_worth_saying (const WeftlineRunStatus *status, WeftlineRunFact row)
{
  switch (row)
    {
    case WEFTLINE_RUN_FACT_ERRED:
      return status->n_erred > 0;
    case WEFTLINE_RUN_FACT_SPILLED:
      return status->spilled_bytes > 0;
    case WEFTLINE_RUN_FACT_RUNNING:
      return status->phase <= WEFT_RUN_PAUSED;
    case WEFTLINE_RUN_FACT_MEMORY:
      return status->knows_memory && status->phase <= WEFT_RUN_PAUSED;
    case WEFTLINE_RUN_FACT_PEAK:
      return status->peak_bytes > 0;
    default:
      return true;
    }
}

bool
weftline_run_fact_is_shown (const WeftlineRunStatus *status, WeftlineRunFact row, const char *text)
{
  return *text != '\0' && (status->known || row == WEFTLINE_RUN_FACT_STATE)
         && is_worth_saying (status, row);
}

double
weftline_run_share (const WeftlineRunStatus *status)
{
  return status->n_tasks > 0 ? (double) status->n_ended / (double) status->n_tasks : 0;
}

/* ---- why it failed --------------------------------------------------------------------------- */

/* Whoever asks may have no newer snapshot. */
bool
weftline_run_find_failure (const WeftModel *model, uint32_t *index)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  if (snapshot.n_states[WEFT_TASK_ERRED] == 0)
    return false;
  for (uint32_t i = 0; i < snapshot.n_errors; i++)
    {
      WeftModelErrorText error;

      weft_model_error (model, i, &error);
      if (error.task >= snapshot.n_tasks
          || weft_model_task_state (model, error.task) != WEFT_TASK_ERRED)
        continue;
      *index = i;
      return true;
    }
  return false;
}

/* The first line of what it says. (transfer full) */
static char *
first_line (const WeftModelErrorText *error)
{
  const char *text = error->message[0] != '\0' ? error->message : error->kind;
  g_autofree char *line = g_strndup (text, strcspn (text, "\n"));

  return g_utf8_make_valid (line, -1);
}

char *
weftline_run_failure_text (const WeftModel *model, uint32_t index)
{
  g_autofree char *key = NULL;
  g_autofree char *message = NULL;
  WeftModelErrorText error;

  weft_model_error (model, index, &error);
  key = weft_model_task_dup_key (model, error.task);
  message = first_line (&error);
  /* Translators: why a task failed, and its key. The reason stands first, as there may be room for
   * little, and keys may be long. */
  return g_strdup_printf (_ ("%s (task %s)"), message, key);
}

/* ---- what came of it ------------------------------------------------------------------------- */

const char *
weftline_run_results_text (const WeftlineRunOutcome *outcome)
{
  if (!outcome->has_results)
    return _ (
        "A run file keeps when and how tasks ran, and no values: what the outputs were is not "
        "in it.");
  if (outcome->too_early)
    return _ ("At that time the run had no outputs yet.");
  if (outcome->results != NULL)
    return outcome->results;
  if (outcome->about != NULL)
    return outcome->about;
  return outcome->is_over ? _ ("There are no outputs to show.")
                          : _ ("The run's outputs will stand here.");
}
