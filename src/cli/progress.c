/* progress.c: a run's progress while it goes on, on stderr
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * On a terminal the lines are drawn over the ones drawn before: the cursor goes up, each line is
 * written and the rest of it cleared.
 */
#include "cli/weft-cli-run-private.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define BARS_INTERVAL_MS 100
#define JSON_INTERVAL_MS 250
#define PLAIN_INTERVAL_NS INT64_C (1000000000)
/* Working out what is left may take this part of the time. */
#define ETA_SHARE 50
#define MAX_ROWS 40

WeftProgressStyle
_weft_cli_progress_style (const char *name)
{
  const char *terminal = getenv ("TERM");

  if (strcmp (name, "plain") == 0)
    return WEFT_PROGRESS_PLAIN;
  if (strcmp (name, "json") == 0)
    return WEFT_PROGRESS_JSON;
  if (strcmp (name, "none") == 0)
    return WEFT_PROGRESS_NONE;
  if (!isatty (STDERR_FILENO) || terminal == NULL || strcmp (terminal, "dumb") == 0)
    return WEFT_PROGRESS_PLAIN;
  return WEFT_PROGRESS_BARS;
}

int
_weft_cli_progress_interval_ms (const WeftProgressView *view)
{
  switch (view->style)
    {
    case WEFT_PROGRESS_BARS:
      return BARS_INTERVAL_MS;
    case WEFT_PROGRESS_JSON:
      return JSON_INTERVAL_MS;
    case WEFT_PROGRESS_PLAIN:
      return 500;
    case WEFT_PROGRESS_NONE:
    default:
      return -1;
    }
}

/* Between two ends of tasks the estimate counts down. */
static void
estimate (WeftProgressView *view, const WeftRunProgress *progress, WeftBars *bars)
{
  uint64_t n_ended = progress->n_done + progress->n_erred;
  int64_t elapsed_ns = progress->elapsed_ns;
  int64_t since_ns = elapsed_ns - view->eta_at_ns;

  if (view->eta_at_ns == 0
      || (n_ended != view->eta_done && since_ns > view->eta_cost_ns * ETA_SHARE))
    {
      int64_t start_ns = weft_clock_mono_ns ();

      WeftCliRunning running = { .n = (uint32_t) MIN (progress->n_running, view->n_workers),
                                 .now_ticks = weft_clock_ticks (weft_clock_source ()) };

      running.start_ticks =
          running.now_ticks - (uint64_t) ((double) elapsed_ns / view->ns_per_tick);
      _weft_cli_eta (view->tally, view->ns_per_tick, view->hint_scale, view->n_workers, &running,
                     &view->eta);
      view->eta_cost_ns = weft_clock_mono_ns () - start_ns;
      view->eta_at_ns = MAX (elapsed_ns, 1);
      view->eta_done = n_ended;
      since_ns = 0;
    }
  bars->eta_ns = view->eta.known ? MAX (view->eta.least_ns - since_ns, 0) : -1;
  bars->eta_low_ns = MAX (view->eta.low_ns - since_ns, 0);
  bars->eta_high_ns = MAX (view->eta.high_ns - since_ns, 0);
  bars->eta_at_least = view->eta.at_least;
}

/* Adds what runs now, and what tasks made: that is one bar, the last. */
static void
add_live (WeftRun *run, bool last, WeftBar *bars, uint32_t n_groups)
{
  g_autoptr (GArray) groups = weft_run_group_progress (run);

  for (guint i = 0; i < groups->len; i++)
    {
      const WeftGroupProgress *group = &g_array_index (groups, WeftGroupProgress, i);
      bool made = group->segment != 0;
      WeftBar *bar = &bars[made ? n_groups : MIN (group->group, n_groups)];

      bar->n_running += last ? 0 : group->n_running;
      if (!made)
        continue;
      bar->n_tasks += group->n_tasks;
      bar->n_done += group->n_done;
      bar->n_erred += group->n_erred;
    }
}

/* Groups all of whose tasks were folded into others are left out. */
static uint32_t
drop_empty (WeftBar *list, uint32_t n)
{
  uint32_t kept = 0;

  for (uint32_t i = 0; i < n; i++)
    if (list[i].n_tasks > 0)
      list[kept++] = list[i];
  return kept;
}

static void
gather_groups (WeftProgressView *view, bool last, WeftBar *list)
{
  WeftTally *tally = view->tally;

  pthread_mutex_lock (&tally->lock);
  for (uint32_t i = 0; i < tally->n_groups; i++)
    {
      const WeftTallyGroup *group = &tally->groups[i];

      list[i] = (WeftBar){ .name = group->name,
                           .n_tasks = group->n_tasks,
                           .n_done = group->n_done,
                           .n_erred = group->n_erred,
                           .mean_ns = -1 };
      if (group->n_spans > 0)
        list[i].mean_ns =
            (int64_t) ((double) group->busy_ticks * view->ns_per_tick / (double) group->n_spans);
    }
  pthread_mutex_unlock (&tally->lock);
  list[tally->n_groups] = (WeftBar){ .name = "(made by tasks)", .mean_ns = -1 };
  add_live (view->run, last, list, tally->n_groups);
}

