/* request.c: a request that somebody answers later, and how its answer gets back
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-server-private.h"

#include "store/weft-codec.h"

#include <string.h>

WeftServerRequest *
_weft_request_new (WeftConnection *connection, WeftSaid *said, uint64_t run)
{
  WeftServerRequest *request = g_new0 (WeftServerRequest, 1);

  request->hub = _weft_hub_ref (connection->server->hub);
  request->connection = connection->id;
  request->run = run;
  request->takes_bytes = connection->session.wire.form == WEFT_WIRE_AS_MESSAGES;
  request->said = said;
  connection->n_unanswered++;
  return request;
}

static void
request_free (WeftServerRequest *request)
{
  _weft_hub_unref (request->hub);
  _weft_said_free (request->said);
  g_free (request->ok_json);
  g_free (request->error_json);
  g_clear_pointer (&request->bytes, g_bytes_unref);
  _weft_fault_clear (&request->fault);
  g_free (request);
}

/* ---- the answer ------------------------------------------------------------------------------ */

/* An object with the announcement of bytes, and what else is in it. */
static void
append_announced (GString *json, const char *ok_json, uint32_t channel, size_t n_bytes)
{
  const char *rest = strchr (ok_json, '{') + 1;

  rest += strspn (rest, " \t\r\n");
  g_string_append_printf (json, "{\"channel\": %u, \"n_bytes\": %zu%s%s", channel, n_bytes,
                          *rest == '}' ? "" : ", ", rest);
}

static void
say_ok (WeftConnection *connection, WeftServerRequest *request)
{
  const char *id = _weft_said_id (request->said),
             *ok = request->ok_json != NULL ? request->ok_json : "{}";
  g_autoptr (GString) json = NULL;
  uint32_t channel = 0;

  if (id == NULL)
    return;
  json = g_string_new (NULL);
  g_string_append_printf (json, "{\"id\": %s, \"ok\": ", id);
  if (request->bytes != NULL)
    {
      channel = ++connection->n_channels;
      append_announced (json, ok, channel, g_bytes_get_size (request->bytes));
    }
  else
    g_string_append (json, ok);
  g_string_append_c (json, '}');
  _weft_session_say (&connection->session, json);
  if (request->bytes != NULL)
    _weft_connection_send_bytes (connection, channel, request->bytes);
}

static void
say_error (WeftConnection *connection, WeftServerRequest *request)
{
  const char *id = _weft_said_id (request->said);
  g_autoptr (GString) json = NULL;

  if (request->error_json == NULL)
    {
      _weft_session_fault (&connection->session, &request->fault, id);
      return;
    }
  json = g_string_new ("{");
  if (id != NULL)
    g_string_append_printf (json, "\"id\": %s, ", id);
  g_string_append_printf (json, "\"error\": %s}", request->error_json);
  _weft_session_say (&connection->session, json);
}

static void
deliver_cb (WeftServer *server, void *data)
{
  WeftServerRequest *request = data;
  WeftConnection *connection =
      server != NULL ? _weft_connection_find (server, request->connection) : NULL;

  if (connection != NULL)
    {
      connection->n_unanswered--;
      if (request->error_json != NULL || request->fault.message != NULL)
        say_error (connection, request);
      else
        say_ok (connection, request);
      _weft_connection_pump (connection);
    }
  request_free (request);
}

void
weft_server_answer (WeftServerRequest *request, const char *ok_json, GBytes *bytes)
{
  g_return_if_fail (bytes == NULL || request->takes_bytes);
  request->ok_json = g_strdup (ok_json);
  request->bytes = bytes != NULL ? g_bytes_ref (bytes) : NULL;
  _weft_hub_post (request->hub, deliver_cb, request);
}

static void
answer_encoded (WeftServerRequest *request, const WeftValue *value)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;
  WeftBuffer *buffer;

  if (!request->takes_bytes)
    weft_server_refuse (request, WEFT_SERVER_REFUSE_NOT_SUPPORTED,
                        "there are no bytes in the form of lines", "ask for “json”");
  else if (!weft_value_encode (value, WEFT_COMPRESSION_NONE, &buffer, &error))
    weft_server_refuse (request, WEFT_SERVER_REFUSE_FAILED, error->message, NULL);
  else
    {
      bytes = g_bytes_new_with_free_func (buffer->bytes, buffer->n_bytes,
                                          (GDestroyNotify) weft_buffer_unref, buffer);
      weft_server_answer (request, NULL, bytes);
    }
}

void
weft_server_answer_value (WeftServerRequest *request, const WeftValue *value)
{
  const char *form = weft_server_request_get_text (request, "form");

  if (form == NULL || strcmp (form, "json") == 0)
    {
      g_autofree char *text = weft_value_to_text (value, true, 0);
      g_autofree char *json = g_strdup_printf ("{\"value\": %s}", text);

      weft_server_answer (request, json, NULL);
    }
  else if (strcmp (form, "encoded") == 0)
    answer_encoded (request, value);
  else
    weft_server_refuse (request, WEFT_SERVER_REFUSE_REQUEST,
                        "“form” has something else, expected “json” or “encoded”", NULL);
}

void
_weft_request_refuse (WeftServerRequest *request, WeftFault *fault)
{
  request->fault = *fault;
  *fault = (WeftFault){ 0 };
  _weft_hub_post (request->hub, deliver_cb, request);
}

void
weft_server_refuse (WeftServerRequest *request, WeftServerRefusal code, const char *message,
                    const char *mend)
{
  WeftFault fault;

  _weft_fault_set (&fault, (int) code, NULL, mend, "%s", message);
  _weft_request_refuse (request, &fault);
}

void
_weft_request_answer_as (WeftServerRequest *request, const char *error_json)
{
  request->error_json = g_strdup (error_json);
  _weft_hub_post (request->hub, deliver_cb, request);
}

/* ---- what is asked --------------------------------------------------------------------------- */

WeftServerVerb
weft_server_request_get_verb (const WeftServerRequest *request)
{
  return (WeftServerVerb) request->said->what;
}

uint64_t
weft_server_request_get_run (const WeftServerRequest *request)
{
  return request->run;
}

const char *
weft_server_request_get_text (const WeftServerRequest *request, const char *member)
{
  return _weft_said_text (request->said, member);
}

bool
weft_server_request_get_number (const WeftServerRequest *request, const char *member,
                                int64_t *value)
{
  return _weft_said_number (request->said, member, value);
}

bool
weft_server_request_get_flag (const WeftServerRequest *request, const char *member)
{
  return _weft_said_flag (request->said, member);
}

const char *
weft_server_request_get_json (const WeftServerRequest *request, const char *member)
{
  const WeftSaidMember *found = _weft_said_get (request->said, member);

  return found != NULL ? found->json : NULL;
}

GBytes *
weft_server_request_get_bytes (const WeftServerRequest *request)
{
  return request->said->bytes;
}

bool
weft_server_request_takes_bytes (const WeftServerRequest *request)
{
  return request->takes_bytes;
}
