/* test-past.c: a run at any moment, against the model itself told only of what was before it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Runs of the real engine are recorded. For a moment, all records that had not ended by then are
 * taken out of the file's frames, and a model is made of the rest: what it says now, it should be
 * said to have been then. What ran, and what was ready, is found by looking at every record and
 * every input. Clocks have one map, so that stamps can be compared.
 */
#include "config.h"

#include "model-run.h"
#include "model/weft-eta.h"
#include "model/weft-held.h"
#include "model/weft-model-private.h"
#include "model/weft-past.h"

#include <pthread.h>

typedef struct
{
  GPtrArray *frames; /* WeftRunFrame: one clock first, no looks at what runs */
  WeftClockPiece clock;
  int64_t origin_ns;
  WeftModel *model; /* of all of it */
  WeftModelSnapshot snapshot;
  WeftPast *past;
  GArray *stamps; /* uint64_t: when anything began or ended */
} Story;

/* ---- the whole of it ------------------------------------------------------------------------- */

static void
keep_frame (Story *s, const WeftRunFrame *frame)
{
  if (frame->head.kind != WEFT_FRAME_CLOCK && frame->head.kind != WEFT_FRAME_NOW)
    g_ptr_array_add (s->frames, frame_copy (frame));
}

static void
take_clock (Story *s, GPtrArray *frames)
{
  WeftRunFrame *last = NULL;
  WeftRunClock clock;

  for (guint i = 0; i < frames->len; i++)
    if (((WeftRunFrame *) frames->pdata[i])->head.kind == WEFT_FRAME_CLOCK)
      last = frames->pdata[i];
  g_assert_nonnull (last);
  g_assert_true (weft_run_frame_clock (last, &clock));
  clock.valid_from_ticks = 0;
  memcpy ((void *) last->payload, &clock, sizeof clock);
  _weft_clock_piece_init (&s->clock, &clock);
  g_ptr_array_add (s->frames, frame_copy (last));
}

static void
take_stamps (Story *s)
{
  bool is_first = true;

  for (guint i = 0; i < s->frames->len; i++)
    {
      const WeftRecord *records;
      WeftRecordsHead head;
      uint32_t n;

      if (!weft_run_frame_records (s->frames->pdata[i], &head, &records, &n))
        continue;
      if (is_first)
        s->origin_ns = _weft_clock_piece_ns (&s->clock, head.min_start);
      is_first = false;
      for (uint32_t k = 0; k < n; k++)
        {
          uint64_t end = weft_record_end (&records[k]);

          if (records[k].kind == 0)
            continue;
          g_array_append_val (s->stamps, records[k].start);
          g_array_append_val (s->stamps, end);
        }
    }
}

static void
story_begin (Story *s, Run *f)
{
  g_autoptr (GPtrArray) frames = read_frames (f->path);

  s->frames = g_ptr_array_new_with_free_func (frame_free);
  s->stamps = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  take_clock (s, frames);
  for (guint i = 0; i < frames->len; i++)
    keep_frame (s, frames->pdata[i]);
  take_stamps (s);
  s->model = model_of_frames (s->frames, s->frames->len, false);
  weft_model_snapshot (s->model, &s->snapshot);
  s->past = weft_past_new (s->model, &s->snapshot);
}

static void
story_clear (Story *s)
{
  weft_past_free (s->past);
  weft_model_unref (s->model);
  g_array_unref (s->stamps);
  g_ptr_array_unref (s->frames);
}

static int64_t
ns_of (const Story *s, uint64_t ticks)
{
  return _weft_clock_piece_ns (&s->clock, ticks) - s->origin_ns;
}

/* ---- what was before a moment ---------------------------------------------------------------- */

/* With padding where there were later records. */
static WeftRunFrame *
cut_frame (const WeftRunFrame *frame, uint64_t at)
{
  WeftRunFrame *cut = frame_copy (frame);
  const WeftRecord *records;
  uint32_t n;
  bool drop = false;

  if (!weft_run_frame_records (cut, NULL, &records, &n))
    return cut;
  for (uint32_t i = 0; i < n; i++)
    {
      if ((records[i].flags & WEFT_RECORD_DETAIL) == 0)
        drop = weft_record_end (&records[i]) > at;
      if (drop)
        memset ((WeftRecord *) &records[i], 0, sizeof *records);
    }
  return cut;
}

