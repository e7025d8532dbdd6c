/* workers-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "workers/workers-words.h"

#include "canvas/lane-text.h"
#include "canvas/number-format.h"
#include "resources/resource-layout.h"

#include <glib/gi18n.h>

#define MOST_TOLD 8    /* workers that are told of one by one */
#define MOST_OTHERS 24 /* counters that a tooltip lists */

static const char *const titles[WEFTLINE_WORKERS_N_COLUMNS] = {
  [WEFTLINE_WORKERS_NAME] = N_ ("Worker"),
  [WEFTLINE_WORKERS_STATE] = N_ ("State"),
  [WEFTLINE_WORKERS_THREADS] = N_ ("Threads"),
  [WEFTLINE_WORKERS_RUNNING] = N_ ("Running"),
  [WEFTLINE_WORKERS_PROCESSING] = N_ ("Processing"),
  [WEFTLINE_WORKERS_READY] = N_ ("Ready"),
  [WEFTLINE_WORKERS_DONE] = N_ ("Done"),
  [WEFTLINE_WORKERS_FAILED] = N_ ("Failed"),
  [WEFTLINE_WORKERS_CPU] = N_ ("CPU"),
  [WEFTLINE_WORKERS_MEMORY] = N_ ("Memory"),
  [WEFTLINE_WORKERS_NET_READ] = N_ ("Network in"),
  [WEFTLINE_WORKERS_NET_WRITTEN] = N_ ("Network out"),
  [WEFTLINE_WORKERS_DISK_READ] = N_ ("Disk read"),
  [WEFTLINE_WORKERS_DISK_WRITTEN] = N_ ("Disk written"),
  [WEFTLINE_WORKERS_OCCUPANCY] = N_ ("Work ahead"),
  [WEFTLINE_WORKERS_FDS] = N_ ("Open files"),
};

/* Of the others the title is short. */
static const char *const short_titles[WEFTLINE_WORKERS_N_COLUMNS] = {
  /* Translators: these stand above narrow columns of figures, abbreviated */
  [WEFTLINE_WORKERS_THREADS] = NC_ ("column", "Threads"),
  [WEFTLINE_WORKERS_RUNNING] = NC_ ("column", "Running"),
  [WEFTLINE_WORKERS_PROCESSING] = NC_ ("column", "Proc."),
  [WEFTLINE_WORKERS_READY] = NC_ ("column", "Ready"),
  [WEFTLINE_WORKERS_DONE] = NC_ ("column", "Done"),
  [WEFTLINE_WORKERS_FAILED] = NC_ ("column", "Failed"),
  [WEFTLINE_WORKERS_NET_READ] = NC_ ("column", "Net in"),
  [WEFTLINE_WORKERS_NET_WRITTEN] = NC_ ("column", "Net out"),
  [WEFTLINE_WORKERS_DISK_READ] = NC_ ("column", "Disk in"),
  [WEFTLINE_WORKERS_DISK_WRITTEN] = NC_ ("column", "Disk out"),
  [WEFTLINE_WORKERS_OCCUPANCY] = NC_ ("column", "Ahead"),
  [WEFTLINE_WORKERS_FDS] = NC_ ("column", "Files"),
};

static const char *const abouts[WEFTLINE_WORKERS_N_COLUMNS] = {
  [WEFTLINE_WORKERS_NAME] = N_ ("As the program calls it."),
  [WEFTLINE_WORKERS_STATE] = N_ ("Whether tasks run there. A worker that is gone keeps its row."),
  [WEFTLINE_WORKERS_THREADS] = N_ ("How many tasks it runs at once."),
  [WEFTLINE_WORKERS_RUNNING] = N_ ("Tasks that run there now."),
  [WEFTLINE_WORKERS_PROCESSING] = N_ ("Tasks that were given to it and have not ended."),
  [WEFTLINE_WORKERS_READY] = N_ ("Tasks that wait there for a thread."),
  [WEFTLINE_WORKERS_DONE] = N_ ("Tasks that ended there."),
  [WEFTLINE_WORKERS_FAILED] = N_ ("Tasks that failed there."),
  [WEFTLINE_WORKERS_CPU] = N_ ("Processor cores its process kept busy; the line: in the last "
                               "minute."),
  [WEFTLINE_WORKERS_MEMORY] =
      N_ ("Results in memory (solid), all else its process takes (half strength), results on disk "
          "(hatched). Marks stand at 60, 70, 80 and 95 % of its limit: results go to disk, more of "
          "them, no task is started, it is ended."),
  [WEFTLINE_WORKERS_NET_READ] = N_ ("Received over the network; the line: in the last minute."),
  [WEFTLINE_WORKERS_NET_WRITTEN] = N_ ("Sent over the network; the line: in the last minute."),
  [WEFTLINE_WORKERS_DISK_READ] = N_ ("Read from disk; the line: in the last minute."),
  [WEFTLINE_WORKERS_DISK_WRITTEN] = N_ ("Written to disk; the line: in the last minute."),
  [WEFTLINE_WORKERS_OCCUPANCY] = N_ ("How long what was given to it is expected to take."),
  [WEFTLINE_WORKERS_FDS] = N_ ("Files and connections its process has open."),
};

