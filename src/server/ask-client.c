/* ask-client.c: requests that a reporting program carries out
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The program gets {"id", "do", "channel", …} and answers as the server would. Who asked gets that
 * answer, or hears that the program is gone.
 */
#include "config.h"

#include "server/weft-server-private.h"

#include <string.h>

typedef struct
{
  uint64_t id;
  WeftConnection *connection; /* who is asked */
  WeftServerRequest *request; /* (nullable) */
  WeftServerDone done;        /* (nullable): instead */
  void *data;
} Asked;

/* ---- ends ------------------------------------------------------------------------------------ */

static void
end_refused (Asked *asked, WeftServerRefusal code, const char *message)
{
  if (asked->request != NULL)
    weft_server_refuse (asked->request, code, message, NULL);
  else if (asked->done != NULL)
    asked->done (asked->data, message);
}

void
_weft_ask_forget (WeftServer *server, const WeftConnection *connection)
{
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, server->asked);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      Asked *asked = value;

      if (asked->connection != connection)
        continue;
      g_hash_table_iter_steal (&iter);
      end_refused (asked, WEFT_SERVER_REFUSE_FAILED, "the program that reports the run is gone");
      g_free (asked);
    }
}

/* What the error says, for people. (transfer full) */
static char *
message_of (const char *error_json)
{
  static const char *const names[] = { "message", NULL };
  char *message = NULL;
  WeftJson json;
  uint64_t seen = 0;

  _weft_json_init (&json, error_json, strlen (error_json), "error");
  _weft_json_next (&json);
  while (message == NULL && _weft_json_next_name (&json))
    if (_weft_json_member (&json, names, &seen) < 0)
      _weft_json_skip (&json);
    else if (_weft_json_expect (&json, WEFT_JSON_STRING, "a text"))
      message = g_strndup (json.chars, json.n_chars);
  _weft_json_clear (&json);
  return message != NULL ? message : g_strdup (error_json);
}

static void
end_answered (Asked *asked, const WeftSaid *said)
{
  const WeftSaidMember *error = _weft_said_get (said, "error");
  const WeftSaidMember *ok = _weft_said_get (said, "ok");

  if (asked->request != NULL && error != NULL)
    _weft_request_answer_as (asked->request, error->json);
  else if (asked->request != NULL)
    weft_server_answer (asked->request, ok->token == WEFT_JSON_BEGIN_OBJECT ? ok->json : "{}",
                        NULL);
  else if (asked->done != NULL)
    {
      g_autofree char *message = error != NULL ? message_of (error->json) : NULL;

      asked->done (asked->data, message);
    }
}

void
_weft_ask_answered (void *data, const WeftSaid *said)
{
  WeftConnection *connection = data;
  GHashTable *all = connection->server->asked;
  int64_t id;
  Asked *asked = NULL;
  WeftFault fault;

  if (_weft_said_number (said, "id", &id))
    asked = g_hash_table_lookup (all, &id);
  if (asked == NULL || asked->connection != connection)
    {
      _weft_fault_set (&fault, WEFT_SERVER_REFUSE_REQUEST, "id", NULL,
                       "found an answer to what was not asked");
      _weft_session_fault (&connection->session, &fault, NULL);
      return;
    }
  g_hash_table_steal (all, &asked->id);
  end_answered (asked, said);
  g_free (asked);
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void
send_request (const Asked *asked, uint32_t channel, WeftServerVerb verb, const char *members_json)
{
  g_autoptr (GString) json = g_string_new (NULL);
  const char *more = members_json != NULL ? strchr (members_json, '{') : NULL;

  g_string_append_printf (json, "{\"id\": %" G_GUINT64_FORMAT ", \"do\": \"%s\", \"channel\": %u",
                          asked->id, _weft_said_verb_name ((int) verb), channel);
  if (more != NULL)
    more += 1 + strspn (more + 1, " \t\r\n");
  g_string_append_printf (json, "%s%s", more != NULL && *more != '}' ? ", " : "",
                          more != NULL ? more : "}");
  _weft_session_say (&asked->connection->session, json);
}

void
_weft_ask_client (WeftServer *server, WeftServed *served, WeftServerRequest *request,
                  WeftServerVerb verb, const char *members_json, WeftServerDone done, void *data)
{
  Asked *asked = g_new0 (Asked, 1);

  *asked =
      (Asked){ .connection = served->connection, .request = request, .done = done, .data = data };
  if (served->connection == NULL)
    {
      end_refused (asked, WEFT_SERVER_REFUSE_STATE, "the run is over");
      g_free (asked);
      return;
    }
  asked->id = ++server->next_ask;
  g_hash_table_insert (server->asked, &asked->id, asked);
  send_request (asked, served->channel, verb, members_json);
  _weft_connection_pump (served->connection);
}

/* ---- from other threads ---------------------------------------------------------------------- */

typedef struct
{
  uint64_t run;
  WeftServerVerb verb;
  char *members_json;
  WeftServerDone done;
  void *data;
} Order;

static void
order_cb (WeftServer *server, void *data)
{
  Order *order = data;
  WeftServed *served = server != NULL ? _weft_served_find (server, order->run) : NULL;
  const char *why = NULL;

  if (served == NULL || !served->run.reported)
    why = "there is no such run that is reported";
  else if ((served->run.can & WEFT_SERVER_CAN (order->verb)) == 0)
    why = "the run does not support that";
  if (why == NULL)
    _weft_ask_client (server, served, NULL, order->verb, order->members_json, order->done,
                      order->data);
  else if (order->done != NULL)
    order->done (order->data, why);
  g_free (order->members_json);
  g_free (order);
}

void
weft_server_ask_run (WeftServer *server, uint64_t run, WeftServerVerb verb,
                     const char *members_json, WeftServerDone done, void *data)
{
  Order *order = g_new0 (Order, 1);

  *order = (Order){ run, verb, g_strdup (members_json), done, data };
  _weft_hub_post (server->hub, order_cb, order);
}
