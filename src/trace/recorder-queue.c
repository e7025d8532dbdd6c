/* recorder-queue.c: frames that are not records, from any thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Rare events (a string, a lane, a log line) are laid down in their final form in one growing array
 * under the recorder's lock. A round takes the whole array and writes each entry as a frame. In
 * memory the arrays taken are kept.
 */
#include "config.h"

#include "trace/weft-recorder-private.h"

#include <string.h>

/* ---- the array ------------------------------------------------------------------------------- */

static void
append_padded (GByteArray *queue, const struct iovec *parts, uint32_t n_parts)
{
  static const uint8_t zeros[WEFT_FRAME_ALIGN];

  for (uint32_t i = 0; i < n_parts; i++)
    g_byte_array_append (queue, parts[i].iov_base, (guint) parts[i].iov_len);
  g_byte_array_append (queue, zeros, -queue->len % WEFT_FRAME_ALIGN);
}

static void
queue_locked (WeftRecorder *recorder, WeftFrameKind kind, uint32_t lane, const struct iovec *parts,
              uint32_t n_parts)
{
  WeftQueuedHead head = { .kind = kind, .lane = lane };

  for (uint32_t i = 0; i < n_parts; i++)
    head.n_bytes += (uint32_t) parts[i].iov_len;
  g_byte_array_append (recorder->queue, (const uint8_t *) &head, sizeof head);
  append_padded (recorder->queue, parts, n_parts);
  if (recorder->queue->len > WEFT_SIGNAL_BYTES)
    _weft_recorder_signal (recorder);
}

void
_weft_recorder_queue (WeftRecorder *recorder, WeftFrameKind kind, uint32_t lane,
                      const struct iovec *parts, uint32_t n_parts)
{
  pthread_mutex_lock (&recorder->lock);
  queue_locked (recorder, kind, lane, parts, n_parts);
  pthread_mutex_unlock (&recorder->lock);
}

bool
_weft_queue_next (const GByteArray *queue, size_t *offset, WeftQueuedHead *head,
                  const uint8_t **payload)
{
  if (*offset >= queue->len)
    return false;
  memcpy (head, queue->data + *offset, sizeof *head);
  *payload = queue->data + *offset + sizeof *head;
  *offset += sizeof *head + head->n_bytes + -(size_t) head->n_bytes % WEFT_FRAME_ALIGN;
  return true;
}

/* ---- strings and series ---------------------------------------------------------------------- */

uint32_t
weft_recorder_string (WeftRecorder *recorder, const char *string)
{
  void *known;
  uint32_t id, n_bytes = (uint32_t) strlen (string);

  pthread_mutex_lock (&recorder->lock);
  if (g_hash_table_lookup_extended (recorder->strings, string, NULL, &known))
    id = GPOINTER_TO_UINT (known);
  else
    {
      id = g_hash_table_size (recorder->strings);
      g_hash_table_insert (recorder->strings, g_strdup (string), GUINT_TO_POINTER (id));
      g_byte_array_append (recorder->new_strings, (const uint8_t *) &n_bytes, sizeof n_bytes);
      g_byte_array_append (recorder->new_strings, (const uint8_t *) string, n_bytes);
      recorder->n_new_strings++;
    }
  pthread_mutex_unlock (&recorder->lock);
  return id;
}

void
_weft_recorder_take_strings (WeftRecorder *recorder, GByteArray *payload)
{
  WeftStringsHead head = { .n_strings = recorder->n_new_strings };

  g_byte_array_set_size (payload, 0);
  if (recorder->n_new_strings == 0)
    return;
  head.first_id = g_hash_table_size (recorder->strings) - recorder->n_new_strings;
  g_byte_array_append (payload, (const uint8_t *) &head, sizeof head);
  g_byte_array_append (payload, recorder->new_strings->data, recorder->new_strings->len);
  g_byte_array_set_size (recorder->new_strings, 0);
  recorder->n_new_strings = 0;
}

void
_weft_recorder_keep_queue (WeftRecorder *recorder)
{
  GByteArray *strings, *kept;

  if (recorder->n_new_strings > 0)
    {
      strings = g_byte_array_new ();
      _weft_recorder_take_strings (recorder, strings);
      queue_locked (recorder, WEFT_FRAME_STRINGS, 0, &(struct iovec){ strings->data, strings->len },
                    1);
      g_byte_array_unref (strings);
    }
  if (recorder->queue->len == 0)
    return;
  kept = recorder->queue;
  recorder->queue = g_byte_array_new ();
  g_ptr_array_add (recorder->kept, kept);
}

