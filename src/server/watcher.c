/* watcher.c: a watcher's life, and its thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The thread belongs to nobody: who has enough says so, wakes it and goes on; it holds a reference
 * until it ends, which may take as long as a server lets it wait for its greeting. Others put
 * messages into `asked` and wake it; it alone touches the socket.
 */
#include "config.h"

#include "server/weft-watcher-private.h"

#include "server/weft-client.h"
#include "server/weft-said-private.h"

#include "base/weft-clock.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#define GREETING_MS 5000
#define TELL_MS 10
/* A connection that lasted that long may be made anew. */
#define LASTED_NS (100 * INT64_C (1000000))

/* ---- asking ---------------------------------------------------------------------------------- */

static void
wake (WeftWatcher *watcher)
{
  const uint64_t one = 1;

  if (write (watcher->wake_fd, &one, sizeof one) < 0)
    g_debug ("watcher: %s", g_strerror (errno));
}

uint64_t
_weft_watcher_post (WeftWatcher *watcher, WeftWatcherAsks what, const char *members,
                    WeftServerDone done, void *data)
{
  const WeftWatcherPending pending = { what, done, data };
  uint64_t id = 0;

  pthread_mutex_lock (&watcher->lock);
  if (!watcher->lost)
    {
      g_autofree char *json = NULL;

      id = ++watcher->n_asked;
      json = g_strdup_printf ("{\"id\": %" G_GUINT64_FORMAT ", %s}", id, members);
      g_hash_table_insert (watcher->pending, g_memdup2 (&id, sizeof id),
                           g_memdup2 (&pending, sizeof pending));
      _weft_wire_append (watcher->asked, (WeftWireHead){ .kind = WEFT_WIRE_JSON },
                         &(struct iovec){ json, strlen (json) }, 1);
    }
  pthread_mutex_unlock (&watcher->lock);
  return id;
}

/* What is between the brackets of an object, behind a comma; empty: nothing. (transfer full) */
static char *
further_members (const char *json)
{
  const char *from = json != NULL ? strchr (json, '{') : NULL;
  const char *to = json != NULL ? strrchr (json, '}') : NULL;
  g_autofree char *members = NULL;

  if (from == NULL || to == NULL || to < from)
    return g_strdup ("");
  members = g_strstrip (g_strndup (from + 1, (size_t) (to - from - 1)));
  return members[0] != '\0' ? g_strconcat (", ", members, NULL) : g_strdup ("");
}

void
weft_watcher_ask (WeftWatcher *watcher, uint64_t run, WeftServerVerb verb, const char *members_json,
                  WeftServerDone done, void *data)
{
  g_autofree char *further = further_members (members_json);
  g_autofree char *members = g_strdup_printf ("\"do\": \"%s\", \"run\": %" G_GUINT64_FORMAT "%s",
                                              _weft_said_verb_name ((int) verb), run, further);

  if (_weft_watcher_post (watcher, WEFT_WATCHER_ASKS_VERB, members, done, data) != 0)
    wake (watcher);
  else if (done != NULL)
    done (data, "the server is gone");
}

/* Nobody will answer what was asked. */
static void
call_off (WeftWatcher *watcher, const char *why, bool for_good)
{
  g_autoptr (GHashTable) pending = NULL;
  GHashTableIter iter;
  void *value;

  pthread_mutex_lock (&watcher->lock);
  pending = watcher->pending;
  watcher->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  g_byte_array_set_size (watcher->asked, 0);
  watcher->lost = watcher->lost || for_good;
  pthread_mutex_unlock (&watcher->lock);
  g_hash_table_iter_init (&iter, pending);
  while (g_hash_table_iter_next (&iter, NULL, &value))
    {
      const WeftWatcherPending *one = value;

      if (one->done != NULL)
        one->done (one->data, why);
    }
}

/* ---- the socket ------------------------------------------------------------------------------ */

static bool
is_stopped (WeftWatcher *watcher)
{
  return atomic_load_explicit (&watcher->stop, memory_order_relaxed);
}

static void
take_asked (WeftWatcher *watcher)
{
  pthread_mutex_lock (&watcher->lock);
  g_byte_array_append (watcher->out, watcher->asked->data, watcher->asked->len);
  g_byte_array_set_size (watcher->asked, 0);
  pthread_mutex_unlock (&watcher->lock);
}

static bool
send_some (WeftWatcher *watcher, GError **error)
{
  ssize_t n = send (watcher->dial->fd, watcher->out->data, watcher->out->len, MSG_NOSIGNAL);

  if (n < 0 && errno != EAGAIN && errno != EINTR)
    {
      g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_LOST, "%s", g_strerror (errno));
      return false;
    }
  if (n > 0)
    g_byte_array_remove_range (watcher->out, 0, (guint) n);
  return true;
}

static bool
take_all (WeftWatcher *watcher, GError **error)
{
  WeftWireMessage message;
  WeftWireStatus status;

  while ((status = _weft_wire_next (&watcher->dial->wire, &message)) == WEFT_WIRE_MESSAGE)
    if (is_stopped (watcher))
      return true;
    else if (!_weft_watcher_take (watcher, &message, error))
      return false;
  if (status == WEFT_WIRE_MORE)
    return true;
  g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_REFUSED,
               "the server does not speak this protocol: %s", watcher->dial->wire.error->message);
  return false;
}

