/* dial.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-dial-private.h"

#include "graph/weft-json-private.h"
#include "graph/weft-read-edges-private.h"
#include "server/weft-answer-private.h"
#include "server/weft-client.h"
#include "server/weft-server.h"

#include "base/weft-clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define NS_PER_MS 1000000

G_DEFINE_QUARK (weft - client - error - quark, weft_client_error)

/* ---- where ----------------------------------------------------------------------------------- */

char *
_weft_dial_default_address (void)
{
  const char *told = g_getenv ("WEFTLINE_ADDRESS");

  return told != NULL && told[0] != '\0' ? g_strdup (told) : weft_server_default_address ();
}

/* ---- connecting ------------------------------------------------------------------------------ */

static bool
fill_address (const char *address, struct sockaddr_un *where, GError **error)
{
  *where = (struct sockaddr_un){ .sun_family = AF_UNIX };
  if (strlen (address) < sizeof where->sun_path)
    {
      strcpy (where->sun_path, address);
      return true;
    }
  g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_NOBODY,
               "%s: a path of a socket may have %zu bytes, this one has %zu", address,
               sizeof where->sun_path - 1, strlen (address));
  return false;
}

/* In a shared folder anybody could listen. */
static bool
check_peer (int fd, const char *address, GError **error)
{
  struct ucred peer;
  socklen_t size = sizeof peer;

  if (getsockopt (fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0
      && (peer.uid == geteuid () || peer.uid == 0))
    return true;
  g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_REFUSED,
               "%s: another user listens there, expected a server of one's own", address);
  return false;
}

static int
connect_to (const char *address, GError **error)
{
  struct sockaddr_un where;
  int fd;

  if (!fill_address (address, &where, error))
    return -1;
  fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (fd < 0)
    {
      g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_SYSTEM, "no socket: %s",
                   g_strerror (errno));
      return -1;
    }
  if (connect (fd, (const struct sockaddr *) &where, sizeof where) == 0)
    {
      if (check_peer (fd, address, error))
        return fd;
    }
  else /* EAGAIN: its queue is full, so it takes nobody */
    g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_NOBODY, "%s: nobody listens: %s",
                 address, g_strerror (errno));
  close (fd);
  return -1;
}

/* ---- bytes ----------------------------------------------------------------------------------- */

static bool
set_lost (GError **error, const char *why)
{
  g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_LOST, "the connection to the server: %s",
               why);
  return false;
}

static bool
is_for_later (int code)
{
  return code == EAGAIN || code == EINTR;
}

bool
_weft_dial_read (WeftDial *dial, GError **error)
{
  size_t n_room;
  uint8_t *room = _weft_wire_room (&dial->wire, &n_room);
  ssize_t n = recv (dial->fd, room, n_room, 0);

  if (n > 0)
    {
      _weft_wire_received (&dial->wire, (size_t) n);
      return true;
    }
  if (n < 0 && is_for_later (errno))
    return true;
  return set_lost (error, n == 0 ? "it was ended by the other side" : g_strerror (errno));
}

static int
ms_until (int64_t deadline_ns)
{
  int64_t left_ns = deadline_ns - weft_clock_mono_ns ();

  return left_ns <= 0 ? 0 : (int) MIN (left_ns / NS_PER_MS + 1, INT_MAX);
}

static int64_t
deadline_in (int wait_ms)
{
  return weft_clock_mono_ns () + (int64_t) wait_ms * NS_PER_MS;
}

gssize
_weft_dial_push (WeftDial *dial, const uint8_t *bytes, size_t n_bytes, int wait_ms, GError **error)
{
  int64_t deadline_ns = deadline_in (wait_ms);
  size_t n_sent = 0;

  while (n_sent < n_bytes)
    {
      ssize_t n = send (dial->fd, bytes + n_sent, n_bytes - n_sent, MSG_NOSIGNAL);
      struct pollfd wait = { .fd = dial->fd, .events = POLLIN | POLLOUT };

      if (n < 0 && !is_for_later (errno))
        {
          set_lost (error, g_strerror (errno));
          return -1;
        }
      n_sent += (size_t) MAX (n, 0);
      if (n >= 0)
        continue;
      if (poll (&wait, 1, ms_until (deadline_ns)) == 0)
        break;
      if ((wait.revents & POLLIN) != 0 && !_weft_dial_read (dial, error))
        return -1;
    }
  return (gssize) n_sent;
}

