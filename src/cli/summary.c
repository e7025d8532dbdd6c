/* summary.c: the last words of a run, on stderr: failures, makespan, workers, memory, slowest
 * groups
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-run-private.h"

#include <inttypes.h>
#include <string.h>

#define MAX_FAILURES 10
#define MAX_OUTPUT_LINES 10
#define MAX_GROUPS 5
#define MAX_WORKERS 16
#define MAX_NAME_COLUMNS 32
#define N_CELLS 4
#define CELL_COLUMNS 10u

/* ---- failures -------------------------------------------------------------------------------- */

/* Further lines of a message, or what a program printed. */
static void
say_lines (const char *output)
{
  g_auto (GStrv) lines = NULL;
  uint32_t n;

  if (output == NULL || output[0] == 0)
    return;
  lines = g_strsplit (output, "\n", -1);
  n = g_strv_length (lines);
  if (n > 0 && lines[n - 1][0] == 0)
    n--;
  for (uint32_t i = n > MAX_OUTPUT_LINES ? n - MAX_OUTPUT_LINES : 0; i < n; i++)
    fprintf (stderr, "  | %s\n", lines[i]);
}

/* The error a task ended with. Its own result may be gone with its last reader; then a wanted
 * output after it still says why. (transfer full) (nullable) */
static bool
find_error (const WeftSummary *summary, uint32_t task, WeftValue *value)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (summary->graph);

  if (weft_run_result (summary->run, 0, task, 0, value)
      && weft_value_type (value) == WEFT_TYPE_ERROR)
    return true;
  weft_value_clear (value);
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    {
      const WeftErrorValue *why;

      if (!weft_run_result (summary->run, 0, arrays->wanted[i].task, arrays->wanted[i].output,
                            value))
        continue;
      why = (const WeftErrorValue *) value->u.box;
      if (weft_value_type (value) == WEFT_TYPE_ERROR && why->culprit_task == task
          && why->culprit_segment == 0)
        return true;
      weft_value_clear (value);
    }
  return false;
}

/* The result that held the error is gone; of the first failure the run itself knows why. */
static void
say_failure_without_result (const WeftSummary *summary, const char *key)
{
  g_autofree char *known = g_strdup_printf ("task '%s' failed", key);
  g_autoptr (GError) error = NULL;
  const char *rest = "";

  if (weft_run_error (summary->run, &error) && g_str_has_prefix (error->message, known))
    rest = error->message + strlen (known);
  _weft_cli_say ("task “%s” failed%s", key, rest);
}

static uint64_t
n_hurt_by (const WeftTally *tally, uint32_t segment, uint32_t task)
{
  for (guint i = 0; i < tally->culprits->len; i++)
    {
      const WeftTallyCulprit *culprit = &g_array_index (tally->culprits, WeftTallyCulprit, i);

      if (culprit->segment == segment && culprit->task == task)
        return culprit->n_hurt;
    }
  return 0;
}

static void
say_failure_json (const char *key, const WeftErrorValue *why, uint64_t n_hurt)
{
  GString *json = g_string_new ("{\"event\": \"failed\", \"task\": ");

  _weft_cli_json_string (json, key);
  g_string_append_printf (json, ", \"attempt\": %u, \"message\": ", MAX (why->attempt, 1));
  _weft_cli_json_string (json, why->message != NULL ? why->message : "");
  g_string_append (json, ", \"output\": ");
  _weft_cli_json_string (json, why->output != NULL ? why->output : "");
  fprintf (stderr, "%s, \"hurt\": %" PRIu64 "}\n", json->str, n_hurt);
  g_string_free (json, TRUE);
}

/* Whether that line of a message says this: all of it, or what comes after the colon of the only
 * one. */
static bool
says_line (char **said, guint i, const char *line)
{
  g_autofree char *end = g_strconcat (": ", line, NULL);

  return i > 0 ? strcmp (said[i], line) == 0 : said[1] == NULL && g_str_has_suffix (said[0], end);
}