static WeftModel *
model_until (const Story *s, uint64_t at, bool is_end)
{
  WeftModel *model = weft_model_new ();

  for (guint i = 0; i < s->frames->len; i++)
    {
      g_autoptr (GError) error = NULL;
      WeftRunFrame *cut = cut_frame (s->frames->pdata[i], at);

      weft_model_add_frame (model, cut, &error);
      g_assert_no_error (error);
      frame_free (cut);
    }
  weft_model_finish (model, !is_end);
  return model;
}

typedef void (*AttemptFunc) (const Story *s, const WeftRecord *record, uint32_t task, void *data);

static void
foreach_attempt (const Story *s, AttemptFunc func, void *data)
{
  for (guint i = 0; i < s->frames->len; i++)
    {
      const WeftRecord *records;
      uint32_t n;

      if (!weft_run_frame_records (s->frames->pdata[i], NULL, &records, &n))
        continue;
      for (uint32_t k = 0; k < n; k++)
        if ((records[k].kind == WEFT_RECORD_TASK || records[k].kind == WEFT_RECORD_TIMED_OUT)
            && (records[k].flags & WEFT_RECORD_LATE) == 0 && records[k].task != WEFT_NONE)
          func (s, &records[k], weft_model_task_of (s->model, records[k].segment, records[k].task),
                data);
    }
}

/* ---- what should be said --------------------------------------------------------------------- */

typedef struct
{
  uint64_t at;
  WeftModel *model; /* until then */
  uint8_t *states;
  bool *replaced;    /* by task: a graph stands in for it */
  uint64_t *started; /* by segment: its first attempt */
} Brute;

static void
look_at_attempt (const Story *s, const WeftRecord *record, uint32_t task, void *data)
{
  Brute *b = data;
  uint64_t *first = &b->started[record->segment];

  *first = MIN (*first, record->start);
  if (record->start <= b->at && b->at < weft_record_end (record))
    b->states[task] = WEFT_TASK_RUNNING;
  if (weft_record_end (record) <= b->at && record->kind == WEFT_RECORD_TASK
      && weft_record_outcome (record) == WEFT_OUTCOME_REPLACED)
    b->replaced[task] = true;
  g_assert_cmpuint (task, <, s->snapshot.n_tasks);
}

static bool
segment_has_begun (const Story *s, const Brute *b, uint32_t segment)
{
  uint32_t parent = weft_model_segment_parent (s->model, segment);
  bool ends_replaced = false;
  WeftModelLane info;
  uint32_t lane;
  uint64_t index;

  if (parent != WEFT_NONE && weft_model_task_span (s->model, parent, &lane, &index))
    {
      weft_model_lane (s->model, lane, &info);
      ends_replaced = weft_spans_get (info.spans, index)->how >> 4 == WEFT_OUTCOME_REPLACED;
    }
  if (ends_replaced)
    return b->replaced[parent];
  return segment == 0 || b->started[segment] <= b->at;
}

static bool
was_there (const Brute *b, uint32_t task)
{
  return task == WEFT_NONE || b->states[task] == WEFT_TASK_MEMORY
         || b->states[task] == WEFT_TASK_RELEASED;
}

/* By key in the segments before. */
static uint32_t
imported (const Story *s, WeftGraph *graph, uint32_t segment, const WeftImport *import)
{
  if (import->kind == WEFT_IMPORT_TASK)
    return weft_model_task_of (s->model, import->segment, import->task);
  while (import->kind == WEFT_IMPORT_KEY && segment-- > 0)
    {
      uint32_t number = weft_graph_find (weft_model_graph (s->model, segment),
                                         weft_graph_string (graph, import->key), -1);

      if (number != WEFT_NONE)
        return weft_model_task_of (s->model, segment, number);
    }
  return WEFT_NONE;
}

