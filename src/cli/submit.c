/* submit.c: `weftline submit`, `cancel` and `result`: runs of a server, from the command line
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-ask-private.h"

#include <inttypes.h>
#include <string.h>

/* What all three have. */
static GOptionEntry
address_entry (char **address)
{
  return (GOptionEntry){
    "address", 0, 0, G_OPTION_ARG_FILENAME, address, "Where the server's socket is", "PATH"
  };
}

/* ---- which run ------------------------------------------------------------------------------- */

typedef struct
{
  const char *name;
  double id; /* of the newest of that name; 0: none */
} Named;

static void
match_name (const char *run, void *data)
{
  Named *named = data;
  g_autofree char *name = _weft_ask_text (run, "name");
  double id;

  if (g_strcmp0 (name, named->name) == 0 && _weft_ask_number (run, "run", &id))
    named->id = MAX (named->id, id);
}

/* By number, or by name. */
static bool
find_run (WeftAsk *ask, const char *text, uint64_t *id, GError **error)
{
  Named named = { text, 0 };
  g_autofree char *ok = NULL, *runs = NULL;

  if (g_ascii_string_to_unsigned (text, 10, 1, INT64_MAX, id, NULL))
    return true;
  ok = _weft_ask (ask, "\"do\": \"runs\"", error);
  if (ok == NULL)
    return false;
  runs = _weft_ask_member (ok, "runs");
  if (runs != NULL)
    _weft_ask_foreach (runs, match_name, &named);
  if (named.id == 0)
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "no run “%s”: “weftline runs” lists them", text);
      return false;
    }
  *id = (uint64_t) named.id;
  return true;
}

static int
exit_status_of (const char *phase)
{
  if (g_strcmp0 (phase, "done") == 0)
    return WEFT_EXIT_DONE;
  return g_strcmp0 (phase, "cancelled") == 0 ? WEFT_EXIT_CANCELLED : WEFT_EXIT_FAILED;
}

/* ---- submit ---------------------------------------------------------------------------------- */

typedef struct
{
  char *address, *name, *workers, *memory_limit, *from;
  gboolean hold, wait;
} Submission;

static void
append_text (GString *request, const char *name, const char *text)
{
  if (text == NULL)
    return;
  g_string_append_printf (request, ", \"%s\": ", name);
  _weft_cli_json_string (request, text);
}

/* The members of the request. (transfer full) (nullable) */
static char *
describe (const Submission *submission, const char *file, GError **error)
{
  GString *request = g_string_new ("\"do\": \"submit\"");
  g_autofree char *path = g_canonicalize_filename (file, NULL);
  uint64_t n_bytes = 0;
  int64_t n_workers = 0;
  bool good = true;

  append_text (request, "path", path);
  append_text (request, "name", submission->name);
  append_text (request, "format", submission->from);
  if (submission->workers != NULL)
    good = _weft_cli_number ("--workers", submission->workers, 1, 1024, &n_workers, error);
  if (good && submission->memory_limit != NULL)
    good = _weft_cli_size (submission->memory_limit, &n_bytes, error);
  if (n_workers > 0)
    g_string_append_printf (request, ", \"workers\": %" PRId64, n_workers);
  if (n_bytes > 0)
    g_string_append_printf (request, ", \"memory_limit\": %" PRIu64, n_bytes);
  if (submission->hold)
    g_string_append (request, ", \"hold\": true");
  return g_string_free (request, !good);
}

/* Until a notice says that it has ended. Returns: what to exit with */
static int
wait_for_end (WeftAsk *ask, double id, GError **error)
{
  char *notice;

  while ((notice = _weft_ask_next (ask, error)) != NULL)
    {
      g_autofree char *text = notice;
      g_autofree char *run = _weft_ask_member (notice, "run");
      g_autofree char *phase = run != NULL ? _weft_ask_text (run, "phase") : NULL;
      double which = 0, ended;

      if (phase == NULL || !_weft_ask_number (run, "run", &which) || which != id
          || !_weft_ask_number (run, "ended", &ended))
        continue;
      printf ("%s\n", phase);
      return exit_status_of (phase);
    }
  if (*error == NULL && _weft_cli_signalled ())
    {
      _weft_cli_say ("submit: the run goes on; “weftline cancel %.0f” cancels it", id);
      return WEFT_EXIT_CANCELLED;
    }
  if (*error == NULL)
    g_set_error (error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_SYSTEM,
                 "the server has gone before the run has ended");
  return WEFT_EXIT_SYSTEM;
}

