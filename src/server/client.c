/* client.c: a reporting program's connection: open, flush, close, and what fork() does to it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/weft-client-private.h"

#include "server/weft-client-out-private.h"
#include "server/weft-report-private.h"

#include "base/weft-futex-private.h"

#include <errno.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DEFAULT_RING 16384u
#define LEAST_RING 64u
#define MOST_RING (1u << 24)
#define DEFAULT_WAIT_MS 2000u

static pthread_once_t registry_once = PTHREAD_ONCE_INIT;
static pthread_mutex_t registry_lock = PTHREAD_MUTEX_INITIALIZER;
static WeftClient *all_clients; /* lock: registry; by next */

/* ---- all clients ----------------------------------------------------------------------------- */

static void
before_fork (void)
{
  pthread_mutex_lock (&registry_lock);
  for (WeftClient *client = all_clients; client != NULL; client = client->next)
    pthread_mutex_lock (&client->lock);
}

static void
after_fork (void)
{
  for (WeftClient *client = all_clients; client != NULL; client = client->next)
    pthread_mutex_unlock (&client->lock);
  pthread_mutex_unlock (&registry_lock);
}

/* The child has neither the sender nor a right to speak for its parent; it lets go of the
 * connections, so that the server sees when the parent is gone. */
static void
in_child (void)
{
  for (WeftClient *client = all_clients; client != NULL; client = client->next)
    {
      _weft_client_quiet (client);
      client->is_forked = true;
      if (client->out != NULL)
        _weft_client_out_hang_up (client->out);
      if (client->requests != NULL)
        _weft_dial_abandon (client->requests);
    }
  after_fork ();
}

static void
set_up_registry (void)
{
  pthread_atfork (before_fork, after_fork, in_child);
}

/* For good: see the header. */
static void
register_client (WeftClient *client)
{
  pthread_once (&registry_once, set_up_registry);
  pthread_mutex_lock (&registry_lock);
  client->next = all_clients;
  all_clients = client;
  pthread_mutex_unlock (&registry_lock);
}

void
_weft_client_wake (WeftClient *client)
{
  if (atomic_exchange_explicit (&client->wake, 1, memory_order_seq_cst) == 0)
    _weft_futex_wake (&client->wake, 1);
}

void
_weft_client_quiet (WeftClient *client)
{
  atomic_store_explicit (&client->listening, 0, memory_order_relaxed);
}

/* ---- open ------------------------------------------------------------------------------------ */

static char *
or_else (const char *text, const char *otherwise)
{
  return _weft_client_dup_valid (text != NULL ? text : otherwise, WEFT_REPORT_MOST_NAME_BYTES);
}

static char *
program_name (void)
{
  g_autofree char *path = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *name = path != NULL ? g_path_get_basename (path) : g_strdup ("program");

  return g_utf8_make_valid (name, -1);
}

static uint32_t
ring_size (uint32_t wanted)
{
  uint32_t size = LEAST_RING;

  wanted = MIN (wanted != 0 ? wanted : DEFAULT_RING, MOST_RING);
  while (size < wanted)
    size *= 2;
  return size;
}

static void
group_free (void *data)
{
  g_free (((WeftClientGroup *) data)->name);
  g_free (data);
}

static WeftClient *
make_client (const WeftClientOptions *options)
{
  WeftClient *client = g_new0 (WeftClient, 1);
  g_autofree char *program = program_name ();
  pthread_condattr_t monotonic;

  client->name = or_else (options->name, program);
  client->worker = or_else (options->worker, program);
  client->run_source = or_else (options->source, "client");
  client->file = g_strdup (options->file);
  client->address =
      options->address != NULL ? g_strdup (options->address) : _weft_dial_default_address ();
  client->ring_size = ring_size (options->ring_spans);
  client->wait_ms = MIN (options->wait_ms != 0 ? options->wait_ms : DEFAULT_WAIT_MS, INT_MAX);
  client->source = weft_clock_source ();
  pthread_mutex_init (&client->lock, NULL);
  pthread_mutex_init (&client->request_lock, NULL);
  pthread_condattr_init (&monotonic);
  pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&client->flushed, &monotonic);
  pthread_condattr_destroy (&monotonic);
  client->threads = g_ptr_array_new ();
  client->left = g_ptr_array_new ();
  client->groups = g_ptr_array_new_with_free_func (group_free);
  client->group_ids = g_hash_table_new (g_str_hash, g_str_equal);
  _weft_intern_init (&client->keys);
  _weft_client_said_init (&client->said);
  return client;
}

/* What is left is what somebody may still look at. */
static void
shed (WeftClient *client)
{
  pthread_mutex_lock (&client->lock);
  g_ptr_array_set_free_func (client->threads, (GDestroyNotify) _weft_client_thread_unref);
  g_clear_pointer (&client->threads, g_ptr_array_unref);
  g_clear_pointer (&client->left, g_ptr_array_unref);
  g_clear_pointer (&client->group_ids, g_hash_table_unref);
  g_clear_pointer (&client->groups, g_ptr_array_unref);
  _weft_client_said_clear (&client->said);
  _weft_intern_clear (&client->keys);
  pthread_mutex_unlock (&client->lock);
  _weft_dial_free (g_steal_pointer (&client->requests));
  g_clear_pointer (&client->name, g_free);
  g_clear_pointer (&client->worker, g_free);
  g_clear_pointer (&client->run_source, g_free);
  g_clear_pointer (&client->file, g_free);
  g_clear_pointer (&client->address, g_free);
}