/* Lines of what a program printed that its message does not show already: the last lines of stderr
 * stand in both. (transfer full) (nullable) */
static char *
further_output (const char *message, const char *output)
{
  g_auto (GStrv) lines = g_strsplit (output != NULL ? output : "", "\n", -1);
  g_auto (GStrv) said = g_strsplit (message, "\n", -1);
  GString *further = g_string_new (NULL);
  guint at = g_strv_length (said);

  for (guint i = g_strv_length (lines); i-- > 0;)
    if (at > 0 && says_line (said, at - 1, lines[i]))
      at--;
    else if (*lines[i] != 0 || further->len > 0)
      {
        g_string_prepend (further, "\n");
        g_string_prepend (further, lines[i]);
      }
  return g_string_free (further, further->len == 0);
}

/* The message's first line, and the others below it. */
static void
say_failure_text (const char *key, const WeftErrorValue *why)
{
  const char *message = why->message != NULL ? why->message : "no reason given";
  const char *rest = strchr (message, '\n');
  g_autofree char *further = further_output (message, why->output);

  _weft_cli_say ("task “%s” failed (attempt %u): %.*s", key, MAX (why->attempt, 1),
                 (int) strcspn (message, "\n"), message);
  say_lines (rest != NULL ? rest + 1 : NULL);
  if (further != NULL)
    fprintf (stderr, "  it also printed:\n");
  say_lines (further);
}

static void
say_failure (const WeftSummary *summary, uint32_t task)
{
  g_autofree char *key = weft_graph_dup_key (summary->graph, task);
  WeftValue value = WEFT_VALUE_INIT;
  const WeftErrorValue *why;

  if (!find_error (summary, task, &value))
    {
      say_failure_without_result (summary, key);
      return;
    }
  why = (const WeftErrorValue *) value.u.box;
  if (_weft_cli_says_json ())
    say_failure_json (key, why, n_hurt_by (summary->tally, 0, task));
  else
    say_failure_text (key, why);
  weft_value_clear (&value);
}

static int
compare_culprits (gconstpointer a, gconstpointer b)
{
  const WeftTallyCulprit *x = a, *y = b;

  return (y->n_hurt > x->n_hurt) - (y->n_hurt < x->n_hurt);
}

static void
say_culprit (const WeftSummary *summary, const WeftTallyCulprit *culprit)
{
  WeftGraph *graph = weft_run_segment (summary->run, culprit->segment);
  g_autofree char *tasks = _weft_cli_plural (culprit->n_hurt, "task");
  g_autofree char *key = NULL;

  if (graph == NULL)
    return;
  key = weft_graph_dup_key (graph, culprit->task);
  _weft_cli_say ("%s could not run because of “%s”", tasks, key);
  weft_graph_unref (graph);
}

/* Whose fault it was that tasks could not run, who hurt most first. */
static void
say_culprits (const WeftSummary *summary)
{
  GArray *culprits = summary->tally->culprits;
  uint64_t n_others = 0;

  g_array_sort (culprits, compare_culprits);
  for (guint i = 0; i < culprits->len; i++)
    if (i < MAX_FAILURES)
      say_culprit (summary, &g_array_index (culprits, WeftTallyCulprit, i));
    else
      n_others += g_array_index (culprits, WeftTallyCulprit, i).n_hurt;
  if (n_others > 0)
    {
      g_autofree char *tasks = _weft_cli_plural (n_others, "more task");

      _weft_cli_say ("%s could not run because of %u others", tasks, culprits->len - MAX_FAILURES);
    }
}

void
_weft_cli_say_failures (const WeftSummary *summary)
{
  WeftTally *tally = summary->tally;
  uint64_t n_failed = tally->failed->len;
  g_autoptr (GError) error = NULL;

  if (n_failed == 0 && weft_run_phase (summary->run) == WEFT_RUN_FAILED
      && weft_run_error (summary->run, &error))
    _weft_cli_say ("%s", error->message);
  for (guint i = 0; i < MIN (n_failed, MAX_FAILURES); i++)
    say_failure (summary, g_array_index (tally->failed, uint32_t, i));
  if (n_failed > MAX_FAILURES)
    _weft_cli_say ("%u of %s%" PRIu64 " failed tasks shown", MAX_FAILURES,
                   n_failed == WEFT_TALLY_MAX_FAILED ? "at least " : "", n_failed);
  say_culprits (summary);
}

