/* eventstream.c: messages of a scheduler's event stream
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A message is an object whose “name” says what it is. One about a task is sent for each thing that
 * its worker did for it: it has all of them in “startstops”, and the one it is about as “action”,
 * “start” and “stop” beside that. So each message becomes one line, and no state is kept of tasks.
 */
#include "attach/weft-eventstream-private.h"
#include "attach/weft-eventstream-text-private.h"

#include <string.h>

#define LEVEL_NOTICE 5

/* ---- life ------------------------------------------------------------------------------------ */

void
_weft_eventstream_init (WeftEventstream *stream, bool takes_spans)
{
  *stream = (WeftEventstream){ .takes_spans = takes_spans };
  stream->workers = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
}

void
_weft_eventstream_clear (WeftEventstream *stream)
{
  g_clear_pointer (&stream->workers, g_hash_table_unref);
}

/* ---- reading --------------------------------------------------------------------------------- */

typedef enum
{
  TEXT_NAME,
  TEXT_WORKER,
  TEXT_CLIENT,
  TEXT_ACTION,
  TEXT_STATUS,
  TEXT_SOURCE,
  TEXT_EXCEPTION,
  TEXT_TRACEBACK,
  N_TEXTS,
} TextMember;

static const char *const text_members[N_TEXTS] = {
  [TEXT_NAME] = "name",
  [TEXT_WORKER] = "worker",
  [TEXT_CLIENT] = "client",
  [TEXT_ACTION] = "action",
  [TEXT_STATUS] = "status",
  [TEXT_SOURCE] = "source",
  [TEXT_EXCEPTION] = "exception_text",
  [TEXT_TRACEBACK] = "traceback_text",
};

/* What is not there is NULL, or -1. */
typedef struct
{
  char *texts[N_TEXTS];
  char *key;
  double start_s, stop_s;
  double last_stop_s; /* of startstops */
  int64_t n_bytes;
  int64_t thread;
} Message;

static void
message_clear (Message *message)
{
  for (int i = 0; i < N_TEXTS; i++)
    g_free (message->texts[i]);
  g_free (message->key);
}

static void
read_startstop (WeftJson *json, Message *message)
{
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "what a worker did"))
    return;
  while (_weft_json_next_name (json))
    if (_weft_json_is (json, "stop"))
      message->last_stop_s = _weft_eventstream_read_number (json);
    else
      _weft_json_skip (json);
}

static void
read_startstops (WeftJson *json, Message *message)
{
  WeftJsonMark mark;

  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "an array of what a worker did"))
    return;
  for (;;)
    {
      _weft_json_mark (json, &mark);
      if (!_weft_json_next_item (json))
        return;
      _weft_json_rewind (json, &mark);
      read_startstop (json, message);
    }
}

static void
read_text_member (WeftJson *json, Message *message)
{
  for (int i = 0; i < N_TEXTS; i++)
    if (_weft_json_is (json, text_members[i]))
      {
        g_free (message->texts[i]);
        message->texts[i] = _weft_eventstream_read_text (json);
        return;
      }
  _weft_json_skip (json);
}

static void
read_member (WeftJson *json, Message *message)
{
  if (_weft_json_is (json, "key"))
    {
      g_free (message->key);
      message->key = _weft_eventstream_read_key (json);
    }
  else if (_weft_json_is (json, "start"))
    message->start_s = _weft_eventstream_read_number (json);
  else if (_weft_json_is (json, "stop"))
    message->stop_s = _weft_eventstream_read_number (json);
  else if (_weft_json_is (json, "nbytes"))
    message->n_bytes = _weft_eventstream_read_count (json);
  else if (_weft_json_is (json, "thread"))
    message->thread = _weft_eventstream_read_count (json);
  else if (_weft_json_is (json, "startstops"))
    read_startstops (json, message);
  else
    read_text_member (json, message);
}

static bool
read_message (WeftJson *json, Message *message)
{
  *message =
      (Message){ .start_s = -1, .stop_s = -1, .last_stop_s = -1, .n_bytes = -1, .thread = -1 };
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "a message"))
    return false;
  while (_weft_json_next_name (json))
    read_member (json, message);
  return json->error == NULL && _weft_json_expect (json, WEFT_JSON_END, "the message's end")
         && (message->texts[TEXT_NAME] != NULL
             || _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                                 "found no “name”, by which a message says what it is"));
}