static const char *const states[WEFTLINE_WORKER_N_STATES] = {
  [WEFTLINE_WORKER_RUNNING] = N_ ("running"),
  [WEFTLINE_WORKER_WAITING] = N_ ("waiting"),
  [WEFTLINE_WORKER_IDLE] = N_ ("idle"),
  [WEFTLINE_WORKER_PAUSED] = N_ ("paused"),
  [WEFTLINE_WORKER_AWAITED] = N_ ("not there yet"),
  [WEFTLINE_WORKER_GONE] = N_ ("gone"),
};

const char *
weftline_workers_title (WeftlineWorkersColumn column)
{
  return _ (titles[column]);
}

const char *
weftline_workers_short_title (WeftlineWorkersColumn column)
{
  if (short_titles[column] == NULL)
    return weftline_workers_title (column);
  return g_dpgettext2 (NULL, "column", short_titles[column]);
}

const char *
weftline_workers_about (WeftlineWorkersColumn column)
{
  return _ (abouts[column]);
}

const char *
weftline_workers_state_name (WeftlineWorkerState state)
{
  return _ (states[state]);
}

char *
weftline_workers_name (const WeftlineWorker *worker)
{
  return weftline_lane_text (worker->name, worker->worker, worker->nth);
}

char *
weftline_workers_short_name (const WeftlineWorkersSource *source, const WeftlineWorker *worker)
{
  g_autofree char *name = weftline_workers_name (worker);

  return worker->name[0] != '\0' ? weftline_shared_short (&source->shared, name)
                                 : g_steal_pointer (&name);
}

/* ---- cells ----------------------------------------------------------------------------------- */

static char *
state_text (const WeftlineWorker *worker, const WeftlineClock *clock)
{
  g_autofree char *moment = NULL;

  if (worker->state != WEFTLINE_WORKER_GONE)
    return g_strdup (weftline_workers_state_name (worker->state));
  moment = weftline_clock_moment (clock, worker->gone_ns);
  /* Translators: a worker is gone since that time */
  return g_strdup_printf (_ ("gone since %s"), moment);
}

static char *
memory_text (const WeftlineWorker *worker)
{
  double used = worker->values[WEFTLINE_WORKERS_MEMORY];
  g_autofree char *bytes = NULL;
  g_autofree char *share = NULL;

  if (used < 0)
    return g_strdup ("–");
  bytes = weftline_format_bytes (weftline_whole (used), WEFTLINE_BYTES_DECIMAL);
  if (worker->limit <= 0)
    return g_steal_pointer (&bytes);
  share = g_strdup_printf ("%.0f" WEFTLINE_NO_BREAK_SPACE "%%", 100 * used / worker->limit);
  return g_strdup_printf ("%s · %s", bytes, share);
}

