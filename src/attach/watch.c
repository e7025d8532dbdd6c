/* watch.c: a scheduler's event stream becomes a run, from the first connection to the last
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * At first, and whenever the connection was lost: ask who is there (identity), open the stream, go
 * on. Meanwhile workers are asked for every two seconds, or more seldom where the answer takes the
 * scheduler long.
 *
 * A worker that comes has a line of its own with what only its identity tells; until that is here,
 * lines are held, so that it is the first that is heard of the worker.
 *
 * A scheduler says no word when it ends. It has ended, if it has let its workers go and nobody
 * listens there any more; whatever else happens, the run is interrupted.
 */
#include "attach/weft-attach-http-private.h"
#include "attach/weft-attach-private.h"
#include "attach/weft-attach-report-private.h"
#include "attach/weft-eventstream-private.h"

#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#define POLL_MS 2000
#define POLL_SHARE 50 /* of the time, what answers may cost the scheduler: a fiftieth */
#define HOLD_MS 2000
#define RETRY_MS 500
#define LOST_S 10
#define LEVEL_WARNING 4
#define MOST_SAID 5 /* of what is wrong with messages */
#define US_PER_MS 1000
#define US_PER_SECOND 1000000

typedef struct
{
  GMainLoop *loop;
  WeftAttachHttp *http;
  WeftAttachReport *report;
  WeftEventstream stream;
  WeftEventstreamScheduler scheduler; /* as it was at first */
  SoupWebsocketConnection *socket;    /* (nullable): not connected */
  GString *held;                      /* lines that wait for a worker's */
  GString *early;                     /* lines to go before them */
  unsigned hold_timer, poll_timer, retry_timer;
  unsigned signals[3];
  bool is_polling;
  bool counts_are_there;
  bool is_announced;
  int64_t poll_began_us;
  int64_t lost_us; /* 0: connected */
  char *lost_why;
  unsigned n_wrong;
  const char *phase; /* (nullable): as which the run ends; NULL: interrupted */
  int status;
} Watch;

static void find (Watch *watch);
static void poll_soon (Watch *watch, unsigned ms);

/* ---- lines ----------------------------------------------------------------------------------- */

static void
say_held (Watch *watch)
{
  if (!watch->is_announced)
    return;
  _weft_attach_report_say (watch->report, watch->early);
  if (watch->stream.n_untold > 0)
    return;
  g_clear_handle_id (&watch->hold_timer, g_source_remove);
  _weft_attach_report_say (watch->report, watch->held);
}

static gboolean
held_cb (void *data)
{
  Watch *watch = data;

  watch->hold_timer = 0;
  _weft_eventstream_tell_workers (&watch->stream, watch->early);
  say_held (watch);
  return G_SOURCE_REMOVE;
}

/* Behind what is held. */
static void G_GNUC_PRINTF (3, 4) log_line (Watch *watch, int level, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  _weft_eventstream_log (watch->held, _weft_attach_http_now_s (watch->http), level, text);
}

/* ---- the end --------------------------------------------------------------------------------- */

static void
end (Watch *watch, const char *phase, int status)
{
  watch->phase = phase;
  watch->status = status;
  g_main_loop_quit (watch->loop);
}

/* Interrupted, if it had begun. */
static void G_GNUC_PRINTF (2, 3) fail (Watch *watch, const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  _weft_attach_say ("%s", text);
  if (watch->is_announced)
    log_line (watch, LEVEL_WARNING, "%s", text);
  end (watch, NULL, WEFT_ATTACH_SYSTEM);
}

static gboolean
told_cb (void *data)
{
  Watch *watch = data;

  end (watch, "done", WEFT_ATTACH_DONE);
  return G_SOURCE_CONTINUE;
}

static void
report_cb (void *data, const char *what, bool is_gone)
{
  Watch *watch = data;

  if (is_gone)
    fail (watch, "the window or server that showed this is gone: %s", what);
  else if (watch->n_wrong++ < MOST_SAID)
    _weft_attach_say ("the server: %s", what);
}

