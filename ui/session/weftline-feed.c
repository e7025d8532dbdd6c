/* weftline-feed.c: a run file, or a server's frames, read into a model, seen from the main thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The feed's thread only sets a flag and, where it was not set, wakes the main loop. The source
 * that is woken belongs to this object, so nothing comes after its end.
 */
#include "config.h"

#include "session/weftline-feed.h"

struct _WeftlineFeed
{
  GObject parent_instance;

  WeftModel *model;
  WeftModelFeed *feed; /* (nullable): of a file, else */
  WeftWatch *watch;    /* (nullable): of a server */
  GSource *wake;
  gint pending; /* atomic */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineFeed, weftline_feed, G_TYPE_OBJECT)

static void
wake (WeftlineFeed *self)
{
  if (g_atomic_int_compare_and_exchange (&self->pending, 0, 1))
    g_source_set_ready_time (self->wake, 0);
}

static void
changed_cb (WeftModelFeed *feed G_GNUC_UNUSED, void *data)
{
  wake (data);
}

static void
watch_cb (WeftWatch *watch G_GNUC_UNUSED, void *data)
{
  wake (data);
}

static gboolean
wake_cb (void *data)
{
  WeftlineFeed *self = data;

  g_source_set_ready_time (self->wake, -1);
  g_atomic_int_set (&self->pending, 0);
  g_signal_emit (self, changed_signal, 0);
  return G_SOURCE_CONTINUE;
}

static gboolean
dispatch (GSource *source G_GNUC_UNUSED, GSourceFunc callback, void *data)
{
  return callback (data);
}

static GSourceFuncs wake_funcs = { .dispatch = dispatch };

static void
weftline_feed_finalize (GObject *object)
{
  WeftlineFeed *self = WEFTLINE_FEED (object);

  weft_model_feed_free (self->feed);
  weft_watch_free (self->watch);
  if (self->wake != NULL)
    {
      g_source_destroy (self->wake);
      g_source_unref (self->wake);
    }
  if (self->model != NULL)
    weft_model_unref (self->model);
  G_OBJECT_CLASS (weftline_feed_parent_class)->finalize (object);
}

static void
weftline_feed_class_init (WeftlineFeedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_feed_finalize;
  /**
   * WeftlineFeed::changed:
   *
   * There is more in the model, or its end is known.
   */
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_FEED, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
weftline_feed_init (WeftlineFeed *self)
{
  self->wake = g_source_new (&wake_funcs, sizeof *self->wake);
  g_source_set_callback (self->wake, wake_cb, self, NULL);
  g_source_set_ready_time (self->wake, -1);
  g_source_set_static_name (self->wake, "weftline-feed");
  g_source_attach (self->wake, NULL);
}

WeftlineFeed *
weftline_feed_new_with_graph (const char *path, uint64_t run_tag, WeftGraph *graph, GError **error)
{
  g_autoptr (WeftlineFeed) self = g_object_new (WEFTLINE_TYPE_FEED, NULL);

  self->model = weft_model_new ();
  if (graph != NULL)
    weft_model_expect_graph (self->model, run_tag, 0, graph);
  self->feed = weft_model_feed_new (self->model, path, -1, changed_cb, self, error);
  return self->feed != NULL ? g_steal_pointer (&self) : NULL;
}

WeftlineFeed *
weftline_feed_new (const char *path, GError **error)
{
  return weftline_feed_new_with_graph (path, 0, NULL, error);
}

WeftlineFeed *
weftline_feed_new_watched (WeftWatcher *watcher, uint64_t run, const char *path)
{
  WeftlineFeed *self = g_object_new (WEFTLINE_TYPE_FEED, NULL);

  self->model = weft_model_new ();
  self->watch = weft_watch_new (watcher, run, path, self->model, watch_cb, self);
  return self;
}

WeftModel *
weftline_feed_model (WeftlineFeed *self)
{
  return self->model;
}

WeftModelFeedState
weftline_feed_state (WeftlineFeed *self)
{
  return self->watch != NULL ? weft_watch_state (self->watch) : weft_model_feed_state (self->feed);
}

double
weftline_feed_share (WeftlineFeed *self)
{
  uint64_t n_read = 0, n_bytes = 0;

  if (self->watch != NULL)
    return weft_watch_state (self->watch) > WEFT_FEED_READING;
  weft_model_feed_progress (self->feed, &n_read, &n_bytes);
  return n_bytes > 0 ? (double) n_read / (double) n_bytes : 0;
}

char *
weftline_feed_dup_error (WeftlineFeed *self)
{
  return self->watch != NULL ? weft_watch_dup_error (self->watch)
                             : weft_model_feed_dup_error (self->feed);
}

void
weftline_feed_poke (WeftlineFeed *self)
{
  if (self->feed != NULL)
    weft_model_feed_poke (self->feed);
}

void
weftline_feed_no_more (WeftlineFeed *self)
{
  if (self->feed != NULL)
    weft_model_feed_no_more (self->feed);
}
