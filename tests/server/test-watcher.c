/* test-watcher.c: the runs of a server, as another program has them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "server/server-fixture.h"

#include "server/weft-watcher.h"

#include "base/weft-clock.h"

#include <errno.h>
#include <pthread.h>

/* What a watcher was told, in its thread. Not with GLib's locks: the thread sanitizer cannot see
 * them. */
typedef struct
{
  pthread_mutex_t lock;
  pthread_cond_t news; /* of the monotonic clock */
  unsigned n_listed, n_told, n_lost, n_done;
  size_t n_runs;      /* of the last list */
  WeftServedRun last; /* listed or told; its texts are owned */
  char *why;          /* (nullable): it was lost */
  char *done;         /* (nullable): why the last request was not carried out */
} Heard;

static void
heard_init (Heard *h)
{
  pthread_condattr_t monotonic;

  *h = (Heard){ 0 };
  pthread_mutex_init (&h->lock, NULL);
  pthread_condattr_init (&monotonic);
  pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&h->news, &monotonic);
  pthread_condattr_destroy (&monotonic);
}

static void
take_last (Heard *h, const WeftServedRun *run)
{
  g_free ((char *) h->last.name);
  g_free ((char *) h->last.source);
  g_free ((char *) h->last.path);
  h->last = (WeftServedRun){ .id = run->id,
                             .name = g_strdup (run->name),
                             .source = g_strdup (run->source),
                             .path = g_strdup (run->path),
                             .phase = run->phase,
                             .n_tasks = run->n_tasks,
                             .begun_wall_ns = run->begun_wall_ns,
                             .ended_wall_ns = run->ended_wall_ns,
                             .can = run->can };
}

static void
heard_clear (Heard *h)
{
  take_last (h, &(WeftServedRun){ 0 });
  g_free (h->why);
  g_free (h->done);
  pthread_mutex_destroy (&h->lock);
  pthread_cond_destroy (&h->news);
}

static void
listed_cb (void *data, const WeftServedRun *runs, size_t n_runs)
{
  Heard *h = data;

  pthread_mutex_lock (&h->lock);
  h->n_listed++;
  h->n_runs = n_runs;
  if (n_runs > 0)
    take_last (h, &runs[n_runs - 1]);
  pthread_cond_broadcast (&h->news);
  pthread_mutex_unlock (&h->lock);
}

static void
told_cb (void *data, const WeftServedRun *run)
{
  Heard *h = data;

  pthread_mutex_lock (&h->lock);
  h->n_told++;
  take_last (h, run);
  pthread_cond_broadcast (&h->news);
  pthread_mutex_unlock (&h->lock);
}

static void
lost_cb (void *data, const char *why)
{
  Heard *h = data;

  pthread_mutex_lock (&h->lock);
  h->n_lost++;
  g_free (h->why);
  h->why = g_strdup (why);
  pthread_cond_broadcast (&h->news);
  pthread_mutex_unlock (&h->lock);
}

static void
done_cb (void *data, const char *message)
{
  Heard *h = data;

  pthread_mutex_lock (&h->lock);
  h->n_done++;
  g_free (h->done);
  h->done = g_strdup (message);
  pthread_cond_broadcast (&h->news);
  pthread_mutex_unlock (&h->lock);
}

static void
changed_cb (WeftWatch *watch, void *data)
{
  Heard *h = data;

  pthread_mutex_lock (&h->lock);
  pthread_cond_broadcast (&h->news);
  pthread_mutex_unlock (&h->lock);
}