uint32_t
weft_recorder_series (WeftRecorder *recorder, uint32_t lane, const char *name, const char *unit,
                      double scale)
{
  WeftSeriesHead head = { .lane = lane,
                          .scale = scale,
                          .n_name_bytes = (uint32_t) strlen (name),
                          .n_unit_bytes = (uint32_t) strlen (unit) };
  struct iovec parts[3] = { { &head, sizeof head },
                            { (void *) name, head.n_name_bytes },
                            { (void *) unit, head.n_unit_bytes } };

  pthread_mutex_lock (&recorder->lock);
  head.series = recorder->n_series++;
  queue_locked (recorder, WEFT_FRAME_SERIES, 0, parts, 3);
  pthread_mutex_unlock (&recorder->lock);
  return head.series;
}

void
weft_recorder_add_clock (WeftRecorder *recorder, WeftRunClock *clock)
{
  struct iovec part = { clock, sizeof *clock };

  pthread_mutex_lock (&recorder->lock);
  if (clock->map.domain == WEFT_NONE)
    clock->map.domain = ++recorder->n_domains;
  queue_locked (recorder, WEFT_FRAME_CLOCK, 0, &part, 1);
  pthread_mutex_unlock (&recorder->lock);
}

/* ---- lanes ----------------------------------------------------------------------------------- */

WeftLane *
weft_recorder_add_lane (WeftRecorder *recorder, const WeftLaneInfo *info)
{
  const char *name = info->name != NULL ? info->name : "";
  WeftLaneHead head = { .kind = info->kind,
                        .parent_lane = info->parent_lane,
                        .domain = info->domain,
                        .worker = info->worker,
                        .pid = info->pid,
                        .os_thread = info->os_thread,
                        .n_threads = info->n_threads,
                        .flags = info->best_effort ? WEFT_LANE_BEST_EFFORT : 0,
                        .memory_limit_bytes = info->memory_limit_bytes,
                        .n_name_bytes = (uint32_t) strlen (name) };
  struct iovec parts[2] = { { &head, sizeof head }, { (void *) name, head.n_name_bytes } };
  WeftLaneData *data;

  pthread_mutex_lock (&recorder->lock);
  head.lane = recorder->lanes->len;
  data = _weft_lane_new (recorder, head.lane, info);
  g_ptr_array_add (recorder->lanes, data);
  queue_locked (recorder, WEFT_FRAME_LANE, head.lane, parts, 2);
  pthread_mutex_unlock (&recorder->lock);
  return &data->lane;
}

WeftLane *
weft_recorder_find_thread (WeftRecorder *recorder, uint64_t os_thread, WeftNow *now)
{
  WeftLane *found = NULL;

  pthread_mutex_lock (&recorder->lock);
  for (guint i = recorder->lanes->len; i > 0 && found == NULL; i--)
    {
      WeftLaneData *data = recorder->lanes->pdata[i - 1];

      if (data->os_thread == os_thread && os_thread != 0)
        found = &data->lane;
    }
  pthread_mutex_unlock (&recorder->lock);
  return found != NULL && weft_lane_get_now (found, now) ? found : NULL;
}

void
weft_recorder_end_lane (WeftRecorder *recorder, WeftLane *lane)
{
  WeftLaneData *data = (WeftLaneData *) lane;

  _weft_lane_settle (data);
  atomic_fetch_or_explicit (&data->state, WEFT_LANE_ENDED, memory_order_seq_cst);
}

/* ---- lane 0 ---------------------------------------------------------------------------------- */

void
weft_recorder_note_n (WeftRecorder *recorder, const WeftRecord *records, uint32_t n)
{
  WeftLane *lane;

  pthread_mutex_lock (&recorder->lock);
  lane = recorder->lanes->pdata[0];
  pthread_mutex_unlock (&recorder->lock);
  pthread_mutex_lock (&recorder->note_lock);
  memcpy (weft_lane_next_n (lane, n), records, n * sizeof *records);
  weft_lane_publish_n (lane, n);
  pthread_mutex_unlock (&recorder->note_lock);
}

void
weft_recorder_note (WeftRecorder *recorder, const WeftRecord *record)
{
  weft_recorder_note_n (recorder, record, 1);
}

