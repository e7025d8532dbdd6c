/* report.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "attach/weft-attach-report-private.h"

#include "attach/weft-eventstream-text-private.h"
#include "server/weft-answer-private.h"
#include "server/weft-server.h"

#include <gio/gunixsocketaddress.h>
#include <string.h>
#include <sys/un.h>
#include <unistd.h>

#define WAIT_S 10
#define SEND_MS 20
#define RECEIVE_BYTES 4096
#define MOST_LINE_BYTES (1u << 20)
#define MOST_WAITING_BYTES (64u << 20)

struct _WeftAttachReport
{
  GSocket *socket; /* (nullable): gone */
  GString *in;
  GString *out;
  size_t n_sent; /* of out */
  char *can;     /* (nullable): an array of JSON */
  GSource *in_source, *out_source;
  unsigned send_timer;
  uint64_t n_dropped;
  WeftAttachTrouble trouble;
  void *data;
};

/* ---- connecting ------------------------------------------------------------------------------ */

/* In a shared folder anybody could listen. */
static bool
check_peer (GSocket *socket, const char *path, GError **error)
{
  g_autoptr (GCredentials) peer = g_socket_get_credentials (socket, error);
  uid_t uid = peer != NULL ? g_credentials_get_unix_user (peer, error) : (uid_t) -1;

  if (uid == geteuid () || uid == 0)
    return true;
  if (uid != (uid_t) -1)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED,
                 "%s: another user listens there, expected a server of one's own", path);
  return false;
}

static GSocket *
connect_to (const char *path, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  g_autoptr (GSocketAddress) address = NULL;

  if (strlen (path) >= sizeof ((struct sockaddr_un *) NULL)->sun_path)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FILENAME_TOO_LONG,
                   "%s: found a path of %zu bytes, expected fewer than %zu, as sockets have it",
                   path, strlen (path), sizeof ((struct sockaddr_un *) NULL)->sun_path);
      return NULL;
    }
  socket =
      g_socket_new (G_SOCKET_FAMILY_UNIX, G_SOCKET_TYPE_STREAM, G_SOCKET_PROTOCOL_DEFAULT, error);
  if (socket == NULL)
    return NULL;
  address = g_unix_socket_address_new (path);
  g_socket_set_timeout (socket, WAIT_S);
  if (!g_socket_connect (socket, address, NULL, NULL))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
                   "neither the window nor “weftline serve” listens on this machine (%s): open one "
                   "of them first",
                   path);
      return NULL;
    }
  return check_peer (socket, path, error) ? g_steal_pointer (&socket) : NULL;
}

/* ---- what the server says -------------------------------------------------------------------- */

/* Texts are owned. */
typedef struct
{
  int64_t id; /* -1: none */
  char *can;
  char *code, *message;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_free (answer->can);
  g_free (answer->code);
  g_free (answer->message);
}

static void
read_can (WeftJson *json, Answer *answer)
{
  const char *text;
  size_t n_chars;

  if (_weft_json_raw (json, &text, &n_chars))
    {
      g_free (answer->can);
      answer->can = g_strndup (text, n_chars);
    }
}

static bool
read_answer (const char *line, Answer *answer, GError **error)
{
  WeftJson json;
  bool ok;

  *answer = (Answer){ .id = -1 };
  _weft_json_init (&json, line, strlen (line), "server");
  _weft_json_expect (&json, WEFT_JSON_BEGIN_OBJECT, "an answer");
  while (_weft_json_next_name (&json))
    if (_weft_json_is (&json, "id"))
      _weft_json_expect_int64 (&json, 0, INT64_MAX, "the request's id", &answer->id);
    else if (_weft_json_is (&json, "error"))
      _weft_answer_read_error (&json, &answer->code, &answer->message, NULL);
    else if (_weft_json_is (&json, "can"))
      read_can (&json, answer);
    else
      _weft_json_skip (&json);
  ok = _weft_json_finish (&json, error);
  _weft_json_clear (&json);
  if (!ok)
    answer_clear (answer);
  return ok;
}

/* The next line, if it is there. (transfer full) (nullable) */
static char *
next_line (WeftAttachReport *report)
{
  char *end = memchr (report->in->str, '\n', report->in->len);
  char *line;

  if (end == NULL)
    return NULL;
  line = g_strndup (report->in->str, (gsize) (end - report->in->str));
  g_string_erase (report->in, 0, end - report->in->str + 1);
  return line;
}

/* 0: the connection has ended, -1: an error. */
static gssize
receive (WeftAttachReport *report, GError **error)
{
  char bytes[RECEIVE_BYTES];
  gssize n = g_socket_receive (report->socket, bytes, sizeof bytes, NULL, error);

  if (n > 0)
    g_string_append_len (report->in, bytes, n);
  if (report->in->len <= MOST_LINE_BYTES)
    return n;
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "it does not speak in lines");
  return -1;
}