/* ---- a connection that is lost --------------------------------------------------------------- */

static gboolean
retry_cb (void *data)
{
  Watch *watch = data;

  watch->retry_timer = 0;
  find (watch);
  return G_SOURCE_REMOVE;
}

static void
hang_up (Watch *watch)
{
  if (watch->socket == NULL)
    return;
  g_signal_handlers_disconnect_by_data (watch->socket, watch);
  if (soup_websocket_connection_get_state (watch->socket) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (watch->socket, SOUP_WEBSOCKET_CLOSE_GOING_AWAY, NULL);
  g_clear_object (&watch->socket);
}

static void
lose (Watch *watch, const char *why)
{
  if (watch->lost_us != 0)
    return;
  hang_up (watch);
  g_clear_handle_id (&watch->poll_timer, g_source_remove);
  watch->lost_us = g_get_monotonic_time ();
  g_free (watch->lost_why);
  watch->lost_why = g_strdup (why);
  if (watch->retry_timer == 0)
    watch->retry_timer = g_timeout_add (0, retry_cb, watch);
}

/* It was not found, after it had been there. */
static void
go_on_looking (Watch *watch, const WeftAttachError *error)
{
  if (error->kind == WEFT_ATTACH_REFUSED && g_hash_table_size (watch->stream.workers) == 0)
    end (watch, "done", WEFT_ATTACH_DONE);
  else if (g_get_monotonic_time () - watch->lost_us > LOST_S * (int64_t) US_PER_SECOND)
    fail (watch, "the scheduler is lost: %s", error->text);
  else
    watch->retry_timer = g_timeout_add (RETRY_MS, retry_cb, watch);
}

/* ---- asking from time to time ---------------------------------------------------------------- */

static void
polled (Watch *watch)
{
  int64_t took_us = g_get_monotonic_time () - watch->poll_began_us;
  int64_t wait_ms = MAX (POLL_MS, took_us * POLL_SHARE / US_PER_MS);

  watch->is_polling = false;
  say_held (watch);
  if (watch->lost_us == 0)
    poll_soon (watch, watch->stream.n_untold > 0 ? 0 : (unsigned) MIN (wait_ms, UINT_MAX));
}

static void
counts_cb (void *data, GBytes *body, const WeftAttachError *error)
{
  Watch *watch = data;
  size_t n_bytes;
  const char *bytes = body != NULL ? g_bytes_get_data (body, &n_bytes) : NULL;

  if (error != NULL && error->kind == WEFT_ATTACH_STATUS)
    watch->counts_are_there = false;
  else if (bytes != NULL)
    _weft_eventstream_take_counts (&watch->stream, bytes, n_bytes,
                                   _weft_attach_http_now_s (watch->http), watch->held, NULL);
  polled (watch);
}

static void
workers_cb (void *data, GBytes *body, const WeftAttachError *error)
{
  Watch *watch = data;
  size_t n_bytes;
  const char *bytes = body != NULL ? g_bytes_get_data (body, &n_bytes) : NULL;

  if (bytes != NULL)
    _weft_eventstream_take_identity (&watch->stream, bytes, n_bytes, false,
                                     _weft_attach_http_now_s (watch->http), NULL, watch->early,
                                     NULL);
  /* the stream of a scheduler that was closed stays open as long as its process lives */
  else if (error != NULL && error->kind == WEFT_ATTACH_REFUSED)
    lose (watch, error->text);
  if (watch->counts_are_there && watch->lost_us == 0)
    _weft_attach_http_fetch (watch->http, "json/counts.json", counts_cb, watch);
  else
    polled (watch);
}

static gboolean
poll_cb (void *data)
{
  Watch *watch = data;

  watch->poll_timer = 0;
  watch->is_polling = true;
  watch->poll_began_us = g_get_monotonic_time ();
  _weft_attach_http_fetch (watch->http, "json/identity.json", workers_cb, watch);
  return G_SOURCE_REMOVE;
}

static void
poll_soon (Watch *watch, unsigned ms)
{
  if (watch->is_polling)
    return;
  g_clear_handle_id (&watch->poll_timer, g_source_remove);
  watch->poll_timer = g_timeout_add (ms, poll_cb, watch);
}

/* ---- the stream ------------------------------------------------------------------------------ */

static void
message_cb (SoupWebsocketConnection *socket, int type, GBytes *message, void *data)
{
  Watch *watch = data;
  g_autoptr (GError) error = NULL;
  size_t n_bytes;
  const char *bytes = g_bytes_get_data (message, &n_bytes);
  uint64_t n_dropped;

  if (!_weft_eventstream_take (&watch->stream, bytes, n_bytes,
                               _weft_attach_http_now_s (watch->http), watch->held, &error)
      && watch->n_wrong++ < MOST_SAID)
    _weft_attach_say ("a message is left out: %s", error->message);
  if (watch->stream.n_untold > 0 && watch->hold_timer == 0)
    {
      watch->hold_timer = g_timeout_add (HOLD_MS, held_cb, watch);
      poll_soon (watch, 0);
    }
  say_held (watch);
  n_dropped = _weft_attach_report_dropped (watch->report);
  if (n_dropped > 0)
    log_line (watch, LEVEL_WARNING,
              "%" G_GUINT64_FORMAT " events came faster than they were taken, and are left out",
              n_dropped);
}

static void
error_cb (SoupWebsocketConnection *socket, GError *error, void *data)
{
  lose (data, error->message);
}

static void
closed_cb (SoupWebsocketConnection *socket, void *data)
{
  const char *why = soup_websocket_connection_get_close_data (socket);

  lose (data, why != NULL && why[0] != '\0' ? why : "it was ended by the other side");
}

static bool
announce (Watch *watch)
{
  g_autofree char *name = g_strconcat ("Dask at ", _weft_attach_http_shown (watch->http), NULL);
  g_autofree char *how = g_strdup_printf (
      "With “weftline attach %s” all of this is there, and what runs now; that needs Python with "
      "the package distributed",
      watch->scheduler.address != NULL ? watch->scheduler.address : "tcp://…");
  const char *const notes[] = {
    "Dask's event stream does not tell which tasks need which, and leaves out those that failed",
    "Nor does it tell how long results are kept: each counts as released at once", how, NULL
  };
  g_autoptr (GError) error = NULL;

  watch->is_announced = _weft_attach_report_begin (watch->report, name, "dask", notes, &error);
  if (!watch->is_announced)
    fail (watch, "%s", error->message);
  return watch->is_announced;
}

static void
opened_cb (void *data, SoupWebsocketConnection *socket, const WeftAttachError *error)
{
  Watch *watch = data;

  if (socket == NULL && watch->is_announced)
    {
      go_on_looking (watch, error);
      return;
    }
  if (socket == NULL)
    {
      fail (watch, "%s", error->text);
      return;
    }
  watch->socket = g_object_ref (socket);
  g_signal_connect (socket, "message", G_CALLBACK (message_cb), watch);
  g_signal_connect (socket, "error", G_CALLBACK (error_cb), watch);
  g_signal_connect (socket, "closed", G_CALLBACK (closed_cb), watch);
  if (watch->lost_us != 0)
    log_line (watch, LEVEL_WARNING,
              "the connection to the scheduler was lost (%s) for %.1f s; what ended meanwhile is "
              "missing",
              watch->lost_why, (double) (g_get_monotonic_time () - watch->lost_us) / US_PER_SECOND);
  else if (!announce (watch))
    return;
  else
    {
      printf ("watching %s\n", _weft_attach_http_shown (watch->http));
      fflush (stdout);
    }
  watch->lost_us = 0;
  say_held (watch);
  poll_soon (watch, POLL_MS);
}

/* ---- finding it ------------------------------------------------------------------------------ */

static void
found_cb (void *data, GBytes *body, const WeftAttachError *error)
{
  Watch *watch = data;
  WeftEventstreamScheduler scheduler = { 0 };
  g_autoptr (GError) why = NULL;
  size_t n_bytes;
  const char *bytes = body != NULL ? g_bytes_get_data (body, &n_bytes) : NULL;

  if (body == NULL && watch->is_announced)
    go_on_looking (watch, error);
  else if (body == NULL)
    fail (watch, "%s", error->text);
  else if (!_weft_eventstream_take_identity (&watch->stream, bytes, n_bytes, true,
                                             _weft_attach_http_now_s (watch->http), &scheduler,
                                             watch->early, &why))
    fail (watch,
          "%s: no Dask scheduler answers there: %s; expected the address of its dashboard: "
          "“http://host:8787”",
          _weft_attach_http_shown (watch->http), why->message);
  else if (watch->is_announced && g_strcmp0 (scheduler.id, watch->scheduler.id) != 0)
    fail (watch, "the scheduler has ended, and another one is at %s; attach again to see it",
          _weft_attach_http_shown (watch->http));
  else
    {
      if (!watch->is_announced)
        {
          watch->scheduler = scheduler;
          scheduler = (WeftEventstreamScheduler){ 0 };
        }
      _weft_attach_http_open (watch->http, "eventstream", opened_cb, watch);
    }
  _weft_eventstream_scheduler_clear (&scheduler);
}

static void
find (Watch *watch)
{
  _weft_attach_http_fetch (watch->http, "json/identity.json", found_cb, watch);
}

/* ---- life ------------------------------------------------------------------------------------ */

static bool
set_up (Watch *watch, const char *address)
{
  g_autoptr (GError) error = NULL;

  watch->http = _weft_attach_http_new (address, &error);
  if (watch->http == NULL)
    watch->status = WEFT_ATTACH_INPUT;
  else
    {
      watch->report = _weft_attach_report_new ("weftline attach", report_cb, watch, &error);
      watch->status = WEFT_ATTACH_SYSTEM;
    }
  if (error != NULL)
    _weft_attach_say ("%s%s", watch->http == NULL ? "attach: " : "", error->message);
  return error == NULL;
}

/* What is left is sent; who is told a second time to end does so. */
static void
finish (Watch *watch)
{
  g_autoptr (GError) error = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (watch->signals); i++)
    g_source_remove (watch->signals[i]);
  hang_up (watch);
  if (!watch->is_announced)
    return;
  _weft_eventstream_tell_workers (&watch->stream, watch->early);
  say_held (watch);
  if (!_weft_attach_report_finish (watch->report, watch->phase, &error)
      && watch->status == WEFT_ATTACH_DONE)
    {
      _weft_attach_say ("%s", error->message);
      watch->status = WEFT_ATTACH_SYSTEM;
    }
}

