/* model.c: life of a model, and frames by their kind
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph/weft-json-private.h"
#include "model/weft-model-private.h"

#include <string.h>

G_DEFINE_QUARK (weft - model - error - quark, weft_model_error)

bool
_weft_model_fail (GError **error, const char *format, ...)
{
  va_list args;
  char *text;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error_literal (error, WEFT_MODEL_ERROR, WEFT_MODEL_ERROR_CONTENT, text);
  g_free (text);
  return false;
}

/* ---- life ------------------------------------------------------------------------------------ */

WeftModel *
weft_model_new (void)
{
  WeftModel *model = g_new0 (WeftModel, 1);

  atomic_init (&model->refs, 1);
  model->arena = _weft_arena_new ();
  model->domains = g_ptr_array_new_with_free_func (_weft_clock_domain_free);
  model->far_domains = g_hash_table_new_full (NULL, NULL, NULL, _weft_clock_domain_free);
  model->group_numbers = g_hash_table_new (g_str_hash, g_str_equal);
  model->counter_series = g_hash_table_new_full (NULL, NULL, NULL, g_free);
  model->counter_names = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  model->stand_ins = g_hash_table_new (NULL, NULL);
  model->gone = g_array_new (FALSE, FALSE, sizeof (WeftSlotPlace));
  model->slot_notes = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, g_free);
  model->decoding = g_ptr_array_new ();
  model->to_finish = g_ptr_array_new ();
  model->workers = g_hash_table_new (NULL, NULL);
  atomic_init (&model->begin_ns, INT64_MAX);
  atomic_init (&model->end_ns, INT64_MAX);
  model->old_graphs = g_ptr_array_new_with_free_func ((GDestroyNotify) weft_graph_unref);
  g_queue_init (&model->held);
  g_queue_init (&model->held_texts);
  return model;
}

WeftModel *
weft_model_ref (WeftModel *model)
{
  atomic_fetch_add_explicit (&model->refs, 1, memory_order_relaxed);
  return model;
}

WeftRunFrame *
_weft_frame_copy (const WeftRunFrame *frame)
{
  WeftRunFrame *copy = g_memdup2 (frame, sizeof *frame);

  copy->payload = g_memdup2 (frame->payload, frame->head.n_bytes);
  return copy;
}

void
_weft_frame_free (void *data)
{
  WeftRunFrame *frame = data;

  g_free ((void *) frame->payload);
  g_free (frame);
}

static void
lane_free (WeftModelLaneData *lane)
{
  WeftSeriesData *series = atomic_load_explicit (&lane->series, memory_order_relaxed);

  weft_spans_free (lane->spans);
  _weft_blocks_clear (&lane->details);
  _weft_blocks_clear (&lane->visits);
  for (unsigned i = 0; series != NULL && i < WEFT_N_SERIES; i++)
    _weft_blocks_clear (&series[i].points);
  g_free (series);
  g_free (lane->name);
  g_free (lane);
}

static void
free_tables (WeftModel *model)
{
  for (uint32_t i = 0; i < _weft_get (model->n_lanes); i++)
    lane_free (_weft_model_lane (model, i));
  for (uint32_t i = 0; i < _weft_get (model->n_segments); i++)
    _weft_model_segment_free (_weft_model_segment (model, i));
  for (uint64_t task = 0; task < _weft_get (model->n_tasks); task += WEFT_TASK_PAGE)
    _weft_task_page_clear (_weft_model_page (model, (uint32_t) task));
  for (uint32_t i = 0; i < _weft_get (model->n_groups); i++)
    g_free ((char *) _weft_model_group (model, (uint16_t) i)->name);
  for (uint32_t i = 0; i < _weft_get (model->n_strings); i++)
    g_free ((char *) weft_model_string (model, i));
  for (uint32_t i = 0; i < _weft_get (model->n_errors); i++)
    g_free (
        ((WeftModelErrorData *) _weft_blocks_get (&model->errors, i, sizeof (WeftModelErrorData)))
            ->bytes);
  for (uint32_t i = 0; i < _weft_get (model->n_counters); i++)
    _weft_counter_free (
        *(WeftCounterData **) _weft_blocks_get (&model->counters, i, sizeof (void *)));
  for (uint64_t i = 0; i < _weft_get (model->n_logs); i++)
    g_free ((char *) ((WeftModelLog *) _weft_blocks_get (&model->logs, i, sizeof (WeftModelLog)))
                ->bytes);
}