/* ---- tasks ----------------------------------------------------------------------------------- */

/* What workers do beside computing: as Dask calls it, and as lines do. */
static const char *const doings[][2] = {
  { "transfer", "transfer" },
  { "deserialize", "deserialize" },
  { "disk-read", "spill-read" },
  { "disk-write", "spill-write" },
};

static void
say_where_and_when (const Message *message, bool with_thread, GString *lines)
{
  _weft_eventstream_text (lines, "w", message->texts[TEXT_WORKER]);
  if (with_thread)
    _weft_eventstream_count (lines, "h", message->thread);
  _weft_eventstream_number (lines, "s", message->start_s);
  _weft_eventstream_number (lines, "d", MAX (message->stop_s - message->start_s, 0));
}

static void
say_computed (const Message *message, GString *lines)
{
  _weft_eventstream_begin (lines, "task");
  _weft_eventstream_text (lines, "k", message->key);
  say_where_and_when (message, true, lines);
  _weft_eventstream_count (lines, "b", message->n_bytes);
  _weft_eventstream_end (lines);
}

static void
say_began (const Message *message, GString *lines)
{
  _weft_eventstream_begin (lines, "start");
  _weft_eventstream_text (lines, "k", message->key);
  _weft_eventstream_text (lines, "w", message->texts[TEXT_WORKER]);
  _weft_eventstream_count (lines, "h", message->thread);
  _weft_eventstream_number (lines, "t", message->start_s);
  _weft_eventstream_end (lines);
}

/* The exception is text as repr() has it: LookupError('…'). */
static void
say_failed (const Message *message, GString *lines)
{
  const char *text = message->texts[TEXT_EXCEPTION];
  const char *bracket = text != NULL ? strchr (text, '(') : NULL;
  g_autofree char *kind = bracket != NULL ? g_strndup (text, (size_t) (bracket - text)) : NULL;

  _weft_eventstream_begin (lines, "fail");
  _weft_eventstream_text (lines, "k", message->key);
  _weft_eventstream_number (lines, "t", message->stop_s);
  _weft_eventstream_text (lines, "kind", kind);
  _weft_eventstream_text (lines, "message",
                          text != NULL ? text : "the scheduler's event stream does not say why");
  _weft_eventstream_text (lines, "traceback", message->texts[TEXT_TRACEBACK]);
  _weft_eventstream_end (lines);
}

static void
say_doing (const WeftEventstream *stream, const Message *message, GString *lines)
{
  for (size_t i = 0; stream->takes_spans && i < G_N_ELEMENTS (doings); i++)
    if (strcmp (message->texts[TEXT_ACTION], doings[i][0]) == 0)
      {
        _weft_eventstream_begin (lines, "span");
        _weft_eventstream_text (lines, "k", message->key);
        _weft_eventstream_text (lines, "what", doings[i][1]);
        say_where_and_when (message, false, lines);
        _weft_eventstream_text (lines, "peer", message->texts[TEXT_SOURCE]);
        _weft_eventstream_end (lines);
        return;
      }
}

static bool
is_time (double seconds)
{
  return seconds >= 0 && seconds <= WEFT_EVENTSTREAM_MOST_SECONDS;
}

static bool
take_transition (WeftEventstream *stream, WeftJson *json, const Message *message, double now_s,
                 GString *lines)
{
  const char *action = message->texts[TEXT_ACTION], *status = message->texts[TEXT_STATUS];
  bool ok = status == NULL || strcmp (status, "OK") == 0;

  if (message->key == NULL || message->texts[TEXT_WORKER] == NULL || action == NULL
      || !is_time (message->start_s) || !is_time (message->stop_s))
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT,
                            "found a transition without all of “key”, “worker”, “action”, “start” "
                            "and “stop”, expected these");
  if (strcmp (action, "compute") != 0)
    say_doing (stream, message, lines);
  else if (ok)
    say_computed (message, lines);
  else
    say_began (message, lines);
  stream->n_tasks += ok && strcmp (action, "compute") == 0;
  /* once: the last of its messages has it */
  if (!ok && (message->last_stop_s < 0 || message->last_stop_s == message->stop_s))
    say_failed (message, lines);
  return true;
}

