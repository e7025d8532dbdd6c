/* watcher-watch.c: runs that are watched: their frames into models
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The array of watches is changed under the watcher's lock, and by the thread alone but for new
 * ones at its end: so the thread reads it without.
 */
#include "config.h"

#include "server/weft-watcher-private.h"

#include "base/weft-clock.h"
#include "model/weft-model-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define TELL_NS (10 * INT64_C (1000000))

/* What a message of a frame begins with. */
typedef struct
{
  uint64_t number;
  uint64_t watermark;
} FramePrefix;

static void
watch_unref (WeftWatch *watch)
{
  if (atomic_fetch_sub_explicit (&watch->refs, 1, memory_order_acq_rel) > 1)
    return;
  pthread_mutex_destroy (&watch->telling);
  weft_model_unref (watch->model);
  _weft_watcher_unref (watch->watcher);
  g_free (watch->path);
  g_free (watch->error);
  g_free (watch);
}

/* (transfer full): as they are now */
static GPtrArray *
all_watches (WeftWatcher *watcher)
{
  GPtrArray *all = g_ptr_array_new ();

  pthread_mutex_lock (&watcher->lock);
  g_ptr_array_extend (all, watcher->watches, NULL, NULL);
  pthread_mutex_unlock (&watcher->lock);
  return all;
}