static void
clear (Watch *watch)
{
  g_clear_handle_id (&watch->hold_timer, g_source_remove);
  g_clear_handle_id (&watch->poll_timer, g_source_remove);
  g_clear_handle_id (&watch->retry_timer, g_source_remove);
  _weft_attach_report_free (watch->report);
  _weft_attach_http_free (watch->http);
  _weft_eventstream_clear (&watch->stream);
  _weft_eventstream_scheduler_clear (&watch->scheduler);
  g_free (watch->lost_why);
  g_string_free (watch->held, TRUE);
  g_string_free (watch->early, TRUE);
  g_main_loop_unref (watch->loop);
}

int
_weft_attach_watch (const char *address)
{
  static const int numbers[] = { SIGINT, SIGTERM, SIGHUP };
  Watch watch = { .counts_are_there = true };

  watch.loop = g_main_loop_new (NULL, FALSE);
  watch.held = g_string_new (NULL);
  watch.early = g_string_new (NULL);
  if (set_up (&watch, address))
    {
      _weft_eventstream_init (&watch.stream, _weft_attach_report_can (watch.report, "spans"));
      for (size_t i = 0; i < G_N_ELEMENTS (numbers); i++)
        watch.signals[i] = g_unix_signal_add (numbers[i], told_cb, &watch);
      find (&watch);
      g_main_loop_run (watch.loop);
      finish (&watch);
    }
  clear (&watch);
  return watch.status;
}