static bool
has_all (const Story *s, const Brute *b, uint32_t task)
{
  uint32_t number, segment = weft_model_task_segment (s->model, task, &number);
  WeftGraph *graph = weft_model_graph (s->model, segment);
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  bool all = segment_has_begun (s, b, segment) && !b->replaced[task];

  for (uint32_t i = arrays->input_offsets[number]; i < arrays->input_offsets[number + 1]; i++)
    {
      uint32_t input = arrays->input_tasks[i];

      all &= was_there (
          b, input < arrays->n_tasks
                 ? weft_model_task_of (s->model, segment, input)
                 : imported (s, graph, segment, &arrays->imports[input - arrays->n_tasks]));
    }
  for (uint32_t i = arrays->after_offsets != NULL ? arrays->after_offsets[number] : 0;
       arrays->after_offsets != NULL && i < arrays->after_offsets[number + 1]; i++)
    all &= was_there (b, weft_model_task_of (s->model, segment, arrays->after_tasks[i]));
  return all;
}

/* Whether the run had come to that phase, or one after it. */
static bool
run_has_come_to (const Story *s, WeftRunPhase phase, uint64_t at)
{
  bool has_come = false;

  for (guint i = 0; i < s->frames->len; i++)
    {
      const WeftRecord *records;
      uint32_t n;

      if (!weft_run_frame_records (s->frames->pdata[i], NULL, &records, &n))
        continue;
      for (uint32_t k = 0; k < n; k++)
        has_come |= records[k].kind == WEFT_RECORD_RUN_STATE && records[k].how >= phase
                    && records[k].start <= at;
    }
  return has_come;
}

static void
brute_begin (Brute *b, const Story *s, uint64_t at)
{
  WeftModelSnapshot now;
  uint32_t n = s->snapshot.n_tasks;

  b->at = at;
  b->model = model_until (s, at, run_has_come_to (s, WEFT_RUN_DONE, at));
  weft_model_snapshot (b->model, &now);
  g_assert_cmpuint (now.n_tasks, ==, n);
  b->states = g_new0 (uint8_t, n + 1);
  b->replaced = g_new0 (bool, n + 1);
  b->started = g_new (uint64_t, s->snapshot.n_segments + 1);
  memset (b->started, 0xff, sizeof (uint64_t) * (s->snapshot.n_segments + 1));
  for (uint32_t task = 0; task < n; task++)
    b->states[task] = (uint8_t) weft_model_task_state (b->model, task);
  foreach_attempt (s, look_at_attempt, b);
  for (uint32_t task = 0; task < n && run_has_come_to (s, WEFT_RUN_RUNNING, at); task++)
    if (b->states[task] == WEFT_TASK_WAITING && has_all (s, b, task))
      {
        uint32_t number;

        /* the start of a later segment's first task was cut off with it; else it was known then */
        g_assert_cmpuint (weft_model_task_segment (s->model, task, &number), >, 0);
        b->states[task] = WEFT_TASK_QUEUED;
      }
}

static void
brute_clear (Brute *b)
{
  weft_model_unref (b->model);
  g_free (b->states);
  g_free (b->replaced);
  g_free (b->started);
}

/* ---- whether it is --------------------------------------------------------------------------- */

/* Counts are those of the states, over all and by group. */
static void
assert_sums (const Story *s, const WeftMoment *moment)
{
  g_autofree WeftMomentGroup *groups = g_new0 (WeftMomentGroup, moment->n_groups + 1);
  uint64_t live_bytes = 0, lane_bytes = 0;

  for (uint32_t task = 0; task < moment->n_tasks; task++)
    groups[MIN (weft_model_task_group (s->model, task), moment->n_groups)]
        .n_states[moment->states[task]]++;
  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    {
      uint32_t n = 0;

      for (uint32_t i = 0; i <= moment->n_groups; i++)
        {
          g_assert_cmpuint (moment->groups[i].n_states[state], ==, groups[i].n_states[state]);
          n += groups[i].n_states[state];
        }
      g_assert_cmpuint (moment->n_states[state], ==, n);
    }
  for (uint32_t i = 0; i <= moment->n_groups; i++)
    live_bytes += moment->groups[i].live_bytes;
  for (uint32_t i = 0; i < moment->n_lanes; i++)
    lane_bytes += moment->lanes[i].live;
  g_assert_cmpuint (moment->live_bytes, ==, live_bytes);
  g_assert_cmpuint (moment->live_bytes, ==, lane_bytes);
}

