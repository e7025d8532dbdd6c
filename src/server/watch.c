/* watch.c: those who watch runs: what they asked for, what they have, what they are told
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A piece that was read waits until the connection has nothing else to send; then it is handed over
 * and the next one is read. So a client that reads slowly is read for slowly, and one that does not
 * is not read for at all.
 */
#include "config.h"

#include "server/weft-watch-private.h"

#include "base/weft-clock.h"

#define MOST_AHEAD_BYTES (256u << 10) /* in the connection, before another piece is handed over */
#define NS_PER_SECOND 1e9

/* ---- the end --------------------------------------------------------------------------------- */

static void
watching_free (WeftWatching *watching)
{
  _weft_watched_leave (watching);
  _weft_said_free (watching->said);
  if (watching->ready != NULL)
    g_byte_array_unref (watching->ready);
  g_clear_error (&watching->found.error);
  g_clear_error (&watching->failure);
  g_free (watching->told);
  g_free (watching);
}

/* A read that is under way ends by itself. */
static void
drop (WeftWatching *watching)
{
  g_ptr_array_remove (watching->connection->watchings, watching);
  watching->connection = NULL;
  watching->frames = watching->progress = watching->metrics = false;
  if (!watching->is_reading)
    watching_free (watching);
}

void
_weft_watching_fail (WeftWatching *watching, const GError *error)
{
  if (watching->failure == NULL)
    watching->failure = g_error_copy (error);
  watching->at_end = true;
  watching->progress = watching->metrics = watching->has_news = false;
}

void
_weft_watch_forget (WeftConnection *connection)
{
  while (connection->watchings != NULL && connection->watchings->len > 0)
    drop (connection->watchings->pdata[0]);
  g_clear_pointer (&connection->watchings, g_ptr_array_unref);
}

/* ---- reading --------------------------------------------------------------------------------- */

static void
read_cb (uv_work_t *work)
{
  WeftWatching *watching = work->data;

  watching->found.piece = g_byte_array_new ();
  watching->found.at_end = false;
  _weft_frames_read (watching->watched->frames, &watching->cursor, watching->channel,
                     WEFT_WATCH_PIECE_BYTES, watching->found.piece, &watching->found.at_end,
                     &watching->found.error);
}

static void
read_done_cb (uv_work_t *work, int status)
{
  WeftWatching *watching = work->data;
  WeftConnection *connection = watching->connection;

  watching->is_reading = false;
  if (watching->found.piece->len > 0)
    watching->ready = g_steal_pointer (&watching->found.piece);
  g_clear_pointer (&watching->found.piece, g_byte_array_unref);
  if (connection == NULL)
    {
      watching_free (watching);
      return;
    }
  watching->at_end |= watching->found.at_end;
  if (watching->found.error != NULL)
    _weft_watching_fail (watching, watching->found.error);
  watching->is_idle = watching->ready == NULL && !watching->at_end;
  _weft_connection_pump (connection);
}

void
_weft_watching_read (WeftWatching *watching)
{
  watching->is_idle = false;
  if (watching->is_reading || watching->at_end || !watching->frames)
    return;
  watching->is_reading = true;
  watching->work.data = watching;
  uv_queue_work (&watching->watched->server->loop, &watching->work, read_cb, read_done_cb);
}

/* ---- saying ---------------------------------------------------------------------------------- */

bool
_weft_watching_is_told (const WeftWatching *watching)
{
  return watching->progress || watching->metrics;
}

static bool
has_all (const WeftWatching *watching)
{
  if (watching->frames && (!watching->at_end || watching->ready != NULL || watching->is_reading))
    return false;
  return !_weft_watching_is_told (watching) || (!watching->has_news && watching->is_final);
}

/* Of what was there before, all is told at once; and once more when all is there. */
static bool
has_news (const WeftWatching *watching, int64_t now_ns)
{
  bool is_last = _weft_watching_is_told (watching) && !watching->is_final
                 && _weft_watched_is_told (watching->watched);

  return (watching->has_news || is_last) && now_ns - watching->told_ns >= WEFT_WATCH_TELL_NS
         && _weft_watched_is_read (watching->watched);
}

bool
_weft_watching_is_due (const WeftWatching *watching, int64_t now_ns)
{
  return watching->said == NULL
         && ((watching->ready != NULL && !watching->is_reading) || has_news (watching, now_ns)
             || has_all (watching));
}

