/* ask.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "cli/weft-cli-ask-private.h"
#include "graph/weft-json-private.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#define READ_BYTES 65536

struct _WeftAsk
{
  int fd;
  char *address;
  GString *in; /* received, and not a whole line yet, or not taken */
  GQueue notices;
  char *greeting;
  uint64_t n_asked;
  int signals; /* -1: it waits whatever comes */
};

/* ---- objects --------------------------------------------------------------------------------- */

/* Stands before the member's value. */
static bool
find_member (WeftJson *json, const char *name)
{
  if (_weft_json_next (json) != WEFT_JSON_BEGIN_OBJECT)
    return false;
  while (_weft_json_next_name (json))
    {
      if (_weft_json_is (json, name))
        return true;
      if (!_weft_json_skip (json))
        return false;
    }
  return false;
}

char *
_weft_ask_member (const char *text, const char *name)
{
  WeftJson json;
  const char *value;
  size_t n_chars;
  char *found = NULL;

  _weft_json_init (&json, text, strlen (text), "answer");
  if (find_member (&json, name) && _weft_json_raw (&json, &value, &n_chars))
    found = g_strndup (value, n_chars);
  _weft_json_clear (&json);
  return found;
}

char *
_weft_ask_text (const char *text, const char *name)
{
  WeftJson json;
  char *found = NULL;

  _weft_json_init (&json, text, strlen (text), "answer");
  if (find_member (&json, name) && _weft_json_next (&json) == WEFT_JSON_STRING)
    found = g_strndup (json.chars, json.n_chars);
  _weft_json_clear (&json);
  return found;
}

bool
_weft_ask_number (const char *text, const char *name, double *number)
{
  WeftJson json;
  bool found = false;

  _weft_json_init (&json, text, strlen (text), "answer");
  if (find_member (&json, name))
    {
      _weft_json_next (&json);
      found = json.token == WEFT_JSON_INT64 || json.token == WEFT_JSON_FLOAT64;
    }
  if (found)
    *number = json.f;
  _weft_json_clear (&json);
  return found;
}

void
_weft_ask_foreach (const char *text, void (*item) (const char *json, void *data), void *data)
{
  WeftJson json;
  WeftJsonMark mark;

  _weft_json_init (&json, text, strlen (text), "answer");
  if (_weft_json_next (&json) == WEFT_JSON_BEGIN_ARRAY)
    for (;;)
      {
        const char *value;
        size_t n_chars;
        g_autofree char *one = NULL;

        _weft_json_mark (&json, &mark);
        if (!_weft_json_next_item (&json))
          break;
        _weft_json_rewind (&json, &mark);
        if (!_weft_json_raw (&json, &value, &n_chars))
          break;
        one = g_strndup (value, n_chars);
        item (one, data);
      }
  _weft_json_clear (&json);
}

/* ---- lines ----------------------------------------------------------------------------------- */

static void
set_error (GError **error, WeftServerError code, const WeftAsk *ask, const char *what)
{
  g_set_error (error, WEFT_SERVER_ERROR, (int) code, "%s: %s", ask->address, what);
}

static bool
send_line (WeftAsk *ask, const char *line, GError **error)
{
  g_autofree char *whole = g_strconcat (line, "\n", NULL);
  size_t n_left = strlen (whole);

  for (const char *at = whole; n_left > 0;)
    {
      ssize_t n = send (ask->fd, at, n_left, MSG_NOSIGNAL);

      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0)
        {
          set_error (error, WEFT_SERVER_ERROR_SYSTEM, ask, g_strerror (errno));
          return false;
        }
      at += n;
      n_left -= (size_t) n;
    }
  return true;
}

/* FALSE: a signal came. */
static bool
wait_for_more (const WeftAsk *ask)
{
  struct pollfd fds[2] = { { .fd = ask->fd, .events = POLLIN },
                           { .fd = ask->signals, .events = POLLIN } };

  while (ask->signals >= 0 && poll (fds, G_N_ELEMENTS (fds), -1) < 0 && errno == EINTR)
    ;
  return ask->signals < 0 || fds[1].revents == 0;
}

/* (transfer full) (nullable): NULL without an error: the connection has ended, or a signal came */
static char *
next_line (WeftAsk *ask, GError **error)
{
  char bytes[READ_BYTES];
  char *end;

  while ((end = memchr (ask->in->str, '\n', ask->in->len)) == NULL)
    {
      ssize_t n;

      if (!wait_for_more (ask))
        return NULL;
      n = recv (ask->fd, bytes, sizeof bytes, 0);
      if (n < 0 && errno == EINTR)
        continue;
      if (n < 0 && errno != ECONNRESET)
        set_error (error, WEFT_SERVER_ERROR_SYSTEM, ask, g_strerror (errno));
      if (n <= 0)
        return NULL;
      g_string_append_len (ask->in, bytes, n);
    }
  end = g_strndup (ask->in->str, (gsize) (end - ask->in->str));
  g_string_erase (ask->in, 0, (gssize) strlen (end) + 1);
  return end;
}