/* At the moment itself the list has what just went, too; so it is asked for one later. */
static void
assert_bytes (const Story *s, const WeftMoment *moment)
{
  WeftMoment *next = weft_moment_new (s->past, moment->at_ns + 1);
  WeftHeldSum before, after;

  weft_held_at (s->model, &s->snapshot, moment->at_ns, NULL, 0, &before);
  weft_held_at (s->model, &s->snapshot, moment->at_ns + 1, NULL, 0, &after);
  g_assert_cmpuint (moment->n_results, <=, before.n);
  if (next->n_results == after.n)
    g_assert_cmpuint (next->live_bytes, ==, after.bytes);
  else
    g_assert_cmpuint (next->n_results, <, after.n);
  weft_moment_unref (next);
}

/* ---- attempts, and estimates ----------------------------------------------------------------- */

typedef struct
{
  uint64_t at;
  GArray *last; /* int64_t, by task: start of the last attempt that had begun; -1: none */
  GArray *nows; /* WeftNowEntry */
} Begun;

static void
note_begun (const Story *s, const WeftRecord *record, uint32_t task, void *data)
{
  Begun *begun = data;
  int64_t *last = &g_array_index (begun->last, int64_t, task);

  if (record->start <= begun->at)
    *last = MAX (*last, ns_of (s, record->start));
}

static void
note_running (const Story *s, Begun *begun)
{
  for (guint i = 0; i < s->frames->len; i++)
    {
      const WeftRunFrame *frame = s->frames->pdata[i];
      const WeftRecord *records;
      uint32_t n;

      if (!weft_run_frame_records (frame, NULL, &records, &n))
        continue;
      for (uint32_t k = 0; k < n; k++)
        if (records[k].kind == WEFT_RECORD_TASK && (records[k].flags & WEFT_RECORD_LATE) == 0
            && records[k].start <= begun->at && begun->at < weft_record_end (&records[k]))
          {
            WeftNowEntry entry = { .lane = frame->head.lane,
                                   .task = records[k].task,
                                   .segment = records[k].segment,
                                   .attempt = 1,
                                   .kind = WEFT_RECORD_TASK,
                                   .start = records[k].start };

            g_array_append_val (begun->nows, entry);
          }
    }
}

static Begun
begun_by (const Story *s, uint64_t at)
{
  Begun begun = { at, g_array_new (FALSE, FALSE, sizeof (int64_t)),
                  g_array_new (FALSE, FALSE, sizeof (WeftNowEntry)) };
  int64_t none = -1;

  for (uint32_t task = 0; task < s->snapshot.n_tasks; task++)
    g_array_append_val (begun.last, none);
  foreach_attempt (s, note_begun, &begun);
  note_running (s, &begun);
  return begun;
}

/* The span that is found of a task is its last one that had begun. */
static void
assert_attempts (const Story *s, const WeftMoment *moment, const Begun *begun)
{
  for (uint32_t task = 0; task < moment->n_tasks; task++)
    {
      int64_t found_ns = -1;
      WeftModelLane info;
      uint64_t index;
      uint32_t lane;

      if (weft_moment_attempt (moment, s->model, task, &lane, &index))
        {
          weft_model_lane (s->model, lane, &info);
          found_ns = weft_spans_get (info.spans, index)->start_ns;
        }
      g_assert_cmpint (found_ns, ==, g_array_index (begun->last, int64_t, task));
    }
}

/* As the file was then: with what ran, and nothing after. */
static WeftModel *
model_then (const Story *s, const Begun *begun)
{
  WeftRunFrame now = { .head = { .kind = WEFT_FRAME_NOW,
                                 .n_bytes = (uint32_t) (begun->nows->len * sizeof (WeftNowEntry)) },
                       .payload = (const uint8_t *) begun->nows->data };
  WeftModel *model = weft_model_new ();
  g_autoptr (GError) error = NULL;

  for (guint i = 0; i < s->frames->len; i++)
    {
      WeftRunFrame *cut = cut_frame (s->frames->pdata[i], begun->at);

      weft_model_add_frame (model, cut, &error);
      g_assert_no_error (error);
      frame_free (cut);
    }
  weft_model_add_frame (model, &now, &error);
  g_assert_no_error (error);
  return model;
}

