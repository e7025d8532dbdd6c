/* report-writer.c: the thread that decodes what is reported, and writes it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The loop cuts a connection's bytes into messages and lines and puts them, copied, at the end of
 * their run's list. This thread takes lists in turn, a bounded part of one at a time, decodes them
 * into the run's report and writes that: when it is full, or 50 ms after the first thing that was
 * not written. So the disk never holds up the loop, nor one run with much to say the others.
 *
 * What waits is bounded by the loop, which does not read a connection whose run has too much
 * waiting; it is told when that is half.
 *
 * Each run is in at most one of two queues, by when it is due: `dirty`, to be flushed; `beating`,
 * where nothing new came, but what runs is told ten times a second. All in a queue wait equally
 * long, so it is sorted by itself.
 */
#include "config.h"

#include "server/weft-server-private.h"

#include "base/weft-clock.h"
#include "trace/weft-recorder.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#define NS_PER_SECOND INT64_C (1000000000)
#define FLUSH_NS (NS_PER_SECOND / 20)
/* What is half said waits for the rest: so often, and if it is no more than this. */
#define MOST_PUT_OFF 20u
#define MOST_HALF_SAID (64u << 20) /* bytes */
#define BEAT_NS (NS_PER_SECOND / 10)
#define TURN_BYTES (UINT64_C (1) << 20) /* of a run before others have theirs */
#define LEAST_BLOCK_BYTES 4096u
#define MOST_TOLD 10 /* errors of events in a second */

typedef struct WeftBlock
{
  struct WeftBlock *next;
  WeftBlockKind kind;
  WeftRunPhase phase;         /* of FINISH */
  WeftServerRequest *request; /* (nullable) */
  char *summary_json;         /* (nullable) */
  uint64_t offset;            /* in the connection */
  WeftWireHead head;          /* of EVENTS */
  uint32_t room;
  _Alignas(WEFT_WIRE_ALIGN) uint8_t bytes[];
} WeftBlock;

struct _WeftReportWriter
{
  WeftHub *hub;
  const WeftServerLimits *limits;
  pthread_t thread;
  pthread_mutex_t lock;
  pthread_cond_t wake;
  GQueue ready;          /* lock; WeftReported *: with blocks, each once */
  uint64_t n_bytes;      /* lock; waiting, of all */
  bool is_throttled;     /* lock; the loop waits for that to be less */
  bool is_resume_posted; /* lock */
  bool is_stopping;      /* lock */
  GQueue dirty, beating; /* owner: the thread */
};

/* ---- blocks ---------------------------------------------------------------------------------- */

static WeftBlock *
block_new (WeftBlockKind kind, size_t room)
{
  WeftBlock *block = g_malloc (sizeof *block + room);

  memset (block, 0, sizeof *block);
  block->kind = kind;
  block->room = (uint32_t) room;
  return block;
}

static void
block_free (WeftBlock *block)
{
  g_free (block->summary_json);
  g_free (block);
}

static uint64_t
cost_of (const WeftBlock *block)
{
  return sizeof *block + block->room;
}

/* Under the lock. */
static void
append_block (WeftReportWriter *writer, WeftReported *reported, WeftBlock *block)
{
  if (reported->last != NULL)
    reported->last->next = block;
  else
    reported->first = block;
  reported->last = block;
  reported->n_bytes += cost_of (block);
  writer->n_bytes += cost_of (block);
  if (reported->is_scheduled)
    return;
  reported->is_scheduled = true;
  g_queue_push_tail (&writer->ready, _weft_reported_ref (reported));
  pthread_cond_signal (&writer->wake);
}

static void
push_block (WeftReportWriter *writer, WeftReported *reported, WeftBlock *block)
{
  pthread_mutex_lock (&writer->lock);
  append_block (writer, reported, block);
  pthread_mutex_unlock (&writer->lock);
}