/* What the server says is wrong: mostly with what it was asked. */
static void
set_said (GError **error, const char *said)
{
  g_autofree char *message = _weft_ask_text (said, "message");
  g_autofree char *mend = _weft_ask_text (said, "mend");
  g_autofree char *code = _weft_ask_text (said, "code");
  bool has_failed = g_strcmp0 (code, "failed") == 0 || g_strcmp0 (code, "refused") == 0;
  g_autofree char *all = g_strdup_printf ("%s%s%s", message != NULL ? message : said,
                                          mend != NULL ? "; " : "", mend != NULL ? mend : "");

  if (has_failed)
    g_set_error_literal (error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_REFUSED, all);
  else
    g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, all);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* The line's value, if it is the answer of this id. */
static bool
is_answer (WeftAsk *ask, const char *line, char **ok, GError **error)
{
  g_autofree char *wrong = _weft_ask_member (line, "error");
  double id = -1;

  if (!_weft_ask_number (line, "id", &id) && wrong == NULL)
    return false;
  if (wrong != NULL)
    set_said (error, wrong);
  else if (id != (double) ask->n_asked)
    return false;
  else
    *ok = _weft_ask_member (line, "ok");
  return true;
}

char *
_weft_ask (WeftAsk *ask, const char *members, GError **error)
{
  g_autofree char *request =
      g_strdup_printf ("{\"id\": %" G_GUINT64_FORMAT ", %s}", ++ask->n_asked, members);
  GError *why = NULL;
  char *line, *ok = NULL;

  if (!send_line (ask, request, error))
    return NULL;
  while ((line = next_line (ask, &why)) != NULL)
    {
      if (is_answer (ask, line, &ok, error))
        {
          g_free (line);
          return ok;
        }
      g_queue_push_tail (&ask->notices, line);
    }
  if (why != NULL)
    g_propagate_error (error, why);
  else
    set_error (error, WEFT_SERVER_ERROR_NONE, ask, "the server ended before it answered");
  return NULL;
}

char *
_weft_ask_next (WeftAsk *ask, GError **error)
{
  if (ask->notices.length > 0)
    return g_queue_pop_head (&ask->notices);
  return next_line (ask, error);
}

void
_weft_ask_heed_signals (WeftAsk *ask, int signals)
{
  ask->signals = signals;
}

const char *
_weft_ask_greeting (const WeftAsk *ask)
{
  return ask->greeting;
}

/* ---- the connection -------------------------------------------------------------------------- */

static bool
connect_to (WeftAsk *ask, GError **error)
{
  struct sockaddr_un un = { .sun_family = AF_UNIX };
  g_autofree char *why = NULL;

  if (strlen (ask->address) >= sizeof un.sun_path)
    {
      set_error (error, WEFT_SERVER_ERROR_ADDRESS, ask, "too long for a socket's path");
      return false;
    }
  strcpy (un.sun_path, ask->address);
  ask->fd = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (ask->fd >= 0 && connect (ask->fd, (const struct sockaddr *) &un, sizeof un) == 0)
    return true;
  why = g_strdup_printf ("no server is there (%s); the window is one, and “weftline serve”",
                         g_strerror (errno));
  set_error (error, WEFT_SERVER_ERROR_NONE, ask, why);
  return false;
}

static bool
greet (WeftAsk *ask, GError **error)
{
  g_autofree char *hello = g_strdup_printf (
      "{\"hello\": \"weftline\", \"versions\": [1], \"name\": \"weftline\", \"pid\": %d}",
      (int) getpid ());
  g_autofree char *wrong = NULL;
  GError *why = NULL;

  if (!send_line (ask, hello, error))
    return false;
  ask->greeting = next_line (ask, &why);
  wrong = ask->greeting != NULL ? _weft_ask_member (ask->greeting, "error") : NULL;
  if (ask->greeting != NULL && wrong == NULL)
    return true;
  if (wrong != NULL)
    set_said (error, wrong);
  else if (why != NULL)
    g_propagate_error (error, why);
  else
    set_error (error, WEFT_SERVER_ERROR_NONE, ask, "the server ended before it greeted");
  return false;
}

WeftAsk *
_weft_ask_open (const char *address, GError **error)
{
  WeftAsk *ask = g_new0 (WeftAsk, 1);

  ask->fd = ask->signals = -1;
  ask->address = address != NULL ? g_strdup (address) : weft_server_default_address ();
  ask->in = g_string_new (NULL);
  if (connect_to (ask, error) && greet (ask, error))
    return ask;
  _weft_ask_free (ask);
  return NULL;
}

void
_weft_ask_free (WeftAsk *ask)
{
  if (ask == NULL)
    return;
  if (ask->fd >= 0)
    close (ask->fd);
  g_string_free (ask->in, TRUE);
  g_queue_clear_full (&ask->notices, g_free);
  g_free (ask->address);
  g_free (ask->greeting);
  g_free (ask);
}
