/* run-options.c: what can be said on the command line of `weftline run`
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-run-private.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const on_error_words[] = { "stop", "continue", NULL };
static const char *const mode_words[] = { "burn", "sleep", NULL };
static const char *const progress_words[] = { "auto", "plain", "json", "none", NULL };

/* As text, before it is understood. */
typedef struct
{
  char *workers, *memory_limit, *passes, *trace, *trace_buffer, *speed, *bytes, *stand_in, *mode;
  char *on_error, *seed, *progress, *keep, *resume, *from, *control;
  char **outputs, **plugins, **resources, **notes;
  gboolean no_optimize, trace_drop, json, pin, start_paused;
} Texts;

static void
texts_clear (Texts *texts)
{
  char **all[] = { &texts->workers,      &texts->memory_limit, &texts->passes, &texts->trace,
                   &texts->trace_buffer, &texts->speed,        &texts->bytes,  &texts->stand_in,
                   &texts->mode,         &texts->on_error,     &texts->seed,   &texts->progress,
                   &texts->keep,         &texts->resume,       &texts->from,   &texts->control };

  for (size_t i = 0; i < G_N_ELEMENTS (all); i++)
    g_free (*all[i]);
  g_strfreev (texts->outputs);
  g_strfreev (texts->plugins);
  g_strfreev (texts->resources);
  g_strfreev (texts->notes);
}

static bool
parse_resource (const char *text, GHashTable *resources, GError **error)
{
  const char *equals = strchr (text, '=');
  double amount;

  if (equals == NULL || equals == text)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "--resource “%s”: NAME=AMOUNT expected", text);
      return false;
    }
  if (!_weft_cli_positive ("--resource amount", equals + 1, true, &amount, error))
    return false;
  g_hash_table_insert (resources, g_strndup (text, (gsize) (equals - text)),
                       g_memdup2 (&amount, sizeof amount));
  return true;
}

static bool
understand_pool (const Texts *texts, WeftRunArguments *arguments, GError **error)
{
  int64_t number = 0;

  if (texts->workers != NULL
      && !_weft_cli_number ("--workers", texts->workers, 1, 1024, &number, error))
    return false;
  arguments->n_workers = (uint32_t) number;
  if (texts->memory_limit != NULL
      && !_weft_cli_size (texts->memory_limit, &arguments->memory_limit_bytes, error))
    return false;
  for (char **resource = texts->resources; resource != NULL && *resource != NULL; resource++)
    if (!parse_resource (*resource, arguments->resources, error))
      return false;
  number = 0;
  if (texts->seed != NULL
      && !_weft_cli_number ("--seed", texts->seed, 0, INT64_MAX, &number, error))
    return false;
  arguments->seed = (uint64_t) number;
  return true;
}

static bool
understand_replay (const Texts *texts, WeftReplayOptions *replay, GError **error)
{
  int mode = 0;

  *replay = (WeftReplayOptions) WEFT_REPLAY_AS_RECORDED;
  if (texts->speed != NULL
      && !_weft_cli_positive ("--replay-speed", texts->speed, false, &replay->speed, error))
    return false;
  if (texts->bytes != NULL
      && !_weft_cli_positive ("--replay-bytes", texts->bytes, true, &replay->bytes, error))
    return false;
  if (texts->stand_in != NULL
      && !_weft_cli_duration ("--replay-default", texts->stand_in, &replay->default_ns, error))
    return false;
  if (texts->mode != NULL)
    mode = _weft_cli_choice ("--replay-mode", texts->mode, mode_words, error);
  replay->sleep = mode == 1;
  return mode >= 0;
}

static bool
understand_words (const Texts *texts, WeftRunArguments *arguments, GError **error)
{
  int on_error = 0, from;

  if (texts->on_error != NULL)
    on_error = _weft_cli_choice ("--on-error", texts->on_error, on_error_words, error);
  if (on_error < 0)
    return false;
  from = _weft_cli_format ("--from", texts->from, error);
  if (from < 0)
    return false;
  if (texts->progress != NULL
      && _weft_cli_choice ("--progress", texts->progress, progress_words, error) < 0)
    return false;
  arguments->on_error = (WeftOnError) on_error;
  arguments->format = (WeftGraphFormat) from;
  arguments->progress =
      _weft_cli_progress_style (texts->progress != NULL ? texts->progress : "auto");
  return true;
}