/* What is said of then is what would have been said then. */
static void
assert_estimate (const Story *s, const WeftMoment *moment, const Begun *begun)
{
  WeftModel *model = model_then (s, begun);
  WeftEtaReader *reader = weft_eta_reader_new (model);
  WeftModelSnapshot snapshot;
  WeftEta told, then;

  weft_model_snapshot (model, &snapshot);
  snapshot.last_ns = moment->at_ns;
  weft_eta_reader_estimate (reader, &snapshot, &told);
  weft_eta_estimate_then (s->model, &s->snapshot, moment, &then);
  if (snapshot.phase >= WEFT_RUN_DONE) /* of a run that is over nothing is told */
    told = then;
  g_assert_cmpuint (then.n_left, ==, told.n_left);
  g_assert_cmpuint (then.n_unknown, ==, told.n_unknown);
  g_assert_cmpint (then.known, ==, told.known);
  g_assert_cmpint (then.at_least, ==, told.at_least);
  g_assert_cmpint (then.least_ns, ==, told.least_ns);
  g_assert_cmpint (then.low_ns, ==, told.low_ns);
  g_assert_cmpint (then.middle_ns, ==, told.middle_ns);
  g_assert_cmpint (then.high_ns, ==, told.high_ns);
  weft_eta_reader_free (reader);
  weft_model_unref (model);
}

static void
assert_then (const Story *s, const WeftMoment *moment, uint64_t at)
{
  Begun begun = begun_by (s, at);

  assert_attempts (s, moment, &begun);
  if (s->snapshot.n_segments == 1)
    assert_estimate (s, moment, &begun);
  g_array_unref (begun.last);
  g_array_unref (begun.nows);
}

static void
assert_moment (const Story *s, uint64_t at)
{
  WeftMoment *moment = weft_moment_new (s->past, ns_of (s, at));
  Brute b;

  brute_begin (&b, s, at);
  g_assert_cmpuint (moment->n_tasks, ==, s->snapshot.n_tasks);
  for (uint32_t task = 0; task < moment->n_tasks; task++)
    if (moment->states[task] != b.states[task])
      {
        g_autofree char *key = weft_model_task_dup_key (s->model, task);

        g_error ("%s at %" G_GINT64_FORMAT " ns: state %u, not %u", key, moment->at_ns,
                 moment->states[task], b.states[task]);
      }
  assert_sums (s, moment);
  assert_bytes (s, moment);
  assert_then (s, moment, at);
  brute_clear (&b);
  weft_moment_unref (moment);
}

/* At, just before, or after something. Ticks are shorter than nanoseconds: the last of one. */
static uint64_t
random_stamp (const Story *s)
{
  gint32 i = g_test_rand_int_range (0, (gint32) s->stamps->len);
  uint64_t at =
      g_array_index (s->stamps, uint64_t, i) + (uint64_t) g_test_rand_int_range (0, 7) - 3;

  while (ns_of (s, at + 1) == ns_of (s, at))
    at++;
  return at;
}

static uint64_t
last_stamp (const Story *s)
{
  uint64_t last = 0;

  for (guint i = 0; i < s->stamps->len; i++)
    last = MAX (last, g_array_index (s->stamps, uint64_t, i));
  return last;
}

static void
assert_end_of_lanes (const Story *s, const WeftMoment *moment)
{
  g_assert_cmpuint (moment->n_lanes, ==, s->snapshot.n_lanes);
  for (uint32_t lane = 0; lane < moment->n_lanes; lane++)
    {
      WeftModelBytes bytes;

      weft_model_lane_bytes (s->model, lane, &bytes);
      g_assert_cmpuint (moment->lanes[lane].live, ==, bytes.live);
      g_assert_cmpuint (moment->lanes[lane].spilled, ==, bytes.spilled);
    }
}