char *
weftline_workers_text (const WeftlineWorker *worker, WeftlineWorkersColumn column,
                       const WeftlineClock *clock)
{
  double value = worker->values[column];

  if (column == WEFTLINE_WORKERS_NAME)
    return weftline_workers_name (worker);
  if (column == WEFTLINE_WORKERS_STATE)
    return state_text (worker, clock);
  if (value < 0)
    return g_strdup ("–");
  switch (column)
    {
    case WEFTLINE_WORKERS_CPU:
      return weftline_resource_value_text (WEFTLINE_RESOURCE_CPU, value);
    case WEFTLINE_WORKERS_MEMORY:
      return memory_text (worker);
    case WEFTLINE_WORKERS_NET_READ:
    case WEFTLINE_WORKERS_NET_WRITTEN:
    case WEFTLINE_WORKERS_DISK_READ:
    case WEFTLINE_WORKERS_DISK_WRITTEN:
      return weftline_resource_value_text (WEFTLINE_RESOURCE_IO, value);
    case WEFTLINE_WORKERS_OCCUPANCY:
      return weftline_format_rough_duration ((int64_t) (MIN (value, 1e9) * 1e9));
    default:
      return weftline_format_count (weftline_whole (value + 0.5));
    }
}

/* ---- how many -------------------------------------------------------------------------------- */

char *
weftline_workers_count (const WeftlineWorkersSource *source)
{
  uint32_t n = source->workers->len;
  g_autofree char *count = weftline_format_count (n);

  return g_strdup_printf (ngettext ("%s worker", "%s workers", n), count);
}

char *
weftline_workers_figures (const WeftlineWorkersSource *source, const WeftlineWorkersLayout *layout)
{
  GString *text = g_string_new (NULL);
  uint32_t n_gone = source->n_states[WEFTLINE_WORKER_GONE];

  if (layout->n_shown < layout->n_rows)
    {
      g_autofree char *shown = weftline_format_count (layout->n_shown);
      g_autofree char *all = weftline_format_count (layout->n_rows);

      /* Translators: so many of so many are seen */
      g_string_append_printf (
          text, ngettext ("%s of %s worker", "%s of %s workers", layout->n_rows), shown, all);
    }
  else if (layout->n_rows > 0)
    {
      g_autofree char *count = weftline_workers_count (source);

      g_string_append (text, count);
    }
  if (n_gone > 0)
    {
      g_autofree char *gone = weftline_format_count (n_gone);

      /* Translators: behind how many workers there are */
      g_string_append_printf (text, _ (", %s gone"), gone);
    }
  if (layout->n_rows > 0 && layout->n_columns < layout->n_known)
    {
      g_string_append (text, " · ");
      /* Translators: so many of so many are seen */
      g_string_append_printf (text, _ ("%u of %u columns"), layout->n_columns, layout->n_known);
    }
  return g_string_free (text, FALSE);
}

/* ---- all figures ----------------------------------------------------------------------------- */

static void
append_bytes (GString *text, const char *what, double bytes)
{
  g_autofree char *words = NULL;

  if (bytes < 0)
    return;
  words = weftline_format_bytes (weftline_whole (bytes), WEFTLINE_BYTES_DECIMAL);
  g_string_append_printf (text, ", %s %s", what, words);
}

/* “Memory: 1.2 GB · 31 %, limit 4 GB, managed …”. */
static void
append_memory (GString *text, const WeftlineWorker *worker)
{
  append_bytes (text, _ ("limit"), worker->limit);
  append_bytes (text, _ ("managed"), worker->managed);
  if (worker->resident >= 0 && worker->managed >= 0)
    append_bytes (text, _ ("unmanaged"), MAX (worker->resident - worker->managed, 0));
  append_bytes (text, _ ("on disk"), worker->spilled);
}

