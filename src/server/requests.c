/* requests.c: what is asked of the server: answered here, or handed on to whose run it is
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-server-private.h"

#include "base/weft-clock.h"

#include <string.h>
#include <unistd.h>

#define CONTROL                                                                      \
  (WEFT_SERVER_CAN (WEFT_SERVER_START) | WEFT_SERVER_CAN (WEFT_SERVER_PAUSE)         \
   | WEFT_SERVER_CAN (WEFT_SERVER_RESUME) | WEFT_SERVER_CAN (WEFT_SERVER_STEP)       \
   | WEFT_SERVER_CAN (WEFT_SERVER_STEP_GROUP) | WEFT_SERVER_CAN (WEFT_SERVER_CANCEL) \
   | WEFT_SERVER_CAN (WEFT_SERVER_BREAK) | WEFT_SERVER_CAN (WEFT_SERVER_SET)         \
   | WEFT_SERVER_CAN (WEFT_SERVER_RESULT))

/* ---- saying ---------------------------------------------------------------------------------- */

static void
say_fault (WeftConnection *connection, const WeftSaid *said, WeftFault *fault)
{
  _weft_session_fault (&connection->session, fault, _weft_said_id (said));
}

/* ---- greeting -------------------------------------------------------------------------------- */

static void
append_limits (GString *json, const WeftServerLimits *limits)
{
  g_string_append_printf (
      json,
      "{\"message_bytes\": %u, \"line_bytes\": %u, \"nesting\": %d, \"open_runs\": %u, "
      "\"graph_bytes\": %" G_GUINT64_FORMAT ", \"clients\": %u, \"name_bytes\": %u, "
      "\"lanes\": %u}",
      limits->message_bytes, limits->line_bytes, WEFT_SAID_NESTING, limits->open_runs,
      limits->graph_bytes, limits->clients, WEFT_REPORT_MOST_NAME_BYTES, WEFT_REPORT_MOST_LANES);
}

static void
greeted_cb (void *data)
{
  WeftConnection *connection = data;
  WeftServer *server = connection->server;
  uint32_t verbs = server->host.verbs;
  g_autoptr (GString) json = g_string_new ("{\"hello\": \"weftline\", \"version\": 1, ");

  uv_timer_stop (&connection->timer);
  g_string_append_printf (json,
                          "\"server\": \"" PACKAGE_VERSION "\", \"pid\": %d, \"boot\": \"%s\", "
                          "\"now\": %" G_GINT64_FORMAT ", \"limits\": ",
                          (int) getpid (), server->boot_id, weft_clock_mono_ns ());
  append_limits (json, &server->limits);
  g_string_append (json, ", \"can\": [\"report\", \"spans\", \"notes\", \"watch\", \"columns\"");
  if ((verbs & CONTROL) != 0)
    g_string_append (json, ", \"control\"");
  if ((verbs & WEFT_SERVER_CAN (WEFT_SERVER_SUBMIT)) != 0)
    g_string_append (json, ", \"submit\"");
  g_string_append (json, "]}");
  _weft_session_say (&connection->session, json);
}

/* ---- what the server answers ----------------------------------------------------------------- */

static void
ping (WeftConnection *connection, const WeftSaid *said)
{
  char ok[64];

  g_snprintf (ok, sizeof ok, "{\"now\": %" G_GINT64_FORMAT "}", weft_clock_mono_ns ());
  _weft_session_answer (&connection->session, said, ok);
}

static void
list_runs (WeftConnection *connection, const WeftSaid *said)
{
  g_autoptr (GString) json = g_string_new (NULL);

  _weft_served_list (connection->server, json);
  _weft_session_answer (&connection->session, said, json->str);
}

static void
subscribe (WeftConnection *connection, const WeftSaid *said)
{
  connection->is_subscribed = true;
  _weft_session_answer (&connection->session, said, "{}");
}

/* ---- what others do -------------------------------------------------------------------------- */

/* What the run takes, in words. (transfer full) */
static char *
what_it_takes (uint32_t can)
{
  GString *text = g_string_new (NULL);

  for (int verb = 0; verb < WEFT_SERVER_N_VERBS; verb++)
    if ((can & WEFT_SERVER_CAN (verb)) != 0)
      g_string_append_printf (text, "%s“%s”", text->len == 0 ? "it takes " : ", ",
                              _weft_said_verb_name (verb));
  if (text->len == 0)
    g_string_append (text, "it can only be watched");
  return g_string_free (text, FALSE);
}