#define FOREACH(watch, watcher)                              \
  g_autoptr (GPtrArray) all_##watch = all_watches (watcher); \
  for (guint i_ = 0; i_ < all_##watch->len; i_++)            \
    for (WeftWatch *watch = all_##watch->pdata[i_]; watch != NULL; watch = NULL)

/* ---- telling --------------------------------------------------------------------------------- */

static void
tell (WeftWatch *watch)
{
  watch->news = false;
  watch->told_ns = weft_clock_mono_ns ();
  pthread_mutex_lock (&watch->telling);
  if (watch->changed != NULL)
    watch->changed (watch, watch->data);
  pthread_mutex_unlock (&watch->telling);
}

static void
set_state (WeftWatch *watch, WeftModelFeedState state)
{
  if (weft_watch_state (watch) == state)
    return;
  atomic_store_explicit (&watch->state, state, memory_order_release);
  watch->news = true;
}

/* Something came, and it is not known yet whether that is all. */
static bool
is_catching_up (const WeftWatch *watch)
{
  return watch->channel != 0 && weft_watch_next (watch) > 0
         && weft_watch_state (watch) == WEFT_FEED_READING;
}

bool
_weft_watcher_tell_watches (WeftWatcher *watcher)
{
  int64_t now_ns = weft_clock_mono_ns ();
  bool more = false;

  FOREACH (watch, watcher)
  {
    if (watch->news && now_ns - watch->told_ns >= TELL_NS)
      tell (watch);
    more = more || watch->news || is_catching_up (watch);
  }
  return more;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* Of the table; others may hold it still. */
static void
drop (WeftWatcher *watcher, WeftWatch *watch)
{
  bool was_there;

  pthread_mutex_lock (&watcher->lock);
  was_there = g_ptr_array_remove (watcher->watches, watch);
  pthread_mutex_unlock (&watcher->lock);
  if (was_there)
    watch_unref (watch);
}

/* What came is shown before the model works out the rest. */
static void
end (WeftWatcher *watcher, WeftWatch *watch, WeftModelFeedState state)
{
  if (!atomic_load_explicit (&watch->unwanted, memory_order_relaxed))
    {
      tell (watch);
      weft_model_finish (watch->model, state != WEFT_FEED_ENDED);
      set_state (watch, state);
      tell (watch);
    }
  drop (watcher, watch);
}

static void
end_broken (WeftWatcher *watcher, WeftWatch *watch, const char *why)
{
  pthread_mutex_lock (&watch->telling);
  g_free (watch->error);
  watch->error = g_strdup (why);
  pthread_mutex_unlock (&watch->telling);
  end (watcher, watch, WEFT_FEED_BROKEN);
}

void
_weft_watcher_end_watches (WeftWatcher *watcher)
{
  FOREACH (watch, watcher)
  end (watcher, watch, WEFT_FEED_CUT);
}

static WeftWatch *
find (WeftWatcher *watcher, uint32_t channel)
{
  if (channel == 0)
    return NULL;
  FOREACH (watch, watcher)
  if (watch->channel == channel)
    return watch;
  return NULL;
}

void
_weft_watcher_watch_failed (WeftWatcher *watcher, uint32_t channel, const char *why)
{
  WeftWatch *watch = find (watcher, channel);

  if (watch != NULL)
    end_broken (watcher, watch, why);
}

void
_weft_watcher_watch_ended (WeftWatcher *watcher, uint32_t channel)
{
  WeftWatch *watch = find (watcher, channel);

  if (watch != NULL)
    end (watcher, watch, watch->saw_end ? WEFT_FEED_ENDED : WEFT_FEED_CUT);
}

/* ---- asking ---------------------------------------------------------------------------------- */

static void
unwatch (WeftWatcher *watcher, const WeftWatch *watch)
{
  g_autofree char *members =
      g_strdup_printf ("\"do\": \"unwatch\", \"channel\": %u", watch->channel);

  _weft_watcher_post (watcher, WEFT_WATCHER_ASKS_VERB, members, NULL, NULL);
}

static void
ask_for (WeftWatcher *watcher, WeftWatch *watch)
{
  g_autofree char *members = g_strdup_printf ("\"do\": \"watch\", \"run\": %" G_GUINT64_FORMAT
                                              ", \"frames\": true, \"from\": %" G_GUINT64_FORMAT,
                                              watch->run, weft_watch_next (watch));

  watch->asked = true;
  watch->request = _weft_watcher_post (watcher, WEFT_WATCHER_ASKS_WATCH, members, NULL, NULL);
}

/* One that is being asked for is let go of when there is an answer. */
void
_weft_watcher_ask_watches (WeftWatcher *watcher)
{
  FOREACH (watch, watcher)
  if (!atomic_load_explicit (&watch->unwanted, memory_order_relaxed))
    {
      if (!watch->asked && watcher->listed)
        ask_for (watcher, watch);
    }
  else if (watch->request == 0)
    {
      if (watch->channel != 0)
        unwatch (watcher, watch);
      drop (watcher, watch);
    }
}

void
_weft_watcher_reset_watches (WeftWatcher *watcher)
{
  FOREACH (watch, watcher)
  {
    watch->channel = 0;
    watch->request = 0;
    watch->asked = false;
  }
}

/* Numbers are given anew by another server; paths are not. */
void
_weft_watcher_check_watches (WeftWatcher *watcher, const WeftServedRun *runs, size_t n_runs)
{
  FOREACH (watch, watcher)
  {
    bool is_there = false;

    for (size_t i = 0; i < n_runs && !is_there; i++)
      is_there = runs[i].id == watch->run && g_strcmp0 (runs[i].path, watch->path) == 0;
    if (!is_there)
      end (watcher, watch, WEFT_FEED_CUT);
  }
}

void
_weft_watcher_watch_answered (WeftWatcher *watcher, uint64_t id, uint32_t channel, const char *why)
{
  FOREACH (watch, watcher)
  if (watch->request == id)
    {
      watch->request = 0;
      watch->channel = channel;
      if (channel == 0)
        end_broken (watcher, watch, why);
      return;
    }
}

/* ---- frames ---------------------------------------------------------------------------------- */

void
_weft_watcher_take_frame (WeftWatcher *watcher, const WeftWireMessage *message)
{
  WeftWatch *watch = find (watcher, message->head.channel);
  FramePrefix prefix;
  WeftRunFrame frame = { 0 };
  g_autoptr (GError) error = NULL;

  if (watch == NULL || message->head.n_bytes < sizeof prefix)
    return; /* of one that was let go of */
  memcpy (&prefix, message->payload, sizeof prefix);
  if (prefix.number != weft_watch_next (watch))
    {
      end_broken (watcher, watch, "the server left out frames");
      return;
    }
  frame.head = (WeftFrameHead){ .magic = WEFT_FRAME_MAGIC,
                                .kind = message->head.kind,
                                .flags = message->head.flags,
                                .n_bytes = message->head.n_bytes - (uint32_t) sizeof prefix,
                                .lane = message->head.lane,
                                .sequence = prefix.number,
                                .watermark = prefix.watermark };
  frame.n_bytes = sizeof frame.head + frame.head.n_bytes;
  frame.payload = message->payload + sizeof prefix;
  watch->saw_end = watch->saw_end || frame.head.kind == WEFT_FRAME_END;
  watch->news = true;
  atomic_store_explicit (&watch->next, prefix.number + 1, memory_order_relaxed);
  if (!weft_model_add_frame (watch->model, &frame, &error))
    {
      unwatch (watcher, watch);
      end_broken (watcher, watch, error->message);
    }
}

void
_weft_watcher_watches_follow (WeftWatcher *watcher)
{
  FOREACH (watch, watcher)
  if (is_catching_up (watch))
    set_state (watch, WEFT_FEED_FOLLOWING);
}

/* ---- life ------------------------------------------------------------------------------------ */

WeftWatch *
weft_watch_new (WeftWatcher *watcher, uint64_t run, const char *path, WeftModel *model,
                WeftWatchFunc changed, void *data)
{
  WeftWatch *watch = g_new0 (WeftWatch, 1);
  const uint64_t one = 1;
  bool lost;

  atomic_init (&watch->refs, 2);
  atomic_fetch_add_explicit (&watcher->refs, 1, memory_order_relaxed);
  watch->watcher = watcher;
  watch->run = run;
  watch->path = g_strdup (path);
  watch->model = weft_model_ref (model);
  watch->changed = changed;
  watch->data = data;
  pthread_mutex_init (&watch->telling, NULL);
  pthread_mutex_lock (&watcher->lock);
  lost = watcher->lost;
  if (!lost)
    g_ptr_array_add (watcher->watches, watch);
  pthread_mutex_unlock (&watcher->lock);
  if (!lost)
    {
      if (write (watcher->wake_fd, &one, sizeof one) < 0)
        g_debug ("watcher: %s", g_strerror (errno));
      return watch;
    }
  weft_model_finish (model, true);
  atomic_store_explicit (&watch->state, WEFT_FEED_CUT, memory_order_release);
  watch_unref (watch);
  return watch;
}

void
weft_watch_free (WeftWatch *watch)
{
  const uint64_t one = 1;

  if (watch == NULL)
    return;
  atomic_store_explicit (&watch->unwanted, true, memory_order_relaxed);
  pthread_mutex_lock (&watch->telling);
  watch->changed = NULL;
  pthread_mutex_unlock (&watch->telling);
  if (weft_watch_state (watch) < WEFT_FEED_ENDED)
    {
      _weft_set (watch->model->decode_cancelled, true); /* the thread may wait for that */
      if (write (watch->watcher->wake_fd, &one, sizeof one) < 0)
        g_debug ("watcher: %s", g_strerror (errno));
    }
  watch_unref (watch);
}

WeftModelFeedState
weft_watch_state (const WeftWatch *watch)
{
  return atomic_load_explicit (&watch->state, memory_order_acquire);
}

uint64_t
weft_watch_next (const WeftWatch *watch)
{
  return atomic_load_explicit (&watch->next, memory_order_relaxed);
}

char *
weft_watch_dup_error (WeftWatch *watch)
{
  char *copy;

  pthread_mutex_lock (&watch->telling);
  copy = g_strdup (watch->error);
  pthread_mutex_unlock (&watch->telling);
  return copy;
}
