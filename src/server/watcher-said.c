/* watcher-said.c: what a server says to who watches its runs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-watcher-private.h"

#include "server/weft-client.h"
#include "server/weft-server-private.h"

#include <string.h>

#define NS_PER_SECOND 1e9

/* What one object has of what is looked for. Texts are its own. */
typedef struct
{
  bool has_id, is_ok, is_error, is_end;
  int64_t id;
  int64_t channel;
  char *message, *mend; /* (nullable): of the error */
  GArray *runs;         /* WeftServedRun: their texts are owned */
} Said;

/* ---- a run ----------------------------------------------------------------------------------- */

static void
run_clear (void *data)
{
  WeftServedRun *run = data;

  g_free ((char *) run->name);
  g_free ((char *) run->source);
  g_free ((char *) run->client);
  g_free ((char *) run->path);
  g_free ((char *) run->trouble);
}

static bool
read_text (WeftJson *json, const char **text)
{
  if (!_weft_json_expect (json, WEFT_JSON_STRING, "a text"))
    return false;
  g_free ((char *) *text);
  *text = g_strndup (json->chars, json->n_chars);
  return true;
}

static bool
read_count (WeftJson *json, uint64_t *count)
{
  int64_t number;

  if (!_weft_json_expect_int64 (json, 0, INT64_MAX, "a number of at least 0", &number))
    return false;
  *count = (uint64_t) number;
  return true;
}

static bool
read_time (WeftJson *json, int64_t *wall_ns)
{
  double seconds;

  if (!_weft_json_expect_number (json, 0, 1e10, "seconds since 1970", &seconds))
    return false;
  *wall_ns = (int64_t) (seconds * NS_PER_SECOND);
  return true;
}

/* What is not known here cannot be asked for. */
static bool
read_can (WeftJson *json, uint32_t *can)
{
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "an array"))
    return false;
  while (_weft_json_next_item (json))
    for (int verb = 0; verb < WEFT_SERVER_N_VERBS && json->token == WEFT_JSON_STRING; verb++)
      if (_weft_json_is (json, _weft_said_verb_name (verb)))
        *can |= WEFT_SERVER_CAN (verb);
  return json->error == NULL;
}

static bool
read_phase (WeftJson *json, WeftRunPhase *phase)
{
  if (!_weft_json_expect (json, WEFT_JSON_STRING, "a phase"))
    return false;
  for (int known = WEFT_RUN_PREPARED; known <= WEFT_RUN_INTERRUPTED; known++)
    if (_weft_json_is (json, _weft_served_phase_name ((WeftRunPhase) known)))
      {
        *phase = (WeftRunPhase) known;
        return true;
      }
  return _weft_json_unexpected (json, "a phase");
}

static bool
read_run_member (WeftJson *json, WeftServedRun *run)
{
  return _weft_json_is (json, "run")       ? read_count (json, &run->id)
         : _weft_json_is (json, "name")    ? read_text (json, &run->name)
         : _weft_json_is (json, "source")  ? read_text (json, &run->source)
         : _weft_json_is (json, "client")  ? read_text (json, &run->client)
         : _weft_json_is (json, "path")    ? read_text (json, &run->path)
         : _weft_json_is (json, "trouble") ? read_text (json, &run->trouble)
         : _weft_json_is (json, "phase")   ? read_phase (json, &run->phase)
         : _weft_json_is (json, "begun")   ? read_time (json, &run->begun_wall_ns)
         : _weft_json_is (json, "ended")   ? read_time (json, &run->ended_wall_ns)
         : _weft_json_is (json, "tasks")   ? read_count (json, &run->n_tasks)
         : _weft_json_is (json, "done")    ? read_count (json, &run->n_done)
         : _weft_json_is (json, "running") ? read_count (json, &run->n_running)
         : _weft_json_is (json, "failed")  ? read_count (json, &run->n_failed)
         : _weft_json_is (json, "can")     ? read_can (json, &run->can)
                                           : _weft_json_skip (json);
}

/* Stands behind the object's bracket. */
static bool
read_run (WeftJson *json, GArray *runs)
{
  WeftServedRun run = { 0 };
  bool ok = true;

  while (ok && _weft_json_next_name (json))
    ok = read_run_member (json, &run);
  if (run.name == NULL)
    run.name = g_strdup ("");
  g_array_append_val (runs, run);
  return ok && json->error == NULL;
}

/* ---- objects --------------------------------------------------------------------------------- */

static bool
read_runs (WeftJson *json, GArray *runs)
{
  if (!_weft_json_expect (json, WEFT_JSON_BEGIN_ARRAY, "an array of runs"))
    return false;
  while (_weft_json_next_item (json))
    if (json->token != WEFT_JSON_BEGIN_OBJECT)
      return _weft_json_unexpected (json, "a run");
    else if (!read_run (json, runs))
      return false;
  return json->error == NULL;
}

static bool
read_ok (WeftJson *json, Said *said)
{
  bool ok = _weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an object");

  said->is_ok = true;
  while (ok && _weft_json_next_name (json))
    ok = _weft_json_is (json, "runs") ? read_runs (json, said->runs)
         : _weft_json_is (json, "channel")
             ? _weft_json_expect_int64 (json, 0, UINT32_MAX, "a channel", &said->channel)
             : _weft_json_skip (json);
  return ok && json->error == NULL;
}

