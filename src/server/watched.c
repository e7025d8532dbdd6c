/* watched.c: runs that somebody watches
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-watch-private.h"

#include "base/weft-clock.h"

/* What a feed's thread says; it may be after the run is not watched any more. */
typedef struct WeftWatchNews
{
  WeftHub *hub;
  uint64_t run;
  _Atomic bool posted; /* atomic: release, pairs with the loop's acquire */
} WeftWatchNews;

static WeftServed *
served_of (const WeftWatched *watched)
{
  return _weft_served_find (watched->server, watched->run);
}

/* Whether nobody writes to its file any more. */
static bool
is_over (const WeftWatched *watched)
{
  const WeftServed *served = served_of (watched);

  return served == NULL || served->run.ended_wall_ns != 0;
}

/* ---- life ------------------------------------------------------------------------------------ */

/* A feed's thread may be at work for a while: it is waited for in the pool. */
typedef struct
{
  uv_work_t work;
  WeftModel *model;
  WeftModelFeed *feed;
  WeftWatchNews *news;
} Leftover;

static void
leftover_cb (uv_work_t *work)
{
  Leftover *leftover = work->data;

  weft_model_feed_free (leftover->feed);
  weft_model_unref (leftover->model);
}

static void
leftover_done_cb (uv_work_t *work, int status)
{
  Leftover *leftover = work->data;

  _weft_hub_unref (leftover->news->hub);
  g_free (leftover->news);
  g_free (leftover);
}

static void
stop_model (WeftWatched *watched)
{
  Leftover *leftover;

  if (watched->feed == NULL)
    return;
  leftover = g_new0 (Leftover, 1);
  leftover->model = g_steal_pointer (&watched->model);
  leftover->feed = g_steal_pointer (&watched->feed);
  leftover->news = g_steal_pointer (&watched->news);
  leftover->work.data = leftover;
  uv_queue_work (&watched->server->loop, &leftover->work, leftover_cb, leftover_done_cb);
}

static void
free_if_left (WeftWatched *watched)
{
  if (watched->watchings->len > 0 || watched->is_working)
    return;
  stop_model (watched);
  g_hash_table_remove (watched->server->watched, &watched->run);
  g_ptr_array_unref (watched->watchings);
  _weft_frames_unref (watched->frames);
  g_free (watched->path);
  g_free (watched);
}

/* ---- progress -------------------------------------------------------------------------------- */

static void
note_news (WeftWatched *watched, bool of_tasks, bool of_anything)
{
  for (guint i = 0; i < watched->watchings->len; i++)
    {
      WeftWatching *watching = watched->watchings->pdata[i];

      watching->has_news |= (watching->progress && of_tasks) || (watching->metrics && of_anything);
    }
}

static void
news_cb (WeftServer *server, void *data)
{
  uint64_t *run = data;
  WeftWatched *watched = server != NULL ? g_hash_table_lookup (server->watched, run) : NULL;
  WeftModelSnapshot snapshot;

  if (watched != NULL && watched->model != NULL)
    {
      atomic_store_explicit (&watched->news->posted, false, memory_order_release);
      weft_model_snapshot (watched->model, &snapshot);
      note_news (watched, snapshot.n_changes != watched->n_changes,
                 snapshot.serial != watched->serial);
      watched->n_changes = snapshot.n_changes;
      watched->serial = snapshot.serial;
    }
  g_free (run);
}

/* The feed's thread. */
static void
changed_cb (WeftModelFeed *feed, void *data)
{
  WeftWatchNews *news = data;

  if (!atomic_exchange_explicit (&news->posted, true, memory_order_acq_rel))
    _weft_hub_post (news->hub, news_cb, g_memdup2 (&news->run, sizeof news->run));
}

static void
start_model (WeftWatched *watched)
{
  g_autoptr (GError) error = NULL;

  if (watched->feed != NULL || watched->frames == NULL)
    return;
  watched->model = weft_model_new ();
  watched->news = g_new0 (WeftWatchNews, 1);
  watched->news->hub = _weft_hub_ref (watched->server->hub);
  watched->news->run = watched->run;
  watched->is_over = false;
  watched->feed =
      weft_model_feed_new (watched->model, watched->path, -1, changed_cb, watched->news, &error);
  if (watched->feed != NULL)
    return;
  g_clear_pointer (&watched->model, weft_model_unref);
  _weft_hub_unref (watched->news->hub);
  g_clear_pointer (&watched->news, g_free);
  for (guint i = 0; i < watched->watchings->len; i++)
    {
      WeftWatching *watching = watched->watchings->pdata[i];

      if (_weft_watching_is_told (watching))
        _weft_watching_fail (watching, error);
    }
}