bool
_weft_dial_send (WeftDial *dial, const uint8_t *bytes, size_t n_bytes, GError **error)
{
  gssize n = _weft_dial_push (dial, bytes, n_bytes, dial->wait_ms, error);

  if (n < 0)
    return false;
  return (size_t) n == n_bytes || set_lost (error, "it takes nothing");
}

bool
_weft_dial_receive (WeftDial *dial, WeftWireMessage *message, GError **error)
{
  int64_t deadline_ns = deadline_in (dial->wait_ms);

  for (;;)
    {
      WeftWireStatus status = _weft_wire_next (&dial->wire, message);
      struct pollfd wait = { .fd = dial->fd, .events = POLLIN };

      if (status == WEFT_WIRE_MESSAGE)
        return true;
      if (status == WEFT_WIRE_BROKEN)
        {
          g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_REFUSED,
                       "the server does not speak this protocol: %s", dial->wire.error->message);
          return false;
        }
      if (poll (&wait, 1, ms_until (deadline_ns)) == 0)
        return set_lost (error, "it does not answer");
      if (!_weft_dial_read (dial, error))
        return false;
    }
}

/* ---- what answers say ------------------------------------------------------------------------ */

/* Of an answer: what is looked for. Texts are where they stand in the message. */
typedef struct
{
  bool is_answer; /* has the id that is waited for, or is an error that has none */
  const char *ok; /* (nullable) */
  size_t n_ok;
  char *code, *message, *mend; /* (nullable): of the error */
  bool is_greeting;
} Answer;

static void
answer_clear (Answer *answer)
{
  g_free (answer->code);
  g_free (answer->message);
  g_free (answer->mend);
}

static void
read_members (WeftJson *json, Answer *answer, uint32_t id)
{
  bool has_id = false;
  int64_t told = -1;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an answer"))
    return;
  while (_weft_json_next_name (json))
    if (_weft_json_is (json, "id"))
      {
        has_id = true;
        if (!_weft_json_expect_int64 (json, 0, UINT32_MAX, "the request's id", &told))
          return;
      }
    else if (_weft_json_is (json, "ok"))
      _weft_json_raw (json, &answer->ok, &answer->n_ok);
    else if (_weft_json_is (json, "error"))
      _weft_answer_read_error (json, &answer->code, &answer->message, &answer->mend);
    else
      {
        answer->is_greeting = answer->is_greeting || _weft_json_is (json, "hello");
        _weft_json_skip (json);
      }
  answer->is_answer = has_id ? told == id : answer->code != NULL;
}

static bool
read_answer (const WeftWireMessage *message, uint32_t id, Answer *answer, GError **error)
{
  g_autoptr (GError) why = NULL;
  WeftJson json;

  *answer = (Answer){ 0 };
  if (message->head.kind != WEFT_WIRE_JSON)
    return true;
  _weft_json_init (&json, (const char *) message->payload, message->head.n_bytes, "answer");
  read_members (&json, answer, id);
  if (!_weft_json_finish (&json, &why))
    {
      g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_REFUSED,
                   "the server does not speak this protocol: %s", why->message);
      answer_clear (answer);
    }
  _weft_json_clear (&json);
  return why == NULL;
}

static void
set_refused (const Answer *answer, int code, GError **error)
{
  const char *message = answer->message != NULL ? answer->message : "no reason was given";

  g_set_error (error, WEFT_CLIENT_ERROR, code, "%s: %s%s%s", answer->code, message,
               answer->mend != NULL ? "; " : "", answer->mend != NULL ? answer->mend : "");
}

/* ---- greeting -------------------------------------------------------------------------------- */