/* ---- asking, and waiting for the answer ------------------------------------------------------ */

static bool
send_all (WeftAttachReport *report, GError **error)
{
  g_socket_set_blocking (report->socket, TRUE);
  while (report->n_sent < report->out->len)
    {
      gssize n = g_socket_send (report->socket, report->out->str + report->n_sent,
                                report->out->len - report->n_sent, NULL, error);

      if (n < 0)
        return false;
      report->n_sent += (size_t) n;
    }
  g_string_truncate (report->out, 0);
  report->n_sent = 0;
  return true;
}

static bool
hear (WeftAttachReport *report, int64_t id, Answer *answer, GError **error)
{
  for (;;)
    {
      g_autofree char *line = next_line (report);
      gssize n;

      if (line != NULL && !read_answer (line, answer, error))
        return false;
      if (line != NULL && answer->id == id)
        return true;
      if (line != NULL)
        {
          if (answer->message != NULL) /* of what was said before */
            report->trouble (report->data, answer->message, false);
          answer_clear (answer);
          continue;
        }
      n = receive (report, error);
      if (n == 0)
        g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "it has ended the connection");
      if (n <= 0)
        return false;
    }
}

/* FALSE with an error, which says who did not do what. */
static bool
ask (WeftAttachReport *report, int64_t id, Answer *answer, GError **error)
{
  g_autoptr (GError) why = NULL;

  if (report->socket == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the server is gone");
      return false;
    }
  if (send_all (report, &why) && hear (report, id, answer, &why))
    {
      if (answer->code == NULL)
        return true;
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "the server refused: %s",
                   answer->message != NULL ? answer->message : answer->code);
      answer_clear (answer);
      return false;
    }
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the server: %s", why->message);
  return false;
}

static void
append_text (GString *json, const char *name, const char *text)
{
  g_string_append_printf (json, ", \"%s\": ", name);
  _weft_eventstream_quote (json, text);
}

static bool
greet (WeftAttachReport *report, const char *client, GError **error)
{
  Answer answer;

  g_string_append (report->out, "{\"hello\": \"weftline\", \"versions\": [1]");
  append_text (report->out, "name", client);
  g_string_append_printf (report->out, ", \"pid\": %u}\n", (unsigned) getpid ());
  if (!ask (report, -1, &answer, error))
    return false;
  report->can = g_steal_pointer (&answer.can);
  answer_clear (&answer);
  return true;
}

bool
_weft_attach_report_can (const WeftAttachReport *report, const char *word)
{
  g_autofree char *quoted = g_strdup_printf ("\"%s\"", word);

  return report->can != NULL && strstr (report->can, quoted) != NULL;
}

/* ---- sending and receiving beside other things ----------------------------------------------- */

static void
stop_sources (WeftAttachReport *report)
{
  GSource **sources[] = { &report->in_source, &report->out_source };

  for (size_t i = 0; i < G_N_ELEMENTS (sources); i++)
    if (*sources[i] != NULL)
      {
        g_source_destroy (*sources[i]);
        g_clear_pointer (sources[i], g_source_unref);
      }
  g_clear_handle_id (&report->send_timer, g_source_remove);
}

static void
lose (WeftAttachReport *report, const char *why)
{
  stop_sources (report);
  g_clear_object (&report->socket);
  report->trouble (report->data, why, true);
}

static gboolean
received_cb (GSocket *socket, GIOCondition condition, void *data)
{
  WeftAttachReport *report = data;
  g_autoptr (GError) error = NULL;
  gssize n = receive (report, &error);
  char *line;

  while ((line = next_line (report)) != NULL)
    {
      Answer answer;

      if (read_answer (line, &answer, NULL))
        {
          if (answer.message != NULL)
            report->trouble (report->data, answer.message, false);
          answer_clear (&answer);
        }
      g_free (line);
    }
  if (n > 0 || g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
    return G_SOURCE_CONTINUE;
  lose (report, error != NULL ? error->message : "it has ended the connection");
  return G_SOURCE_REMOVE;
}

static gboolean sendable_cb (GSocket *socket, GIOCondition condition, void *data);

static void
await (WeftAttachReport *report, GIOCondition condition, GSocketSourceFunc func, GSource **source)
{
  if (*source != NULL)
    return;
  *source = g_socket_create_source (report->socket, condition, NULL);
  g_source_set_callback (*source, G_SOURCE_FUNC (func), report, NULL);
  g_source_attach (*source, NULL);
}

static void
send_some (WeftAttachReport *report)
{
  g_autoptr (GError) error = NULL;

  while (report->n_sent < report->out->len)
    {
      gssize n = g_socket_send (report->socket, report->out->str + report->n_sent,
                                report->out->len - report->n_sent, NULL, &error);

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_WOULD_BLOCK))
        {
          await (report, G_IO_OUT, sendable_cb, &report->out_source);
          return;
        }
      if (n < 0)
        {
          lose (report, error->message);
          return;
        }
      report->n_sent += (size_t) n;
    }
  g_string_truncate (report->out, 0);
  report->n_sent = 0;
}