void
weft_recorder_note_setting (WeftRecorder *recorder, WeftSetting setting, uint64_t value)
{
  WeftValueForm form = WEFT_VALUE_FORM_INT64;
  WeftRecord record;

  if (setting == WEFT_SETTING_SPEED)
    form = WEFT_VALUE_FORM_FLOAT64;
  else if (setting == WEFT_SETTING_BREAK_AT_KEY || setting == WEFT_SETTING_BREAK_AT_GROUP)
    form = WEFT_VALUE_FORM_STRING;
  weft_record_set_point (&record, WEFT_RECORD_SETTING, 0, form, WEFT_NONE, WEFT_NONE,
                         _weft_recorder_now (recorder), setting, value);
  weft_recorder_note (recorder, &record);
}

/* ---- texts ----------------------------------------------------------------------------------- */

static uint32_t
lane_id (const WeftLane *lane)
{
  return lane != NULL ? lane->id : WEFT_NONE;
}

/* Under lock. Whether there is room for a log line; waits for it, unless nothing may wait. *since
 * is set when the wait begins. */
static bool
wait_for_room (WeftRecorder *recorder, uint64_t *since)
{
  while (recorder->queue->len > recorder->buffer_bytes && !recorder->in_memory
         && !weft_recorder_failed (recorder))
    {
      if (recorder->drop)
        return false;
      if (*since == 0)
        *since = _weft_recorder_now (recorder);
      _weft_recorder_signal (recorder);
      pthread_cond_wait (&recorder->drained, &recorder->lock);
    }
  return true;
}

/* A task waited for room for its output. Its own span is still open, so this goes to lane 0. */
static void
note_wait (WeftRecorder *recorder, uint32_t segment, uint32_t task, uint64_t since)
{
  WeftRecord record;

  if (since == 0)
    return;
  atomic_fetch_add_explicit (&recorder->n_waits, 1, memory_order_relaxed);
  weft_record_set_span (&record, WEFT_RECORD_RECORDER_WAIT, 0, 0, task, segment, since,
                        _weft_recorder_now (recorder), 0);
  weft_recorder_note (recorder, &record);
}

void
weft_recorder_log (WeftRecorder *recorder, WeftLane *lane, uint32_t segment, uint32_t task,
                   uint32_t attempt, WeftStream stream, uint8_t level, uint64_t stamp,
                   const char *bytes, size_t n_bytes)
{
  WeftLogHead head = { .stamp = stamp,
                       .segment = segment,
                       .task = task,
                       .attempt = attempt,
                       .stream = (uint8_t) stream,
                       .level = level };
  uint64_t since = 0;

  pthread_mutex_lock (&recorder->lock);
  for (size_t n; n_bytes > 0; bytes += n, n_bytes -= n)
    {
      n = MIN (n_bytes, WEFT_SIGNAL_BYTES);
      struct iovec parts[2] = { { &head, sizeof head }, { (void *) bytes, n } };

      if (wait_for_room (recorder, &since))
        queue_locked (recorder, WEFT_FRAME_LOG, lane_id (lane), parts, 2);
      else
        atomic_fetch_add_explicit (&recorder->n_dropped_log_bytes, n, memory_order_relaxed);
    }
  pthread_mutex_unlock (&recorder->lock);
  note_wait (recorder, segment, task, since);
}

void
weft_recorder_error (WeftRecorder *recorder, WeftLane *lane, uint32_t segment, uint32_t task,
                     uint32_t attempt, uint64_t stamp, const char *kind, const char *message,
                     const char *detail, const char *output)
{
  const char *texts[4] = { kind, message, detail, output };
  WeftErrorHead head = { .stamp = stamp, .segment = segment, .task = task, .attempt = attempt };
  uint32_t *lengths[4] = { &head.n_kind_bytes, &head.n_message_bytes, &head.n_detail_bytes,
                           &head.n_output_bytes };
  struct iovec parts[5] = { { &head, sizeof head } };

  for (int i = 0; i < 4; i++)
    {
      *lengths[i] = texts[i] != NULL ? (uint32_t) strlen (texts[i]) : 0;
      parts[i + 1] = (struct iovec){ (void *) texts[i], *lengths[i] };
    }
  _weft_recorder_queue (recorder, WEFT_FRAME_ERROR, lane_id (lane), parts, 5);
}

void
weft_recorder_facts (WeftRecorder *recorder, WeftLane *lane, uint32_t segment, uint32_t task,
                     uint32_t attempt, uint64_t stamp, const char *json)
{
  WeftFactsHead head = { .stamp = stamp, .segment = segment, .task = task, .attempt = attempt };
  struct iovec parts[2] = { { &head, sizeof head }, { (void *) json, strlen (json) } };

  _weft_recorder_queue (recorder, WEFT_FRAME_FACTS, lane_id (lane), parts, 2);
}
