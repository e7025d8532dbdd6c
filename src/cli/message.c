/* message.c: what `weftline` says on stderr, and the exit statuses
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Whether stderr is to be JSON lines holds for the whole process, like stderr itself.
 */
#include "cli/weft-cli-private.h"

#include <errno.h>
#include <stdatomic.h>
#include <string.h>

static atomic_bool as_json; /* atomic: relaxed; set before there are other threads */

void
_weft_cli_say_as_json (void)
{
  atomic_store_explicit (&as_json, true, memory_order_relaxed);
}

bool
_weft_cli_says_json (void)
{
  return atomic_load_explicit (&as_json, memory_order_relaxed);
}

static void
say_json (const char *text)
{
  GString *json = g_string_new ("{\"event\": \"message\", \"text\": ");

  _weft_cli_json_string (json, text);
  fprintf (stderr, "%s}\n", json->str);
  g_string_free (json, TRUE);
}

void
_weft_cli_say (const char *format, ...)
{
  va_list arguments;
  g_autofree char *text = NULL;

  va_start (arguments, format);
  text = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_strchomp (text);
  if (_weft_cli_says_json ())
    say_json (text);
  else
    fprintf (stderr, "weftline: %s\n", text);
}

static int
status_of_engine (int code)
{
  switch ((WeftEngineError) code)
    {
    case WEFT_ENGINE_ERROR_ARGUMENT:
    case WEFT_ENGINE_ERROR_GRAPH:
      return WEFT_EXIT_INPUT;
    case WEFT_ENGINE_ERROR_FAILED:
    case WEFT_ENGINE_ERROR_LIMIT:
    case WEFT_ENGINE_ERROR_RELEASED:
      return WEFT_EXIT_FAILED;
    case WEFT_ENGINE_ERROR_CANCELLED:
      return WEFT_EXIT_CANCELLED;
    case WEFT_ENGINE_ERROR_SYSTEM:
    case WEFT_ENGINE_ERROR_STATE:
    default:
      return WEFT_EXIT_SYSTEM;
    }
}

int
_weft_cli_status_of (const GError *error)
{
  if (error->domain == WEFT_GRAPH_ERROR || error->domain == G_OPTION_ERROR
      || error->domain == WEFT_OP_ERROR || error->domain == WEFT_CODEC_ERROR
      || error->domain == WEFT_RUN_READER_ERROR)
    return WEFT_EXIT_INPUT;
  if (error->domain == WEFT_ENGINE_ERROR)
    return status_of_engine (error->code);
  return WEFT_EXIT_SYSTEM;
}

int
_weft_cli_report (GError *error)
{
  int status = _weft_cli_status_of (error);

  _weft_cli_say ("%s", error->message);
  g_error_free (error);
  return status;
}

int
_weft_cli_finish (int status)
{
  bool failed = ferror (stdout) != 0;

  errno = 0;
  failed = fflush (stdout) != 0 || failed;
  if (!failed)
    return status;
  if (errno != EPIPE)
    _weft_cli_say ("standard output: %s", errno != 0 ? g_strerror (errno) : "writing failed");
  return status == WEFT_EXIT_DONE ? WEFT_EXIT_SYSTEM : status;
}