/* What the records say; the last batch of them may be a moment old. @list: as many as there are
 * groups, and one. */
static void
gather (WeftProgressView *view, bool last, WeftBars *bars, WeftBar *list)
{
  WeftRunProgress progress;

  weft_run_progress (view->run, &progress);
  gather_groups (view, last, list);
  *bars = (WeftBars){ .title = weft_graph_name (view->tally->graph),
                      .n_tasks = progress.n_tasks,
                      .n_done = progress.n_done,
                      .n_running = last ? 0 : progress.n_running,
                      .n_erred = progress.n_erred,
                      .elapsed_ns = progress.elapsed_ns,
                      .eta_ns = -1,
                      .memory_bytes = progress.managed_bytes,
                      .spilled_bytes = progress.spilled_bytes,
                      .bars = list,
                      .n_bars = drop_empty (list, view->tally->n_groups + 1) };
  if (last)
    return;
  estimate (view, &progress, bars);
}

/* ---- on a terminal --------------------------------------------------------------------------- */

static void
look_at_terminal (uint32_t *columns, uint32_t *rows)
{
  struct winsize size = { 0 };

  *columns = 80;
  *rows = 24;
  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    return;
  *columns = size.ws_col;
  *rows = size.ws_row;
}

/* Rows that the lines drawn last take now: a terminal that has become narrower has broken them. */
static uint32_t
rows_drawn (const WeftProgressView *view, uint32_t columns, uint32_t rows)
{
  uint32_t n = 0;

  if (columns >= view->drawn_columns)
    return view->n_lines;
  for (uint32_t i = 0; i < view->n_lines; i++)
    n += MAX (1, (g_array_index (view->drawn, uint32_t, i) + columns - 1) / columns);
  return MIN (n, rows - 1);
}

/* Columns of a line without its colours. */
static uint32_t
line_columns (const char *line)
{
  g_autofree char *plain = g_strdup (line);
  char *to = plain;

  for (const char *at = line; *at != 0; at++)
    if (*at == '\033')
      at += strcspn (at, "m");
    else
      *to++ = *at;
  *to = 0;
  return _weft_cli_columns (plain);
}

static void
draw (WeftProgressView *view, const WeftBars *bars)
{
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GString *out = g_string_new (NULL);
  uint32_t columns, rows, n_above;

  look_at_terminal (&columns, &rows);
  text = _weft_cli_bars_layout (bars, columns - 1, MIN (rows - 1, MAX_ROWS), view->colour);
  lines = g_strsplit (text, "\n", -1);
  if (view->drawn == NULL)
    view->drawn = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  n_above = view->n_lines > 0 ? rows_drawn (view, columns, rows) : 0;
  if (n_above > 0)
    g_string_append_printf (out, "\033[%uA", n_above);
  g_array_set_size (view->drawn, 0);
  for (char **line = lines; line[0] != NULL && line[1] != NULL; line++)
    {
      uint32_t taken = line_columns (*line);

      g_string_append_printf (out, "\r%s\033[K\n", *line);
      g_array_append_val (view->drawn, taken);
    }
  g_string_append (out, "\033[J");
  view->n_lines = view->drawn->len;
  view->drawn_columns = columns;
  fwrite (out->str, 1, out->len, stderr);
  g_string_free (out, TRUE);
}

void
_weft_cli_progress_clear (WeftProgressView *view)
{
  g_clear_pointer (&view->drawn, g_array_unref);
}

/* ---- a line at a time ------------------------------------------------------------------------ */

static void
write_line (WeftProgressView *view, const WeftBars *bars, bool last)
{
  g_autofree char *line = NULL;

  if (view->style == WEFT_PROGRESS_JSON)
    {
      line = _weft_cli_bars_json (bars);
      fprintf (stderr, "%s\n", line);
      return;
    }
  if (last || bars->elapsed_ns - view->last_plain_ns < PLAIN_INTERVAL_NS)
    return; /* the summary says the last word */
  view->last_plain_ns = bars->elapsed_ns;
  line = _weft_cli_bars_plain (bars);
  fprintf (stderr, "weftline: %s\n", line);
}

void
_weft_cli_progress_show (WeftProgressView *view, const WeftBars *bars, bool last)
{
  if (view->style == WEFT_PROGRESS_NONE)
    return;
  if (view->style == WEFT_PROGRESS_BARS)
    draw (view, bars);
  else
    write_line (view, bars, last);
  fflush (stderr);
}

void
_weft_cli_progress_update (WeftProgressView *view, bool last)
{
  g_autofree WeftBar *list = NULL;
  WeftBars bars;

  if (view->style == WEFT_PROGRESS_NONE)
    return;
  list = g_new0 (WeftBar, view->tally->n_groups + 1);
  gather (view, last, &bars, list);
  _weft_cli_progress_show (view, &bars, last);
}
