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
static int64_t
estimate (WeftProgressView *view, uint64_t n_done, int64_t elapsed_ns)
{
  int64_t since_ns = elapsed_ns - view->eta_at_ns;

  if (view->eta_at_ns == 0
      || (n_done != view->eta_done && since_ns > view->eta_cost_ns * ETA_SHARE))
    {
      int64_t start_ns = weft_clock_mono_ns ();

      pthread_mutex_lock (&view->watch->lock);
      view->eta_ns =
          _weft_cli_eta_ns (view->watch, view->ns_per_tick, view->hint_scale, view->n_workers);
      pthread_mutex_unlock (&view->watch->lock);
      view->eta_cost_ns = weft_clock_mono_ns () - start_ns;
      view->eta_at_ns = MAX (elapsed_ns, 1);
      view->eta_done = n_done;
      since_ns = 0;
    }
  return view->eta_ns < 0 ? -1 : MAX (view->eta_ns - since_ns, 0);
}

static void
add_running (WeftRun *run, WeftBar *bars, uint32_t n_bars)
{
  g_autoptr (GArray) groups = weft_run_group_progress (run);

  for (guint i = 0; i < groups->len; i++)
    {
      const WeftGroupProgress *group = &g_array_index (groups, WeftGroupProgress, i);

      if (group->segment == 0 && group->group < n_bars)
        bars[group->group].n_running += group->n_running;
    }
}

/* What the watch counted; the last batch of records may be a moment old. */
static void
gather (WeftProgressView *view, bool last, WeftBars *bars, WeftBar *list)
{
  WeftWatch *watch = view->watch;
  WeftRunProgress progress;

  weft_run_progress (view->run, &progress);
  pthread_mutex_lock (&watch->lock);
  for (uint32_t i = 0; i < watch->n_groups; i++)
    {
      const WeftWatchGroup *group = &watch->groups[i];

      list[i] = (WeftBar){ .name = group->name,
                           .n_tasks = group->n_tasks,
                           .n_done = group->n_done,
                           .n_erred = group->n_erred,
                           .mean_ns = -1 };
      if (group->n_spans > 0)
        list[i].mean_ns =
            (int64_t) ((double) group->busy_ticks * view->ns_per_tick / (double) group->n_spans);
    }
  pthread_mutex_unlock (&watch->lock);
  if (!last)
    add_running (view->run, list, watch->n_groups);
  *bars = (WeftBars){ .title = weft_graph_name (watch->graph),
                      .n_tasks = progress.n_tasks,
                      .n_done = progress.n_done,
                      .n_running = last ? 0 : progress.n_running,
                      .n_erred = progress.n_erred,
                      .elapsed_ns = progress.elapsed_ns,
                      .eta_ns = last ? -1 : 0,
                      .memory_bytes = progress.managed_bytes,
                      .spilled_bytes = progress.spilled_bytes,
                      .bars = list,
                      .n_bars = watch->n_groups };
  if (!last)
    bars->eta_ns = estimate (view, progress.n_done, progress.elapsed_ns);
}

static void
draw (WeftProgressView *view, const WeftBars *bars)
{
  struct winsize size = { .ws_row = 24, .ws_col = 80 };
  g_autofree char *text = NULL;
  g_auto (GStrv) lines = NULL;
  GString *out = g_string_new (NULL);
  uint32_t n_lines = 0;

  if (ioctl (STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0 || size.ws_row == 0)
    size = (struct winsize){ .ws_row = 24, .ws_col = 80 };
  text = _weft_cli_bars_layout (bars, size.ws_col - 1u, MIN (size.ws_row - 1u, 40u), view->colour);
  lines = g_strsplit (text, "\n", -1);
  if (view->n_lines > 0)
    g_string_append_printf (out, "\033[%uA", view->n_lines);
  for (char **line = lines; line[0] != NULL && line[1] != NULL; line++, n_lines++)
    g_string_append_printf (out, "\r%s\033[K\n", *line);
  g_string_append (out, "\033[J");
  view->n_lines = n_lines;
  fwrite (out->str, 1, out->len, stderr);
  g_string_free (out, TRUE);
}

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
_weft_cli_progress_update (WeftProgressView *view, bool last)
{
  g_autofree WeftBar *list = NULL;
  WeftBars bars;

  if (view->style == WEFT_PROGRESS_NONE)
    return;
  list = g_new0 (WeftBar, MAX (view->watch->n_groups, 1));
  gather (view, last, &bars, list);
  if (view->style == WEFT_PROGRESS_BARS)
    draw (view, &bars);
  else
    write_line (view, &bars, last);
  fflush (stderr);
}