static void
free_blocks (WeftModel *model)
{
  WeftBlocks *blocks[] = {
    &model->lanes,     &model->segments,    &model->pages,    &model->ranges,
    &model->groups,    &model->strings,     &model->errors,   &model->logs,
    &model->settings,  &model->annotations, &model->points,   &model->waits,
    &model->stretches, &model->children,    &model->counters, &model->links
  };

  for (unsigned i = 0; i < G_N_ELEMENTS (blocks); i++)
    _weft_blocks_clear (blocks[i]);
  for (unsigned i = 0; i < WEFT_N_SERIES; i++)
    _weft_blocks_clear (&model->series[i].points);
}

void
weft_model_unref (WeftModel *model)
{
  if (model == NULL || atomic_fetch_sub_explicit (&model->refs, 1, memory_order_acq_rel) != 1)
    return;
  _weft_set (model->decode_cancelled, true);
  _weft_model_stop_decoder (model);
  free_tables (model);
  free_blocks (model);
  _weft_arena_free (model->arena);
  g_queue_clear_full (&model->held, _weft_frame_free);
  g_queue_clear_full (&model->held_texts, _weft_frame_free);
  g_ptr_array_unref (model->domains);
  g_hash_table_unref (model->far_domains);
  g_hash_table_unref (model->group_numbers);
  g_hash_table_unref (model->counter_series);
  g_hash_table_unref (model->counter_names);
  g_hash_table_unref (model->stand_ins);
  g_clear_pointer (&model->late_needs, g_hash_table_unref);
  g_clear_pointer (&model->late_readers, g_hash_table_unref);
  g_clear_pointer (&model->releases, g_hash_table_unref);
  g_array_unref (model->gone);
  g_hash_table_unref (model->slot_notes);
  g_hash_table_unref (model->workers);
  g_ptr_array_unref (model->decoding);
  g_ptr_array_unref (model->to_finish);
  g_clear_pointer (&model->expired, g_array_unref);
  g_ptr_array_unref (model->old_graphs);
  g_clear_error (&model->late_error);
  _weft_model_clear_expected (model);
  g_free (atomic_load_explicit (&model->name, memory_order_relaxed));
  g_free (atomic_load_explicit (&model->file, memory_order_relaxed));
  _weft_model_free_notes (atomic_load_explicit (&model->notes, memory_order_relaxed));
  g_free (model);
}

/* ---- frames ---------------------------------------------------------------------------------- */

/* A text that is a member of the object. (transfer full) (nullable) */
static char *
text_in_json (const WeftRunText *text, const char *member)
{
  char *name = NULL;
  WeftJson json;

  _weft_json_init (&json, text->chars, text->n_bytes, "");
  _weft_json_expect (&json, WEFT_JSON_BEGIN_OBJECT, "an object");
  while (name == NULL && _weft_json_next_name (&json))
    if (!_weft_json_is (&json, member))
      _weft_json_skip (&json);
    else if (_weft_json_next (&json) == WEFT_JSON_STRING && json.n_chars > 0)
      name = g_strndup (json.chars, json.n_chars);
  _weft_json_clear (&json);
  return name;
}

static void
set_once (_Atomic (char *) *place, char *text)
{
  if (text != NULL && atomic_load_explicit (place, memory_order_relaxed) == NULL)
    atomic_store_explicit (place, text, memory_order_release);
  else
    g_free (text);
}

static bool
add_meta (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  WeftRunText text;

  if (!weft_run_frame_json (frame, &text))
    return _weft_model_fail (error, "a META frame is not as it should be");
  set_once (&model->name, text_in_json (&text, "name"));
  set_once (&model->file, text_in_json (&text, "graph"));
  _weft_model_add_notes (model, &text);
  return true;
}

static bool
add_clock (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  WeftRunClock clock;

  if (!weft_run_frame_clock (frame, &clock))
    return _weft_model_fail (error, "a CLOCK frame is not as it should be");
  _weft_model_add_clock (model, &clock);
  return true;
}

static bool
add_strings (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  g_autoptr (GArray) texts = g_array_new (FALSE, FALSE, sizeof (WeftRunText));
  uint32_t n = _weft_get (model->n_strings), first;

  if (!weft_run_frame_strings (frame, &first, texts) || first != n || texts->len > WEFT_NONE - n)
    return _weft_model_fail (error, "a STRINGS frame is not as it should be");
  for (guint i = 0; i < texts->len; i++)
    {
      const WeftRunText *text = &g_array_index (texts, WeftRunText, i);
      char **place = _weft_blocks_grow (&model->strings, n + i, sizeof *place);

      *place = g_strndup (text->chars, text->n_bytes);
    }
  atomic_store_explicit (&model->n_strings, n + texts->len, memory_order_release);
  return true;
}

