/* recorder-memory.c: records that are kept in memory
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * An in-memory recorder that keeps never recycles a chunk, so a lane's list can be followed from
 * its first chunk by anybody at any time: the link, then the count, as the round does it.
 */
#include "config.h"

#include "trace/weft-recorder-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

/* ---- cursor ---------------------------------------------------------------------------------- */

typedef struct
{
  WeftLaneData *data;
  WeftChunk *chunk; /* NULL: none seen yet */
  uint32_t n_seen;  /* in chunk */
} LanePlace;

struct _WeftRecorderCursor
{
  WeftRecorder *recorder;
  GArray *places; /* LanePlace by lane */
  guint lane;
  guint kept;    /* which array of kept frames … */
  size_t offset; /* … and where in it */
};

WeftRecorderCursor *
weft_recorder_cursor_new (WeftRecorder *recorder)
{
  WeftRecorderCursor *cursor = g_new0 (WeftRecorderCursor, 1);

  cursor->recorder = recorder;
  cursor->places = g_array_new (FALSE, TRUE, sizeof (LanePlace));
  return cursor;
}

void
weft_recorder_cursor_free (WeftRecorderCursor *cursor)
{
  if (cursor == NULL)
    return;
  g_array_unref (cursor->places);
  g_free (cursor);
}

static void
see_new_lanes (WeftRecorderCursor *cursor)
{
  WeftRecorder *recorder = cursor->recorder;

  pthread_mutex_lock (&recorder->lock);
  while (cursor->places->len < recorder->lanes->len)
    {
      LanePlace place = { .data = recorder->lanes->pdata[cursor->places->len] };

      g_array_append_val (cursor->places, place);
    }
  pthread_mutex_unlock (&recorder->lock);
}

/* What is new in one lane, up to the end of a chunk. */
static uint32_t
next_in_lane (LanePlace *place, const WeftRecord **records)
{
  if (place->chunk == NULL)
    place->chunk = atomic_load_explicit (&place->data->first, memory_order_acquire);
  while (place->chunk != NULL)
    {
      WeftChunk *next = atomic_load_explicit (&place->chunk->next, memory_order_acquire);
      uint32_t n =
          atomic_load_explicit (&place->chunk->n_published, memory_order_acquire) - place->n_seen;

      if (n > 0)
        {
          *records = place->chunk->records + place->n_seen;
          place->n_seen += n;
          return n;
        }
      if (next == NULL)
        break;
      place->chunk = next;
      place->n_seen = 0;
    }
  return 0;
}

uint32_t
weft_recorder_cursor_next (WeftRecorderCursor *cursor, uint32_t *lane, const WeftRecord **records)
{
  if (!cursor->recorder->keep)
    return 0;
  see_new_lanes (cursor);
  for (guint tried = 0; tried < cursor->places->len; tried++)
    {
      LanePlace *place = &g_array_index (cursor->places, LanePlace, cursor->lane);
      uint32_t n = next_in_lane (place, records);

      if (n > 0)
        {
          *lane = cursor->lane;
          return n;
        }
      cursor->lane = (cursor->lane + 1) % cursor->places->len;
    }
  return 0;
}

bool
weft_recorder_cursor_next_frame (WeftRecorderCursor *cursor, WeftRunFrame *frame)
{
  WeftRecorder *recorder = cursor->recorder;
  WeftQueuedHead head;
  bool found = false;

  pthread_mutex_lock (&recorder->lock);
  if (recorder->keep)
    _weft_recorder_keep_queue (recorder);
  while (!found && cursor->kept < recorder->kept->len)
    {
      found = _weft_queue_next (recorder->kept->pdata[cursor->kept], &cursor->offset, &head,
                                &frame->payload);
      if (!found)
        {
          cursor->kept++;
          cursor->offset = 0;
        }
    }
  pthread_mutex_unlock (&recorder->lock);
  if (!found)
    return false;
  frame->head = (WeftFrameHead){ .magic = WEFT_FRAME_MAGIC,
                                 .kind = (uint16_t) head.kind,
                                 .n_bytes = head.n_bytes,
                                 .lane = head.lane };
  frame->offset = 0;
  frame->n_bytes = head.n_bytes;
  return true;
}