static void
refuse_verb (WeftConnection *connection, const WeftSaid *said, const WeftServed *served)
{
  const char *name = _weft_said_verb_name (said->what);
  g_autofree char *mend = served != NULL ? what_it_takes (served->run.can) : NULL;
  WeftFault fault;

  if (served == NULL)
    _weft_fault_set (&fault, WEFT_SERVER_REFUSE_NOT_SUPPORTED, NULL, NULL,
                     "this server does not support “%s”", name);
  else if (served->run.phase >= WEFT_RUN_DONE)
    _weft_fault_set (&fault, WEFT_SERVER_REFUSE_NOT_SUPPORTED, NULL, mend,
                     "the run %" G_GUINT64_FORMAT " (%s) is over, and does not take “%s”",
                     served->run.id, served->run.source, name);
  else
    _weft_fault_set (&fault, WEFT_SERVER_REFUSE_NOT_SUPPORTED, NULL, mend,
                     "the run %" G_GUINT64_FORMAT " (%s) does not take “%s”", served->run.id,
                     served->run.source, name);
  say_fault (connection, said, &fault);
}

/* The members that go along to a client: all but those that address it. */
static char *
other_members (const WeftSaid *said)
{
  GString *json = g_string_new (NULL);

  for (uint32_t i = 0; i < said->n_members; i++)
    {
      const WeftSaidMember *member = &said->members[i];

      if (strcmp (member->name, "id") == 0 || strcmp (member->name, "do") == 0
          || strcmp (member->name, "run") == 0 || member->json == NULL)
        continue;
      g_string_append (json, json->len == 0 ? "{" : ", ");
      _weft_said_append_text (json, member->name);
      g_string_append_printf (json, ": %s", member->json);
    }
  g_string_append (json, json->len == 0 ? "{}" : "}");
  return g_string_free (json, FALSE);
}

/* (transfer full) */
static void
hand_on (WeftConnection *connection, WeftSaid *said, WeftServed *served)
{
  WeftServer *server = connection->server;
  WeftServerVerb verb = (WeftServerVerb) said->what;
  uint64_t run = served != NULL ? served->run.id : 0;
  WeftServerRequest *request = _weft_request_new (connection, said, run);

  if (served != NULL && served->run.reported)
    {
      g_autofree char *members = other_members (said);

      _weft_ask_client (server, served, request, verb, members, NULL, NULL);
    }
  else
    server->host.request (server->host.data, request);
}

static bool
is_supported (const WeftServer *server, const WeftServed *served, int verb)
{
  bool by_host = server->host.request != NULL && (server->host.verbs & WEFT_SERVER_CAN (verb)) != 0;

  if (served == NULL)
    return by_host;
  return (served->run.can & WEFT_SERVER_CAN (verb)) != 0 && (served->run.reported || by_host);
}

/* (transfer full) */
static void
ask_host (WeftConnection *connection, WeftSaid *said)
{
  WeftServed *served = NULL;
  int64_t run = 0;
  WeftFault fault;

  if (_weft_said_number (said, "run", &run))
    {
      served = _weft_served_find (connection->server, (uint64_t) run);
      if (served == NULL)
        {
          _weft_fault_set (&fault, WEFT_SERVER_REFUSE_NO_SUCH_RUN, "run", "“runs” lists them",
                           "there is no run %" G_GINT64_FORMAT, run);
          say_fault (connection, said, &fault);
          _weft_said_free (said);
          return;
        }
    }
  if (is_supported (connection->server, served, said->what))
    {
      hand_on (connection, said, served);
      return;
    }
  refuse_verb (connection, said, served);
  _weft_said_free (said);
}

/* ---- which is which -------------------------------------------------------------------------- */

static void
request_cb (void *data, WeftSaid *said)
{
  WeftConnection *connection = data;

  switch (said->what)
    {
    case WEFT_DO_PING:
      ping (connection, said);
      break;
    case WEFT_DO_RUNS:
      list_runs (connection, said);
      break;
    case WEFT_DO_SUBSCRIBE:
      subscribe (connection, said);
      break;
    case WEFT_DO_REPORT:
      _weft_reports_open (connection, said);
      return;
    case WEFT_DO_FINISH:
      _weft_reports_finish (connection, said);
      return;
    case WEFT_DO_WATCH:
      _weft_watch_open (connection, said);
      return;
    case WEFT_DO_UNWATCH:
      _weft_watch_close (connection, said);
      return;
    default:
      ask_host (connection, said);
      return;
    }
  _weft_said_free (said);
}

const WeftSessionOps _weft_requests_ops = {
  .greeted = greeted_cb,
  .request = request_cb,
  .answer = _weft_ask_answered,
  .events = _weft_reports_take,
};