void
_weft_report_writer_open (WeftReportWriter *writer, WeftReported *reported,
                          WeftServerRequest *request)
{
  WeftBlock *block = block_new (WEFT_BLOCK_OPEN, 0);

  block->request = request;
  push_block (writer, reported, block);
}

void
_weft_report_writer_finish (WeftReportWriter *writer, WeftReported *reported, WeftRunPhase phase,
                            const char *summary_json, WeftServerRequest *request)
{
  WeftBlock *block = block_new (WEFT_BLOCK_FINISH, 0);

  block->request = request;
  block->phase = phase;
  block->summary_json = g_strdup (summary_json);
  push_block (writer, reported, block);
}

/* Lines that go on where the last block of the run ends go there. */
static bool
append_lines (WeftReported *reported, const WeftWireHead *head, const uint8_t *bytes,
              uint64_t offset)
{
  WeftBlock *last = reported->last;

  if (last == NULL || last->kind != WEFT_BLOCK_EVENTS || last->head.kind != WEFT_WIRE_LINES
      || head->kind != WEFT_WIRE_LINES || last->offset + last->head.n_bytes != offset
      || last->room - last->head.n_bytes < head->n_bytes)
    return false;
  memcpy (last->bytes + last->head.n_bytes, bytes, head->n_bytes);
  last->head.n_bytes += head->n_bytes;
  return true;
}

bool
_weft_report_writer_push (WeftReportWriter *writer, WeftReported *reported,
                          const WeftWireHead *head, const uint8_t *bytes, uint64_t offset)
{
  bool is_much, is_taken;

  pthread_mutex_lock (&writer->lock);
  is_taken = append_lines (reported, head, bytes, offset);
  if (!is_taken)
    {
      WeftBlock *block = block_new (WEFT_BLOCK_EVENTS, MAX (head->n_bytes, LEAST_BLOCK_BYTES));

      block->head = *head;
      block->offset = offset;
      memcpy (block->bytes, bytes, head->n_bytes);
      append_block (writer, reported, block);
    }
  if (reported->n_bytes > writer->limits->run_queue_bytes)
    reported->is_throttled = true;
  if (writer->n_bytes > writer->limits->queue_bytes)
    writer->is_throttled = true;
  is_much = reported->is_throttled || writer->is_throttled;
  pthread_mutex_unlock (&writer->lock);
  return is_much;
}

void
_weft_report_writer_was_told (WeftReportWriter *writer)
{
  pthread_mutex_lock (&writer->lock);
  writer->is_resume_posted = false;
  pthread_mutex_unlock (&writer->lock);
}

bool
_weft_report_writer_is_short (WeftReportWriter *writer, WeftReported *reported)
{
  bool is;

  pthread_mutex_lock (&writer->lock);
  is = reported->n_bytes <= writer->limits->run_queue_bytes / 2
       && writer->n_bytes <= writer->limits->queue_bytes / 2;
  if (!is) /* it is told once more */
    {
      reported->is_throttled |= reported->n_bytes > writer->limits->run_queue_bytes / 2;
      writer->is_throttled |= writer->n_bytes > writer->limits->queue_bytes / 2;
    }
  pthread_mutex_unlock (&writer->lock);
  return is;
}

WeftReportCounts
_weft_report_writer_counts (WeftReportWriter *writer, WeftReported *reported)
{
  WeftReportCounts counts;

  pthread_mutex_lock (&writer->lock);
  counts = reported->counts;
  reported->counts_posted = false;
  pthread_mutex_unlock (&writer->lock);
  return counts;
}

WeftReported *
_weft_reported_ref (WeftReported *reported)
{
  atomic_fetch_add_explicit (&reported->refs, 1, memory_order_relaxed);
  return reported;
}

void
_weft_reported_unref (WeftReported *reported)
{
  if (atomic_fetch_sub_explicit (&reported->refs, 1, memory_order_acq_rel) > 1)
    return;
  g_free (reported->path);
  g_free (reported->meta_json);
  _weft_fault_clear (&reported->untold);
  g_free (reported);
}

/* ---- the thread: queues by time -------------------------------------------------------------- */