static int
submit (WeftAsk *ask, const char *request, bool wait, GError **error)
{
  g_autofree char *ok = NULL, *path = NULL, *subscribed = NULL;
  double id;

  if (wait)
    {
      subscribed = _weft_ask (ask, "\"do\": \"subscribe\"", error);
      if (subscribed == NULL)
        return WEFT_EXIT_SYSTEM;
    }
  ok = _weft_ask (ask, request, error);
  if (ok == NULL || !_weft_ask_number (ok, "run", &id))
    return WEFT_EXIT_SYSTEM;
  path = _weft_ask_text (ok, "path");
  if (path != NULL)
    printf ("run %.0f, recorded in %s\n", id, path);
  else
    printf ("run %.0f, not started yet\n", id);
  fflush (stdout);
  if (wait)
    _weft_ask_heed_signals (ask, _weft_cli_catch_signals ());
  return wait ? wait_for_end (ask, id, error) : WEFT_EXIT_DONE;
}

int
_weft_cli_submit (int argc, char **argv)
{
  Submission s = { 0 };
  const GOptionEntry entries[] = {
    address_entry (&s.address),
    { "name", 0, 0, G_OPTION_ARG_STRING, &s.name, "What to call the run", "NAME" },
    { "workers", 'w', 0, G_OPTION_ARG_STRING, &s.workers, "Number of workers", "N" },
    { "memory-limit", 'm', 0, G_OPTION_ARG_STRING, &s.memory_limit, "Limit for results in memory",
      "SIZE" },
    { "from", 0, 0, G_OPTION_ARG_STRING, &s.from, "Format of the graph", "FORMAT" },
    { "hold", 0, 0, G_OPTION_ARG_NONE, &s.hold, "Do not start it yet", NULL },
    { "wait", 0, 0, G_OPTION_ARG_NONE, &s.wait, "Wait for its end, and exit as “weftline run” does",
      NULL },
    { NULL },
  };
  g_autofree char *request = NULL;
  GError *error = NULL;
  WeftAsk *ask;
  int status;

  if (!_weft_cli_parse ("submit", "FILE", "Has a graph run by a server.",
                        "The server is the window's, or “weftline serve”. It reads the file.",
                        entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands ("submit", argc, argv, 1, 1))
    return WEFT_EXIT_INPUT;
  request = describe (&s, argv[0], &error);
  ask = request != NULL ? _weft_ask_open (s.address, &error) : NULL;
  if (ask != NULL)
    status = submit (ask, request, s.wait, &error);
  _weft_ask_free (ask);
  g_free (s.address);
  g_free (s.name);
  g_free (s.workers);
  g_free (s.memory_limit);
  g_free (s.from);
  return error != NULL ? _weft_cli_report (error) : status;
}

/* ---- cancel, result -------------------------------------------------------------------------- */

/* @members: with “run” still to come. (transfer full) (nullable): what is answered */
static char *
ask_of_run (const char *address, const char *run, const char *members, GError **error)
{
  WeftAsk *ask = _weft_ask_open (address, error);
  g_autofree char *request = NULL;
  char *ok = NULL;
  uint64_t id;

  if (ask != NULL && find_run (ask, run, &id, error))
    {
      request = g_strdup_printf ("%s, \"run\": %" PRIu64, members, id);
      ok = _weft_ask (ask, request, error);
    }
  _weft_ask_free (ask);
  return ok;
}

int
_weft_cli_cancel (int argc, char **argv)
{
  g_autofree char *address = NULL, *ok = NULL;
  const GOptionEntry entries[] = { address_entry (&address), { NULL } };
  GError *error = NULL;
  int status;

  if (!_weft_cli_parse ("cancel", "RUN", "Cancels a run of a server, by its number or name.", NULL,
                        entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands_of ("cancel", argc, argv, 1, 1, "a run is"))
    return WEFT_EXIT_INPUT;
  ok = ask_of_run (address, argv[0], "\"do\": \"cancel\"", &error);
  return ok != NULL ? WEFT_EXIT_DONE : _weft_cli_report (error);
}

int
_weft_cli_result (int argc, char **argv)
{
  g_autofree char *address = NULL, *ok = NULL, *value = NULL;
  const GOptionEntry entries[] = { address_entry (&address), { NULL } };
  GString *members;
  GError *error = NULL;
  int status;

  if (!_weft_cli_parse ("result", "RUN KEY", "Prints a result of a run of a server, as JSON.",
                        "Results of a graph's outputs are kept; others may be gone once all "
                        "that read them are done.",
                        entries, &argc, &argv, &status))
    return status;
  if (!_weft_cli_operands_of ("result", argc, argv, 2, 2, "a run and a key are"))
    return WEFT_EXIT_INPUT;
  members = g_string_new ("\"do\": \"result\"");
  append_text (members, "key", argv[1]);
  ok = ask_of_run (address, argv[0], members->str, &error);
  g_string_free (members, TRUE);
  if (ok == NULL)
    return _weft_cli_report (error);
  value = _weft_ask_member (ok, "value");
  puts (value != NULL ? value : "null");
  return WEFT_EXIT_DONE;
}