/* As the model has it in the end, bytes by group and all. */
static void
assert_end (const Story *s, bool with_bytes)
{
  WeftMoment *moment = weft_moment_new (s->past, s->snapshot.last_ns);

  g_assert_cmpmem (moment->n_states, sizeof moment->n_states, s->snapshot.n_states,
                   sizeof s->snapshot.n_states);
  for (uint32_t task = 0; task < moment->n_tasks; task++)
    g_assert_cmpuint (moment->states[task], ==, weft_model_task_state (s->model, task));
  for (uint32_t i = 0; i < moment->n_groups; i++)
    {
      WeftModelGroup group;

      weft_model_group (s->model, i, &group);
      g_assert_cmpmem (moment->groups[i].n_states, sizeof group.n_states, group.n_states,
                       sizeof group.n_states);
      if (with_bytes)
        g_assert_cmpuint (moment->groups[i].live_bytes, ==, group.live_bytes);
    }
  if (with_bytes)
    assert_end_of_lanes (s, moment);
  assert_sums (s, moment);
  weft_moment_unref (moment);
}

/* All moments at which a task begins or ends are found, in order, both ways. */
static void
note_ends (const Story *s, const WeftRecord *record, uint32_t task G_GNUC_UNUSED, void *data)
{
  int64_t from_ns = ns_of (s, record->start), to_ns = ns_of (s, weft_record_end (record));

  g_array_append_val ((GArray *) data, from_ns);
  g_array_append_val ((GArray *) data, to_ns);
}

static int
compare_ns (const void *a, const void *b)
{
  int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

  return (x > y) - (x < y);
}

static void
assert_steps (const Story *s)
{
  g_autoptr (GArray) all = g_array_new (FALSE, FALSE, sizeof (int64_t));
  int64_t at_ns = -1;

  foreach_attempt (s, note_ends, all);
  g_array_sort (all, compare_ns);
  for (guint i = 0; i < all->len; i++)
    {
      int64_t next_ns = g_array_index (all, int64_t, i);

      if (next_ns == at_ns)
        continue;
      g_assert_cmpint (weft_moment_next_event (s->model, &s->snapshot, at_ns, true), ==, next_ns);
      if (at_ns >= 0)
        g_assert_cmpint (weft_moment_next_event (s->model, &s->snapshot, next_ns, false), ==,
                         at_ns);
      at_ns = next_ns;
    }
  g_assert_cmpint (weft_moment_next_event (s->model, &s->snapshot, at_ns, true), ==, at_ns);
}

static void
assert_story (Run *f, unsigned n_moments, bool with_bytes)
{
  WeftMoment *before;
  Story s;

  story_begin (&s, f);
  for (unsigned i = 0; i < n_moments; i++)
    assert_moment (&s, random_stamp (&s));
  assert_moment (&s, last_stamp (&s));
  assert_end (&s, with_bytes);
  assert_steps (&s);
  before = weft_moment_new (s.past, -1);
  g_assert_cmpuint (before->n_states[WEFT_TASK_WAITING], ==, s.snapshot.n_tasks);
  g_assert_cmpuint (before->live_bytes, ==, 0);
  weft_moment_unref (before);
  g_assert_cmpint (weft_past_end_ns (s.past), ==, s.snapshot.complete_ns);
  story_clear (&s);
}

/* ---- runs ------------------------------------------------------------------------------------ */

static void
test_shapes (void)
{
  static const char *const specs[] = { "tree:60,2", "chains:5,12", "stencil:9,7", "shuffle:6,5",
                                       "fan:40" };

  for (unsigned i = 0; i < G_N_ELEMENTS (specs); i++)
    for (uint32_t n_workers = 1; n_workers <= 3; n_workers += 2)
      {
        Run f;

        begin (&f, n_workers, shape_graph (specs[i], "t.box"), (WeftRunOptions){ 0 });
        finish_and_compare (&f);
        assert_story (&f, 30, true);
        clear (&f);
      }
}

