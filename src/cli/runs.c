/* runs.c: `weftline runs`: the runs that a server knows
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-ask-private.h"

#include <math.h>

#define NAME_COLUMNS 28
#define SOURCE_COLUMNS 12
#define PHASE_COLUMNS 12
#define COUNT_COLUMNS 24
#define NS_PER_SECOND 1e9

static double
number_of (const char *run, const char *name)
{
  double number = 0;

  _weft_ask_number (run, name, &number);
  return number;
}

/* "1,200 of 4,000, 3 failed" (transfer full) */
static char *
counts_text (const char *run)
{
  g_autofree char *done = _weft_cli_count_text ((uint64_t) number_of (run, "done"));
  g_autofree char *tasks = _weft_cli_count_text ((uint64_t) number_of (run, "tasks"));
  g_autofree char *failed = _weft_cli_count_text ((uint64_t) number_of (run, "failed"));
  bool has_failed = number_of (run, "failed") > 0;

  return g_strdup_printf ("%s of %s%s%s%s", done, tasks, has_failed ? ", " : "",
                          has_failed ? failed : "", has_failed ? " failed" : "");
}

/* How long it took, or takes so far. (transfer full) */
static char *
time_text (const char *run)
{
  double begun = number_of (run, "begun"), ended = number_of (run, "ended");

  if (begun == 0)
    return g_strdup ("");
  if (ended == 0)
    ended = (double) g_get_real_time () / G_USEC_PER_SEC;
  return _weft_cli_time_text ((int64_t) (fmax (ended - begun, 0) * NS_PER_SECOND));
}

static void
print_cells (const char *id, const char *name, const char *source, const char *phase,
             const char *counts, const char *time)
{
  g_autofree char *name_cell = _weft_cli_fit_ends (name, NAME_COLUMNS);
  g_autofree char *source_cell = _weft_cli_fit (source, SOURCE_COLUMNS, true);
  g_autofree char *phase_cell = _weft_cli_fit (phase, PHASE_COLUMNS, true);
  g_autofree char *counts_cell = _weft_cli_fit (counts, COUNT_COLUMNS, true);

  printf ("%6s  %s  %s  %s  %s  %s\n", id, name_cell, source_cell, phase_cell, counts_cell, time);
}

static void
print_run (const char *run, void *unused)
{
  g_autofree char *id = g_strdup_printf ("%.0f", number_of (run, "run"));
  g_autofree char *name = _weft_ask_text (run, "name");
  g_autofree char *source = _weft_ask_text (run, "source");
  g_autofree char *phase = _weft_ask_text (run, "phase");
  g_autofree char *trouble = _weft_ask_text (run, "trouble");
  g_autofree char *counts = counts_text (run);
  g_autofree char *time = time_text (run);

  print_cells (id, name, source, phase, counts, time);
  if (trouble != NULL)
    printf ("        %s\n", trouble);
}

static void
print_line (const char *run, void *unused)
{
  puts (run);
}

static int
list (WeftAsk *ask, bool json)
{
  GError *error = NULL;
  g_autofree char *ok = _weft_ask (ask, "\"do\": \"runs\"", &error);
  g_autofree char *runs = ok != NULL ? _weft_ask_member (ok, "runs") : NULL;

  if (ok == NULL)
    return _weft_cli_report (error);
  if (runs == NULL)
    return WEFT_EXIT_DONE;
  if (json)
    _weft_ask_foreach (runs, print_line, NULL);
  else if (g_str_equal (runs, "[]"))
    puts ("no runs");
  else
    {
      print_cells ("run", "name", "source", "phase", "tasks done", "time");
      _weft_ask_foreach (runs, print_run, NULL);
    }
  return WEFT_EXIT_DONE;
}

int
_weft_cli_runs (int argc, char **argv)
{
  g_autofree char *address = NULL;
  gboolean json = FALSE;
  const GOptionEntry entries[] = {
    { "address", 0, 0, G_OPTION_ARG_FILENAME, &address, "Where the server's socket is", "PATH" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "One JSON object a line", NULL },
    { NULL },
  };
  GError *error = NULL;
  WeftAsk *ask;
  int status;

  if (!_weft_cli_parse ("runs", NULL,
                        "Lists the runs of a server: the window's, or “weftline "
                        "serve”.",
                        NULL, entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("runs", argc, argv, 0, 0))
    return WEFT_EXIT_INPUT;
  ask = _weft_ask_open (address, &error);
  if (ask == NULL)
    return _weft_cli_report (error);
  status = list (ask, json);
  _weft_ask_free (ask);
  return status;
}