/* A worker that was stuck past a deadline goes on with another lane. */
static uint32_t
count_lane (WeftModel *model, const WeftLaneHead *head)
{
  void *key = GSIZE_TO_POINTER ((gsize) head->parent_lane << 32 | head->worker);
  guint n;

  /* threads of other programs' workers have names of their own */
  if (head->kind != WEFT_LANE_THREAD || head->worker == WEFT_NONE
      || (head->flags & WEFT_LANE_BEST_EFFORT) != 0)
    return 1;
  n = GPOINTER_TO_UINT (g_hash_table_lookup (model->workers, key)) + 1;
  g_hash_table_insert (model->workers, key, GUINT_TO_POINTER (n));
  return n;
}

static bool
add_lane (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  uint32_t n = _weft_get (model->n_lanes);
  WeftModelLaneData *lane, **place;
  WeftLaneHead head;
  WeftRunText name;

  if (!weft_run_frame_lane (frame, &head, &name) || head.lane != n || n >= WEFT_MODEL_MAX_LANES)
    return _weft_model_fail (error, "a LANE frame is not as it should be");
  lane = g_new0 (WeftModelLaneData, 1);
  lane->name = g_strndup (name.chars, name.n_bytes);
  lane->spans = _weft_spans_new_in (model->arena);
  lane->number = n;
  lane->domain = head.domain;
  lane->target = WEFT_NONE;
  atomic_init (&lane->now.task, WEFT_NONE);
  lane->info = (WeftModelLane){ .name = lane->name,
                                .kind = head.kind,
                                .worker = head.worker,
                                .nth = count_lane (model, &head),
                                .parent_lane = head.parent_lane,
                                .pid = head.pid,
                                .n_threads = head.n_threads,
                                .flags = head.flags,
                                .os_thread = head.os_thread,
                                .spans = lane->spans };
  place = _weft_blocks_grow (&model->lanes, n, sizeof *place);
  *place = lane;
  if (head.flags & WEFT_LANE_BEST_EFFORT && head.kind != WEFT_LANE_CONTROL)
    _weft_set (model->is_observed, true);
  atomic_store_explicit (&model->n_lanes, n + 1, memory_order_release);
  if (head.memory_limit_bytes > 0 && head.kind == WEFT_LANE_PROCESS)
    _weft_model_lane_limit (model, lane, head.memory_limit_bytes);
  return true;
}

static bool
add_frame (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  switch (frame->head.kind)
    {
    case WEFT_FRAME_META:
      return add_meta (model, frame, error);
    case WEFT_FRAME_CLOCK:
      return add_clock (model, frame, error);
    case WEFT_FRAME_STRINGS:
      return add_strings (model, frame, error);
    case WEFT_FRAME_SEGMENT:
      return _weft_model_add_segment (model, frame, error);
    case WEFT_FRAME_LANE:
      return add_lane (model, frame, error);
    case WEFT_FRAME_RECORDS:
      return _weft_model_add_records (model, frame, error);
    case WEFT_FRAME_NOW:
      return _weft_model_add_now (model, frame, error);
    case WEFT_FRAME_LOG:
    case WEFT_FRAME_ERROR:
      return _weft_model_add_text (model, frame, error);
    case WEFT_FRAME_SERIES:
      return _weft_model_add_counter (model, frame, error);
    case WEFT_FRAME_FACTS:
      return _weft_model_add_facts (model, frame, error);
    default:
      return true;
    }
}

bool
weft_model_add_frame (WeftModel *model, const WeftRunFrame *frame, GError **error)
{
  bool ok = true;

  if ((frame->head.flags & WEFT_FRAME_ENCODING_MASK) == 0)
    ok = add_frame (model, frame, error);
  /* of these the records that are samples, and lanes that go on, are no change */
  if (ok && frame->head.kind != WEFT_FRAME_RECORDS && frame->head.kind != WEFT_FRAME_NOW)
    _weft_add (model->n_changes, 1u);
  _weft_model_take_graphs (model, false);
  if (!g_queue_is_empty (&model->held))
    _weft_model_release_held (model, false);
  if (!g_queue_is_empty (&model->held_texts))
    _weft_model_release_texts (model, false);
  _weft_add (model->serial, 1u);
  if (ok && model->late_error != NULL)
    {
      g_propagate_error (error, g_steal_pointer (&model->late_error));
      ok = false;
    }
  return ok;
}

/* ---- the end --------------------------------------------------------------------------------- */

/* The run has ended: what did not end of its tasks never will, and keeps what it would have read.
 * Where all was well they did, but their records were dropped. */