/* ---- workers and the rest -------------------------------------------------------------------- */

static bool
take_worker (WeftEventstream *stream, WeftJson *json, const Message *message, double now_s,
             GString *lines)
{
  const char *name = message->texts[TEXT_WORKER];

  if (name == NULL)
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT, "found no “worker”, expected one");
  if (g_hash_table_contains (stream->workers, name))
    return true;
  g_hash_table_insert (stream->workers, g_strdup (name), g_new0 (WeftEventstreamWorker, 1));
  stream->n_untold++;
  return true;
}

static bool
take_gone (WeftEventstream *stream, WeftJson *json, const Message *message, double now_s,
           GString *lines)
{
  const char *name = message->texts[TEXT_WORKER];
  const WeftEventstreamWorker *worker;

  if (name == NULL)
    return _weft_json_fail (json, WEFT_GRAPH_ERROR_FORMAT, "found no “worker”, expected one");
  worker = g_hash_table_lookup (stream->workers, name);
  if (worker != NULL && !worker->is_told)
    stream->n_untold--;
  g_hash_table_remove (stream->workers, name);
  _weft_eventstream_begin (lines, "gone");
  _weft_eventstream_text (lines, "w", name);
  _weft_eventstream_number (lines, "t", now_s);
  _weft_eventstream_end (lines);
  return true;
}

void
_weft_eventstream_log (GString *lines, double now_s, int level, const char *text)
{
  _weft_eventstream_begin (lines, "log");
  _weft_eventstream_number (lines, "t", now_s);
  _weft_eventstream_text (lines, "message", text);
  _weft_eventstream_count (lines, "level", level);
  _weft_eventstream_end (lines);
}

static bool
take_news (WeftEventstream *stream, WeftJson *json, const Message *message, double now_s,
           GString *lines)
{
  const char *name = message->texts[TEXT_NAME], *client = message->texts[TEXT_CLIENT];
  g_autofree char *text = NULL;

  if (strcmp (name, "restart") == 0)
    text = g_strdup ("the cluster is restarted");
  else
    text = g_strdup_printf ("%s %s", client != NULL ? client : "a client",
                            strcmp (name, "add_client") == 0 ? "has come" : "has gone");
  _weft_eventstream_log (lines, now_s, LEVEL_NOTICE, text);
  return true;
}

void
_weft_eventstream_tell_workers (WeftEventstream *stream, GString *lines)
{
  GHashTableIter iter;
  void *name, *value;

  g_hash_table_iter_init (&iter, stream->workers);
  while (g_hash_table_iter_next (&iter, &name, &value))
    {
      WeftEventstreamWorker *worker = value;

      if (worker->is_told)
        continue;
      worker->is_told = true;
      _weft_eventstream_begin (lines, "worker");
      _weft_eventstream_text (lines, "w", name);
      _weft_eventstream_end (lines);
    }
  stream->n_untold = 0;
}

/* ---- messages -------------------------------------------------------------------------------- */

/* Of others, update_graph, pong and what is to come, there is nothing to say. */
static const struct
{
  const char *name;
  bool (*take) (WeftEventstream *stream, WeftJson *json, const Message *message, double now_s,
                GString *lines);
} kinds[] = {
  { "transition", take_transition }, { "add_worker", take_worker },  { "remove_worker", take_gone },
  { "add_client", take_news },       { "remove_client", take_news }, { "restart", take_news },
};

bool
_weft_eventstream_take (WeftEventstream *stream, const char *chars, size_t n_chars, double now_s,
                        GString *lines, GError **error)
{
  Message message;
  WeftJson json;
  bool ok;

  _weft_json_init (&json, chars, n_chars, "eventstream");
  ok = read_message (&json, &message);
  for (size_t i = 0; ok && i < G_N_ELEMENTS (kinds); i++)
    if (strcmp (message.texts[TEXT_NAME], kinds[i].name) == 0)
      {
        ok = kinds[i].take (stream, &json, &message, now_s, lines);
        break;
      }
  message_clear (&message);
  ok = _weft_json_finish (&json, error) && ok;
  _weft_json_clear (&json);
  return ok;
}