static void
wait_in (WeftReported *reported, GQueue *queue, int64_t due_ns)
{
  if (reported->queue == queue)
    return;
  if (reported->queue != NULL)
    g_queue_unlink (reported->queue, &reported->link);
  reported->queue = queue;
  reported->due_ns = due_ns;
  reported->link.data = reported;
  if (queue != NULL)
    g_queue_push_tail_link (queue, &reported->link);
}

static WeftReported *
first_of (const GQueue *queue)
{
  return queue->head != NULL ? queue->head->data : NULL;
}

/* ---- the thread: errors ---------------------------------------------------------------------- */

static void
tell_fault (WeftReportWriter *writer, WeftReported *reported, int code, const char *message,
            uint64_t offset)
{
  WeftFault fault;

  _weft_fault_set (&fault, code, NULL, NULL, "%s", message);
  fault.offset = offset;
  fault.channel = reported->channel;
  _weft_reports_fault (reported, writer->hub, &fault);
}

static void
tell_untold (WeftReportWriter *writer, WeftReported *reported)
{
  if (reported->untold.more > 0)
    _weft_reports_fault (reported, writer->hub, &reported->untold);
  reported->untold = (WeftFault){ 0 };
}

static void
note_untold (WeftReported *reported, const char *message, uint64_t offset)
{
  if (reported->untold.more++ > 0)
    return;
  _weft_fault_set (&reported->untold, WEFT_FAULT_EVENT, NULL, NULL,
                   "more than %d events in a second cannot be, and are left out; of the others the "
                   "first: %s",
                   MOST_TOLD, message);
  reported->untold.offset = offset;
  reported->untold.channel = reported->channel;
  reported->untold.more = 1;
}

/* @error: (transfer full) */
static void
refuse_event (WeftReportWriter *writer, WeftReported *reported, GError *error, uint64_t offset)
{
  int64_t now = weft_clock_mono_ns ();

  if (now - reported->told_since_ns >= NS_PER_SECOND)
    {
      tell_untold (writer, reported);
      reported->told_since_ns = now;
      reported->n_told = 0;
    }
  if (reported->n_told++ < MOST_TOLD)
    tell_fault (writer, reported, WEFT_FAULT_EVENT, error->message, offset);
  else
    note_untold (reported, error->message, offset);
  g_error_free (error);
}

/* The file cannot be written: nothing more is taken of the run. @error: (transfer full) */
static void
break_off (WeftReportWriter *writer, WeftReported *reported, GError *error)
{
  if (!reported->is_broken)
    tell_fault (writer, reported, WEFT_SERVER_REFUSE_FAILED, error->message, WEFT_FAULT_NOWHERE);
  reported->is_broken = true;
  g_error_free (error);
}

/* ---- the thread: writing --------------------------------------------------------------------- */

static void
publish_counts (WeftReportWriter *writer, WeftReported *reported)
{
  WeftReportCounts counts = { .n_tasks = _weft_report_n_tasks (reported->report) };
  bool is_new;

  _weft_report_count (reported->report, &counts.n_running, &counts.n_done, &counts.n_failed);
  _weft_report_times (reported->report, &counts.begun_wall_ns, &counts.ended_wall_ns);
  pthread_mutex_lock (&writer->lock);
  is_new = !reported->counts_posted && memcmp (&counts, &reported->counts, sizeof counts) != 0;
  reported->counts = counts;
  reported->counts_posted |= is_new;
  pthread_mutex_unlock (&writer->lock);
  if (is_new)
    _weft_reports_counted (reported, writer->hub);
}

static void
flush (WeftReportWriter *writer, WeftReported *reported)
{
  GError *error = NULL;

  if (reported->is_broken)
    return;
  reported->n_put_off = 0;
  reported->n_said_bytes = 0;
  reported->packed.is_half_said = false;
  if (_weft_report_flush (reported->report, &error))
    ;
  else if (error->domain == WEFT_RECORDER_ERROR)
    break_off (writer, reported, error);
  else
    refuse_event (writer, reported, error, WEFT_FAULT_NOWHERE);
  publish_counts (writer, reported);
}