static bool
read_error (WeftJson *json, Said *said)
{
  bool ok = _weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "an error");

  said->is_error = true;
  while (ok && _weft_json_next_name (json))
    ok = _weft_json_is (json, "message") ? read_text (json, (const char **) &said->message)
         : _weft_json_is (json, "mend")  ? read_text (json, (const char **) &said->mend)
                                         : _weft_json_skip (json);
  return ok && json->error == NULL;
}

static bool
read_noticed_run (WeftJson *json, Said *said)
{
  return _weft_json_expect (json, WEFT_JSON_BEGIN_OBJECT, "a run") && read_run (json, said->runs);
}

static bool
read_member (WeftJson *json, Said *said)
{
  if (_weft_json_is (json, "id"))
    {
      said->has_id = true;
      return _weft_json_expect_int64 (json, 0, INT64_MAX, "a request's id", &said->id);
    }
  if (_weft_json_is (json, "channel"))
    return _weft_json_expect_int64 (json, 0, UINT32_MAX, "a channel", &said->channel);
  said->is_end = said->is_end || _weft_json_is (json, "end");
  return _weft_json_is (json, "ok")      ? read_ok (json, said)
         : _weft_json_is (json, "error") ? read_error (json, said)
         : _weft_json_is (json, "run")   ? read_noticed_run (json, said)
                                         : _weft_json_skip (json);
}

static bool
read_said (const WeftWireMessage *message, Said *said, GError **error)
{
  WeftJson json;
  bool ok;

  _weft_json_init (&json, (const char *) message->payload, message->head.n_bytes, "the server");
  ok = _weft_json_expect (&json, WEFT_JSON_BEGIN_OBJECT, "an object");
  while (ok && _weft_json_next_name (&json))
    ok = read_member (&json, said);
  ok = _weft_json_finish (&json, error);
  _weft_json_clear (&json);
  return ok;
}

/* ---- what it means --------------------------------------------------------------------------- */

/* (transfer full) */
static char *
error_text (const Said *said)
{
  return g_strdup_printf ("%s%s%s", said->message != NULL ? said->message : "no reason was given",
                          said->mend != NULL ? "; " : "", said->mend != NULL ? said->mend : "");
}

static void
tell_listed (WeftWatcher *watcher, const Said *said)
{
  const WeftServedRun *runs = (const WeftServedRun *) (const void *) said->runs->data;

  watcher->listed = true;
  _weft_watcher_check_watches (watcher, runs, said->runs->len);
  pthread_mutex_lock (&watcher->telling);
  if (watcher->funcs.listed != NULL)
    watcher->funcs.listed (watcher->funcs.data, runs, said->runs->len);
  pthread_mutex_unlock (&watcher->telling);
}

static void
take_answer (WeftWatcher *watcher, const Said *said)
{
  uint64_t id = (uint64_t) said->id;
  g_autofree WeftWatcherPending *pending = NULL;
  g_autofree uint64_t *key = NULL;
  g_autofree char *why = said->is_error ? error_text (said) : NULL;

  pthread_mutex_lock (&watcher->lock);
  g_hash_table_steal_extended (watcher->pending, &id, (void **) &key, (void **) &pending);
  pthread_mutex_unlock (&watcher->lock);
  if (pending == NULL)
    return;
  if (pending->done != NULL)
    pending->done (pending->data, why);
  if (pending->what == WEFT_WATCHER_ASKS_WATCH)
    _weft_watcher_watch_answered (watcher, id, said->is_error ? 0 : (uint32_t) said->channel, why);
  else if (pending->what == WEFT_WATCHER_ASKS_RUNS && said->is_ok)
    tell_listed (watcher, said);
}

/* @said: without an id */
static bool
take_notice (WeftWatcher *watcher, const Said *said, GError **error)
{
  g_autofree char *why = said->is_error ? error_text (said) : NULL;

  if (said->is_error && said->channel == 0)
    {
      g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_ANSWER, "%s", why);
      return false;
    }
  if (said->is_error)
    _weft_watcher_watch_failed (watcher, (uint32_t) said->channel, why);
  else if (said->is_end)
    _weft_watcher_watch_ended (watcher, (uint32_t) said->channel);
  pthread_mutex_lock (&watcher->telling);
  for (guint i = 0; i < said->runs->len && watcher->funcs.told != NULL && watcher->listed; i++)
    watcher->funcs.told (watcher->funcs.data, &g_array_index (said->runs, WeftServedRun, i));
  pthread_mutex_unlock (&watcher->telling);
  return true;
}

bool
_weft_watcher_take (WeftWatcher *watcher, const WeftWireMessage *message, GError **error)
{
  Said said = { 0 };
  bool ok;

  if (message->head.kind < WEFT_WIRE_JSON)
    {
      _weft_watcher_take_frame (watcher, message);
      return true;
    }
  if (message->head.kind != WEFT_WIRE_JSON)
    return true;
  said.runs = g_array_new (FALSE, FALSE, sizeof (WeftServedRun));
  g_array_set_clear_func (said.runs, run_clear);
  ok = read_said (message, &said, error);
  if (ok && said.has_id)
    take_answer (watcher, &said);
  else if (ok)
    ok = take_notice (watcher, &said, error);
  g_array_unref (said.runs);
  g_free (said.message);
  g_free (said.mend);
  return ok;
}
