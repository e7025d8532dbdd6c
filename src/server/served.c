/* served.c: the table of runs, and who is told of what changes there
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-server-private.h"

#include <string.h>

#define NS_PER_SECOND 1e9

static const char *const phases[] = {
  [WEFT_RUN_PREPARED] = "waiting",        [WEFT_RUN_RUNNING] = "running",
  [WEFT_RUN_PAUSED] = "paused",           [WEFT_RUN_DONE] = "done",
  [WEFT_RUN_FAILED] = "failed",           [WEFT_RUN_CANCELLED] = "cancelled",
  [WEFT_RUN_INTERRUPTED] = "interrupted",
};

static bool
is_over (const WeftServed *served)
{
  return served->run.phase >= WEFT_RUN_DONE;
}

const char *
_weft_served_phase_name (WeftRunPhase phase)
{
  return phases[phase];
}

/* ---- a run ----------------------------------------------------------------------------------- */

static void
set_text (const char **text, const char *value)
{
  if (value == NULL || value == *text)
    return;
  g_free ((char *) *text);
  *text = g_strdup (value);
}

void
_weft_served_set (WeftServed *served, const WeftServedRun *run)
{
  WeftServedRun old = served->run;

  served->run = *run;
  served->run.name = old.name;
  served->run.source = old.source;
  served->run.client = old.client;
  served->run.path = old.path;
  served->run.trouble = old.trouble;
  set_text (&served->run.name, run->name);
  set_text (&served->run.source, run->source);
  set_text (&served->run.client, run->client);
  set_text (&served->run.path, run->path);
  set_text (&served->run.trouble, run->trouble);
}

WeftServed *
_weft_served_new (const WeftServedRun *run)
{
  WeftServed *served = g_new0 (WeftServed, 1);

  _weft_served_set (served, run);
  set_text (&served->run.name, run->name != NULL ? run->name : "");
  set_text (&served->run.source, run->source != NULL ? run->source : "weftline");
  return served;
}

void
_weft_served_free (void *data)
{
  WeftServed *served = data;

  g_free ((char *) served->run.name);
  g_free ((char *) served->run.source);
  g_free ((char *) served->run.client);
  g_free ((char *) served->run.path);
  g_free ((char *) served->run.trouble);
  if (served->reported != NULL)
    _weft_reported_unref (served->reported);
  g_free (served);
}

static void
append_member (GString *json, const char *name, const char *text)
{
  if (text == NULL)
    return;
  g_string_append_printf (json, ", \"%s\": ", name);
  _weft_said_append_text (json, text);
}

static void
append_can (GString *json, uint32_t can)
{
  const char *mark = "";

  g_string_append (json, ", \"can\": [");
  for (int verb = 0; verb < WEFT_SERVER_N_VERBS; verb++)
    if ((can & WEFT_SERVER_CAN (verb)) != 0)
      {
        g_string_append_printf (json, "%s\"%s\"", mark, _weft_said_verb_name (verb));
        mark = ", ";
      }
  g_string_append_c (json, ']');
}

static void
append_time (GString *json, const char *name, int64_t wall_ns)
{
  if (wall_ns == 0)
    return;
  g_string_append_printf (json, ", \"%s\": ", name);
  _weft_said_append_number (json, "%.6f", (double) wall_ns / NS_PER_SECOND);
}

void
_weft_served_json (const WeftServed *served, GString *json)
{
  const WeftServedRun *run = &served->run;

  g_string_append_printf (json, "{\"run\": %" G_GUINT64_FORMAT, run->id);
  append_member (json, "name", run->name);
  append_member (json, "source", run->source);
  append_member (json, "client", run->client);
  append_member (json, "path", run->path);
  append_member (json, "phase", phases[run->phase]);
  append_time (json, "begun", run->begun_wall_ns);
  append_time (json, "ended", run->ended_wall_ns);
  g_string_append_printf (json,
                          ", \"tasks\": %" G_GUINT64_FORMAT ", \"done\": %" G_GUINT64_FORMAT
                          ", \"running\": %" G_GUINT64_FORMAT ", \"failed\": %" G_GUINT64_FORMAT,
                          run->n_tasks, run->n_done, run->n_running, run->n_failed);
  append_member (json, "trouble", run->trouble);
  append_can (json, run->can);
  g_string_append_c (json, '}');
}

/* ---- the table ------------------------------------------------------------------------------- */

WeftServed *
_weft_served_find (WeftServer *server, uint64_t id)
{
  return g_hash_table_lookup (server->runs, &id);
}

static void
forget (WeftServer *server, WeftServed *served)
{
  uint64_t id = served->run.id;

  if (served->is_told && server->host.run_gone != NULL)
    server->host.run_gone (server->host.data, id);
  g_queue_remove (&server->runs_in_order, served);
  g_hash_table_remove (server->runs, &id);
}

/* The oldest that is over makes room. */
static void
make_room (WeftServer *server)
{
  for (GList *at = server->runs_in_order.head;
       at != NULL && server->runs_in_order.length >= server->limits.runs; at = at->next)
    if (is_over (at->data))
      {
        forget (server, at->data);
        return;
      }
}

void
_weft_served_add (WeftServer *server, WeftServed *served)
{
  make_room (server);
  g_hash_table_insert (server->runs, &served->run.id, served);
  g_queue_push_tail (&server->runs_in_order, served);
}