/* ---- figures --------------------------------------------------------------------------------- */

static int
compare_lanes (gconstpointer a, gconstpointer b)
{
  uint32_t x = ((const WeftTallyLane *) a)->lane, y = ((const WeftTallyLane *) b)->lane;

  return (x > y) - (x < y);
}

static int
compare_groups (gconstpointer a, gconstpointer b)
{
  uint64_t x = (*(const WeftTallyGroup *const *) a)->busy_ticks;
  uint64_t y = (*(const WeftTallyGroup *const *) b)->busy_ticks;

  return (y > x) - (y < x);
}

/* Groups by their time, the slowest first. (element-type WeftTallyGroup *) */
static GPtrArray *
slowest_groups (const WeftTally *tally)
{
  GPtrArray *groups = g_ptr_array_new ();

  for (uint32_t i = 0; i < tally->n_groups; i++)
    if (tally->groups[i].n_spans > 0)
      g_ptr_array_add (groups, &tally->groups[i]);
  g_ptr_array_sort (groups, compare_groups);
  return groups;
}

static double
busy_share (const WeftSummary *summary, uint64_t ticks, int64_t elapsed_ns)
{
  return elapsed_ns > 0 ? MIN ((double) ticks * summary->ns_per_tick / (double) elapsed_ns, 1) : 0;
}

static const char *
phase_word (WeftRunPhase phase)
{
  switch ((int) phase)
    {
    case WEFT_RUN_DONE:
      return "done";
    case WEFT_RUN_CANCELLED:
      return "cancelled";
    default:
      return "failed";
    }
}

/* What ran: constants that stand in for reused tasks are counted among those. */
static void
progress_without_reused (const WeftSummary *summary, WeftRunProgress *progress)
{
  const WeftTally *tally = summary->tally;

  weft_run_progress (summary->run, progress);
  for (uint32_t i = 0; summary->reused != NULL && i < tally->arrays->n_tasks; i++)
    if (summary->reused[i] != WEFT_REUSED_NOT)
      {
        progress->n_tasks--;
        progress->n_done -= tally->ended[i] != 0;
      }
}

static void
print_counts (const WeftSummary *summary, const WeftRunProgress *progress)
{
  g_autofree char *elapsed = _weft_cli_time_text (progress->elapsed_ns);
  g_autofree char *tasks = _weft_cli_plural (progress->n_tasks, "task");
  g_autofree char *done = _weft_cli_count_text (progress->n_done);
  WeftRunPhase phase = weft_run_phase (summary->run);

  fprintf (stderr, "%s: ", phase_word (phase));
  if (phase == WEFT_RUN_DONE)
    fprintf (stderr, "%s", tasks);
  else
    fprintf (stderr, "%s of %s done, %" PRIu64 " erred", done, tasks, progress->n_erred);
  fprintf (stderr, " in %s", elapsed);
  if (summary->n_reused > 0)
    fprintf (stderr, ", %u reused", summary->n_reused);
  fputc ('\n', stderr);
}

/* One share for each worker, the idle ones too; lanes beyond the pool's size are spare workers.
 * (transfer full) (array) */
static double *
busy_shares (const WeftSummary *summary, int64_t elapsed_ns, uint32_t *n)
{
  GArray *lanes = summary->tally->lanes;
  double *shares;

  *n = MAX (summary->n_workers, lanes->len);
  shares = g_new0 (double, MAX (*n, 1));
  g_array_sort (lanes, compare_lanes);
  for (guint i = 0; i < lanes->len; i++)
    shares[i] =
        busy_share (summary, g_array_index (lanes, WeftTallyLane, i).busy_ticks, elapsed_ns);
  return shares;
}

