/* watch.c: `weftline watch`: the progress of a run that a server knows, until it ends
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-ask-private.h"
#include "cli/weft-cli-run-private.h"

#include <math.h>
#include <stdlib.h>

#define NS_PER_SECOND 1e9

static const char *const progress_words[] = { "auto", "plain", "json", "none", NULL };

static double
number_of (const char *json, const char *name)
{
  double number = 0;

  _weft_ask_number (json, name, &number);
  return number;
}

/* ---- which run ------------------------------------------------------------------------------- */

typedef struct
{
  const char *wanted; /* (nullable): its number or name; NULL: the newest that goes on */
  char *found;        /* (nullable) */
} Choice;

static void
look_at_run (const char *run, void *data)
{
  Choice *choice = data;
  g_autofree char *id = g_strdup_printf ("%.0f", number_of (run, "run"));
  g_autofree char *name = _weft_ask_text (run, "name");
  bool fits = choice->wanted != NULL
                  ? g_str_equal (id, choice->wanted) || g_strcmp0 (name, choice->wanted) == 0
                  : number_of (run, "ended") == 0;

  if (!fits)
    return;
  g_free (choice->found); /* they come oldest first */
  choice->found = g_strdup (run);
}

/* (transfer full) (nullable): NULL: *status is what to exit with */
static char *
choose (WeftAsk *ask, const char *wanted, int *status)
{
  Choice choice = { .wanted = wanted };
  GError *error = NULL;
  g_autofree char *ok = _weft_ask (ask, "\"do\": \"runs\"", &error);
  g_autofree char *runs = ok != NULL ? _weft_ask_member (ok, "runs") : NULL;

  *status = WEFT_EXIT_INPUT;
  if (ok == NULL)
    *status = _weft_cli_report (error);
  else
    _weft_ask_foreach (runs, look_at_run, &choice);
  if (ok != NULL && choice.found == NULL && wanted != NULL)
    _weft_cli_say ("watch: there is no run “%s”; weftline runs lists them", wanted);
  else if (ok != NULL && choice.found == NULL)
    _weft_cli_say ("watch: no run is going on; weftline runs lists those that are over");
  return choice.found;
}

/* ---- what is told of it ---------------------------------------------------------------------- */

typedef struct
{
  GArray *bars; /* WeftBar */
  GPtrArray *names;
} Groups;

static void
take_cell (const char *cell, void *data)
{
  g_ptr_array_add (data, g_strdup (cell));
}

/* ["inc", 100, 40, 2, 0] */
static void
take_group (const char *group, void *data)
{
  Groups *groups = data;
  g_autoptr (GPtrArray) cells = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *object = NULL;
  WeftBar bar = { .mean_ns = -1 };
  char *name;

  _weft_ask_foreach (group, take_cell, cells);
  if (cells->len < 5)
    return;
  object = g_strdup_printf ("{\"name\": %s}", (const char *) cells->pdata[0]);
  name = _weft_ask_text (object, "name");
  if (name == NULL)
    return;
  g_ptr_array_add (groups->names, name);
  bar.name = name;
  bar.n_tasks = g_ascii_strtoull (cells->pdata[1], NULL, 10);
  bar.n_done = g_ascii_strtoull (cells->pdata[2], NULL, 10);
  bar.n_running = g_ascii_strtoull (cells->pdata[3], NULL, 10);
  bar.n_erred = g_ascii_strtoull (cells->pdata[4], NULL, 10);
  g_array_append_val (groups->bars, bar);
}

static int64_t
elapsed_ns (const char *run)
{
  double begun = number_of (run, "begun"), ended = number_of (run, "ended");

  if (begun == 0)
    return 0;
  if (ended == 0)
    ended = (double) g_get_real_time () / G_USEC_PER_SEC;
  return (int64_t) (fmax (ended - begun, 0) * NS_PER_SECOND);
}

/* The groups are of one moment, the run's own counts perhaps of another: where all groups are
 * there, their sums are shown. */
static void
count (WeftBars *bars, const char *run, bool has_all_groups)
{
  if (!has_all_groups)
    {
      bars->n_tasks = (uint64_t) number_of (run, "tasks");
      bars->n_done = (uint64_t) number_of (run, "done");
      bars->n_running = (uint64_t) number_of (run, "running");
      bars->n_erred = (uint64_t) number_of (run, "failed");
      return;
    }
  for (uint32_t i = 0; i < bars->n_bars; i++)
    {
      bars->n_tasks += bars->bars[i].n_tasks;
      bars->n_done += bars->bars[i].n_done;
      bars->n_running += bars->bars[i].n_running;
      bars->n_erred += bars->bars[i].n_erred;
    }
}

