/* host.c: the runs that `weftline serve` has of its own
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-serve-private.h"

#define TELL_NS INT64_C (200000000)
/* Runs that have ended whose results are kept. */
#define MAX_KEPT 64

struct _WeftHost
{
  char *folder;
  WeftServer *server; /* from _set_server() on */
  GThreadPool *pool;  /* WeftServerRequest *: to be carried out */
  GMutex lock;
  GCond none_follows; /* pairs with lock: n_following fell to 0 */
  GHashTable *runs;   /* lock: by id: WeftHostRun */
  GQueue ended;       /* lock: WeftHostRun: of the table; oldest first */
  unsigned n_following;
  bool stopping; /* lock */
};

/* ---- how far runs are ------------------------------------------------------------------------ */

static void
tell (WeftHost *host, WeftHostRun *run)
{
  WeftServedRun served;

  _weft_cli_host_run_describe (run, &served);
  weft_server_update_run (host->server, &served);
}

/* One more has ended: that before so many is forgotten. */
static void
keep_few (WeftHost *host, WeftHostRun *run)
{
  WeftHostRun *oldest = NULL;

  g_mutex_lock (&host->lock);
  g_queue_push_tail (&host->ended, _weft_cli_host_run_ref (run));
  if (g_queue_get_length (&host->ended) > MAX_KEPT)
    oldest = g_queue_pop_head (&host->ended);
  g_mutex_unlock (&host->lock);
  if (oldest == NULL)
    return;
  _weft_cli_host_run_forget (oldest);
  tell (host, oldest);
  _weft_cli_host_run_unref (oldest);
}

typedef struct
{
  WeftHost *host;
  WeftHostRun *run;
} Follow;

static void *
follow_thread (void *data)
{
  Follow *follow = data;
  WeftHost *host = follow->host;
  g_autoptr (GError) error = NULL;

  while (!_weft_cli_host_run_wait (follow->run, TELL_NS, &error))
    tell (host, follow->run);
  if (error != NULL)
    _weft_cli_say ("%s: %s", follow->run->name, error->message);
  tell (host, follow->run);
  keep_few (host, follow->run);
  _weft_cli_host_run_unref (follow->run);
  g_mutex_lock (&host->lock);
  if (--host->n_following == 0)
    g_cond_broadcast (&host->none_follows);
  g_mutex_unlock (&host->lock);
  g_free (follow);
  return NULL;
}

/* FALSE: it was started before, or nothing is any more. What it can then is known when this
 * returns. */