static void
print_workers (const WeftSummary *summary, const WeftRunProgress *progress)
{
  uint32_t n;
  g_autofree double *shares = busy_shares (summary, progress->elapsed_ns, &n);
  double all = 0;

  for (uint32_t i = 0; i < n; i++)
    all += shares[i];
  fprintf (stderr, "workers: %u", summary->n_workers);
  /* Tasks that wait for spares count as busy too: no share of the whole can be made of that. */
  if (n > summary->n_workers)
    fprintf (stderr, " and %u spare, busy each", n - summary->n_workers);
  else
    fprintf (stderr, ", busy %.0f %%", 100 * all / MAX (n, 1));
  for (uint32_t i = 0; i < MIN (n, MAX_WORKERS); i++)
    fprintf (stderr, "%s%.0f %%", i == 0 ? " (" : ", ", 100 * shares[i]);
  if (n > MAX_WORKERS)
    fprintf (stderr, ", %u of %u shown", MAX_WORKERS, n);
  fputs (")\n", stderr);
}

static void
print_memory (const WeftRunProgress *progress)
{
  g_autofree char *managed = _weft_cli_bytes_text (progress->peak_managed_bytes);
  g_autofree char *resident = _weft_cli_bytes_text (_weft_cli_status_bytes ("VmHWM"));

  fprintf (stderr, "memory: results %s at most, process %s at most", managed, resident);
  if (progress->spilled_bytes > 0)
    {
      g_autofree char *spilled = _weft_cli_bytes_text (progress->spilled_bytes);

      fprintf (stderr, "; %s spilled to disk", spilled);
    }
  fputc ('\n', stderr);
}

/* One line of the table; the columns fit below one another. */
static void
print_row (const char *name, uint32_t columns, const char *const cells[N_CELLS])
{
  g_autofree char *fitted = _weft_cli_fit (name, columns, true);

  fputs (fitted, stderr);
  for (int i = 0; i < N_CELLS; i++)
    fprintf (stderr, "%*s%s",
             (int) (CELL_COLUMNS - MIN (CELL_COLUMNS, _weft_cli_columns (cells[i]))), "", cells[i]);
  fputc ('\n', stderr);
}

static void
print_group (const WeftSummary *summary, const WeftTallyGroup *group, uint32_t columns)
{
  double busy_ns = (double) group->busy_ticks * summary->ns_per_tick;
  g_autofree char *all = _weft_cli_time_text ((int64_t) busy_ns);
  g_autofree char *each = _weft_cli_time_text ((int64_t) (busy_ns / (double) group->n_spans));
  g_autofree char *longest =
      _weft_cli_time_text ((int64_t) ((double) group->longest_ticks * summary->ns_per_tick));
  g_autofree char *tasks = _weft_cli_count_text (group->n_tasks);
  g_autofree char *name = g_strconcat ("  ", group->name, NULL);

  print_row (name, columns, (const char *const[N_CELLS]){ tasks, all, each, longest });
}

static void
print_groups (const WeftSummary *summary)
{
  g_autoptr (GPtrArray) groups = slowest_groups (summary->tally);
  uint32_t n = MIN (groups->len, MAX_GROUPS), columns = 0;
  g_autofree char *title = groups->len > n
                               ? g_strdup_printf ("slowest groups (%u of %u)", n, groups->len)
                               : g_strdup ("slowest groups");

  if (n == 0)
    return;
  for (uint32_t i = 0; i < n; i++)
    columns = MAX (columns, _weft_cli_columns (((WeftTallyGroup *) groups->pdata[i])->name));
  columns = CLAMP (columns + 2, _weft_cli_columns (title), MAX_NAME_COLUMNS);
  print_row (title, columns, (const char *const[N_CELLS]){ "tasks", "in all", "each", "longest" });
  for (uint32_t i = 0; i < n; i++)
    print_group (summary, groups->pdata[i], columns);
}