/* A task that is written is not heard of any more: what it reads would not stand in the graph. */
static bool
put_off (WeftReportWriter *writer, WeftReported *reported, int64_t now)
{
  if (!reported->packed.is_half_said || reported->n_put_off == MOST_PUT_OFF)
    return false;
  reported->n_put_off++;
  wait_in (reported, &writer->dirty, now + FLUSH_NS);
  return true;
}

/* It is due. What runs there is told again soon; where nothing does there is nothing to tell. */
static void
flush_due (WeftReportWriter *writer, WeftReported *reported, int64_t now)
{
  bool had_news = reported->queue == &writer->dirty;
  uint64_t n_running, n_done, n_failed;

  wait_in (reported, NULL, 0);
  if (put_off (writer, reported, now))
    return;
  _weft_report_count (reported->report, &n_running, &n_done, &n_failed);
  if (had_news || n_running > 0)
    flush (writer, reported);
  if (now - reported->told_since_ns >= NS_PER_SECOND)
    tell_untold (writer, reported);
  if (!reported->is_broken && (n_running > 0 || reported->untold.more > 0))
    wait_in (reported, &writer->beating, now + BEAT_NS);
}

static void
flush_all_due (WeftReportWriter *writer)
{
  int64_t now = weft_clock_mono_ns ();
  WeftReported *reported;

  while ((reported = first_of (&writer->dirty)) != NULL && reported->due_ns <= now)
    flush_due (writer, reported, now);
  while ((reported = first_of (&writer->beating)) != NULL && reported->due_ns <= now)
    flush_due (writer, reported, now);
}

/* ---- the thread: blocks ---------------------------------------------------------------------- */

static void
open_report (WeftReportWriter *writer, WeftReported *reported, WeftBlock *block)
{
  g_autofree char *folder = g_path_get_dirname (reported->path);
  WeftReportOptions options = { .path = reported->path,
                                .meta_json = reported->meta_json,
                                .clock_flags = reported->clock_flags,
                                .ahead_ns = reported->ahead_ns,
                                .keeps = reported->keeps };
  g_autoptr (GError) error = NULL;

  if (g_mkdir_with_parents (folder, 0700) != 0)
    g_set_error (&error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO,
                 "%s: cannot make the folder of run files: %s", folder, g_strerror (errno));
  else
    reported->report = _weft_report_new (&options, &error);
  if (reported->report != NULL)
    _weft_report_packed_init (&reported->packed, reported->report);
  reported->is_broken = reported->report == NULL;
  _weft_reports_opened (reported, writer->hub, g_steal_pointer (&block->request), error);
}

/* What is no JSON ends the connection; what is not possible is left out. */
static bool
take_line (WeftReportWriter *writer, WeftReported *reported, const char *line, size_t n_chars,
           uint64_t offset)
{
  GError *error = NULL;

  if (_weft_lines_take (reported->report, &reported->clock, line, n_chars, &error))
    return true;
  if (error->code > WEFT_GRAPH_ERROR_UTF8)
    {
      refuse_event (writer, reported, error, offset);
      return true;
    }
  tell_fault (writer, reported, WEFT_FAULT_MALFORMED, error->message, offset);
  reported->is_broken = true;
  g_error_free (error);
  return false;
}

/* In a message it was not looked at before. */
static void
refuse_long_line (WeftReportWriter *writer, WeftReported *reported, uint64_t offset)
{
  g_autofree char *message = g_strdup_printf (
      "found a line of more than %u bytes, expected none that long", writer->limits->line_bytes);

  tell_fault (writer, reported, WEFT_SERVER_REFUSE_LIMIT, message, offset);
  reported->is_broken = true;
}