static void
end_tasks (WeftModel *model)
{
  bool done = _weft_get (model->phase) == WEFT_RUN_DONE;

  for (uint32_t i = 0; i < _weft_get (model->n_segments); i++)
    {
      WeftModelSegment *segment = _weft_model_segment (model, i);

      for (uint32_t number = 0; segment != NULL && number < segment->n_told; number++)
        {
          uint32_t task = _weft_segment_task (model, segment, number);

          if (segment->n_ended == segment->n_tasks)
            break;
          if (weft_model_task_state (model, task) >= WEFT_TASK_MEMORY)
            continue;
          if (done)
            _weft_task_end (model, segment, number, task, WEFT_TASK_MEMORY);
          else
            _weft_task_give_up (model, segment, task);
        }
    }
}

/* What waited for more that might come. */
static void
take_the_rest (WeftModel *model)
{
  _weft_model_take_graphs (model, true);
  _weft_model_release_held (model, true);
  _weft_model_release_texts (model, true);
}

void
_weft_model_settle (WeftModel *model)
{
  take_the_rest (model);
  _weft_add (model->n_changes, 1u);
  _weft_add (model->serial, 1u);
}

void
weft_model_finish (WeftModel *model, bool interrupted)
{
  if (model->finished)
    return;
  model->finished = true;
  interrupted |= _weft_get (model->phase) == WEFT_RUN_INTERRUPTED; /* its file may be complete */
  take_the_rest (model);
  _weft_model_end_expired (model, true);
  _weft_model_finish_parents (model);
  if (interrupted)
    _weft_set (model->phase, WEFT_RUN_INTERRUPTED);
  else if (_weft_get (model->phase) >= WEFT_RUN_DONE)
    end_tasks (model);
  if (!interrupted)
    for (uint32_t i = 0; i < _weft_get (model->n_lanes); i++)
      _weft_lane_clear_now (_weft_model_lane (model, i));
  _weft_set (model->complete_ns, _weft_get (model->last_ns));
  _weft_add (model->n_changes, 1u);
  _weft_add (model->serial, 1u);
}

/* ---- reading --------------------------------------------------------------------------------- */

void
weft_model_snapshot (const WeftModel *model, WeftModelSnapshot *snapshot)
{
  *snapshot = (WeftModelSnapshot){
    .serial = _weft_get (model->serial),
    .n_changes = _weft_get (model->n_changes),
    .phase = _weft_get (model->phase),
    .complete_ns = _weft_get (model->complete_ns),
    .last_ns = _weft_get (model->last_ns),
    .begin_ns = _weft_get (model->begin_ns),
    .end_ns = _weft_get (model->end_ns),
    .n_lanes = atomic_load_explicit (&model->n_lanes, memory_order_acquire),
    .n_segments = atomic_load_explicit (&model->n_segments, memory_order_acquire),
    .n_tasks = atomic_load_explicit (&model->n_tasks, memory_order_acquire),
    .n_groups = atomic_load_explicit (&model->n_groups, memory_order_acquire),
    .n_errors = atomic_load_explicit (&model->n_errors, memory_order_acquire),
    .n_spans = _weft_get (model->n_spans),
    .n_dropped = _weft_get (model->n_dropped),
    .n_logs = atomic_load_explicit (&model->n_logs, memory_order_acquire),
  };
  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    snapshot->n_states[state] = _weft_get (model->n_states[state]);
}

char *
weft_model_dup_name (const WeftModel *model)
{
  WeftGraph *graph = weft_model_graph (model, 0);
  const char *name = atomic_load_explicit (&model->name, memory_order_acquire);

  if (name == NULL && graph != NULL && weft_graph_name (graph)[0] != '\0')
    name = weft_graph_name (graph);
  if (name == NULL)
    name = atomic_load_explicit (&model->file, memory_order_acquire);
  return g_strdup (name);
}

int64_t
weft_model_wall_ns (const WeftModel *model)
{
  return _weft_get (model->wall_ns);
}

uint64_t
weft_model_memory_limit (const WeftModel *model)
{
  return _weft_get (model->memory_limit);
}

void
weft_model_lane (const WeftModel *model, uint32_t lane, WeftModelLane *info)
{
  *info = _weft_model_lane (model, lane)->info;
}

const char *
weft_model_string (const WeftModel *model, uint32_t id)
{
  if (id >= atomic_load_explicit (&model->n_strings, memory_order_acquire))
    return NULL;
  return *(char *const *) _weft_blocks_get (&model->strings, id, sizeof (char *));
}

/* What of a file that contradicts itself would be less than nothing is nothing. */
void
weft_model_lane_bytes (const WeftModel *model, uint32_t lane, WeftModelBytes *bytes)
{
  const WeftModelLaneData *data = _weft_model_lane (model, lane);
  int64_t live = (int64_t) _weft_get (data->live_bytes);
  int64_t spilled = (int64_t) _weft_get (data->spilled_bytes);

  *bytes = (WeftModelBytes){ (uint64_t) MAX (live, 0), (uint64_t) MAX (spilled, 0) };
}