static bool
understand_control (const Texts *texts, WeftRunArguments *arguments, GError **error)
{
  int64_t number = -1;

  if (texts->control != NULL
      && !_weft_cli_number ("--control", texts->control, STDERR_FILENO + 1, INT_MAX, &number,
                            error))
    return false;
  if (texts->start_paused && texts->control == NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                   "--start-paused needs --control: nobody could say that it shall go on");
      return false;
    }
  arguments->control = (int) number;
  arguments->start_paused = texts->start_paused;
  return true;
}

static bool
understand (Texts *texts, WeftRunArguments *arguments, GError **error)
{
  if (texts->no_optimize && texts->passes != NULL)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED,
                   "--no-optimize and --passes exclude each other");
      return false;
    }
  if (!understand_pool (texts, arguments, error)
      || !understand_replay (texts, &arguments->replay, error)
      || !understand_words (texts, arguments, error)
      || !understand_control (texts, arguments, error))
    return false;
  if (texts->trace_buffer != NULL
      && !_weft_cli_size (texts->trace_buffer, &arguments->trace_buffer_bytes, error))
    return false;
  if (texts->no_optimize)
    arguments->passes = g_strdup ("none");
  else if (g_strcmp0 (texts->passes, "all") != 0) /* which is what is done unasked */
    arguments->passes = g_steal_pointer (&texts->passes);
  arguments->outputs = g_steal_pointer (&texts->outputs);
  arguments->plugins = g_steal_pointer (&texts->plugins);
  arguments->notes = g_steal_pointer (&texts->notes);
  arguments->trace = g_steal_pointer (&texts->trace);
  arguments->keep = g_steal_pointer (&texts->keep);
  arguments->resume = g_steal_pointer (&texts->resume);
  arguments->trace_drop = texts->trace_drop;
  arguments->json = texts->json;
  arguments->pin = texts->pin;
  return true;
}

static const char description[] =
    "SIZE is a number of bytes, with k, M, G (1024) or kB, MB, GB (1000); TIME is in seconds, or "
    "with ns,\nus, ms, s, min. Tasks without an operation (recorded workflows) burn their recorded "
    "time.\nExit status: 0 done, 1 a task failed, 2 bad input or usage, 3 system error, "
    "130 cancelled.";