static bool
start_sender (WeftClient *client, GError **error)
{
  atomic_store_explicit (&client->listening, 1, memory_order_relaxed);
  client->has_sender = _weft_client_start_sender (client);
  if (client->has_sender)
    return true;
  _weft_client_quiet (client);
  g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_SYSTEM, "no thread to send from: %s",
               g_strerror (errno));
  return false;
}

WeftClient *
weft_client_open (const WeftClientOptions *options, GError **error)
{
  static const WeftClientOptions nothing;
  WeftClient *client = make_client (options != NULL ? options : &nothing);
  g_autoptr (GError) why = NULL;

  if (options != NULL && options->requests_only)
    client->requests = _weft_dial_new (client->address, client->name, (int) client->wait_ms, &why);
  else
    client->out = _weft_client_out_new (client, &why);
  register_client (client);
  if (client->out != NULL && !start_sender (client, &why))
    g_clear_pointer (&client->out, _weft_client_out_free);
  if (why == NULL)
    return client;
  shed (client);
  g_propagate_error (error, g_steal_pointer (&why));
  return NULL;
}

WeftClient *
weft_client_open_as (const char *name, const char *worker, const char *file)
{
  WeftClientOptions options = { .name = name, .worker = worker, .file = file };

  return weft_client_open (&options, NULL);
}

/* ---- flush ----------------------------------------------------------------------------------- */

static struct timespec
time_in (uint32_t ms)
{
  int64_t then_ns = weft_clock_mono_ns () + (int64_t) ms * 1000000;

  return (struct timespec){ .tv_sec = (time_t) (then_ns / 1000000000),
                            .tv_nsec = (long) (then_ns % 1000000000) };
}

bool
weft_client_flush (WeftClient *client)
{
  struct timespec until;
  uint64_t mine;
  bool done;
  int status = 0;

  if (!weft_client_is_listening (client))
    return false;
  until = time_in (client->wait_ms);
  pthread_mutex_lock (&client->lock);
  mine = ++client->flush_asked;
  _weft_client_wake (client);
  while (client->flush_done < mine && !client->sender_gone && status == 0)
    status = pthread_cond_timedwait (&client->flushed, &client->lock, &until);
  done = client->flush_done >= mine;
  pthread_mutex_unlock (&client->lock);
  return done;
}

/* ---- close ----------------------------------------------------------------------------------- */

/* What is not sent now never will be. */
static void
stop_sender (WeftClient *client)
{
  if (client->has_sender)
    {
      _weft_client_wake (client);
      pthread_join (client->sender, NULL);
    }
  client->has_sender = false;
  pthread_mutex_lock (&client->lock);
  client->sender_gone = true;
  pthread_cond_broadcast (&client->flushed);
  pthread_mutex_unlock (&client->lock);
  atomic_store_explicit (&client->n_dropped, weft_client_dropped (client), memory_order_relaxed);
}

void
weft_client_close (WeftClient *client, int phase)
{
  WeftClientOut *out;

  if (client == NULL || client->is_forked || client->name == NULL)
    return;
  atomic_store_explicit (&client->closing, CLAMP (phase, 0, WEFT_CLIENT_CANCELLED) + 1,
                         memory_order_release);
  stop_sender (client);
  pthread_mutex_lock (&registry_lock);
  out = g_steal_pointer (&client->out);
  pthread_mutex_unlock (&registry_lock);
  _weft_client_out_free (out);
  shed (client);
}

uint64_t
weft_client_dropped (const WeftClient *client)
{
  WeftClient *told = (WeftClient *) client; /* of which only the lock changes */
  uint64_t n = 0;

  if (client == NULL)
    return 0;
  pthread_mutex_lock (&told->lock);
  n = atomic_load_explicit (&told->n_dropped, memory_order_relaxed);
  for (guint i = 0; told->threads != NULL && i < told->threads->len; i++)
    {
      WeftClientThread *thread = told->threads->pdata[i];

      n += atomic_load_explicit (&thread->n_dropped, memory_order_relaxed);
      if (told->sender_gone)
        n += atomic_load (&thread->n_put) - atomic_load (&thread->n_taken);
    }
  pthread_mutex_unlock (&told->lock);
  return n;
}

/* ---- requests -------------------------------------------------------------------------------- */

/* With the lock held. A connection on which something went wrong is not used again. */
static char *
ask (WeftClient *client, const char *json, GError **error)
{
  g_autoptr (GError) why = NULL;
  char *ok = NULL;

  if (client->requests == NULL)
    client->requests = _weft_dial_new (client->address, client->name, (int) client->wait_ms, &why);
  if (client->requests != NULL)
    ok = _weft_dial_ask (client->requests, json, &why);
  if (ok == NULL && !g_error_matches (why, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_ANSWER))
    _weft_dial_free (g_steal_pointer (&client->requests));
  if (why != NULL)
    g_propagate_error (error, g_steal_pointer (&why));
  return ok;
}

bool
weft_client_request (WeftClient *client, const char *json, char **answer, GError **error)
{
  char *ok;

  if (client == NULL || client->is_forked || client->name == NULL)
    {
      g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_NOBODY,
                   "request: the client is not open, expected one that is");
      return false;
    }
  pthread_mutex_lock (&client->request_lock);
  ok = ask (client, json, error);
  pthread_mutex_unlock (&client->request_lock);
  if (ok == NULL)
    return false;
  if (answer != NULL)
    *answer = ok;
  else
    g_free (ok);
  return true;
}