static bool
start (WeftHost *host, WeftHostRun *run)
{
  Follow *follow;
  bool good;

  g_mutex_lock (&host->lock);
  good = !host->stopping && _weft_cli_host_run_start (run);
  host->n_following += good;
  g_mutex_unlock (&host->lock);
  if (!good)
    return false;
  tell (host, run);
  follow = g_new (Follow, 1);
  *follow = (Follow){ host, _weft_cli_host_run_ref (run) };
  g_thread_unref (g_thread_new ("follow", follow_thread, follow));
  return true;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* No request for it may come before it is in the table. */
static void
add (WeftHost *host, WeftHostRun *run)
{
  WeftServedRun served;

  g_mutex_lock (&host->lock);
  _weft_cli_host_run_describe (run, &served);
  run->id = weft_server_add_run (host->server, &served);
  g_hash_table_insert (host->runs, &run->id, _weft_cli_host_run_ref (run));
  g_mutex_unlock (&host->lock);
}

static void
submit (WeftHost *host, WeftServerRequest *request)
{
  g_autoptr (GError) error = NULL;
  WeftServerRefusal code = WEFT_SERVER_REFUSE_FAILED;
  WeftHostRun *run = _weft_cli_host_run_new (request, host->folder, &code, &error);
  GString *json;

  if (run == NULL)
    {
      weft_server_refuse (request, code, error->message, NULL);
      return;
    }
  add (host, run);
  json = g_string_new (NULL);
  g_string_printf (json, "{\"run\": %" G_GUINT64_FORMAT ", \"path\": ", run->id);
  _weft_cli_json_string (json, run->path);
  g_string_append_c (json, '}');
  if (!weft_server_request_get_flag (request, "hold"))
    start (host, run);
  weft_server_answer (request, json->str, NULL);
  g_string_free (json, TRUE);
  _weft_cli_host_run_unref (run);
}

static WeftHostRun *
find (WeftHost *host, uint64_t id)
{
  WeftHostRun *run;

  g_mutex_lock (&host->lock);
  run = g_hash_table_lookup (host->runs, &id);
  if (run != NULL)
    _weft_cli_host_run_ref (run);
  g_mutex_unlock (&host->lock);
  return run;
}

/* One that was not started has its end with its start. */
static void
cancel (WeftHost *host, WeftHostRun *run, WeftServerRequest *request)
{
  _weft_cli_host_run_cancel (run);
  start (host, run);
  weft_server_answer (request, NULL, NULL);
}

static void
carry_out_of (WeftHost *host, WeftHostRun *run, WeftServerRequest *request)
{
  switch ((int) weft_server_request_get_verb (request))
    {
    case WEFT_SERVER_CANCEL:
      cancel (host, run, request);
      return;
    case WEFT_SERVER_START:
      if (start (host, run))
        weft_server_answer (request, NULL, NULL);
      else
        weft_server_refuse (request, WEFT_SERVER_REFUSE_STATE, "the run was started before", NULL);
      return;
    default:
      _weft_cli_host_run_do (run, request);
      return;
    }
}

static void
carry_out (void *data, void *user_data)
{
  WeftServerRequest *request = data;
  WeftHost *host = user_data;
  WeftHostRun *run;

  if (weft_server_request_get_verb (request) == WEFT_SERVER_SUBMIT)
    {
      submit (host, request);
      return;
    }
  run = find (host, weft_server_request_get_run (request));
  if (run == NULL)
    {
      weft_server_refuse (request, WEFT_SERVER_REFUSE_NO_SUCH_RUN, "the run is not there any more",
                          NULL);
      return;
    }
  carry_out_of (host, run, request);
  _weft_cli_host_run_unref (run);
}

/* The server's thread. A step waits for its task, so each request may have a thread. */
static void
take_request (void *data, WeftServerRequest *request)
{
  WeftHost *host = data;

  g_mutex_lock (&host->lock);
  if (!host->stopping)
    g_thread_pool_push (host->pool, g_steal_pointer (&request), NULL);
  g_mutex_unlock (&host->lock);
  if (request != NULL)
    weft_server_refuse (request, WEFT_SERVER_REFUSE_STATE, "the server is about to end", NULL);
}

/* ---- life ------------------------------------------------------------------------------------ */

WeftHost *
_weft_cli_host_new (const char *folder)
{
  WeftHost *host = g_new0 (WeftHost, 1);

  host->folder = g_strdup (folder);
  host->runs = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL,
                                      (GDestroyNotify) _weft_cli_host_run_unref);
  host->pool = g_thread_pool_new (carry_out, host, -1, FALSE, NULL);
  g_mutex_init (&host->lock);
  g_cond_init (&host->none_follows);
  g_queue_init (&host->ended);
  return host;
}

void
_weft_cli_host_fill (WeftHost *host, WeftServerHost *functions)
{
  *functions = (WeftServerHost){ .data = host,
                                 .verbs = WEFT_HOST_CONTROLS | WEFT_SERVER_CAN (WEFT_SERVER_SUBMIT)
                                          | WEFT_SERVER_CAN (WEFT_SERVER_EXTEND)
                                          | WEFT_SERVER_CAN (WEFT_SERVER_START)
                                          | WEFT_SERVER_CAN (WEFT_SERVER_RESULT),
                                 .request = take_request };
}

void
_weft_cli_host_set_server (WeftHost *host, WeftServer *server)
{
  host->server = server;
}

void
_weft_cli_host_stop (WeftHost *host)
{
  GHashTableIter iter;
  void *value;

  g_mutex_lock (&host->lock);
  host->stopping = true;
  g_hash_table_iter_init (&iter, host->runs);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    _weft_cli_host_run_cancel (value);
  g_mutex_unlock (&host->lock);
  g_thread_pool_free (g_steal_pointer (&host->pool), FALSE, TRUE);
  g_mutex_lock (&host->lock);
  while (host->n_following > 0)
    g_cond_wait (&host->none_follows, &host->lock);
  g_mutex_unlock (&host->lock);
}

void
_weft_cli_host_free (WeftHost *host)
{
  if (host->pool != NULL)
    g_thread_pool_free (host->pool, FALSE, TRUE);
  g_queue_clear_full (&host->ended, (GDestroyNotify) _weft_cli_host_run_unref);
  g_hash_table_unref (host->runs);
  g_cond_clear (&host->none_follows);
  g_mutex_clear (&host->lock);
  g_free (host->folder);
  g_free (host);
}
