/* feed.c: a run file into a model, on a thread of its own, and on while it grows
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A file with an index is read in two goes: first what others refer to (clocks, strings, segments,
 * lanes), wherever it stands, then the records. So all stamps go by the best map of their clock,
 * which is written last, and no records must be held back for want of their tasks. A file without
 * an index is read as it stands.
 *
 * Where the file ends without an END frame, its writer may go on or be gone. It holds no lock that
 * would tell; but it writes ten times a second even when nothing happens, so a file that does not
 * grow for a while (give_up_ns) is taken for cut.
 */
#include "config.h"

#include "model/weft-model-private.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#define LOOK_NS (20 * INT64_C (1000000))
#define TELL_NS (10 * INT64_C (1000000))
#define NS_PER_SECOND INT64_C (1000000000)

struct _WeftModelFeed
{
  WeftModel *model;
  WeftModelFeedFunc changed;
  void *data;
  int64_t give_up_ns;
  pthread_t thread;
  _Atomic uint32_t state;                     /* atomic: release by the thread */
  _Atomic uint64_t n_read_bytes, n_all_bytes; /* atomic: relaxed */
  _Atomic bool stop;                          /* atomic: relaxed; set under the lock */
  pthread_mutex_t lock;
  pthread_cond_t wake;
  bool poked;   /* lock */
  bool no_more; /* lock */
  bool enough;  /* lock */
  char *error;  /* lock */
  /* owner: the thread */
  WeftRunReader *reader;
  uint64_t indexed_bytes; /* up to here frames of the first go are left out */
  bool news;              /* not told yet */
  int64_t told_ns;
  int64_t grew_ns;
  uint64_t n_seen_bytes;
};

/* ---- telling --------------------------------------------------------------------------------- */

static void
tell (WeftModelFeed *feed)
{
  feed->news = false;
  feed->told_ns = weft_clock_mono_ns ();
  if (feed->changed != NULL)
    feed->changed (feed, feed->data);
}

static void
tell_if_due (WeftModelFeed *feed)
{
  if (feed->news && weft_clock_mono_ns () - feed->told_ns >= TELL_NS)
    tell (feed);
}

static void
set_state (WeftModelFeed *feed, WeftModelFeedState state)
{
  if (atomic_load_explicit (&feed->state, memory_order_relaxed) == state)
    return;
  atomic_store_explicit (&feed->state, state, memory_order_release);
  feed->news = true;
}

/* Nothing more will come. What came is shown before the model works out the rest. */
static void
end (WeftModelFeed *feed, WeftModelFeedState state)
{
  tell (feed);
  weft_model_finish (feed->model, state != WEFT_FEED_ENDED);
  set_state (feed, state);
  tell (feed);
}

/* The run goes on, but is read no further. */
static void
end_as_it_is (WeftModelFeed *feed)
{
  _weft_model_settle (feed->model);
  set_state (feed, WEFT_FEED_CUT);
  tell (feed);
}

static void
end_broken (WeftModelFeed *feed, const GError *error)
{
  pthread_mutex_lock (&feed->lock);
  feed->error = g_strdup (error->message);
  pthread_mutex_unlock (&feed->lock);
  end (feed, WEFT_FEED_BROKEN);
}

/* ---- reading --------------------------------------------------------------------------------- */

static bool
is_stopped (WeftModelFeed *feed)
{
  return atomic_load_explicit (&feed->stop, memory_order_relaxed);
}

static bool
is_referred_to (uint16_t kind)
{
  return kind == WEFT_FRAME_META || kind == WEFT_FRAME_CLOCK || kind == WEFT_FRAME_STRINGS
         || kind == WEFT_FRAME_SEGMENT || kind == WEFT_FRAME_LANE;
}

static void
note_progress (WeftModelFeed *feed, uint64_t n_read)
{
  WeftRunReaderInfo info;

  weft_run_reader_info (feed->reader, &info);
  atomic_store_explicit (&feed->n_all_bytes, info.n_file_bytes, memory_order_relaxed);
  atomic_store_explicit (&feed->n_read_bytes, n_read, memory_order_relaxed);
}

static bool
add (WeftModelFeed *feed, const WeftRunFrame *frame, GError **error)
{
  feed->news = true;
  return weft_model_add_frame (feed->model, frame, error);
}