static void
lag_of (const WeftWatching *watching, uint64_t *n_frames, double *seconds)
{
  const WeftWatched *watched = watching->watched;

  *n_frames = 0;
  *seconds = 0;
  if (!watching->frames || watched->frames == NULL || watched->n_frames <= watching->next)
    return;
  *n_frames = watched->n_frames - watching->next;
  *seconds = (double) _weft_frames_age_ns (watched->frames, watching->next) / NS_PER_SECOND;
}

void
_weft_watch_lag (const WeftConnection *connection, uint64_t *n_frames, double *seconds)
{
  *n_frames = 0;
  *seconds = 0;
  for (guint i = 0; connection->watchings != NULL && i < connection->watchings->len; i++)
    {
      uint64_t n;
      double age;

      lag_of (connection->watchings->pdata[i], &n, &age);
      *n_frames = MAX (*n_frames, n);
      *seconds = MAX (*seconds, age);
    }
}

static void
say_news (WeftWatching *watching, int64_t now_ns)
{
  g_autoptr (GString) json = g_string_new (NULL);
  uint64_t n_frames;
  double seconds;

  watching->has_news = false;
  watching->is_final = _weft_watched_is_told (watching->watched); /* before it is looked at */
  lag_of (watching, &n_frames, &seconds);
  g_string_append_printf (json, "{\"channel\": %u", watching->channel);
  if (watching->progress)
    _weft_watched_progress (watching->watched, json);
  if (watching->metrics)
    _weft_watched_metrics (watching->watched, json);
  g_string_append_printf (json, ", \"lag_frames\": %" G_GUINT64_FORMAT, n_frames);
  if (g_strcmp0 (json->str, watching->told) == 0)
    return; /* what changed is not shown here */
  g_free (watching->told);
  watching->told = g_strdup (json->str);
  watching->told_ns = now_ns;
  g_string_append (json, ", \"lag_seconds\": ");
  _weft_said_append_number (json, "%.3f", seconds);
  g_string_append_c (json, '}');
  _weft_session_say (&watching->connection->session, json);
}

static void
say_failure (WeftWatching *watching)
{
  WeftFault fault;

  _weft_fault_set (&fault, WEFT_SERVER_REFUSE_FAILED, NULL, NULL, "%s", watching->failure->message);
  fault.channel = watching->channel;
  _weft_session_fault (&watching->connection->session, &fault, NULL);
}

static void
say_end (WeftWatching *watching)
{
  g_autoptr (GString) json = g_string_new (NULL);

  g_string_append_printf (json, "{\"channel\": %u, \"end\": true", watching->channel);
  if (watching->frames)
    g_string_append_printf (json, ", \"next\": %" G_GUINT64_FORMAT, watching->next);
  g_string_append_c (json, '}');
  _weft_session_say (&watching->connection->session, json);
}

/* What there is for it now. */
static void
give (WeftWatching *watching, GByteArray *out, int64_t now_ns)
{
  if (!_weft_watching_is_due (watching, now_ns))
    return;
  if (watching->ready != NULL && !watching->is_reading)
    {
      g_byte_array_append (out, watching->ready->data, watching->ready->len);
      g_clear_pointer (&watching->ready, g_byte_array_unref);
      watching->next = watching->cursor.next;
      _weft_watching_read (watching);
    }
  if (has_news (watching, now_ns))
    say_news (watching, now_ns);
  if (!has_all (watching))
    return;
  if (watching->failure != NULL)
    say_failure (watching);
  say_end (watching);
  drop (watching);
}

void
_weft_watch_fill (WeftConnection *connection)
{
  GPtrArray *watchings = connection->watchings;
  int64_t now_ns;

  if (watchings == NULL || watchings->len == 0)
    return;
  now_ns = weft_clock_mono_ns ();
  for (guint n = watchings->len; n > 0 && watchings->len > 0; n--)
    {
      if (connection->session.out->len >= MOST_AHEAD_BYTES)
        return;
      give (watchings->pdata[connection->next_watching++ % watchings->len], connection->session.out,
            now_ns);
    }
}

/* ---- requests -------------------------------------------------------------------------------- */

void
_weft_watching_opened (WeftWatching *watching, const GError *error)
{
  WeftConnection *connection = watching->connection;
  g_autoptr (GString) ok = g_string_new (NULL);

  if (connection == NULL || watching->said == NULL)
    return;
  if (error != NULL)
    {
      WeftFault fault;

      _weft_fault_set (&fault, WEFT_SERVER_REFUSE_FAILED, NULL, NULL, "%s", error->message);
      _weft_session_fault (&connection->session, &fault, _weft_said_id (watching->said));
      drop (watching);
      return;
    }
  g_string_append_printf (ok, "{\"channel\": %u}", watching->channel);
  _weft_session_answer (&connection->session, watching->said, ok->str);
  g_clear_pointer (&watching->said, _weft_said_free);
  watching->has_news = _weft_watching_is_told (watching);
  _weft_watching_read (watching);
}