/* Waits until something can be done, and does it. */
static bool
turn (WeftWatcher *watcher, bool has_news, GError **error)
{
  struct pollfd fds[] = {
    { .fd = watcher->dial->fd, .events = (short) (POLLIN | (watcher->out->len > 0 ? POLLOUT : 0)) },
    { .fd = watcher->wake_fd, .events = POLLIN },
  };
  uint64_t count;

  if (poll (fds, G_N_ELEMENTS (fds), has_news ? TELL_MS : -1) < 0 && errno != EINTR)
    {
      g_set_error (error, WEFT_CLIENT_ERROR, WEFT_CLIENT_ERROR_SYSTEM, "%s", g_strerror (errno));
      return false;
    }
  if ((fds[1].revents & POLLIN) != 0 && read (watcher->wake_fd, &count, sizeof count) < 0)
    g_debug ("watcher: %s", g_strerror (errno));
  if ((fds[0].revents & POLLOUT) != 0 && !send_some (watcher, error))
    return false;
  if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) != 0)
    return _weft_dial_read (watcher->dial, error);
  _weft_watcher_watches_follow (watcher);
  return true;
}

/* Until it is lost. */
static void
talk (WeftWatcher *watcher, GError **error)
{
  _weft_watcher_post (watcher, WEFT_WATCHER_ASKS_SUBSCRIBE, "\"do\": \"subscribe\"", NULL, NULL);
  _weft_watcher_post (watcher, WEFT_WATCHER_ASKS_RUNS, "\"do\": \"runs\"", NULL, NULL);
  while (!is_stopped (watcher) && take_all (watcher, error))
    {
      bool has_news = _weft_watcher_tell_watches (watcher);

      _weft_watcher_ask_watches (watcher);
      take_asked (watcher);
      if (is_stopped (watcher) || !turn (watcher, has_news, error))
        return;
    }
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Returns: how long the connection lasted; -1: there was none */
static int64_t
connect_and_talk (WeftWatcher *watcher, GError **error)
{
  int64_t begun_ns = weft_clock_mono_ns ();

  watcher->dial = _weft_dial_new (watcher->address, watcher->name, GREETING_MS, error);
  if (watcher->dial == NULL)
    return -1;
  watcher->listed = false;
  g_byte_array_set_size (watcher->out, 0);
  _weft_watcher_reset_watches (watcher);
  talk (watcher, error);
  g_clear_pointer (&watcher->dial, _weft_dial_free);
  return weft_clock_mono_ns () - begun_ns;
}

/* Why it was lost: (transfer full) */
static char *
serve (WeftWatcher *watcher)
{
  char *why = NULL;

  while (!is_stopped (watcher))
    {
      g_autoptr (GError) error = NULL;
      int64_t lasted_ns = connect_and_talk (watcher, &error);

      if (lasted_ns >= 0 || why == NULL)
        {
          g_free (why);
          why = g_strdup (error != NULL ? error->message : "");
        }
      if (lasted_ns < LASTED_NS)
        break;
      call_off (watcher, why, false);
    }
  return why != NULL ? why : g_strdup ("");
}

static void *
watcher_thread (void *data)
{
  WeftWatcher *watcher = data;
  g_autofree char *why = serve (watcher);

  call_off (watcher, why, true);
  _weft_watcher_end_watches (watcher);
  pthread_mutex_lock (&watcher->telling);
  if (watcher->funcs.lost != NULL && !is_stopped (watcher))
    watcher->funcs.lost (watcher->funcs.data, why);
  pthread_mutex_unlock (&watcher->telling);
  _weft_watcher_unref (watcher);
  return NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

void
_weft_watcher_unref (WeftWatcher *watcher)
{
  if (atomic_fetch_sub_explicit (&watcher->refs, 1, memory_order_acq_rel) > 1)
    return;
  close (watcher->wake_fd);
  g_ptr_array_unref (watcher->watches);
  g_byte_array_unref (watcher->asked);
  g_byte_array_unref (watcher->out);
  g_hash_table_unref (watcher->pending);
  pthread_mutex_destroy (&watcher->telling);
  pthread_mutex_destroy (&watcher->lock);
  g_free (watcher->address);
  g_free (watcher->name);
  g_free (watcher);
}

static bool
start (WeftWatcher *watcher, GError **error)
{
  pthread_t thread;
  int failed = watcher->wake_fd < 0 ? errno : 0;

  atomic_init (&watcher->refs, 2);
  if (failed == 0)
    failed = pthread_create (&thread, NULL, watcher_thread, watcher);
  if (failed == 0)
    pthread_detach (thread);
  else
    g_set_error (error, WEFT_SERVER_ERROR, WEFT_SERVER_ERROR_SYSTEM, "no thread to watch runs: %s",
                 g_strerror (failed));
  return failed == 0;
}

WeftWatcher *
weft_watcher_new (const char *address, const char *name, const WeftWatcherFuncs *funcs,
                  GError **error)
{
  WeftWatcher *watcher = g_new0 (WeftWatcher, 1);

  watcher->address = address != NULL ? g_strdup (address) : weft_server_default_address ();
  watcher->name = g_strdup (name);
  watcher->funcs = *funcs;
  watcher->watches = g_ptr_array_new ();
  watcher->asked = g_byte_array_new ();
  watcher->out = g_byte_array_new ();
  watcher->pending = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, g_free);
  pthread_mutex_init (&watcher->telling, NULL);
  pthread_mutex_init (&watcher->lock, NULL);
  watcher->wake_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  if (start (watcher, error))
    return watcher;
  atomic_init (&watcher->refs, 1);
  _weft_watcher_unref (watcher);
  return NULL;
}

void
weft_watcher_free (WeftWatcher *watcher)
{
  if (watcher == NULL)
    return;
  pthread_mutex_lock (&watcher->telling);
  watcher->funcs = (WeftWatcherFuncs){ 0 };
  pthread_mutex_unlock (&watcher->telling);
  atomic_store_explicit (&watcher->stop, true, memory_order_relaxed);
  wake (watcher);
  _weft_watcher_unref (watcher);
}