/* The frames that others refer to, found through the index. */
static bool
read_indexed (WeftModelFeed *feed, GArray *index, GError **error)
{
  for (guint i = 0; i < index->len && !is_stopped (feed); i++)
    {
      const WeftIndexEntry *entry = &g_array_index (index, WeftIndexEntry, i);
      WeftRunReadStatus status;
      WeftRunFrame frame;

      if (!is_referred_to (entry->kind))
        continue;
      weft_run_reader_seek (feed->reader, entry->offset);
      status = weft_run_reader_next (feed->reader, &frame, error);
      if (status == WEFT_RUN_READ_ERROR)
        return false;
      if (status != WEFT_RUN_READ_FRAME || frame.head.kind != entry->kind)
        {
          g_set_error (error, WEFT_MODEL_ERROR, WEFT_MODEL_ERROR_CONTENT,
                       "the index tells of a frame at byte %" G_GUINT64_FORMAT " that is not there",
                       entry->offset);
          return false;
        }
      if (!add (feed, &frame, error))
        return false;
      feed->indexed_bytes = entry->offset + 1;
      tell_if_due (feed);
    }
  return true;
}

static bool
read_index (WeftModelFeed *feed, GError **error)
{
  g_autoptr (GArray) index = weft_run_reader_index (feed->reader);
  bool ok;

  if (index == NULL)
    return true;
  feed->model->is_whole = true;
  ok = read_indexed (feed, index, error);
  weft_run_reader_seek (feed->reader, WEFT_RUN_FILE_HEAD_BYTES);
  return ok;
}

/* Reads what there is. Returns: AGAIN, END or ERROR; FRAME when told to stop */
static WeftRunReadStatus
read_on (WeftModelFeed *feed, GError **error)
{
  WeftRunReadStatus status;
  WeftRunFrame frame;

  while (!is_stopped (feed))
    {
      status = weft_run_reader_next (feed->reader, &frame, error);
      if (status != WEFT_RUN_READ_FRAME)
        return status;
      if (frame.offset < feed->indexed_bytes && is_referred_to (frame.head.kind))
        continue;
      if (!add (feed, &frame, error))
        return WEFT_RUN_READ_ERROR;
      note_progress (feed, frame.offset + frame.n_bytes);
      tell_if_due (feed);
    }
  return WEFT_RUN_READ_FRAME;
}

/* ---- following ------------------------------------------------------------------------------- */

static void
wait_a_little (WeftModelFeed *feed)
{
  int64_t until_ns = weft_clock_mono_ns () + (feed->news ? TELL_NS : LOOK_NS);
  struct timespec until = { .tv_sec = until_ns / NS_PER_SECOND,
                            .tv_nsec = until_ns % NS_PER_SECOND };

  pthread_mutex_lock (&feed->lock);
  while (!feed->poked && !is_stopped (feed) && !feed->no_more && !feed->enough)
    if (pthread_cond_timedwait (&feed->wake, &feed->lock, &until) == ETIMEDOUT)
      break;
  feed->poked = false;
  pthread_mutex_unlock (&feed->lock);
}

/* of: that it was told */
static bool
was_told (WeftModelFeed *feed, const bool *of)
{
  bool told;

  pthread_mutex_lock (&feed->lock);
  told = *of;
  pthread_mutex_unlock (&feed->lock);
  return told;
}

/* Whether the file has not grown for so long that nobody is taken to write to it. */
static bool
gives_up (WeftModelFeed *feed)
{
  int64_t now_ns = weft_clock_mono_ns ();
  WeftRunReaderInfo info;

  weft_run_reader_info (feed->reader, &info);
  if (info.n_file_bytes != feed->n_seen_bytes || feed->grew_ns == 0)
    {
      feed->n_seen_bytes = info.n_file_bytes;
      feed->grew_ns = now_ns;
    }
  return feed->give_up_ns >= 0 && now_ns - feed->grew_ns >= feed->give_up_ns;
}

static void
follow (WeftModelFeed *feed)
{
  g_autoptr (GError) error = NULL;
  WeftRunReadStatus status = WEFT_RUN_READ_ERROR;
  bool last = false, enough = false;

  if (!read_index (feed, &error))
    {
      end_broken (feed, error);
      return;
    }
  while (!is_stopped (feed))
    {
      /* asked before, so that what was written before it is read */
      last = was_told (feed, &feed->no_more);
      enough = was_told (feed, &feed->enough);
      status = read_on (feed, &error);
      if (status != WEFT_RUN_READ_AGAIN || last || enough || gives_up (feed))
        break;
      set_state (feed, WEFT_FEED_FOLLOWING);
      tell_if_due (feed);
      wait_a_little (feed);
    }
  if (is_stopped (feed))
    return;
  if (status == WEFT_RUN_READ_ERROR)
    end_broken (feed, error);
  else if (status == WEFT_RUN_READ_AGAIN && enough && !last)
    end_as_it_is (feed);
  else
    end (feed, status == WEFT_RUN_READ_END ? WEFT_FEED_ENDED : WEFT_FEED_CUT);
}

