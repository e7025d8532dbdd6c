/* model-fixture.h: models of files, and whether two are the same
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model.h"
#include "test-support.h"

#include <string.h>

/* Frames with their payloads, to be kept. */
static inline void
frame_free (void *data)
{
  WeftRunFrame *frame = data;

  g_free ((void *) frame->payload);
  g_free (frame);
}

static inline WeftRunFrame *
frame_copy (const WeftRunFrame *frame)
{
  WeftRunFrame *copy = g_memdup2 (frame, sizeof *frame);

  copy->payload = g_memdup2 (frame->payload, frame->head.n_bytes);
  return copy;
}

/* All whole frames of a file. (transfer full): array of WeftRunFrame */
static inline GPtrArray *
read_frames (const char *path)
{
  GPtrArray *frames = g_ptr_array_new_with_free_func (frame_free);
  g_autoptr (GError) error = NULL;
  WeftRunReader *reader = weft_run_reader_open (path, 0, &error);
  WeftRunFrame frame;

  g_assert_no_error (error);
  while (weft_run_reader_next (reader, &frame, &error) == WEFT_RUN_READ_FRAME)
    g_ptr_array_add (frames, frame_copy (&frame));
  g_assert_no_error (error);
  weft_run_reader_free (reader);
  return frames;
}

static inline void
add_frames (WeftModel *model, GPtrArray *frames, guint from, guint to)
{
  g_autoptr (GError) error = NULL;

  for (guint i = from; i < to; i++)
    {
      bool ok = weft_model_add_frame (model, frames->pdata[i], &error);

      g_assert_no_error (error);
      g_assert_true (ok);
    }
}

static inline WeftModel *
model_of_frames (GPtrArray *frames, guint n, bool interrupted)
{
  WeftModel *model = weft_model_new ();

  add_frames (model, frames, 0, n);
  weft_model_finish (model, interrupted);
  return model;
}

static inline WeftModel *
model_of_file (const char *path)
{
  g_autoptr (GPtrArray) frames = read_frames (path);
  const WeftRunFrame *last = frames->pdata[frames->len - 1];

  return model_of_frames (frames, frames->len, last->head.kind != WEFT_FRAME_END);
}

/* ---- the same -------------------------------------------------------------------------------- */

static inline void
assert_same_spans (const WeftSpans *a, const WeftSpans *b)
{
  g_assert_cmpuint (weft_spans_n (a), ==, weft_spans_n (b));
  for (uint64_t i = 0; i < weft_spans_n (a); i++)
    {
      WeftSpan x = *weft_spans_get (a, i), y = *weft_spans_get (b, i);

      g_assert_cmpint (x.start_ns, ==, y.start_ns);
      g_assert_cmpint (x.end_ns, ==, y.end_ns);
      x.start_ns = y.start_ns;
      x.end_ns = y.end_ns;
      g_assert_cmpmem (&x, sizeof x, &y, sizeof y);
    }
}

static inline void
assert_same_lanes (WeftModel *a, WeftModel *b, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    {
      WeftModelBytes x_bytes, y_bytes;
      WeftModelNow x_now, y_now;
      WeftModelLane x, y;

      weft_model_lane (a, i, &x);
      weft_model_lane (b, i, &y);
      g_assert_cmpstr (x.name, ==, y.name);
      g_assert_cmpuint (x.kind, ==, y.kind);
      g_assert_cmpuint (x.worker, ==, y.worker);
      assert_same_spans (x.spans, y.spans);
      weft_model_lane_bytes (a, i, &x_bytes);
      weft_model_lane_bytes (b, i, &y_bytes);
      g_assert_cmpuint (x_bytes.live, ==, y_bytes.live);
      g_assert_cmpuint (x_bytes.spilled, ==, y_bytes.spilled);
      g_assert_cmpint (weft_model_now (a, i, &x_now), ==, weft_model_now (b, i, &y_now));
      g_assert_cmpuint (x_now.task, ==, y_now.task);
      g_assert_cmpuint (x_now.kind, ==, y_now.kind);
    }
}

static inline void
assert_same_tasks (WeftModel *a, WeftModel *b, uint32_t n)
{
  for (uint32_t task = 0; task < n; task++)
    {
      g_autofree char *x_key = weft_model_task_dup_key (a, task);
      g_autofree char *y_key = weft_model_task_dup_key (b, task);
      uint64_t x_index = 0, y_index = 0;
      uint32_t x_lane = 0, y_lane = 0;

      g_assert_cmpstr (x_key, ==, y_key);
      g_assert_cmpuint (weft_model_task_state (a, task), ==, weft_model_task_state (b, task));
      g_assert_cmpuint (weft_model_task_attempts (a, task), ==, weft_model_task_attempts (b, task));
      g_assert_cmpuint (weft_model_task_group (a, task), ==, weft_model_task_group (b, task));
      g_assert_cmpint (weft_model_task_span (a, task, &x_lane, &x_index), ==,
                       weft_model_task_span (b, task, &y_lane, &y_index));
      g_assert_cmpuint (x_lane, ==, y_lane);
      g_assert_cmpuint (x_index, ==, y_index);
    }
}