/* Where the record is, and what is not in it or was held up by it. */
static void
print_record (const WeftSummary *summary)
{
  WeftRecorderStats stats;

  if (summary->trace == NULL)
    return;
  weft_recorder_stats (weft_run_recorder (summary->run), &stats);
  fprintf (stderr, "record: %s", summary->trace);
  if (stats.n_dropped > 0)
    {
      g_autofree char *spans = _weft_cli_plural (stats.n_dropped, "task span");

      fprintf (stderr, "; %s dropped, which the figures above leave out", spans);
    }
  if (stats.n_dropped_log_bytes > 0)
    {
      g_autofree char *bytes = _weft_cli_bytes_text (stats.n_dropped_log_bytes);

      fprintf (stderr, "; %s of output dropped", bytes);
    }
  if (stats.n_waits > 0)
    {
      g_autofree char *times = _weft_cli_plural (stats.n_waits, "time");

      fprintf (stderr, "; workers waited %s for it", times);
    }
  fputc ('\n', stderr);
}

static void
print_text (const WeftSummary *summary, const WeftRunProgress *progress)
{
  print_counts (summary, progress);
  print_workers (summary, progress);
  print_memory (progress);
  print_groups (summary);
  print_record (summary);
}

static void
append_groups (GString *json, const WeftSummary *summary)
{
  g_autoptr (GPtrArray) groups = slowest_groups (summary->tally);

  for (guint i = 0; i < groups->len; i++)
    {
      const WeftTallyGroup *group = groups->pdata[i];

      g_string_append (json, i > 0 ? ", {\"name\": " : "{\"name\": ");
      _weft_cli_json_string (json, group->name);
      g_string_append_printf (json,
                              ", \"tasks\": %" PRIu64 ", \"done\": %" PRIu64 ", \"erred\": %" PRIu64
                              ", \"busy_ns\": %" PRId64 ", \"longest_ns\": %" PRId64 "}",
                              group->n_tasks, group->n_done, group->n_erred,
                              (int64_t) ((double) group->busy_ticks * summary->ns_per_tick),
                              (int64_t) ((double) group->longest_ticks * summary->ns_per_tick));
    }
}

static void
print_json (const WeftSummary *summary, const WeftRunProgress *progress)
{
  GString *json = g_string_new ("{\"event\": \"summary\"");
  WeftRecorderStats stats;
  uint32_t n;
  g_autofree double *shares = busy_shares (summary, progress->elapsed_ns, &n);

  weft_recorder_stats (weft_run_recorder (summary->run), &stats);
  g_string_append_printf (
      json,
      ", \"phase\": \"%s\", \"tasks\": %" PRIu64 ", \"done\": %" PRIu64 ", \"erred\": %" PRIu64
      ", \"reused\": %u, \"elapsed_ns\": %" PRId64 ", \"workers\": %u, \"busy\": [",
      phase_word (weft_run_phase (summary->run)), progress->n_tasks, progress->n_done,
      progress->n_erred, summary->n_reused, progress->elapsed_ns, summary->n_workers);
  for (uint32_t i = 0; i < n; i++)
    g_string_append_printf (json, "%s%.4f", i > 0 ? ", " : "", shares[i]);
  g_string_append_printf (json,
                          "], \"peak_managed_bytes\": %" PRIu64
                          ", \"peak_resident_bytes\": %" PRIu64 ", \"dropped_spans\": %" PRIu64
                          ", \"dropped_output_bytes\": %" PRIu64 ", \"recorder_waits\": %" PRIu64
                          ", \"groups\": [",
                          progress->peak_managed_bytes, _weft_cli_status_bytes ("VmHWM"),
                          stats.n_dropped, stats.n_dropped_log_bytes, stats.n_waits);
  append_groups (json, summary);
  fprintf (stderr, "%s]}\n", json->str);
  g_string_free (json, TRUE);
}

void
_weft_cli_print_summary (const WeftSummary *summary)
{
  WeftRunProgress progress;

  progress_without_reused (summary, &progress);
  if (_weft_cli_says_json ())
    print_json (summary, &progress);
  else
    print_text (summary, &progress);
}