/* A window may know thousands of runs that are over: none of them keeps a file open. */
static void *
feed_thread (void *data)
{
  WeftModelFeed *feed = data;

  follow (feed);
  g_clear_pointer (&feed->reader, weft_run_reader_free);
  return NULL;
}

/* ---- life ------------------------------------------------------------------------------------ */

static void
init_wake (WeftModelFeed *feed)
{
  pthread_condattr_t attributes;

  pthread_mutex_init (&feed->lock, NULL);
  pthread_condattr_init (&attributes);
  pthread_condattr_setclock (&attributes, CLOCK_MONOTONIC);
  pthread_cond_init (&feed->wake, &attributes);
  pthread_condattr_destroy (&attributes);
}

static void
clear (WeftModelFeed *feed)
{
  pthread_cond_destroy (&feed->wake);
  pthread_mutex_destroy (&feed->lock);
  weft_run_reader_free (feed->reader);
  weft_model_unref (feed->model);
  g_free (feed->error);
  g_free (feed);
}

WeftModelFeed *
weft_model_feed_new (WeftModel *model, const char *path, int64_t give_up_ns,
                     WeftModelFeedFunc changed, void *data, GError **error)
{
  WeftRunReader *reader = weft_run_reader_open (path, 0, error);
  WeftModelFeed *feed;
  int failed;

  if (reader == NULL)
    return NULL;
  feed = g_new0 (WeftModelFeed, 1);
  feed->model = weft_model_ref (model);
  feed->reader = reader;
  feed->give_up_ns = give_up_ns;
  feed->changed = changed;
  feed->data = data;
  init_wake (feed);
  note_progress (feed, 0);
  failed = pthread_create (&feed->thread, NULL, feed_thread, feed);
  if (failed == 0)
    return feed;
  g_set_error (error, WEFT_RUN_READER_ERROR, WEFT_RUN_READER_ERROR_IO, "%s: no thread: %s", path,
               g_strerror (failed));
  clear (feed);
  return NULL;
}

/* Under the lock, so that a thread about to wait does not miss it. */
static void
wake (WeftModelFeed *feed, bool *flag)
{
  pthread_mutex_lock (&feed->lock);
  *flag = true;
  pthread_cond_signal (&feed->wake);
  pthread_mutex_unlock (&feed->lock);
}

void
weft_model_feed_free (WeftModelFeed *feed)
{
  if (feed == NULL)
    return;
  atomic_store_explicit (&feed->stop, true, memory_order_relaxed);
  if (weft_model_feed_state (feed) < WEFT_FEED_ENDED)
    _weft_set (feed->model->decode_cancelled, true); /* the thread may wait for that */
  wake (feed, &feed->poked);
  pthread_join (feed->thread, NULL);
  clear (feed);
}

WeftModelFeedState
weft_model_feed_state (WeftModelFeed *feed)
{
  return atomic_load_explicit (&feed->state, memory_order_acquire);
}

void
weft_model_feed_poke (WeftModelFeed *feed)
{
  wake (feed, &feed->poked);
}

void
weft_model_feed_no_more (WeftModelFeed *feed)
{
  wake (feed, &feed->no_more);
}

void
weft_model_feed_enough (WeftModelFeed *feed)
{
  wake (feed, &feed->enough);
}

char *
weft_model_feed_dup_error (WeftModelFeed *feed)
{
  char *copy;

  pthread_mutex_lock (&feed->lock);
  copy = g_strdup (feed->error);
  pthread_mutex_unlock (&feed->lock);
  return copy;
}

void
weft_model_feed_progress (WeftModelFeed *feed, uint64_t *n_read, uint64_t *n_bytes)
{
  *n_read = atomic_load_explicit (&feed->n_read_bytes, memory_order_relaxed);
  *n_bytes = atomic_load_explicit (&feed->n_all_bytes, memory_order_relaxed);
}