static void
append_figures (GString *text, const WeftlineWorkersSource *source, const WeftlineWorker *worker,
                const char *between, const WeftlineClock *clock)
{
  for (unsigned i = WEFTLINE_WORKERS_THREADS; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    {
      g_autofree char *value = NULL;

      if (!source->has[i])
        continue;
      value = weftline_workers_text (worker, (WeftlineWorkersColumn) i, clock);
      g_string_append (text, between);
      /* Translators: what something is called, and its figure */
      g_string_append_printf (text, _ ("%s: %s"),
                              weftline_workers_title ((WeftlineWorkersColumn) i), value);
      if (i == WEFTLINE_WORKERS_MEMORY)
        append_memory (text, worker);
    }
  if (worker->n_retried > 0)
    {
      g_autofree char *n = weftline_format_count (worker->n_retried);

      g_string_append (text, between);
      g_string_append_printf (text, _ ("Attempts made again: %s"), n);
    }
}

static void
append_counter (GString *text, const WeftlineWorkersSource *source, uint32_t counter)
{
  WeftlineWorkersPoints points = { .counter = counter };
  WeftModelCounter info;
  uint64_t n = weftline_workers_points_until (&points, source->model, source->at_ns);

  weft_model_counter (source->model, counter, &info);
  g_string_append_c (text, '\n');
  if (n == 0)
    g_string_append_printf (text, _ ("%s: %s"), info.name, "–");
  else
    {
      WeftModelPoint point = weftline_workers_points_get (&points, source->model, n - 1);
      g_autofree char *value = g_strdup_printf (
          "%.6g%s%s", point.value, info.unit[0] != '\0' ? WEFTLINE_NO_BREAK_SPACE : "", info.unit);

      g_string_append_printf (text, _ ("%s: %s"), info.name, value);
    }
}

static void
append_counters (GString *text, const WeftlineWorkersSource *source, const GArray *counters)
{
  for (guint i = 0; i < MIN (counters->len, MOST_OTHERS); i++)
    append_counter (text, source, g_array_index (counters, uint32_t, i));
  if (counters->len > MOST_OTHERS)
    {
      g_autofree char *more = weftline_format_count (counters->len - MOST_OTHERS);

      g_string_append_c (text, '\n');
      /* Translators: counters that are not listed */
      g_string_append_printf (text, _ ("and %s more"), more);
    }
}

char *
weftline_workers_explain (const WeftlineWorkersSource *source, uint32_t index,
                          const WeftlineClock *clock)
{
  const WeftlineWorker *worker = weftline_workers_source_get (source, index);
  const GArray *others = weftline_workers_source_others (source, index);
  g_autofree char *name = weftline_workers_name (worker);
  g_autofree char *state = state_text (worker, clock);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s · %s", name, state);
  append_figures (text, source, worker, "\n", clock);
  append_counters (text, source, others);
  return g_string_free (text, FALSE);
}

static void
append_states (GString *text, const WeftlineWorkersSource *source)
{
  const char *between = ": ";

  for (unsigned i = 0; i < WEFTLINE_WORKER_N_STATES; i++)
    if (source->n_states[i] > 0)
      {
        g_autofree char *n = weftline_format_count (source->n_states[i]);

        g_string_append_printf (text, "%s%s %s", between, n,
                                weftline_workers_state_name ((WeftlineWorkerState) i));
        between = ", ";
      }
}

char *
weftline_workers_explain_total (const WeftlineWorkersSource *source, const WeftlineClock *clock)
{
  g_autofree char *count = weftline_workers_count (source);
  GString *text = g_string_new (count);

  append_states (text, source);
  append_figures (text, source, &source->total, "\n", clock);
  append_counters (text, source, source->whole);
  return g_string_free (text, FALSE);
}

char *
weftline_workers_explain_column (WeftlineWorkersColumn column)
{
  return g_strdup_printf ("%s\n%s", weftline_workers_title (column),
                          weftline_workers_about (column));
}

char *
weftline_workers_summary (const WeftlineWorkersSource *source, WeftlineWorkersColumn sort,
                          bool descending, const WeftlineClock *clock)
{
  g_autofree char *count = weftline_workers_count (source);
  GString *text = g_string_new (count);

  if (source->workers->len == 0)
    return g_string_free (text, FALSE);
  append_states (text, source);
  append_figures (text, source, &source->total, "; ", clock);
  g_string_append (text, ". ");
  /* Translators: by that column */
  g_string_append_printf (text, descending ? _ ("Sorted by %s, descending") : _ ("Sorted by %s"),
                          weftline_workers_title (sort));
  for (guint i = 0; i < MIN (source->order->len, MOST_TOLD); i++)
    {
      const WeftlineWorker *worker =
          weftline_workers_source_get (source, g_array_index (source->order, uint32_t, i));
      g_autofree char *name = weftline_workers_name (worker);
      g_autofree char *state = state_text (worker, clock);

      g_string_append_printf (text, ". %s: %s", name, state);
      append_figures (text, source, worker, ", ", clock);
    }
  return g_string_free (text, FALSE);
}