static void
test_failures (void)
{
  Run f;

  begin (&f, 2, failing_graph (), (WeftRunOptions){ .on_error = WEFT_ON_ERROR_CONTINUE });
  finish_and_compare (&f);
  assert_story (&f, 100, true);
  clear (&f);
  begin (&f, 2, failing_graph (), (WeftRunOptions){ .on_error = WEFT_ON_ERROR_STOP });
  finish_and_compare (&f);
  assert_story (&f, 60, true);
  clear (&f);
}

/* A random graph some of whose tasks fail, are tried again, or have a time limit. */
static WeftGraph *
random_graph (uint32_t n)
{
  static const char *const ops[] = { "t.box", "t.box", "t.sum", "t.fail" };
  WeftGraphBuilder *builder = weft_graph_builder_new ();

  for (uint32_t i = 0; i < n; i++)
    {
      WeftTaskAttributes attributes = { .retry_delay_ns = 1000, .label = WEFT_NONE };
      g_autofree char *key = g_strdup_printf ("group%u-%u", i % 5, i);
      const char *op = ops[g_test_rand_int_range (0, G_N_ELEMENTS (ops))];
      bool has_input = i > 0 && g_test_rand_int_range (0, 4) > 0 && !g_str_equal (op, "t.fail");
      uint32_t input = has_input ? (uint32_t) g_test_rand_int_range (0, (gint32) i) : WEFT_NONE;
      uint32_t task = add_task (builder, key, op, g_test_rand_int_range (0, 4), input, 0, 1);

      attributes.retries = (uint32_t) g_test_rand_int_range (0, 4);
      weft_graph_builder_set_attributes (builder, task, &attributes);
      if (i > 0 && g_test_rand_int_range (0, 6) == 0)
        weft_graph_builder_add_after (builder, task,
                                      (uint32_t) g_test_rand_int_range (0, (gint32) i));
      if (g_test_rand_int_range (0, 9) == 0)
        weft_graph_builder_want (builder, task, 0);
    }
  return freeze (builder);
}

static void
test_random (void)
{
  for (int i = 0; i < 12; i++)
    {
      WeftRunOptions options = { .on_error =
                                     i % 4 > 0 ? WEFT_ON_ERROR_CONTINUE : WEFT_ON_ERROR_STOP };
      Run f;

      begin (&f, 1 + (uint32_t) i % 3, random_graph (120), options);
      finish (&f);
      assert_story (&f, 40, true);
      clear (&f);
    }
}

/* A task is judged by its first output, and its bytes go with the last. */
static void
test_several_outputs (void)
{
  Run f;

  begin (&f, 2, pairs_graph (), (WeftRunOptions){ 0 });
  finish_and_compare (&f);
  assert_story (&f, 60, false);
  clear (&f);
}

/* Graphs that stand in for tasks, several deep: their results are the parents'. */
static void
test_nested (void)
{
  Run f;

  begin (&f, 2, NULL, (WeftRunOptions){ .keep_open = true });
  for (int i = 0; i < 4; i++)
    get (submit (&f, NULL, "t.nest", i));
  finish (&f);
  assert_story (&f, 150, false);
  clear (&f);
}

/* Results of one segment that another reads. */
static void
test_imports (void)
{
  Run f;

  run_with_imports (&f);
  assert_story (&f, 60, true);
  clear (&f);
}

/* What was not come to is cancelled with the run, and keeps what it would have read. */
static void
test_cancel (void)
{
  Run f;

  fixture_close_gate ();
  begin (&f, 2, shape_graph ("chains:4,5", "t.gate"), (WeftRunOptions){ 0 });
  fixture_wait_at_gate (2);
  weft_run_cancel (f.run);
  finish_and_compare (&f);
  fixture_open_gate ();
  assert_story (&f, 60, true);
  clear (&f);
}

/* ---- while it goes on ------------------------------------------------------------------------ */

