/* texts.c: why attempts failed, and what tasks wrote
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Such a frame may come before the segment of its task is announced, and before the first record,
 * which is time 0: then it is held back until both are there.
 */
#include "config.h"

#include "model/weft-model-private.h"

#include <string.h>

/* What a frame about a task and a lane refers to. */
typedef struct
{
  uint64_t stamp;
  uint32_t segment, number;
  uint32_t domain;
  bool later; /* not all of it is known yet */
} About;

static bool
check_about (WeftModel *model, const WeftRunFrame *frame, About *about, GError **error)
{
  uint32_t lane = frame->head.lane;
  const WeftModelSegment *segment;

  about->domain = 0;
  if (lane != WEFT_NONE && lane >= _weft_get (model->n_lanes))
    return _weft_model_fail (error, "a frame is about lane %u, which is unknown", lane);
  if (lane != WEFT_NONE)
    about->domain = _weft_model_lane (model, lane)->domain;
  if (!_weft_model_has_clock (model, about->domain))
    return _weft_model_fail (error, "a frame goes by clock %u, which is unknown", about->domain);
  about->later = !model->has_origin;
  if (about->number == WEFT_NONE || about->segment == WEFT_NONE)
    return true;
  segment = _weft_model_segment (model, about->segment);
  if (segment != NULL && _weft_segment_task (model, segment, about->number) == WEFT_NONE)
    return _weft_model_fail (error, "a frame is about task %u of segment %u, which has %u",
                             about->number, about->segment, segment->n_tasks);
  about->later |= segment == NULL;
  return true;
}

static int64_t
time_of (WeftModel *model, const About *about)
{
  int64_t at_ns = _weft_model_ns (model, about->domain, about->stamp);

  _weft_model_saw (model, at_ns);
  return at_ns;
}

static uint32_t
task_of (const WeftModel *model, const About *about)
{
  if (about->number == WEFT_NONE || about->segment == WEFT_NONE)
    return WEFT_NONE;
  return weft_model_task_of (model, about->segment, about->number);
}

static void
take_log (WeftModel *model, const WeftRunFrame *frame, const WeftLogHead *head,
          const WeftRunText *bytes, const About *about)
{
  uint64_t n = _weft_get (model->n_logs);
  WeftModelLog *log = _weft_blocks_grow (&model->logs, n, sizeof *log);
  char *copy = g_malloc (bytes->n_bytes + 1);

  memcpy (copy, bytes->chars, bytes->n_bytes);
  copy[bytes->n_bytes] = '\0';
  *log = (WeftModelLog){ .at_ns = time_of (model, about),
                         .task = task_of (model, about),
                         .lane = frame->head.lane,
                         .attempt = head->attempt,
                         .stream = head->stream,
                         .level = head->level,
                         .bytes = copy,
                         .n_bytes = bytes->n_bytes };
  atomic_store_explicit (&model->n_logs, n + 1, memory_order_release);
}

static void
take_error (WeftModel *model, const WeftErrorHead *head, const WeftRunText texts[4],
            const About *about)
{
  uint32_t n = _weft_get (model->n_errors);
  WeftModelErrorData *data = _weft_blocks_grow (&model->errors, n, sizeof *data);
  const char *strings[4];
  size_t n_bytes = 0;
  char *at;

  for (unsigned i = 0; i < 4; i++)
    n_bytes += texts[i].n_bytes + 1;
  data->bytes = at = g_malloc (n_bytes);
  for (unsigned i = 0; i < 4; i++)
    {
      strings[i] = memcpy (at, texts[i].chars, texts[i].n_bytes);
      at += texts[i].n_bytes;
      *at++ = '\0';
    }
  data->text = (WeftModelErrorText){ .at_ns = time_of (model, about),
                                     .task = task_of (model, about),
                                     .attempt = head->attempt,
                                     .kind = strings[0],
                                     .message = strings[1],
                                     .detail = strings[2],
                                     .output = strings[3] };
  atomic_store_explicit (&model->n_errors, n + 1, memory_order_release);
}

typedef enum
{
  TAKEN,
  LATER,
  REFUSED,
} Answer;

/* @anyway: also what is not all known */
static Answer
take_text (WeftModel *model, const WeftRunFrame *frame, bool anyway, GError **error)
{
  WeftErrorHead error_head;
  WeftLogHead log_head;
  WeftRunText texts[4];
  About about = { 0 };
  bool is_log = frame->head.kind == WEFT_FRAME_LOG;

  if (is_log ? !weft_run_frame_log (frame, &log_head, &texts[0])
             : !weft_run_frame_error (frame, &error_head, texts))
    {
      _weft_model_fail (error, "a frame of kind %u is not as it should be", frame->head.kind);
      return REFUSED;
    }
  about.stamp = is_log ? log_head.stamp : error_head.stamp;
  about.segment = is_log ? log_head.segment : error_head.segment;
  about.number = is_log ? log_head.task : error_head.task;
  if (!check_about (model, frame, &about, error))
    return REFUSED;
  if (about.later && !anyway)
    return LATER;
  if (is_log)
    take_log (model, frame, &log_head, &texts[0], &about);
  else
    take_error (model, &error_head, texts, &about);
  return TAKEN;
}

bool
_weft_model_add_text (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  Answer answer = take_text (model, frame, false, error);

  if (answer == LATER)
    g_queue_push_tail (&model->held_texts, _weft_frame_copy (frame));
  return answer != REFUSED;
}

void
_weft_model_release_texts (WeftModel *model, bool all)
{
  for (GList *link = model->held_texts.head, *next; link != NULL; link = next)
    {
      next = link->next;
      if (take_text (model, link->data, all, NULL) == LATER)
        continue;
      _weft_frame_free (link->data);
      g_queue_delete_link (&model->held_texts, link);
    }
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

uint32_t
weft_model_n_annotations (const WeftModel *model)
{
  return atomic_load_explicit (&model->n_annotations, memory_order_acquire);
}

void
weft_model_annotation (const WeftModel *model, uint32_t index, WeftModelAnnotation *annotation)
{
  *annotation = *(const WeftModelAnnotation *) _weft_blocks_get (&model->annotations, index,
                                                                 sizeof (WeftModelAnnotation));
}

uint32_t
weft_model_n_settings (const WeftModel *model)
{
  return atomic_load_explicit (&model->n_settings, memory_order_acquire);
}

void
weft_model_setting (const WeftModel *model, uint32_t index, WeftModelSetting *setting)
{
  *setting = *(const WeftModelSetting *) _weft_blocks_get (&model->settings, index,
                                                           sizeof (WeftModelSetting));
}