static void
take_lines (WeftReportWriter *writer, WeftReported *reported, const WeftBlock *block)
{
  const char *line;
  size_t at = 0, n_chars;

  while (!reported->is_broken
         && _weft_wire_cut_line (block->bytes, block->head.n_bytes, &at, &line, &n_chars))
    {
      uint64_t offset = block->offset + (uint64_t) (line - (const char *) block->bytes);

      if (n_chars > writer->limits->line_bytes)
        refuse_long_line (writer, reported, offset);
      else if (!take_line (writer, reported, line, n_chars, offset))
        return;
      if (_weft_report_n_waiting (reported->report) >= WEFT_REPORT_FULL)
        flush (writer, reported);
    }
}

static void
take_packed (WeftReportWriter *writer, WeftReported *reported, const WeftBlock *block)
{
  WeftWireMessage message = { .head = block->head, .payload = block->bytes };
  GError *error = NULL;
  uint64_t offset;
  bool half;

  if (!_weft_report_packed_take (&reported->packed, &message, &offset, &error))
    refuse_event (writer, reported, error, block->offset + offset);
  reported->n_said_bytes += block->head.n_bytes;
  half = reported->packed.is_half_said && reported->n_said_bytes <= MOST_HALF_SAID;
  if (!half
      && (reported->n_put_off > 0 || _weft_report_n_waiting (reported->report) >= WEFT_REPORT_FULL))
    flush (writer, reported);
}

static void
take_events (WeftReportWriter *writer, WeftReported *reported, const WeftBlock *block)
{
  if (reported->is_broken)
    return;
  if (_weft_report_packed_is (block->head.kind))
    take_packed (writer, reported, block);
  else
    take_lines (writer, reported, block);
  wait_in (reported, &writer->dirty, weft_clock_mono_ns () + FLUSH_NS);
}

static void
finish_report (WeftReportWriter *writer, WeftReported *reported, WeftBlock *block)
{
  const char *summary = block->summary_json != NULL ? block->summary_json : "{}";
  g_autoptr (GError) error = NULL;

  wait_in (reported, NULL, 0);
  tell_untold (writer, reported);
  if (reported->report == NULL)
    g_set_error (&error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_IO,
                 "the run has no file, as that could not be made");
  else
    {
      _weft_report_finish (reported->report, block->phase, summary, &error);
      publish_counts (writer, reported);
    }
  _weft_report_packed_clear (&reported->packed);
  g_clear_pointer (&reported->report, _weft_report_free);
  reported->is_broken = true;
  _weft_reports_finished (reported, writer->hub, g_steal_pointer (&block->request), block->phase,
                          error);
}

static void
work_off (WeftReportWriter *writer, WeftReported *reported, WeftBlock *block)
{
  switch (block->kind)
    {
    case WEFT_BLOCK_OPEN:
      open_report (writer, reported, block);
      break;
    case WEFT_BLOCK_EVENTS:
      take_events (writer, reported, block);
      break;
    case WEFT_BLOCK_FINISH:
      finish_report (writer, reported, block);
      break;
    }
}

/* ---- the thread ------------------------------------------------------------------------------ */

/* Under the lock: the front of the run's list, of a turn's size. */
static WeftBlock *
take_turn (WeftReported *reported, uint64_t *n_bytes)
{
  WeftBlock *first = reported->first, *last = first;

  *n_bytes = cost_of (first);
  while (last->next != NULL && *n_bytes < TURN_BYTES)
    {
      last = last->next;
      *n_bytes += cost_of (last);
    }
  reported->first = last->next;
  if (reported->first == NULL)
    reported->last = NULL;
  last->next = NULL;
  return first;
}

/* Under the lock. Returns: whether the loop is to be told that there is less */
static bool
count_off (WeftReportWriter *writer, WeftReported *reported, uint64_t n_bytes)
{
  bool less = false;

  reported->n_bytes -= n_bytes;
  writer->n_bytes -= n_bytes;
  if (reported->is_throttled && reported->n_bytes <= writer->limits->run_queue_bytes / 2)
    {
      reported->is_throttled = false;
      less = true;
    }
  if (writer->is_throttled && writer->n_bytes <= writer->limits->queue_bytes / 2)
    {
      writer->is_throttled = false;
      less = true;
    }
  less = less && !writer->is_resume_posted;
  writer->is_resume_posted |= less;
  return less;
}