static bool
send_json (WeftDial *dial, GByteArray *bytes, const char *json, size_t n_chars, GError **error)
{
  bool ok;

  _weft_wire_append (bytes, (WeftWireHead){ .kind = WEFT_WIRE_JSON },
                     &(struct iovec){ (char *) json, n_chars }, 1);
  ok = _weft_dial_send (dial, bytes->data, bytes->len, error);
  g_byte_array_unref (bytes);
  return ok;
}

static bool
greet (WeftDial *dial, const char *name, GError **error)
{
  g_autoptr (GString) json =
      g_string_new ("{\"hello\": \"weftline\", \"versions\": [1], \"name\": ");
  GByteArray *bytes = g_byte_array_new ();
  WeftWireMessage message;
  Answer answer;
  bool ok;

  _weft_read_append_json (json, name, strlen (name));
  g_string_append_printf (json, ", \"pid\": %u}", (unsigned) getpid ());
  g_byte_array_append (bytes, (const guint8 *) WEFT_WIRE_PREAMBLE, WEFT_WIRE_PREAMBLE_BYTES);
  if (!send_json (dial, bytes, json->str, json->len, error)
      || !_weft_dial_receive (dial, &message, error)
      || !read_answer (&message, UINT32_MAX, &answer, error))
    return false;
  ok = answer.is_greeting;
  if (answer.code != NULL)
    set_refused (&answer, WEFT_CLIENT_ERROR_REFUSED, error);
  else if (!ok)
    g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_REFUSED,
                 "the server did not greet; expected {\"hello\": …}");
  answer_clear (&answer);
  return ok;
}

WeftDial *
_weft_dial_new (const char *address, const char *name, int wait_ms, GError **error)
{
  int fd = connect_to (address, error);
  WeftWireLimits limits = WEFT_WIRE_LIMITS_DEFAULT; /* of clients; a frame is as large as it is */
  WeftDial *dial;

  if (fd < 0)
    return NULL;
  limits.most_message_bytes = UINT32_MAX;
  dial = g_new0 (WeftDial, 1);
  dial->fd = fd;
  dial->wait_ms = wait_ms;
  dial->next_id = 1;
  _weft_wire_init (&dial->wire, &limits);
  if (greet (dial, name, error))
    return dial;
  _weft_dial_free (dial);
  return NULL;
}

void
_weft_dial_free (WeftDial *dial)
{
  if (dial == NULL)
    return;
  if (dial->fd >= 0)
    close (dial->fd);
  _weft_wire_clear (&dial->wire);
  g_free (dial);
}

void
_weft_dial_abandon (WeftDial *dial)
{
  int fd = dial->fd;

  dial->fd = -1;
  if (fd >= 0)
    close (fd);
}

/* ---- requests -------------------------------------------------------------------------------- */

/* The object with an id put in. */
static char *
with_id (const char *json, uint32_t id, GError **error)
{
  const char *open = strchr (json, '{');

  if (_weft_json_is_object (json))
    return g_strdup_printf ("{\"id\": %u%s%s", id,
                            open[1 + strspn (open + 1, " \t\r\n")] == '}' ? "" : ", ", open + 1);
  g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_ANSWER,
               "request: found no object of JSON, expected {\"do\": …}");
  return NULL;
}

char *
_weft_dial_ask (WeftDial *dial, const char *json, GError **error)
{
  uint32_t id = dial->next_id++;
  g_autofree char *request = with_id (json, id, error);
  WeftWireMessage message;
  Answer answer = { 0 };
  char *ok = NULL;

  if (request == NULL || !send_json (dial, g_byte_array_new (), request, strlen (request), error))
    return NULL;
  do
    {
      answer_clear (&answer);
      answer = (Answer){ 0 };
      if (!_weft_dial_receive (dial, &message, error)
          || !read_answer (&message, id, &answer, error))
        return NULL;
    }
  while (!answer.is_answer);
  if (answer.code != NULL)
    set_refused (&answer, WEFT_CLIENT_ERROR_ANSWER, error);
  else
    ok = answer.ok != NULL ? g_strndup (answer.ok, answer.n_ok) : g_strdup ("{}");
  answer_clear (&answer);
  return ok;
}