/* What runs now has started; what was ready stands in the queue. */
static void
test_running (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GPtrArray) frames = NULL;
  g_autoptr (GError) error = NULL;
  WeftModelSnapshot snapshot;
  WeftMoment *moment;
  WeftPast *past;
  WeftModel *model;
  uint32_t gate;
  Run f;

  add_task (builder, "before", "t.sum", 1, WEFT_NONE, 0, 1);
  gate = add_task (builder, "gate", "t.gate", 1, WEFT_NONE, 0, 1);
  add_task (builder, "other", "t.gate", 1, WEFT_NONE, 0, 1);
  add_task (builder, "after", "t.sum", 1, gate, 0, 1);
  fixture_close_gate ();
  begin (&f, 1, freeze (builder), (WeftRunOptions){ 0 });
  fixture_wait_at_gate (1);
  weft_recorder_flush (weft_run_recorder (f.run), &error);
  g_assert_no_error (error);
  frames = read_frames (f.path);
  model = weft_model_new ();
  add_frames (model, frames, 0, frames->len);
  weft_model_snapshot (model, &snapshot);
  past = weft_past_new (model, &snapshot);
  moment = weft_moment_new (past, snapshot.last_ns);
  g_assert_cmpuint (moment->n_states[WEFT_TASK_RUNNING], ==, 1);
  g_assert_cmpuint (moment->n_states[WEFT_TASK_QUEUED], ==, 1);
  g_assert_cmpuint (moment->states[weft_model_find_key (model, "after")], ==, WEFT_TASK_WAITING);
  weft_moment_unref (moment);
  weft_past_free (past);
  weft_model_unref (model);
  fixture_open_gate ();
  finish_and_compare (&f);
  assert_story (&f, 20, true);
  clear (&f);
}

typedef struct
{
  WeftModel *model;
  GPtrArray *frames;
} Feeding;

static void *
feed_thread (void *data)
{
  Feeding *feeding = data;

  add_frames (feeding->model, feeding->frames, 0, feeding->frames->len);
  weft_model_finish (feeding->model, false);
  return NULL;
}

/* What more comes of a run changes no moment of which all was known. */
static void
test_while_it_grows (void)
{
  g_autoptr (GPtrArray) frames = NULL;
  Feeding feeding;
  WeftPast *last;
  pthread_t thread;
  bool done = false;
  Run f;

  begin (&f, 2, random_graph (3000), (WeftRunOptions){ .on_error = WEFT_ON_ERROR_CONTINUE });
  finish (&f);
  frames = read_frames (f.path);
  last = NULL;
  feeding = (Feeding){ weft_model_new (), frames };
  g_assert_cmpint (pthread_create (&thread, NULL, feed_thread, &feeding), ==, 0);
  while (!done)
    {
      WeftModelSnapshot snapshot;
      WeftMoment *before, *now;
      WeftPast *past;

      weft_model_snapshot (feeding.model, &snapshot);
      done = snapshot.phase >= WEFT_RUN_DONE && snapshot.complete_ns == snapshot.last_ns;
      past = weft_past_new (feeding.model, &snapshot);
      if (last != NULL)
        {
          int64_t at_ns = (int64_t) (g_test_rand_double () * (double) weft_past_end_ns (last));

          before = weft_moment_new (last, at_ns);
          now = weft_moment_new (past, at_ns);
          g_assert_cmpuint (before->n_tasks, <=, now->n_tasks);
          for (uint32_t task = 0; task < before->n_tasks; task++)
            if (before->states[task] >= WEFT_TASK_RUNNING)
              g_assert_cmpuint (before->states[task], ==, now->states[task]);
          weft_moment_unref (before);
          weft_moment_unref (now);
        }
      weft_past_free (last);
      last = past;
    }
  pthread_join (thread, NULL);
  weft_past_free (last);
  weft_model_unref (feeding.model);
  clear (&f);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "past", "shapes", test_shapes);
  test_add ("model", "past", "failures", test_failures);
  test_add ("model", "past", "random", test_random);
  test_add ("model", "past", "several-outputs", test_several_outputs);
  test_add ("model", "past", "nested", test_nested);
  test_add ("model", "past", "imports", test_imports);
  test_add ("model", "past", "cancel", test_cancel);
  test_add ("model", "past", "running", test_running);
  test_add ("model", "past", "while-it-grows", test_while_it_grows);
  return g_test_run ();
}