static bool
check_run (const WeftConnection *connection, const WeftSaid *said, WeftServed **served,
           WeftFault *fault)
{
  int64_t run = 0;

  _weft_said_number (said, "run", &run);
  *served = _weft_served_find (connection->server, (uint64_t) run);
  if (*served == NULL || ((*served)->run.reported && !(*served)->is_told))
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_NO_SUCH_RUN, "run", "“runs” lists them",
                     "there is no run %" G_GINT64_FORMAT, run);
  else if ((*served)->run.path == NULL)
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_NOT_SUPPORTED, "run", "record it to a file",
                     "the run %" G_GINT64_FORMAT " has no file to be watched", run);
  else
    return true;
  return false;
}

static bool
check_wanted (const WeftConnection *connection, const WeftSaid *said, WeftFault *fault)
{
  uint32_t most = connection->server->limits.open_runs;

  if (!_weft_said_flag (said, "frames") && !_weft_said_flag (said, "progress")
      && !_weft_said_flag (said, "metrics"))
    _weft_fault_set (
        fault, WEFT_SERVER_REFUSE_REQUEST, "frames", NULL,
        "found none of “frames”, “progress” and “metrics”, expected one of them to be true");
  else if (_weft_said_flag (said, "frames") && connection->session.wire.form == WEFT_WIRE_AS_LINES)
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_REQUEST, "frames",
                     "connect with messages, or ask for “progress”",
                     "frames cannot be sent in the form of lines");
  else if (connection->watchings != NULL && connection->watchings->len >= most)
    _weft_fault_set (fault, WEFT_SERVER_REFUSE_LIMIT, NULL, "“unwatch” ends one",
                     "%u runs are watched on this connection, the limit open_runs", most);
  else
    return true;
  return false;
}

static WeftWatching *
watching_new (WeftConnection *connection, WeftSaid *said)
{
  WeftWatching *watching = g_new0 (WeftWatching, 1);
  int64_t from = 0;

  watching->connection = connection;
  watching->said = said;
  watching->channel = ++connection->n_channels;
  watching->frames = _weft_said_flag (said, "frames");
  watching->progress = _weft_said_flag (said, "progress");
  watching->metrics = _weft_said_flag (said, "metrics");
  _weft_said_number (said, "from", &from);
  watching->next = watching->cursor.next = (uint64_t) from;
  if (connection->watchings == NULL)
    connection->watchings = g_ptr_array_new ();
  g_ptr_array_add (connection->watchings, watching);
  return watching;
}

void
_weft_watch_open (WeftConnection *connection, WeftSaid *said)
{
  WeftServed *served = NULL;
  WeftFault fault;

  if (!check_run (connection, said, &served, &fault) || !check_wanted (connection, said, &fault))
    {
      _weft_session_fault (&connection->session, &fault, _weft_said_id (said));
      _weft_said_free (said);
      return;
    }
  _weft_watched_join (connection->server, served->run.id, served->run.path,
                      watching_new (connection, said));
}

void
_weft_watch_close (WeftConnection *connection, WeftSaid *said)
{
  g_autoptr (GString) ok = g_string_new (NULL);
  WeftFault fault;
  int64_t channel = 0;

  _weft_said_number (said, "channel", &channel);
  for (guint i = 0; connection->watchings != NULL && i < connection->watchings->len; i++)
    {
      WeftWatching *watching = connection->watchings->pdata[i];

      if (watching->channel != channel || watching->said != NULL)
        continue;
      g_string_append_printf (ok, "{\"next\": %" G_GUINT64_FORMAT "}", watching->next);
      _weft_session_answer (&connection->session, said, ok->str);
      _weft_said_free (said);
      drop (watching);
      return;
    }
  _weft_fault_set (&fault, WEFT_SERVER_REFUSE_NO_SUCH_CHANNEL, "channel",
                   "the answer to “watch” has it",
                   "nothing is watched on the channel %" G_GINT64_FORMAT, channel);
  _weft_session_fault (&connection->session, &fault, _weft_said_id (said));
  _weft_said_free (said);
}