static gboolean
sendable_cb (GSocket *socket, GIOCondition condition, void *data)
{
  WeftAttachReport *report = data;

  g_clear_pointer (&report->out_source, g_source_unref);
  send_some (report);
  return G_SOURCE_REMOVE;
}

static gboolean
send_cb (void *data)
{
  WeftAttachReport *report = data;

  report->send_timer = 0;
  send_some (report);
  return G_SOURCE_REMOVE;
}

static uint64_t
n_lines (const GString *lines)
{
  uint64_t n = 0;

  for (size_t i = 0; i < lines->len; i++)
    n += lines->str[i] == '\n';
  return n;
}

void
_weft_attach_report_say (WeftAttachReport *report, GString *lines)
{
  if (report->n_sent > report->out->len / 2)
    {
      g_string_erase (report->out, 0, (gssize) report->n_sent);
      report->n_sent = 0;
    }
  if (report->out->len + lines->len > MOST_WAITING_BYTES)
    report->n_dropped += n_lines (lines);
  else
    g_string_append_len (report->out, lines->str, (gssize) lines->len);
  g_string_truncate (lines, 0);
  if (report->socket != NULL && report->out->len > 0 && report->out_source == NULL
      && report->send_timer == 0)
    report->send_timer = g_timeout_add (SEND_MS, send_cb, report);
}

uint64_t
_weft_attach_report_dropped (WeftAttachReport *report)
{
  uint64_t n = report->n_dropped;

  report->n_dropped = 0;
  return n;
}

/* ---- the run --------------------------------------------------------------------------------- */

static void
append_notes (GString *json, const char *const *notes)
{
  g_string_append (json, ", \"notes\": [");
  for (size_t i = 0; notes[i] != NULL; i++)
    {
      g_string_append (json, i > 0 ? ", " : "");
      _weft_eventstream_quote (json, notes[i]);
    }
  g_string_append_c (json, ']');
}

bool
_weft_attach_report_begin (WeftAttachReport *report, const char *name, const char *source,
                           const char *const *notes, GError **error)
{
  Answer answer;

  g_string_append (report->out, "{\"id\": 1, \"do\": \"report\", \"clock\": \"wall\"");
  append_text (report->out, "name", name);
  append_text (report->out, "source", source);
  append_text (report->out, "program", g_get_prgname ());
  append_text (report->out, "host", g_get_host_name ());
  if (_weft_attach_report_can (report, "notes"))
    append_notes (report->out, notes);
  g_string_append (report->out, "}\n");
  if (!ask (report, 1, &answer, error))
    return false;
  answer_clear (&answer);
  g_socket_set_timeout (report->socket, 0);
  g_socket_set_blocking (report->socket, FALSE);
  await (report, G_IO_IN, received_cb, &report->in_source);
  return true;
}

bool
_weft_attach_report_finish (WeftAttachReport *report, const char *phase, GError **error)
{
  Answer answer;

  stop_sources (report);
  if (report->socket == NULL)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_CLOSED, "the server is gone");
      return false;
    }
  g_socket_set_timeout (report->socket, WAIT_S);
  if (phase == NULL)
    return send_all (report, error);
  g_string_append_printf (report->out, "{\"id\": 2, \"do\": \"finish\", \"phase\": \"%s\"}\n",
                          phase);
  if (!ask (report, 2, &answer, error))
    return false;
  answer_clear (&answer);
  return true;
}

/* ---- life ------------------------------------------------------------------------------------ */

static char *
server_path (void)
{
  const char *told = g_getenv ("WEFTLINE_ADDRESS");

  return told != NULL && told[0] != '\0' ? g_strdup (told) : weft_server_default_address ();
}

WeftAttachReport *
_weft_attach_report_new (const char *client, WeftAttachTrouble trouble, void *data, GError **error)
{
  g_autofree char *path = server_path ();
  GSocket *socket = connect_to (path, error);
  WeftAttachReport *report;

  if (socket == NULL)
    return NULL;
  report = g_new0 (WeftAttachReport, 1);
  report->socket = socket;
  report->in = g_string_new (NULL);
  report->out = g_string_new (NULL);
  report->trouble = trouble;
  report->data = data;
  if (greet (report, client, error))
    return report;
  _weft_attach_report_free (report);
  return NULL;
}

void
_weft_attach_report_free (WeftAttachReport *report)
{
  if (report == NULL)
    return;
  stop_sources (report);
  g_clear_object (&report->socket);
  g_string_free (report->in, TRUE);
  g_string_free (report->out, TRUE);
  g_free (report->can);
  g_free (report);
}
