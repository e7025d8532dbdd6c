/* weftline-source.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The feed's thread only says that there is something: a timeout of the main loop takes the
 * snapshot, so however much comes in, views are told once a frame.
 */
#include "config.h"

#include "session/weftline-source.h"

#include <stdatomic.h>

#define FRAME_MS 16
/* A file that did not grow for so long, and has no end, is not being written any more. */
#define GIVE_UP_NS INT64_C (3000000000)

struct _WeftlineSource
{
  GObject parent;
  WeftlineRun *run;
  WeftModel *model;
  WeftModelFeed *feed; /* (nullable): there is no file yet */
  char *error;         /* (nullable): the file could not be opened */
  WeftModelSnapshot snapshot;
  _Atomic bool news; /* atomic: set by the feed's thread, cleared by ours */
  guint timer;
};

enum
{
  CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (WeftlineSource, weftline_source, G_TYPE_OBJECT)

static void
feed_changed_cb (WeftModelFeed *feed G_GNUC_UNUSED, void *data)
{
  WeftlineSource *self = data;

  atomic_store_explicit (&self->news, true, memory_order_release);
}

static gboolean
look_cb (gpointer data)
{
  WeftlineSource *self = data;
  /* Before the look: what came before the end is news still. */
  bool ended = weft_model_feed_state (self->feed) >= WEFT_FEED_ENDED;

  if (!atomic_exchange_explicit (&self->news, false, memory_order_acq_rel))
    {
      if (!ended)
        return G_SOURCE_CONTINUE;
      self->timer = 0;
      return G_SOURCE_REMOVE;
    }
  weft_model_snapshot (self->model, &self->snapshot);
  g_signal_emit (self, signals[CHANGED], 0);
  return G_SOURCE_CONTINUE;
}

static void
open_file (WeftlineSource *self)
{
  const char *path = weftline_run_path (self->run);
  g_autoptr (GError) error = NULL;

  if (self->feed != NULL || self->error != NULL || path == NULL)
    return;
  self->feed = weft_model_feed_new (self->model, path, GIVE_UP_NS, feed_changed_cb, self, &error);
  if (self->feed == NULL)
    {
      self->error = g_strdup (error->message);
      g_signal_emit (self, signals[CHANGED], 0);
      return;
    }
  self->timer = g_timeout_add (FRAME_MS, look_cb, self);
}

static void
run_changed_cb (WeftlineSource *self)
{
  open_file (self);
  if (self->feed != NULL)
    weft_model_feed_poke (self->feed);
}

static void
weftline_source_dispose (GObject *object)
{
  WeftlineSource *self = WEFTLINE_SOURCE (object);

  g_clear_handle_id (&self->timer, g_source_remove);
  g_clear_pointer (&self->feed, weft_model_feed_free);
  if (self->run != NULL)
    g_signal_handlers_disconnect_by_data (self->run, self);
  g_clear_object (&self->run);
  g_clear_pointer (&self->model, weft_model_unref);
  g_clear_pointer (&self->error, g_free);
  G_OBJECT_CLASS (weftline_source_parent_class)->dispose (object);
}

static void
weftline_source_class_init (WeftlineSourceClass *class)
{
  G_OBJECT_CLASS (class)->dispose = weftline_source_dispose;
  signals[CHANGED] = g_signal_new ("changed", WEFTLINE_TYPE_SOURCE, G_SIGNAL_RUN_LAST, 0, NULL,
                                   NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_source_init (WeftlineSource *self)
{
  self->model = weft_model_new ();
  weft_model_snapshot (self->model, &self->snapshot);
}

WeftlineSource *
weftline_source_new (WeftlineRun *run)
{
  WeftlineSource *self = g_object_new (WEFTLINE_TYPE_SOURCE, NULL);

  self->run = g_object_ref (run);
  g_signal_connect_swapped (run, "changed", G_CALLBACK (run_changed_cb), self);
  open_file (self);
  return self;
}

WeftModel *
weftline_source_model (WeftlineSource *self)
{
  return self->model;
}

const WeftModelSnapshot *
weftline_source_snapshot (WeftlineSource *self)
{
  return &self->snapshot;
}

bool
weftline_source_is_reading (WeftlineSource *self, double *share)
{
  uint64_t n_read = 0, n_bytes = 0;

  *share = 1;
  if (self->feed == NULL || weft_model_feed_state (self->feed) != WEFT_FEED_READING)
    return false;
  weft_model_feed_progress (self->feed, &n_read, &n_bytes);
  *share = n_bytes > 0 ? (double) n_read / (double) n_bytes : 0;
  return true;
}

char *
weftline_source_dup_error (WeftlineSource *self)
{
  if (self->error != NULL)
    return g_strdup (self->error);
  return self->feed != NULL ? weft_model_feed_dup_error (self->feed) : NULL;
}