/* While somebody wants to know of its progress, or of what was measured, there is a model. */
static void
start_or_stop_model (WeftWatched *watched)
{
  bool is_wanted = false;

  for (guint i = 0; i < watched->watchings->len; i++)
    is_wanted |= _weft_watching_is_told (watched->watchings->pdata[i]);
  if (is_wanted)
    start_model (watched);
  else
    stop_model (watched);
}

static void
append_groups (const WeftModel *model, GString *json)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < MIN (snapshot.n_groups, WEFT_WATCH_MOST_GROUPS); i++)
    {
      WeftModelGroup group;

      weft_model_group (model, i, &group);
      g_string_append (json, i > 0 ? ", [" : "[");
      _weft_said_append_text (json, group.name);
      g_string_append_printf (json, ", %u, %u, %u, %u]", group.n_tasks,
                              group.n_states[WEFT_TASK_MEMORY] + group.n_states[WEFT_TASK_RELEASED],
                              group.n_states[WEFT_TASK_RUNNING], group.n_states[WEFT_TASK_ERRED]);
    }
  g_string_append_c (json, ']');
  if (snapshot.n_groups > WEFT_WATCH_MOST_GROUPS)
    g_string_append_printf (json, ", \"more_groups\": %u",
                            snapshot.n_groups - WEFT_WATCH_MOST_GROUPS);
}

void
_weft_watched_progress (const WeftWatched *watched, GString *json)
{
  const WeftServed *served = served_of (watched);

  if (served != NULL)
    {
      g_string_append (json, ", \"run\": ");
      _weft_served_json (served, json);
    }
  g_string_append (json, ", \"groups\": [");
  if (watched->model != NULL)
    append_groups (watched->model, json);
  else
    g_string_append_c (json, ']');
}

bool
_weft_watched_is_read (const WeftWatched *watched)
{
  return watched->feed == NULL || weft_model_feed_state (watched->feed) > WEFT_FEED_READING;
}

bool
_weft_watched_is_told (const WeftWatched *watched)
{
  return is_over (watched)
         && (watched->feed == NULL || weft_model_feed_state (watched->feed) >= WEFT_FEED_ENDED);
}

void
_weft_watch_run_changed (WeftServer *server, uint64_t run)
{
  WeftWatched *watched = g_hash_table_lookup (server->watched, &run);

  if (watched != NULL)
    note_news (watched, true, true);
}

/* ---- the file -------------------------------------------------------------------------------- */

/* Some may go meanwhile, with all that they watch. */
static void
pump_all (WeftServer *server, const GArray *connections)
{
  for (guint i = 0; i < connections->len; i++)
    {
      WeftConnection *connection =
          _weft_connection_find (server, g_array_index (connections, uint64_t, i));

      if (connection != NULL)
        _weft_connection_pump (connection);
    }
}

static void
open_cb (uv_work_t *work)
{
  WeftWatched *watched = work->data;

  watched->found.frames = _weft_frames_open (watched->path, &watched->found.error);
}

static void
look_cb (uv_work_t *work)
{
  WeftWatched *watched = work->data;

  _weft_frames_look (watched->frames, &watched->found.n_frames, &watched->found.ended,
                     &watched->found.error);
}

static void
opened_cb (uv_work_t *work, int status)
{
  WeftWatched *watched = work->data;
  WeftServer *server = watched->server;
  g_autoptr (GArray) connections = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  g_autoptr (GError) error = g_steal_pointer (&watched->found.error);

  watched->frames = watched->found.frames;
  start_or_stop_model (watched);
  for (guint i = watched->watchings->len; i-- > 0;)
    {
      WeftWatching *watching = watched->watchings->pdata[i];

      if (watching->connection == NULL)
        continue;
      g_array_append_val (connections, watching->connection->id);
      _weft_watching_opened (watching, error);
    }
  watched->is_working = false; /* not before: those who watch may all be gone */
  free_if_left (watched);
  pump_all (server, connections);
}