static void
show (WeftProgressView *view, const char *run, const char *notice)
{
  g_autofree char *groups_json = _weft_ask_member (notice, "groups");
  g_autofree char *metrics = _weft_ask_member (notice, "metrics");
  g_autofree char *name = _weft_ask_text (run, "name");
  g_autoptr (GArray) list = g_array_new (FALSE, FALSE, sizeof (WeftBar));
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  Groups groups = { list, names };
  WeftBars bars = { .title = name, .eta_ns = -1, .elapsed_ns = elapsed_ns (run) };

  if (metrics != NULL)
    {
      bars.memory_bytes = (uint64_t) number_of (metrics, "managed");
      bars.spilled_bytes = (uint64_t) number_of (metrics, "spilled");
    }
  if (groups_json != NULL)
    _weft_ask_foreach (groups_json, take_group, &groups);
  bars.bars = (const WeftBar *) (const void *) list->data;
  bars.n_bars = list->len;
  count (&bars, run, groups_json != NULL && number_of (notice, "more_groups") == 0);
  _weft_cli_progress_show (view, &bars, number_of (run, "ended") != 0);
}

/* ---- until it ends --------------------------------------------------------------------------- */

static int
status_of (const char *phase)
{
  if (g_strcmp0 (phase, "done") == 0)
    return WEFT_EXIT_DONE;
  if (g_strcmp0 (phase, "failed") == 0)
    return WEFT_EXIT_FAILED;
  return g_strcmp0 (phase, "cancelled") == 0 ? WEFT_EXIT_CANCELLED : WEFT_EXIT_SYSTEM;
}

static int
say_end (const char *run)
{
  g_autofree char *name = _weft_ask_text (run, "name");
  g_autofree char *phase = _weft_ask_text (run, "phase");
  g_autofree char *done = _weft_cli_count_text ((uint64_t) number_of (run, "done"));
  g_autofree char *tasks = _weft_cli_plural ((uint64_t) number_of (run, "tasks"), "task");
  g_autofree char *time = _weft_cli_time_text (elapsed_ns (run));

  printf ("%s: %s, %s of %s done, %s\n", name, phase, done, tasks, time);
  if (number_of (run, "failed") > 0)
    printf ("%.0f failed\n", number_of (run, "failed"));
  return status_of (phase);
}

/* What is wrong with the watching itself. (transfer full) (nullable) */
static char *
trouble_of (const char *notice)
{
  g_autofree char *error = _weft_ask_member (notice, "error");

  return error != NULL ? _weft_ask_text (error, "message") : NULL;
}

/* @run: (transfer full): as last told */
static int
follow (WeftAsk *ask, WeftProgressView *view, char *run)
{
  GError *error = NULL;
  bool at_end = false;
  char *notice;
  int status;

  while (!at_end && (notice = _weft_ask_next (ask, &error)) != NULL)
    {
      char *news = _weft_ask_member (notice, "run");
      g_autofree char *trouble = trouble_of (notice);

      at_end = strstr (notice, "\"end\": true") != NULL && news == NULL;
      if (trouble != NULL)
        _weft_cli_say ("watch: %s", trouble);
      if (news != NULL)
        {
          g_free (run);
          run = news;
          show (view, run, notice);
        }
      g_free (notice);
    }
  if (at_end && number_of (run, "ended") != 0)
    status = say_end (run);
  else if (error != NULL)
    status = _weft_cli_report (error);
  else
    {
      _weft_cli_say ("watch: the server ended before the run did");
      status = WEFT_EXIT_SYSTEM;
    }
  g_free (run);
  return status;
}

static int
watch (WeftAsk *ask, const char *wanted, WeftProgressView *view)
{
  g_autofree char *members = NULL, *ok = NULL;
  GError *error = NULL;
  int status;
  char *run = choose (ask, wanted, &status);

  if (run == NULL)
    return status;
  members =
      g_strdup_printf ("\"do\": \"watch\", \"run\": %.0f, \"progress\": true, \"metrics\": true",
                       number_of (run, "run"));
  ok = _weft_ask (ask, members, &error);
  if (ok != NULL)
    return follow (ask, view, run);
  g_free (run);
  return _weft_cli_report (error);
}

int
_weft_cli_watch (int argc, char **argv)
{
  g_autofree char *address = NULL, *progress = NULL;
  const GOptionEntry entries[] = {
    { "address", 0, 0, G_OPTION_ARG_FILENAME, &address, "Where the server's socket is", "PATH" },
    { "progress", 0, 0, G_OPTION_ARG_STRING, &progress,
      "auto (bars on a terminal), plain, json or none", "STYLE" },
    { NULL },
  };
  WeftProgressView view = { .colour = g_getenv ("NO_COLOR") == NULL };
  GError *error = NULL;
  WeftAsk *ask;
  int status;

  if (!_weft_cli_parse ("watch", "[RUN]",
                        "Shows the progress of a run of a server, by its number or name; without "
                        "RUN of the newest that goes on.",
                        "Ends with the run, and with its status: 0 done, 1 a task failed, 130 "
                        "cancelled, 3 interrupted.",
                        entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("watch", argc, argv, 0, 1))
    return WEFT_EXIT_INPUT;
  if (progress != NULL && _weft_cli_choice ("--progress", progress, progress_words, &error) < 0)
    return _weft_cli_report (error);
  view.style = _weft_cli_progress_style (progress != NULL ? progress : "auto");
  ask = _weft_ask_open (address, &error);
  if (ask == NULL)
    return _weft_cli_report (error);
  status = watch (ask, argc > 0 ? argv[0] : NULL, &view);
  _weft_cli_progress_clear (&view);
  _weft_ask_free (ask);
  return status;
}
