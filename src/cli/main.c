/* main.c: the `weftline` command: which subcommand, --help and --version
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "base/weft-nearest-private.h"
#include "cli/weft-cli-private.h"

#include <locale.h>
#include <string.h>
#include <unistd.h>

static const WeftCommand commands[] = {
  { "run", "Run a task graph", _weft_cli_run },
  { "open", "Show graphs and runs in the window", _weft_cli_open },
  { "check", "Say whether a graph file can be run", _weft_cli_check },
  { "info", "Describe a graph: tasks, edges, groups, depth, width", _weft_cli_info },
  { "convert", "Write a graph in another format", _weft_cli_convert },
  { "ops", "List the operations", _weft_cli_ops },
  { "dump", "Print a run file as JSON lines", _weft_cli_dump },
  { "export", "Draw a view of a run into a picture", _weft_cli_export },
  { "record", "Record what a program says of its run", _weft_cli_record },
  { "serve", "Take graphs and reports of runs from other programs", _weft_cli_serve },
  { "runs", "List the runs of a server", _weft_cli_runs },
  { "watch", "Show the progress of a run of a server", _weft_cli_watch },
  { "attach", "Show what a Dask cluster computes", _weft_cli_attach },
  { "submit", "Have a graph run by a server", _weft_cli_submit },
  { "cancel", "Cancel a run of a server", _weft_cli_cancel },
  { "result", "Print a result of a run of a server", _weft_cli_result },
  { "bench", "Measure the scheduler", _weft_cli_bench },
  { "doctor", "Say what this machine offers", _weft_cli_doctor },
};

static void
print_help (FILE *file)
{
  fputs ("Usage: weftline COMMAND [OPTION…] [ARGUMENT…]\n\n"
         "Runs task graphs on an embedded scheduler.\n\nCommands:\n",
         file);
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    fprintf (file, "  %-10s%s\n", commands[i].name, commands[i].summary);
  fputs ("\nweftline COMMAND --help says more of each; weftline --version prints the version.\n"
         "Exit status: 0 done, 1 a task failed, 2 bad input or usage, 3 system error, "
         "130 cancelled.\n",
         file);
}

/* (nullable) */
static const char *
nearest_command (const char *name)
{
  WeftNearest nearest;

  _weft_nearest_init (&nearest, name, strlen (name));
  for (uint32_t i = 0; i < G_N_ELEMENTS (commands); i++)
    _weft_nearest_offer (&nearest, commands[i].name, strlen (commands[i].name), i);
  return nearest.best != WEFT_NONE ? commands[nearest.best].name : NULL;
}

static int
unknown_command (const char *name)
{
  const char *nearest = nearest_command (name);

  if (nearest != NULL)
    _weft_cli_say ("no command “%s”; did you mean “%s”?", name, nearest);
  else
    _weft_cli_say ("no command “%s” (see weftline --help)", name);
  return WEFT_EXIT_INPUT;
}

/* GLib ends the process where there is no memory; here that is a system error, said in a line.
 * Nothing may be allocated any more. */
static void
log_cb (const char *domain, GLogLevelFlags level, const char *message, void *data)
{
  static const char text[] = "weftline: out of memory: ";
  const char *what = strstr (message, "failed to allocate");

  if ((level & G_LOG_LEVEL_ERROR) == 0 || what == NULL)
    {
      g_log_default_handler (domain, level, message, data);
      return;
    }
  if (write (STDERR_FILENO, text, sizeof text - 1) < 0
      || write (STDERR_FILENO, what, strlen (what)) < 0 || write (STDERR_FILENO, "\n", 1) < 0)
    _exit (WEFT_EXIT_SYSTEM);
  _exit (WEFT_EXIT_SYSTEM);
}

int
main (int argc, char **argv)
{
  g_log_set_default_handler (log_cb, NULL);
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  if (argc < 2)
    {
      print_help (stderr);
      return WEFT_EXIT_INPUT;
    }
  if (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0
      || strcmp (argv[1], "help") == 0)
    {
      print_help (stdout);
      return _weft_cli_finish (WEFT_EXIT_DONE);
    }
  if (strcmp (argv[1], "--version") == 0)
    {
      printf ("weftline %s\n", PACKAGE_VERSION);
      return _weft_cli_finish (WEFT_EXIT_DONE);
    }
  for (size_t i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, argv[1]) == 0)
      return _weft_cli_finish (commands[i].run (argc - 1, argv + 1));
  return unknown_command (argv[1]);
}
