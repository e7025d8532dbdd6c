/* recorder-segments.c: graph segments into the file, piece by piece
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The first piece of each new segment goes out in the round that takes its announcement, before the
 * records of that round. The others follow one a round, so that a big graph never keeps the round
 * from draining lanes for long.
 */
#include "config.h"

#include "trace/weft-recorder-private.h"

void
_weft_segment_job_free (WeftSegmentJob *job)
{
  if (job->free != NULL)
    job->free (job->data);
  g_free (job);
}

void
weft_recorder_segment (WeftRecorder *recorder, uint32_t segment, uint32_t parent_segment,
                       uint32_t parent_task, WeftSegmentProduceFunc produce, void *data,
                       GDestroyNotify free)
{
  WeftSegmentJob *job = g_new0 (WeftSegmentJob, 1);

  job->segment = segment;
  job->parent_segment = parent_segment;
  job->parent_task = parent_task;
  job->produce = produce;
  job->data = data;
  job->free = free;
  pthread_mutex_lock (&recorder->lock);
  g_ptr_array_add (recorder->new_jobs, job);
  pthread_mutex_unlock (&recorder->lock);
  if (!recorder->in_memory
      && atomic_load_explicit (&recorder->n_records, memory_order_relaxed) == 0)
    _weft_recorder_signal (recorder);
}

void
_weft_write_piece (WeftRunWriter *writer, WeftSegmentJob *job, GByteArray *content,
                   uint64_t watermark, bool *more)
{
  WeftSegmentPiece piece = { .number = job->n_pieces++, .bytes = content };
  WeftSegmentHead head = { .segment = job->segment,
                           .piece = piece.number,
                           .parent_segment = job->parent_segment,
                           .parent_task = job->parent_task };
  struct iovec parts[2] = { { &head, sizeof head } };

  g_byte_array_set_size (content, 0);
  *more = job->produce (job->data, &piece);
  head.flags = (piece.number == 0 ? WEFT_SEGMENT_FIRST : 0) | (*more ? 0 : WEFT_SEGMENT_LAST)
               | (piece.open ? WEFT_SEGMENT_OPEN : 0);
  head.first_task = piece.first_task;
  head.n_tasks = piece.n_tasks;
  parts[1] = (struct iovec){ content->data, content->len };
  _weft_run_writer_frame (writer, WEFT_FRAME_SEGMENT, 0, job->segment, watermark, parts, 2);
  _weft_run_writer_commit_most (writer); /* the content's memory is used again */
}