void
_weft_served_remove (WeftServer *server, uint64_t id)
{
  WeftServed *served = _weft_served_find (server, id);

  if (served != NULL)
    forget (server, served);
}

static void
append_connection (GString *json, const WeftConnection *connection)
{
  const char *mark = "";
  GHashTableIter iter;
  uint64_t n_frames;
  double seconds;
  void *value;

  g_string_append (json, "{\"name\": ");
  _weft_said_append_text (json, connection->session.name != NULL ? connection->session.name : "");
  g_string_append_printf (json, ", \"pid\": %u, \"runs\": [", connection->session.pid);
  g_hash_table_iter_init (&iter, connection->reports);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      g_string_append_printf (json, "%s%" G_GUINT64_FORMAT, mark,
                              ((const WeftServed *) value)->run.id);
      mark = ", ";
    }
  _weft_watch_lag (connection, &n_frames, &seconds);
  g_string_append_printf (json,
                          "], \"lag_frames\": %" G_GUINT64_FORMAT ", \"lag_seconds\": ", n_frames);
  _weft_said_append_number (json, "%.3f", seconds);
  g_string_append_c (json, '}');
}

void
_weft_served_list (WeftServer *server, GString *json)
{
  const char *mark = "";

  g_string_append (json, "{\"runs\": [");
  for (GList *at = server->runs_in_order.head; at != NULL; at = at->next)
    {
      const WeftServed *served = at->data;

      if (served->run.reported && !served->is_told)
        continue; /* its file is not there yet */
      g_string_append (json, mark);
      _weft_served_json (served, json);
      mark = ", ";
    }
  g_string_append (json, "], \"clients\": [");
  mark = "";
  for (GList *at = server->connections.head; at != NULL; at = at->next)
    {
      const WeftConnection *connection = at->data;

      if (connection->session.state != WEFT_SESSION_READY)
        continue;
      g_string_append (json, mark);
      append_connection (json, connection);
      mark = ", ";
    }
  g_string_append (json, "]}");
}

/* ---- telling --------------------------------------------------------------------------------- */

static void
tell_host (WeftServer *server, WeftServed *served)
{
  const WeftServerHost *host = &server->host;

  served->is_changed = false;
  if (!served->run.reported)
    return;
  if (!served->is_told && host->run_appeared != NULL)
    host->run_appeared (host->data, &served->run);
  else if (served->is_told && host->run_changed != NULL)
    host->run_changed (host->data, &served->run);
  served->is_told = true;
}

void
_weft_served_tell (WeftServer *server, WeftServed *served)
{
  tell_host (server, served);
  _weft_watch_run_changed (server, served->run.id);
  for (GList *at = server->connections.head, *next; at != NULL; at = next)
    {
      next = at->next; /* it may go */
      _weft_connection_notice (at->data, served);
    }
}

static void
tick_cb (uv_timer_t *timer)
{
  WeftServer *server = timer->data;

  server->is_ticking = false;
  for (GList *at = server->runs_in_order.head; at != NULL; at = at->next)
    if (((WeftServed *) at->data)->is_changed)
      tell_host (server, at->data);
}

void
_weft_served_changed (WeftServer *server, WeftServed *served)
{
  served->is_changed = true;
  if (server->is_ticking || server->host.run_changed == NULL)
    return;
  server->is_ticking = true;
  uv_timer_start (&server->ticker, tick_cb, WEFT_SERVER_TICK_MS, 0);
}

/* ---- runs of the host ------------------------------------------------------------------------ */

static void
add_cb (WeftServer *server, void *data)
{
  WeftServed *served = data;

  if (server == NULL)
    {
      _weft_served_free (served);
      return;
    }
  _weft_served_add (server, served);
  _weft_served_tell (server, served);
}

static void
update_cb (WeftServer *server, void *data)
{
  WeftServed *news = data;
  WeftServed *served = server != NULL ? _weft_served_find (server, news->run.id) : NULL;

  if (served != NULL && !served->run.reported)
    {
      bool was_other = served->run.phase != news->run.phase;

      _weft_served_set (served, &news->run);
      if (was_other)
        _weft_served_tell (server, served);
    }
  _weft_served_free (news);
}

static void
remove_cb (WeftServer *server, void *data)
{
  uint64_t *id = data;
  WeftServed *served = server != NULL ? _weft_served_find (server, *id) : NULL;

  if (served != NULL && !served->run.reported)
    forget (server, served);
  g_free (id);
}

static WeftServed *
copy_of (const WeftServedRun *run, uint64_t id)
{
  WeftServedRun copy = *run;

  copy.id = id;
  copy.reported = false;
  return _weft_served_new (&copy);
}

uint64_t
weft_server_add_run (WeftServer *server, const WeftServedRun *run)
{
  uint64_t id = atomic_fetch_add_explicit (&server->next_run, 1, memory_order_relaxed) + 1;

  _weft_hub_post (server->hub, add_cb, copy_of (run, id));
  return id;
}

void
weft_server_update_run (WeftServer *server, const WeftServedRun *run)
{
  _weft_hub_post (server->hub, update_cb, copy_of (run, run->id));
}

void
weft_server_remove_run (WeftServer *server, uint64_t id)
{
  _weft_hub_post (server->hub, remove_cb, g_memdup2 (&id, sizeof id));
}