/* Until it holds, half a minute at most. */
#define heard_until(h, condition)                                              \
  G_STMT_START                                                                 \
  {                                                                            \
    struct timespec end_;                                                      \
    clock_gettime (CLOCK_MONOTONIC, &end_);                                    \
    end_.tv_sec += PATIENCE_MS / 1000;                                         \
    pthread_mutex_lock (&(h)->lock);                                           \
    while (!(condition))                                                       \
      if (pthread_cond_timedwait (&(h)->news, &(h)->lock, &end_) == ETIMEDOUT) \
        g_error ("%s: waited for %s", G_STRLOC, #condition);                   \
    pthread_mutex_unlock (&(h)->lock);                                         \
  }                                                                            \
  G_STMT_END

static WeftWatcher *
watcher_new (const char *address, Heard *h)
{
  const WeftWatcherFuncs funcs = {
    .data = h, .listed = listed_cb, .told = told_cb, .lost = lost_cb
  };
  g_autoptr (GError) error = NULL;
  WeftWatcher *watcher = weft_watcher_new (address, "test", &funcs, &error);

  g_assert_no_error (error);
  return watcher;
}

static void
run_tasks (Client *client, int from, int n)
{
  for (int i = from; i < from + n; i++)
    client_say (client,
                "{\"e\": \"task\", \"k\": \"inc-%d\", \"w\": \"w\", \"s\": %" G_GINT64_FORMAT
                ", \"d\": 10}",
                i, weft_clock_mono_ns ());
}

static uint64_t
n_ended (WeftModel *model)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  return snapshot.n_states[WEFT_TASK_MEMORY] + snapshot.n_states[WEFT_TASK_RELEASED];
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
test_told (ServerFixture *f, const void *unused)
{
  g_auto (Client) before = { 0 }, after = { 0 };
  WeftWatcher *watcher;
  Heard h;

  heard_init (&h);
  client_open (&before, f);
  g_free (client_report (&before, ", \"source\": \"dask\", \"can\": [\"pause\", \"resume\"]"));
  client_say (&before, "{\"e\": \"add\", \"k\": \"a\"}");
  watcher = watcher_new (f->address, &h);
  heard_until (&h, h.last.id == 1);
  pthread_mutex_lock (&h.lock);
  g_assert_cmpuint (h.last.id, ==, 1);
  g_assert_cmpstr (h.last.name, ==, "reported");
  g_assert_cmpstr (h.last.source, ==, "dask");
  g_assert_true (g_file_test (h.last.path, G_FILE_TEST_EXISTS));
  g_assert_cmpint (h.last.phase, ==, WEFT_RUN_RUNNING);
  g_assert_cmpuint (h.last.can, ==,
                    WEFT_SERVER_CAN (WEFT_SERVER_PAUSE) | WEFT_SERVER_CAN (WEFT_SERVER_RESUME));
  g_assert_cmpint (ABS (h.last.begun_wall_ns - g_get_real_time () * 1000), <, 60000000000);
  pthread_mutex_unlock (&h.lock);
  client_open (&after, f);
  client_say (&after, "{\"id\": 1, \"do\": \"report\", \"name\": \"“second”\"}");
  heard_until (&h, h.last.id == 2);
  pthread_mutex_lock (&h.lock);
  g_assert_cmpstr (h.last.name, ==, "“second”");
  pthread_mutex_unlock (&h.lock);
  client_say (&after, "{\"id\": 2, \"do\": \"finish\"}");
  heard_until (&h, h.last.id == 2 && h.last.phase == WEFT_RUN_DONE);
  pthread_mutex_lock (&h.lock);
  g_assert_cmpint (h.last.ended_wall_ns, >=, h.last.begun_wall_ns);
  g_assert_cmpuint (h.n_lost, ==, 0);
  pthread_mutex_unlock (&h.lock);
  weft_watcher_free (watcher);
  heard_clear (&h);
}

/* A model that is fed by frames is that of the file, while the run goes on and when it is over. */
static void
test_watched (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree char *path = NULL;
  g_autoptr (GError) error = NULL;
  WeftModel *model = weft_model_new (), *whole = weft_model_new ();
  WeftModelSnapshot got, wanted;
  WeftModelFeed *feed;
  WeftWatcher *watcher;
  WeftWatch *watch;
  Heard h;

  heard_init (&h);
  client_open (&client, f);
  path = client_report (&client, "");
  run_tasks (&client, 0, 100);
  watcher = watcher_new (f->address, &h);
  heard_until (&h, h.last.id == 1);
  watch = weft_watch_new (watcher, 1, path, model, changed_cb, &h);
  heard_until (&h, n_ended (model) == 100 && weft_watch_state (watch) == WEFT_FEED_FOLLOWING);
  run_tasks (&client, 100, 5000);
  heard_until (&h, n_ended (model) == 5100);
  client_say (&client, "{\"id\": 2, \"do\": \"finish\"}");
  heard_until (&h, weft_watch_state (watch) == WEFT_FEED_ENDED);
  feed = weft_model_feed_new (whole, path, -1, NULL, NULL, &error);
  g_assert_no_error (error);
  while (weft_model_feed_state (feed) < WEFT_FEED_ENDED)
    g_usleep (1000);
  weft_model_snapshot (model, &got);
  weft_model_snapshot (whole, &wanted);
  g_assert_cmpuint (got.n_tasks, ==, wanted.n_tasks);
  g_assert_cmpint (got.phase, ==, WEFT_RUN_DONE);
  g_assert_cmpmem (got.n_states, sizeof got.n_states, wanted.n_states, sizeof wanted.n_states);
  g_assert_cmpint (got.last_ns, ==, wanted.last_ns);
  g_assert_null (weft_watch_dup_error (watch));
  weft_watch_free (watch);
  weft_watcher_free (watcher);
  weft_model_feed_free (feed);
  weft_model_unref (model);
  weft_model_unref (whole);
  heard_clear (&h);
}

/* Who has gone is told of once; what came is kept. */
static void
test_server_goes (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree char *path = NULL;
  WeftModel *model = weft_model_new ();
  WeftModelSnapshot snapshot;
  WeftWatcher *watcher;
  WeftWatch *watch, *late;
  Heard h;

  heard_init (&h);
  client_open (&client, f);
  path = client_report (&client, "");
  run_tasks (&client, 0, 10);
  watcher = watcher_new (f->address, &h);
  heard_until (&h, h.last.id == 1);
  watch = weft_watch_new (watcher, 1, path, model, changed_cb, &h);
  heard_until (&h, n_ended (model) == 10);
  weft_server_free (g_steal_pointer (&f->server));
  heard_until (&h, h.n_lost == 1);
  g_assert_cmpint (weft_watch_state (watch), >=, WEFT_FEED_ENDED);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpint (snapshot.phase, ==, WEFT_RUN_INTERRUPTED);
  g_assert_cmpuint (n_ended (model), ==, 10);
  weft_watch_free (watch);
  weft_model_unref (model);
  model = weft_model_new ();
  late = weft_watch_new (watcher, 1, path, model, changed_cb, &h);
  g_assert_cmpint (weft_watch_state (late), ==, WEFT_FEED_CUT);
  weft_watcher_ask (watcher, 1, WEFT_SERVER_CANCEL, NULL, done_cb, &h);
  g_assert_cmpstr (h.done, ==, "the server is gone");
  weft_watcher_free (watcher);
  weft_watch_free (late); /* also after the watcher */
  weft_model_unref (model);
  heard_clear (&h);
}

static void
test_nobody (ServerFixture *f, const void *unused)
{
  g_autofree char *address = g_build_filename (f->dir, "nobody", NULL);
  WeftWatcher *watcher;
  Heard h;

  heard_init (&h);
  watcher = watcher_new (address, &h);
  heard_until (&h, h.n_lost == 1);
  g_assert_nonnull (strstr (h.why, address));
  g_assert_cmpuint (h.n_listed, ==, 0);
  weft_watcher_free (watcher);
  heard_clear (&h);
}

/* ---- a connection that breaks ---------------------------------------------------------------- */

/* Between a watcher and the server; one connection at a time. */
typedef struct
{
  char *address, *to;
  int listening;
  int wake[2]; /* a byte: 'c' cut, 'q' end */
  GThread *thread;
  _Atomic unsigned n_connections;
} Proxy;

static bool
pass_on (int from, int to)
{
  char bytes[4096];
  ssize_t n = recv (from, bytes, sizeof bytes, 0);

  return n > 0 && send (to, bytes, (size_t) n, MSG_NOSIGNAL) == n;
}

static void *
proxy_thread (void *data)
{
  Proxy *p = data;
  int in = -1, out = -1;
  char what = 0;

  while (what != 'q')
    {
      struct pollfd fds[] = { { p->wake[0], POLLIN, 0 },
                              { in < 0 ? p->listening : in, POLLIN, 0 },
                              { out, POLLIN, 0 } };
      bool good = true;

      g_assert_cmpint (poll (fds, 3, PATIENCE_MS), >, 0);
      if (fds[0].revents != 0)
        good = read (p->wake[0], &what, 1) < 0;
      else if (fds[1].revents != 0 && in < 0)
        {
          in = accept (p->listening, NULL, NULL);
          out = connect_to (p->to);
          p->n_connections++;
        }
      else
        good = (fds[1].revents == 0 || pass_on (in, out))
               && (fds[2].revents == 0 || pass_on (out, in));
      if (good)
        continue;
      close (in);
      close (out);
      in = out = -1;
    }
  return NULL;
}

static void
proxy_start (Proxy *p, const ServerFixture *f)
{
  struct sockaddr_un un = { .sun_family = AF_UNIX };

  *p = (Proxy){ .address = g_build_filename (f->dir, "proxy", NULL), .to = f->address };
  strcpy (un.sun_path, p->address);
  p->listening = socket (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  g_assert_cmpint (bind (p->listening, (struct sockaddr *) &un, sizeof un), ==, 0);
  g_assert_cmpint (listen (p->listening, 8), ==, 0);
  g_assert_cmpint (pipe (p->wake), ==, 0);
  p->thread = g_thread_new ("proxy", proxy_thread, p);
}

static void
proxy_tell (Proxy *p, char what)
{
  g_assert_cmpint (write (p->wake[1], &what, 1), ==, 1);
}

static void
proxy_end (Proxy *p)
{
  proxy_tell (p, 'q');
  g_thread_join (p->thread);
  close (p->listening);
  close (p->wake[0]);
  close (p->wake[1]);
  g_free (p->address);
}

/* The same server is found again, and every frame comes once. */
static void
test_anew (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree char *path = NULL;
  WeftModel *model = weft_model_new ();
  uint64_t next_before;
  WeftWatcher *watcher;
  WeftWatch *watch;
  Proxy proxy;
  Heard h;

  heard_init (&h);
  proxy_start (&proxy, f);
  client_open (&client, f);
  path = client_report (&client, "");
  run_tasks (&client, 0, 100);
  watcher = watcher_new (proxy.address, &h);
  heard_until (&h, h.last.id == 1);
  watch = weft_watch_new (watcher, 1, path, model, changed_cb, &h);
  for (int i = 1; i <= 5; i++)
    {
      heard_until (&h, n_ended (model) == 100u * (unsigned) i && h.n_listed == (unsigned) i);
      next_before = weft_watch_next (watch);
      g_usleep (120000); /* one that breaks at once is not made anew */
      proxy_tell (&proxy, 'c');
      run_tasks (&client, 100 * i, 100);
      heard_until (&h, weft_watch_next (watch) > next_before);
    }
  client_say (&client, "{\"id\": 2, \"do\": \"finish\"}");
  heard_until (&h, weft_watch_state (watch) == WEFT_FEED_ENDED);
  g_assert_cmpuint (n_ended (model), ==, 600);
  g_assert_cmpuint (proxy.n_connections, ==, 6);
  g_assert_cmpuint (h.n_lost, ==, 0);
  weft_watch_free (watch);
  weft_watcher_free (watcher);
  weft_model_unref (model);
  proxy_end (&proxy);
  heard_clear (&h);
}

/* ---- requests -------------------------------------------------------------------------------- */

static void
test_asked (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  WeftWatcher *watcher;
  Heard h;

  heard_init (&h);
  client_open (&client, f);
  g_free (client_report (&client, ", \"can\": [\"set\", \"cancel\"]"));
  watcher = watcher_new (f->address, &h);
  heard_until (&h, h.last.id == 1);
  weft_watcher_ask (watcher, 1, WEFT_SERVER_SET, "{\"workers\": 3}", done_cb, &h);
  expect (&client, "\"do\": \"set\"", "\"workers\": 3");
  client_say (&client, "{\"id\": 1, \"ok\": {}}");
  heard_until (&h, h.n_done == 1);
  g_assert_null (h.done);
  weft_watcher_ask (watcher, 1, WEFT_SERVER_PAUSE, NULL, done_cb, &h);
  heard_until (&h, h.n_done == 2);
  g_assert_nonnull (strstr (h.done, "does not take “pause”"));
  weft_watcher_ask (watcher, 77, WEFT_SERVER_CANCEL, "{ }", done_cb, &h);
  heard_until (&h, h.n_done == 3);
  g_assert_nonnull (strstr (h.done, "no run 77"));
  weft_watcher_ask (watcher, 1, WEFT_SERVER_CANCEL, NULL, done_cb, &h);
  expect (&client, "\"do\": \"cancel\"");
  weft_watcher_free (watcher); /* nobody has answered: it is told all the same */
  heard_until (&h, h.n_done == 4);
  g_assert_nonnull (h.done);
  g_assert_cmpuint (h.n_lost, ==, 0);
  heard_clear (&h);
}

/* What cannot be watched says why; what is let go of is watched no longer. */
static void
test_let_go (ServerFixture *f, const void *unused)
{
  g_auto (Client) client = { 0 };
  g_autofree char *path = NULL;
  WeftModel *model = weft_model_new ();
  WeftWatcher *watcher;
  WeftWatch *watch;
  Heard h;

  heard_init (&h);
  client_open (&client, f);
  path = client_report (&client, "");
  watcher = watcher_new (f->address, &h);
  heard_until (&h, h.last.id == 1);
  watch = weft_watch_new (watcher, 1, "/another", model, changed_cb, &h);
  weft_watch_free (watch);
  watch = weft_watch_new (watcher, 9, path, model, changed_cb, &h);
  heard_until (&h, weft_watch_state (watch) == WEFT_FEED_BROKEN);
  g_free (weft_watch_dup_error (watch));
  weft_watch_free (watch);
  weft_model_unref (model);
  for (int i = 0; i < 200; i++) /* above the limit of those that are watched at once */
    {
      model = weft_model_new ();
      watch = weft_watch_new (watcher, 1, path, model, changed_cb, &h);
      if (i % 2 == 0)
        heard_until (&h, weft_watch_state (watch) == WEFT_FEED_FOLLOWING);
      weft_watch_free (watch);
      weft_model_unref (model);
    }
  model = weft_model_new ();
  watch = weft_watch_new (watcher, 1, path, model, changed_cb, &h);
  run_tasks (&client, 0, 10);
  heard_until (&h, n_ended (model) == 10);
  weft_watcher_free (watcher); /* before what it watches */
  heard_until (&h, weft_watch_state (watch) == WEFT_FEED_CUT);
  weft_watch_free (watch);
  weft_model_unref (model);
  heard_clear (&h);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define ADD(name, func)                                                               \
  g_test_add ("/weft/server/watcher/" name, ServerFixture, NULL, server_set_up, func, \
              server_tear_down)
  ADD ("told", test_told);
  ADD ("watched", test_watched);
  ADD ("server-goes", test_server_goes);
  ADD ("nobody", test_nobody);
  ADD ("anew", test_anew);
  ADD ("asked", test_asked);
  ADD ("let-go", test_let_go);
  return g_test_run ();
}