void
weft_recorder_foreach (WeftRecorder *recorder, WeftRecordFunc func, void *data)
{
  WeftRecorderCursor *cursor = weft_recorder_cursor_new (recorder);
  const WeftRecord *records;
  uint32_t lane, n;

  while ((n = weft_recorder_cursor_next (cursor, &lane, &records)) > 0)
    for (uint32_t i = 0; i < n; i++)
      func (lane, &records[i], data);
  weft_recorder_cursor_free (cursor);
}

/* ---- save ------------------------------------------------------------------------------------ */

static void
save_frames (WeftRecorder *recorder, WeftRunWriter *writer)
{
  WeftRecorderCursor *cursor = weft_recorder_cursor_new (recorder);
  WeftRunFrame frame;

  while (weft_recorder_cursor_next_frame (cursor, &frame))
    _weft_run_writer_frame (writer, frame.head.kind, 0, frame.head.lane, 0,
                            &(struct iovec){ (void *) frame.payload, frame.head.n_bytes }, 1);
  _weft_run_writer_commit (writer);
  weft_recorder_cursor_free (cursor);
}

static void
save_segments (WeftRecorder *recorder, WeftRunWriter *writer)
{
  for (guint i = 0; i < recorder->jobs->len; i++)
    {
      WeftSegmentJob *job = recorder->jobs->pdata[i];
      bool more = true;

      for (job->n_pieces = 0; more;)
        _weft_write_piece (writer, job, recorder->piece, 0, &more);
    }
}

static void
save_lane (WeftRunWriter *writer, LanePlace *place)
{
  WeftRecordsHead head = { 0 };
  const WeftRecord *records;
  uint64_t watermark = 0, offset;
  uint32_t n;

  while ((n = next_in_lane (place, &records)) > 0)
    {
      struct iovec parts[2] = { { &head, sizeof head },
                                { (void *) records, n * sizeof (WeftRecord) } };

      head.n_records = n;
      head.n_task_spans = 0;
      head.min_start = UINT64_MAX;
      head.max_end = 0;
      for (uint32_t i = 0; i < n; i++)
        {
          head.n_task_spans += records[i].kind == WEFT_RECORD_TASK;
          head.min_start = MIN (head.min_start, records[i].start);
          head.max_end = MAX (head.max_end, weft_record_end (&records[i]));
        }
      watermark = MAX (watermark, head.max_end);
      offset = _weft_run_writer_frame (writer, WEFT_FRAME_RECORDS, 0, place->data->lane.id,
                                       watermark, parts, 2);
      _weft_run_writer_commit (writer); /* before the head is used again */
      head.previous = offset;
    }
}

static void
save_records (WeftRecorder *recorder, WeftRunWriter *writer)
{
  for (guint i = 0; i < recorder->lanes->len; i++)
    save_lane (writer, &(LanePlace){ .data = recorder->lanes->pdata[i] });
}

bool
weft_recorder_save (WeftRecorder *recorder, const char *path, const char *summary_json,
                    GError **error)
{
  WeftRunWriter writer;
  WeftEndHead end = { .n_dropped =
                          atomic_load_explicit (&recorder->n_dropped, memory_order_relaxed) };
  bool ok;

  if (!recorder->keep || !recorder->closed)
    {
      g_set_error (error, WEFT_RECORDER_ERROR, WEFT_RECORDER_ERROR_STATE,
                   "%s: only a closed recorder that keeps its records in memory can be saved",
                   path);
      return false;
    }
  if (!_weft_run_writer_open (&writer, path, recorder->created_wall_ns, error))
    return false;
  save_frames (recorder, &writer);
  save_segments (recorder, &writer);
  save_records (recorder, &writer);
  end.n_records = writer.n_records;
  _weft_run_writer_finish (&writer, _weft_recorder_now (recorder), &end, summary_json);
  _weft_run_writer_close (&writer);
  ok = writer.error == NULL;
  if (!ok)
    {
      unlink (path);
      g_propagate_error (error, g_steal_pointer (&writer.error));
    }
  _weft_run_writer_clear (&writer);
  return ok;
}