/* Of those who have all there is: whether there is more, or will not be. */
static void
go_on (WeftWatched *watched, const GError *error)
{
  bool is_quiet = watched->n_quiet >= 2;

  for (guint i = watched->watchings->len; i-- > 0;)
    {
      WeftWatching *watching = watched->watchings->pdata[i];

      if (!watching->is_idle)
        continue;
      if (error != NULL)
        _weft_watching_fail (watching, error);
      else if (watching->cursor.next < watched->n_frames || watched->ended)
        _weft_watching_read (watching);
      else if (is_quiet) /* its file was cut off */
        watching->at_end = true;
    }
}

static void
looked_cb (uv_work_t *work, int status)
{
  WeftWatched *watched = work->data;
  g_autoptr (GError) error = g_steal_pointer (&watched->found.error);

  watched->is_working = false;
  if (error == NULL)
    {
      watched->n_frames = watched->found.n_frames;
      watched->ended = watched->found.ended;
    }
  go_on (watched, error);
  free_if_left (watched);
}

static void
look (WeftWatched *watched, int64_t now_ns)
{
  bool is_waited_for = false, is_read = false;

  for (guint i = 0; i < watched->watchings->len; i++)
    {
      const WeftWatching *watching = watched->watchings->pdata[i];

      is_read |= watching->frames && !watching->at_end;
      is_waited_for |= watching->is_idle && !watching->at_end;
    }
  if (watched->frames == NULL || watched->is_working || !is_read
      || (!is_waited_for && now_ns - watched->looked_ns < WEFT_WATCH_LOOK_NS))
    return;
  watched->n_quiet = is_over (watched) ? watched->n_quiet + 1 : 0;
  watched->looked_ns = now_ns;
  watched->is_working = true;
  watched->work.data = watched;
  uv_queue_work (&watched->server->loop, &watched->work, look_cb, looked_cb);
}

/* ---- who watches ----------------------------------------------------------------------------- */

/* Connections that something is to be said to now. */
static void
gather_due (const WeftWatched *watched, int64_t now_ns, GArray *connections)
{
  for (guint i = 0; i < watched->watchings->len; i++)
    {
      const WeftWatching *watching = watched->watchings->pdata[i];

      if (watching->connection != NULL && _weft_watching_is_due (watching, now_ns))
        g_array_append_val (connections, watching->connection->id);
    }
}

static void
tick_cb (uv_timer_t *timer)
{
  WeftServer *server = timer->data;
  g_autoptr (GArray) connections = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  int64_t now_ns = weft_clock_mono_ns ();
  GHashTableIter iter;
  void *value;

  g_hash_table_iter_init (&iter, server->watched);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      WeftWatched *watched = value;

      look (watched, now_ns);
      if (watched->feed != NULL && !watched->is_over && is_over (watched))
        {
          watched->is_over = true;
          weft_model_feed_no_more (watched->feed);
        }
      gather_due (watched, now_ns, connections);
    }
  pump_all (server, connections);
  if (g_hash_table_size (server->watched) == 0)
    uv_timer_stop (&server->watch_timer);
}

void
_weft_watched_join (WeftServer *server, uint64_t run, const char *path, WeftWatching *watching)
{
  WeftWatched *watched = g_hash_table_lookup (server->watched, &run);

  if (watched == NULL)
    {
      watched = g_new0 (WeftWatched, 1);
      watched->server = server;
      watched->run = run;
      watched->path = g_strdup (path);
      watched->watchings = g_ptr_array_new ();
      watched->work.data = watched;
      watched->is_working = true;
      g_hash_table_insert (server->watched, &watched->run, watched);
      uv_queue_work (&server->loop, &watched->work, open_cb, opened_cb);
    }
  if (!uv_is_active ((uv_handle_t *) &server->watch_timer))
    uv_timer_start (&server->watch_timer, tick_cb, WEFT_WATCH_TICK_MS, WEFT_WATCH_TICK_MS);
  watching->watched = watched;
  g_ptr_array_add (watched->watchings, watching);
  if (watched->frames == NULL)
    return; /* told when it is open */
  start_or_stop_model (watched);
  _weft_watching_opened (watching, NULL);
}

void
_weft_watched_leave (WeftWatching *watching)
{
  WeftWatched *watched = g_steal_pointer (&watching->watched);

  g_ptr_array_remove (watched->watchings, watching);
  start_or_stop_model (watched);
  free_if_left (watched);
}
