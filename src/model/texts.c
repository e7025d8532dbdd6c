/* texts.c: why attempts failed, and what tasks wrote
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model/weft-model-private.h"

#include <string.h>

/* What a frame about a task and a lane refers to. */
typedef struct
{
  uint32_t task;
  int64_t at_ns;
} About;

static bool
find_about (WeftModel *model, const WeftRunFrame *frame, uint32_t segment_number, uint32_t number,
            uint64_t stamp, About *about, GError **error)
{
  uint32_t lane = frame->head.lane;
  const WeftModelSegment *segment = NULL;
  uint32_t domain = 0;

  if (lane != WEFT_NONE)
    {
      if (lane >= _weft_get (model->n_lanes))
        return _weft_model_fail (error, "frame %" G_GUINT64_FORMAT " is about lane %u, unknown",
                                 frame->head.sequence, lane);
      domain = _weft_model_lane (model, lane)->domain;
    }
  about->task = WEFT_NONE;
  if (number != WEFT_NONE && segment_number != WEFT_NONE)
    {
      segment = _weft_model_segment (model, segment_number);
      about->task = segment != NULL ? _weft_segment_task (model, segment, number) : WEFT_NONE;
      if (about->task == WEFT_NONE)
        return _weft_model_fail (error,
                                 "frame %" G_GUINT64_FORMAT " is about task %u of segment %u, "
                                 "unknown",
                                 frame->head.sequence, number, segment_number);
    }
  if (!_weft_model_has_clock (model, domain))
    return _weft_model_fail (error, "frame %" G_GUINT64_FORMAT ": there is no clock %u",
                             frame->head.sequence, domain);
  about->at_ns = _weft_model_ns (model, domain, stamp);
  _weft_model_saw (model, about->at_ns);
  return true;
}

bool
_weft_model_add_log (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  WeftRunText bytes;
  WeftLogHead head;
  About about;
  WeftModelLog *log;
  char *copy;
  uint64_t n;

  if (!weft_run_frame_log (frame, &head, &bytes))
    return _weft_model_fail (error, "a LOG frame is not as it should be");
  if (!find_about (model, frame, head.segment, head.task, head.stamp, &about, error))
    return false;
  copy = g_malloc (bytes.n_bytes + 1);
  memcpy (copy, bytes.chars, bytes.n_bytes);
  copy[bytes.n_bytes] = '\0';
  n = _weft_get (model->n_logs);
  log = _weft_blocks_grow (&model->logs, n, sizeof *log);
  *log = (WeftModelLog){ .at_ns = about.at_ns,
                         .task = about.task,
                         .lane = frame->head.lane,
                         .attempt = head.attempt,
                         .stream = head.stream,
                         .level = head.level,
                         .bytes = copy,
                         .n_bytes = bytes.n_bytes };
  atomic_store_explicit (&model->n_logs, n + 1, memory_order_release);
  return true;
}

bool
_weft_model_add_error (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  uint32_t n = _weft_get (model->n_errors);
  WeftModelErrorData *data;
  const char *strings[4];
  WeftRunText texts[4];
  WeftErrorHead head;
  size_t n_bytes = 0;
  About about;
  char *at;

  if (!weft_run_frame_error (frame, &head, texts))
    return _weft_model_fail (error, "an ERROR frame is not as it should be");
  if (!find_about (model, frame, head.segment, head.task, head.stamp, &about, error))
    return false;
  for (unsigned i = 0; i < 4; i++)
    n_bytes += texts[i].n_bytes + 1;
  data = _weft_blocks_grow (&model->errors, n, sizeof *data);
  data->bytes = at = g_malloc (n_bytes);
  for (unsigned i = 0; i < 4; i++)
    {
      strings[i] = memcpy (at, texts[i].chars, texts[i].n_bytes);
      at += texts[i].n_bytes;
      *at++ = '\0';
    }
  data->text = (WeftModelErrorText){ .at_ns = about.at_ns,
                                     .task = about.task,
                                     .attempt = head.attempt,
                                     .kind = strings[0],
                                     .message = strings[1],
                                     .detail = strings[2],
                                     .output = strings[3] };
  atomic_store_explicit (&model->n_errors, n + 1, memory_order_release);
  return true;
}

void
weft_model_error (const WeftModel *model, uint32_t index, WeftModelErrorText *text)
{
  *text = ((const WeftModelErrorData *) _weft_blocks_get (&model->errors, index,
                                                          sizeof (WeftModelErrorData)))
              ->text;
}

void
weft_model_log (const WeftModel *model, uint64_t index, WeftModelLog *log)
{
  *log = *(const WeftModelLog *) _weft_blocks_get (&model->logs, index, sizeof (WeftModelLog));
}