/* Entered and left under the lock. */
static void
give_turn (WeftReportWriter *writer)
{
  WeftReported *reported = g_queue_pop_head (&writer->ready);
  uint64_t n_bytes;
  WeftBlock *block = take_turn (reported, &n_bytes);
  bool less, is_done;

  pthread_mutex_unlock (&writer->lock);
  while (block != NULL)
    {
      WeftBlock *next = block->next;

      work_off (writer, reported, block);
      block_free (block);
      block = next;
    }
  flush_all_due (writer);
  pthread_mutex_lock (&writer->lock);
  less = count_off (writer, reported, n_bytes);
  is_done = reported->first == NULL;
  reported->is_scheduled = !is_done;
  if (!is_done)
    g_queue_push_tail (&writer->ready, reported);
  pthread_mutex_unlock (&writer->lock);
  if (less)
    _weft_hub_post (writer->hub, _weft_reports_resume, NULL);
  if (is_done)
    _weft_reported_unref (reported);
  pthread_mutex_lock (&writer->lock);
}

/* Under the lock, which is let go meanwhile: until there is work or something is due. */
static void
wait_for_work (WeftReportWriter *writer)
{
  const WeftReported *dirty = first_of (&writer->dirty), *beating = first_of (&writer->beating);
  int64_t due = INT64_MAX;
  struct timespec until;

  if (dirty != NULL)
    due = dirty->due_ns;
  if (beating != NULL)
    due = MIN (due, beating->due_ns);
  if (due == INT64_MAX)
    {
      pthread_cond_wait (&writer->wake, &writer->lock);
      return;
    }
  until = (struct timespec){ due / NS_PER_SECOND, due % NS_PER_SECOND };
  if (pthread_cond_timedwait (&writer->wake, &writer->lock, &until) != ETIMEDOUT)
    return;
  pthread_mutex_unlock (&writer->lock);
  flush_all_due (writer);
  pthread_mutex_lock (&writer->lock);
}

static void *
run_thread (void *data)
{
  WeftReportWriter *writer = data;

  pthread_setname_np (pthread_self (), "weft-reports");
  pthread_mutex_lock (&writer->lock);
  while (!writer->is_stopping || writer->ready.length > 0)
    if (writer->ready.length > 0)
      give_turn (writer);
    else
      wait_for_work (writer);
  pthread_mutex_unlock (&writer->lock);
  return NULL;
}

WeftReportWriter *
_weft_report_writer_new (WeftHub *hub, const WeftServerLimits *limits)
{
  WeftReportWriter *writer = g_new0 (WeftReportWriter, 1);
  pthread_condattr_t monotonic;

  writer->hub = _weft_hub_ref (hub);
  writer->limits = limits;
  pthread_mutex_init (&writer->lock, NULL);
  pthread_condattr_init (&monotonic);
  pthread_condattr_setclock (&monotonic, CLOCK_MONOTONIC);
  pthread_cond_init (&writer->wake, &monotonic);
  pthread_condattr_destroy (&monotonic);
  if (pthread_create (&writer->thread, NULL, run_thread, writer) == 0)
    return writer;
  writer->thread = 0;
  _weft_report_writer_free (writer);
  return NULL;
}

void
_weft_report_writer_free (WeftReportWriter *writer)
{
  if (writer == NULL)
    return;
  pthread_mutex_lock (&writer->lock);
  writer->is_stopping = true;
  pthread_cond_signal (&writer->wake);
  pthread_mutex_unlock (&writer->lock);
  if (writer->thread != 0)
    pthread_join (writer->thread, NULL);
  pthread_cond_destroy (&writer->wake);
  pthread_mutex_destroy (&writer->lock);
  _weft_hub_unref (writer->hub);
  g_free (writer);
}