static inline void
assert_same_groups (WeftModel *a, WeftModel *b, uint32_t n)
{
  for (uint32_t i = 0; i < n; i++)
    {
      WeftModelGroup x, y;

      weft_model_group (a, i, &x);
      weft_model_group (b, i, &y);
      g_assert_cmpstr (x.name, ==, y.name);
      g_assert_cmpuint (x.n_tasks, ==, y.n_tasks);
      g_assert_cmpmem (x.n_states, sizeof x.n_states, y.n_states, sizeof y.n_states);
      g_assert_cmpuint (x.n_ended, ==, y.n_ended);
      g_assert_cmpuint (x.live_bytes, ==, y.live_bytes);
      g_assert_cmpint (x.busy_ns, ==, y.busy_ns);
      g_assert_cmpint (x.longest_ns, ==, y.longest_ns);
    }
}

static inline void
assert_same_texts (WeftModel *a, WeftModel *b, const WeftModelSnapshot *snapshot)
{
  for (uint32_t i = 0; i < snapshot->n_errors; i++)
    {
      WeftModelErrorText x, y;

      weft_model_error (a, i, &x);
      weft_model_error (b, i, &y);
      g_assert_cmpuint (x.task, ==, y.task);
      g_assert_cmpstr (x.message, ==, y.message);
      g_assert_cmpstr (x.output, ==, y.output);
    }
  for (uint64_t i = 0; i < snapshot->n_logs; i++)
    {
      WeftModelLog x, y;

      weft_model_log (a, i, &x);
      weft_model_log (b, i, &y);
      g_assert_cmpuint (x.task, ==, y.task);
      g_assert_cmpmem (x.bytes, x.n_bytes, y.bytes, y.n_bytes);
    }
}

/* Both say the same, times but for so much. */
static inline void
assert_same (WeftModel *a, WeftModel *b)
{
  WeftModelSnapshot x, y;

  weft_model_snapshot (a, &x);
  weft_model_snapshot (b, &y);
  g_assert_cmpint (x.complete_ns, ==, y.complete_ns);
  g_assert_cmpint (x.last_ns, ==, y.last_ns);
  x.serial = y.serial;
  x.n_changes = y.n_changes;
  x.complete_ns = y.complete_ns;
  x.last_ns = y.last_ns;
  g_assert_cmpmem (&x, sizeof x, &y, sizeof y);
  assert_same_lanes (a, b, x.n_lanes);
  assert_same_tasks (a, b, x.n_tasks);
  assert_same_groups (a, b, x.n_groups);
  assert_same_texts (a, b, &x);
  for (unsigned series = 0; series < WEFT_N_SERIES; series++)
    {
      uint64_t n = weft_model_series_n (a, series);

      g_assert_cmpuint (n, ==, weft_model_series_n (b, series));
      for (uint64_t i = 0; i < n; i++)
        g_assert_cmpint (weft_model_series_get (a, series, i).at_ns, ==,
                         weft_model_series_get (b, series, i).at_ns);
    }
}

/* What is in memory was made by somebody, and is of some group. */
static inline void
assert_live_bytes (WeftModel *model, const WeftModelSnapshot *snapshot)
{
  uint64_t by_lane = 0, by_group = 0;

  for (uint32_t i = 0; i < snapshot->n_lanes; i++)
    {
      WeftModelBytes bytes;

      weft_model_lane_bytes (model, i, &bytes);
      by_lane += bytes.live;
    }
  for (uint32_t i = 0; i < snapshot->n_groups; i++)
    {
      WeftModelGroup group;

      weft_model_group (model, i, &group);
      by_group += group.live_bytes;
    }
  g_assert_cmpuint (by_lane, ==, by_group);
}

/* Counts by state add up: over tasks, over groups, and as the snapshot has them. */
static inline void
assert_counts (WeftModel *model)
{
  uint32_t by_task[WEFT_TASK_N_STATES] = { 0 }, by_group[WEFT_TASK_N_STATES] = { 0 };
  WeftModelSnapshot snapshot;
  uint64_t n_tasks = 0;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t task = 0; task < snapshot.n_tasks; task++)
    by_task[weft_model_task_state (model, task)]++;
  for (uint32_t i = 0; i < snapshot.n_groups; i++)
    {
      WeftModelGroup group;

      weft_model_group (model, i, &group);
      n_tasks += group.n_tasks;
      for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
        by_group[state] += group.n_states[state];
    }
  g_assert_cmpuint (n_tasks, ==, snapshot.n_tasks);
  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    {
      g_assert_cmpuint (by_task[state], ==, snapshot.n_states[state]);
      g_assert_cmpuint (by_group[state], ==, snapshot.n_states[state]);
    }
  assert_live_bytes (model, &snapshot);
}

/* Spans of a lane of that kind do not overlap. */
static inline void
assert_lanes_ordered (const WeftModel *model, WeftLaneKind kind)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (model, &snapshot);
  for (uint32_t i = 0; i < snapshot.n_lanes; i++)
    {
      WeftModelLane lane;

      weft_model_lane (model, i, &lane);
      if (lane.kind == kind)
        g_assert_true (weft_spans_is_ordered (lane.spans));
    }
}