static bool
parse (Texts *t, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
    { "workers", 'w', 0, G_OPTION_ARG_STRING, &t->workers,
      "Worker threads, 1 to 1024 (usable cores)", "N" },
    { "memory-limit", 0, 0, G_OPTION_ARG_STRING, &t->memory_limit,
      "Spill results to disk above this", "SIZE" },
    { "output", 'o', 0, G_OPTION_ARG_STRING_ARRAY, &t->outputs,
      "Ask for this task's result instead of the graph's outputs (repeatable)", "KEY" },
    { "no-optimize", 0, 0, G_OPTION_ARG_NONE, &t->no_optimize, "Run the graph as it is", NULL },
    { "passes", 0, 0, G_OPTION_ARG_STRING, &t->passes,
      "Only these passes: cull,inline,fuse,order, all or none; fuse=4: up to that width", "LIST" },
    { "trace", 't', 0, G_OPTION_ARG_FILENAME, &t->trace, "Record what runs in this file", "FILE" },
    { "trace-buffer", 0, 0, G_OPTION_ARG_STRING, &t->trace_buffer,
      "Most records not yet written (256 MiB)", "SIZE" },
    { "trace-drop", 0, 0, G_OPTION_ARG_NONE, &t->trace_drop,
      "Drop spans rather than wait when that is full", NULL },
    { "replay-speed", 0, 0, G_OPTION_ARG_STRING, &t->speed, "Divide recorded times by X (1)", "X" },
    { "replay-bytes", 0, 0, G_OPTION_ARG_STRING, &t->bytes, "Multiply recorded sizes by X (1)",
      "X" },
    { "replay-default", 0, 0, G_OPTION_ARG_STRING, &t->stand_in,
      "For tasks without a recorded time (10ms)", "TIME" },
    { "replay-mode", 0, 0, G_OPTION_ARG_STRING, &t->mode, "burn (default) or sleep", "MODE" },
    { "on-error", 0, 0, G_OPTION_ARG_STRING, &t->on_error,
      "After a failure: stop (default), or continue with what does not need it", "POLICY" },
    { "seed", 0, 0, G_OPTION_ARG_STRING, &t->seed, "For operations that draw random numbers (0)",
      "N" },
    { "plugin", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &t->plugins,
      "Load operations from a shared object (repeatable)", "FILE" },
    { "progress", 0, 0, G_OPTION_ARG_STRING, &t->progress,
      "auto (bars on a terminal), plain, json or none", "STYLE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &t->json, "Print the outputs as JSON", NULL },
    { "keep", 0, 0, G_OPTION_ARG_FILENAME, &t->keep, "Keep results in this folder", "DIR" },
    { "resume", 0, 0, G_OPTION_ARG_FILENAME, &t->resume,
      "Run only what is new or changed since an earlier run: its run file or --keep folder",
      "RUN" },
    { "resource", 0, 0, G_OPTION_ARG_STRING_ARRAY, &t->resources,
      "Amount of a named resource that tasks need (repeatable)", "NAME=AMOUNT" },
    { "pin", 0, 0, G_OPTION_ARG_NONE, &t->pin, "Keep each worker on a processor of its own", NULL },
    { "control", 0, 0, G_OPTION_ARG_STRING, &t->control,
      "Take commands through this descriptor, a connected socket", "FD" },
    { "start-paused", 0, 0, G_OPTION_ARG_NONE, &t->start_paused,
      "Start nothing before a command says so", NULL },
    { "note", 0, 0, G_OPTION_ARG_STRING_ARRAY, &t->notes,
      "Keep a line on the graph in the run file, as those of its own file are (repeatable)",
      "TEXT" },
    { "from", 0, 0, G_OPTION_ARG_STRING, &t->from,
      "Format of FILE: auto, native, wfcommons, dot, dagman", "FORMAT" },
    { NULL },
  };

  return _weft_cli_parse ("run", "FILE", "Runs a task graph; “-” reads it from standard input.",
                          description, entries, argc, argv, status);
}

bool
_weft_cli_run_arguments (int argc, char **argv, WeftRunArguments *arguments, int *status)
{
  Texts texts = { 0 };
  GError *error = NULL;
  bool good;

  *arguments = (WeftRunArguments){ 0 };
  arguments->resources = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  good = parse (&texts, &argc, &argv, status);
  if (good && texts.progress != NULL && strcmp (texts.progress, "json") == 0)
    _weft_cli_say_as_json ();
  if (good && !_weft_cli_operands ("run", argc, argv, 1, 1))
    {
      *status = WEFT_EXIT_INPUT;
      good = false;
    }
  if (good && !understand (&texts, arguments, &error))
    {
      *status = _weft_cli_report (error);
      good = false;
    }
  if (good)
    arguments->file = g_strdup (argv[0]);
  texts_clear (&texts);
  if (!good)
    _weft_cli_run_arguments_clear (arguments);
  return good;
}

void
_weft_cli_run_arguments_clear (WeftRunArguments *arguments)
{
  g_strfreev (arguments->outputs);
  g_strfreev (arguments->plugins);
  g_strfreev (arguments->notes);
  g_free (arguments->passes);
  g_free (arguments->trace);
  g_free (arguments->keep);
  g_free (arguments->resume);
  g_free (arguments->file);
  g_hash_table_unref (arguments->resources);
}
