/* test-ready.c: which tasks could be started, by what their graphs say
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Random graphs in several segments, which read each other's results, some of them more often than
 * can be counted in a byte; and random attempts: in any order, that fail, that fail after they went
 * well, that are told of twice, one by one and in rows; and what tasks need beside that, told when
 * they are there already, in any direction. Beside the model a shadow looks through all that a task
 * needs whenever something of it has ended.
 */
#include "config.h"

#include "made-fixture.h"

#include "graph/weft-graph-builder.h"
#include "graph/weft-graph-codec.h"

#define ROUNDS 150
#define MOST_SEGMENTS 5u
#define MOST_TASKS 400u /* of a segment */

typedef struct
{
  uint32_t segment, number;
  WeftModelState state;
  GArray *needs; /* uint32_t: indices in `tasks` */
  GArray *dependents;
} Task;

typedef struct
{
  Maker m;
  GArray *tasks; /* Task, of all segments */
  uint32_t n_segments;
  bool begun[MOST_SEGMENTS];
  uint64_t now;
} Shadow;

static uint32_t
draw (uint32_t from, uint32_t to)
{
  return (uint32_t) g_test_rand_int_range ((gint32) from, (gint32) to + 1);
}

static Task *
task_at (const Shadow *shadow, uint32_t i)
{
  return &g_array_index (shadow->tasks, Task, i);
}

static void
clear_task (void *data)
{
  g_array_unref (((Task *) data)->needs);
  g_array_unref (((Task *) data)->dependents);
}

/* ---- what has to be -------------------------------------------------------------------------- */

static bool
has_all (const Shadow *shadow, const Task *task)
{
  for (guint i = 0; i < task->needs->len; i++)
    if (task_at (shadow, g_array_index (task->needs, uint32_t, i))->state != WEFT_TASK_MEMORY)
      return false;
  return true;
}

static void
look_at (const Shadow *shadow, Task *task)
{
  if (shadow->begun[task->segment] && task->state == WEFT_TASK_WAITING && has_all (shadow, task))
    task->state = WEFT_TASK_QUEUED;
}

static void
begin_segment (Shadow *shadow, uint32_t segment)
{
  shadow->begun[segment] = true;
  for (uint32_t i = 0; i < shadow->tasks->len; i++)
    if (task_at (shadow, i)->segment == segment)
      look_at (shadow, task_at (shadow, i));
}

static void
end_task (const Shadow *shadow, Task *task, WeftModelState state)
{
  task->state = state;
  for (guint i = 0; state == WEFT_TASK_MEMORY && i < task->dependents->len; i++)
    look_at (shadow, task_at (shadow, g_array_index (task->dependents, uint32_t, i)));
}

static void
note_record (Shadow *shadow, Task *task, const WeftRecord *record)
{
  if (record->kind == WEFT_RECORD_CANCELLED)
    {
      end_task (shadow, task, WEFT_TASK_CANCELLED);
      return;
    }
  if (!shadow->begun[task->segment])
    begin_segment (shadow, task->segment);
  switch (weft_record_outcome (record))
    {
    case WEFT_OUTCOME_OK:
      end_task (shadow, task, WEFT_TASK_MEMORY);
      break;
    case WEFT_OUTCOME_FAILED:
      end_task (shadow, task, WEFT_TASK_ERRED);
      break;
    default:
      if (task->state < WEFT_TASK_MEMORY)
        task->state = WEFT_TASK_QUEUED;
    }
}

/* Results that nobody reads any more are released, which makes no difference here. */
static WeftModelState
known_state (const Shadow *shadow, const Task *task)
{
  uint32_t of_model = weft_model_task_of (shadow->m.model, task->segment, task->number);
  WeftModelState state = weft_model_task_state (shadow->m.model, of_model);

  return state == WEFT_TASK_RELEASED ? WEFT_TASK_MEMORY : state;
}

static void
assert_as_it_has_to_be (const Shadow *shadow)
{
  uint32_t n_states[WEFT_TASK_N_STATES] = { 0 };
  WeftModelSnapshot snapshot;

  for (uint32_t i = 0; i < shadow->tasks->len; i++)
    {
      g_assert_cmpuint (known_state (shadow, task_at (shadow, i)), ==, task_at (shadow, i)->state);
      n_states[task_at (shadow, i)->state]++;
    }
  weft_model_snapshot (shadow->m.model, &snapshot);
  snapshot.n_states[WEFT_TASK_MEMORY] += snapshot.n_states[WEFT_TASK_RELEASED];
  snapshot.n_states[WEFT_TASK_RELEASED] = 0;
  for (unsigned state = 0; state < WEFT_TASK_N_STATES; state++)
    g_assert_cmpuint (snapshot.n_states[state], ==, n_states[state]);
}

/* ---- graphs ---------------------------------------------------------------------------------- */

static void
send_graph (Shadow *shadow, WeftGraph *graph)
{
  WeftGraphEncoder *encoder = weft_graph_encoder_new (graph);
  WeftSegmentHead head = { .segment = shadow->n_segments,
                           .parent_segment = WEFT_NONE,
                           .parent_task = WEFT_NONE };
  bool more = true;

  for (; more; head.piece++)
    {
      put (&shadow->m, &head, sizeof head);
      more = weft_graph_encoder_next (encoder, head.piece, shadow->m.bytes, &head.first_task,
                                      &head.n_tasks);
      head.flags = (head.piece == 0 ? WEFT_SEGMENT_FIRST : 0) | (more ? 0 : WEFT_SEGMENT_LAST);
      memcpy (shadow->m.bytes->data, &head, sizeof head);
      give_well (&shadow->m, WEFT_FRAME_SEGMENT, shadow->n_segments);
    }
  weft_graph_encoder_free (encoder);
}

static uint32_t
draw_n_needs (void)
{
  uint32_t what = draw (0, 99);

  return what == 0 ? draw (17, 60) : what == 1 ? draw (100, 300) : draw (0, 3);
}

static bool
is_among (const GArray *numbers, uint32_t number)
{
  for (guint i = 0; i < numbers->len; i++)
    if (g_array_index (numbers, uint32_t, i) == number)
      return true;
  return false;
}

/* What the shadow's task i needs: tasks before it, of its segment or of earlier ones. */
typedef void (*ChooseNeeds) (const Shadow *shadow, uint32_t i, GArray *needs);

static void
draw_needs (const Shadow *shadow, uint32_t i, GArray *needs)
{
  uint32_t n = i > 0 ? draw_n_needs () : 0;

  (void) shadow;
  for (uint32_t k = 0; k < n; k++)
    {
      uint32_t need = draw (draw (0, 1) > 0 ? i - MIN (i, 20) : 0, i - 1);

      if (!is_among (needs, need))
        g_array_append_val (needs, need);
    }
}

/* @first: of the segment's tasks */
static void
add_inputs (Shadow *shadow, WeftGraphBuilder *builder, uint32_t first, uint32_t i, GArray *inputs)
{
  const GArray *needs = task_at (shadow, i)->needs;

  for (guint k = 0; k < needs->len; k++)
    {
      uint32_t need = g_array_index (needs, uint32_t, k);
      const Task *source = task_at (shadow, need);
      WeftTaskOutput input = { .task = need - first };

      if (need < first)
        input.task = weft_graph_builder_import_task (builder, source->segment, source->number, 0);
      g_array_append_val (inputs, input);
      g_array_append_val (source->dependents, i);
    }
}

static void
add_task (Shadow *shadow, WeftGraphBuilder *builder, uint32_t first, uint32_t i, ChooseNeeds choose)
{
  g_autoptr (GArray) inputs = g_array_new (FALSE, FALSE, sizeof (WeftTaskOutput));
  g_autofree char *key = g_strdup_printf ("work-%u", i);
  Task task = { .segment = shadow->n_segments,
                .needs = g_array_new (FALSE, FALSE, sizeof (uint32_t)),
                .dependents = g_array_new (FALSE, FALSE, sizeof (uint32_t)) };
  uint32_t call;

  choose (shadow, i, task.needs);
  g_array_append_val (shadow->tasks, task);
  add_inputs (shadow, builder, first, i, inputs);
  weft_graph_builder_begin_call (builder, NULL, 0, 1);
  if (inputs->len > 0)
    weft_graph_builder_arg_slots (builder, 0, inputs->len);
  call = weft_graph_builder_end_call (builder);
  weft_graph_builder_add_task (builder, key, -1, call,
                               (const WeftTaskOutput *) (void *) inputs->data, inputs->len);
}

static void
add_segment (Shadow *shadow, uint32_t n, ChooseNeeds choose)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t first = shadow->tasks->len;
  g_autofree uint32_t *new_ids = g_new (uint32_t, n);
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;

  for (uint32_t i = 0; i < n; i++)
    {
      g_autofree char *key = g_strdup_printf ("work-%u", first + i);

      weft_graph_builder_mention (builder, key, -1);
    }
  for (uint32_t i = 0; i < n; i++)
    add_task (shadow, builder, first, first + i, choose);
  graph = weft_graph_builder_freeze (builder, new_ids, &error);
  g_assert_no_error (error);
  weft_graph_builder_free (builder);
  for (uint32_t i = 0; i < n; i++)
    task_at (shadow, first + i)->number = new_ids[i];
  send_graph (shadow, graph);
  weft_graph_unref (graph);
  shadow->n_segments++;
  if (shadow->n_segments == 1) /* the run has begun */
    begin_segment (shadow, 0);
}

/* ---- what happens ---------------------------------------------------------------------------- */

/* @at: where about in the graphs the run is */
static WeftRecord
draw_record (Shadow *shadow, uint32_t at, bool well)
{
  uint32_t n = shadow->tasks->len, far = well ? 40 : 300;
  uint32_t i = draw (at > far ? at - far : 0, MIN (at + far, n) - 1);
  uint32_t what = well ? 99 : draw (0, 99);
  uint8_t outcome = what < 10   ? WEFT_OUTCOME_FAILED
                    : what < 15 ? WEFT_OUTCOME_RETRIED
                                : WEFT_OUTCOME_OK;
  Task *task = task_at (shadow, i);
  WeftRecord record;

  shadow->now += 10;
  if (what < 20 && what >= 15)
    record = span (WEFT_RECORD_CANCELLED, 0, task->number, shadow->now, 0, 0);
  else
    record = span (WEFT_RECORD_TASK, (uint8_t) (WEFT_HOW_OWN | outcome << 4), task->number,
                   shadow->now, 5, draw (0, 100));
  record.segment = task->segment;
  note_record (shadow, task, &record);
  return record;
}

static void
run_some (Shadow *shadow, uint32_t at, bool well)
{
  WeftRecord records[60];
  uint32_t n = draw (1, G_N_ELEMENTS (records));

  for (uint32_t i = 0; i < n; i++)
    records[i] = draw_record (shadow, at, well);
  give_records (&shadow->m, 1, records, n);
}

/* What a task needs is told only now: it waits for that, unless it is there or the task has run. */
static void
link_some (Shadow *shadow)
{
  WeftRecord records[10];
  uint32_t n = draw (1, G_N_ELEMENTS (records));

  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t to = draw (0, shadow->tasks->len - 1), from = draw (0, shadow->tasks->len - 1);
      Task *task = task_at (shadow, to), *needs = task_at (shadow, from);

      weft_record_set_point (&records[i], WEFT_RECORD_LINK, 0, (uint8_t) draw (0, 2), task->number,
                             task->segment, shadow->now += 10, needs->number, needs->segment);
      if (records[i].how > WEFT_LINK_AFTER || to == from || task->state > WEFT_TASK_QUEUED
          || needs->state == WEFT_TASK_MEMORY)
        continue;
      g_array_append_val (task->needs, from);
      g_array_append_val (needs->dependents, to);
      task->state = WEFT_TASK_WAITING;
    }
  give_records (&shadow->m, 0, records, n);
}

static Shadow
begin_shadow (void)
{
  Shadow shadow = { .tasks = g_array_new (FALSE, FALSE, sizeof (Task)), .now = 2000 };

  g_array_set_clear_func (shadow.tasks, clear_task);
  begin_run (&shadow.m);
  return shadow;
}

static void
clear_shadow (Shadow *shadow)
{
  g_array_unref (shadow->tasks);
  clear (&shadow->m);
}

static void
test_ready (void)
{
  for (int round = 0; round < ROUNDS; round++)
    {
      Shadow shadow = begin_shadow ();
      bool well = draw (0, 1) > 0, with_links = draw (0, 1) > 0;

      add_segment (&shadow, draw (1, MOST_TASKS), draw_needs);
      for (uint32_t at = 1; at < shadow.tasks->len; at += draw (1, 30))
        {
          if (shadow.n_segments < MOST_SEGMENTS && draw (0, 9) == 0)
            add_segment (&shadow, draw (1, MOST_TASKS), draw_needs);
          run_some (&shadow, at, well);
          if (with_links && draw (0, 2) == 0)
            link_some (&shadow);
          assert_as_it_has_to_be (&shadow);
        }
      clear_shadow (&shadow);
    }
}

#define N_TAKEN_BACK 200u

static void
choose_nothing (const Shadow *shadow, uint32_t i, GArray *needs)
{
  (void) shadow, (void) i, (void) needs;
}

/* The first task of all, and one of those of its segment that were taken back. */
static void
choose_first_and_own (const Shadow *shadow, uint32_t i, GArray *needs)
{
  uint32_t first = 0, own = i - N_TAKEN_BACK;

  (void) shadow;
  g_array_append_val (needs, first);
  g_array_append_val (needs, own);
}

static void
end_one (Shadow *shadow, uint32_t i, uint8_t outcome)
{
  Task *task = task_at (shadow, i);
  WeftRecord record = span (WEFT_RECORD_TASK, (uint8_t) (WEFT_HOW_OWN | outcome << 4), task->number,
                            shadow->now += 10, 5, 0);

  record.segment = task->segment;
  note_record (shadow, task, &record);
  give_records (&shadow->m, 1, &record, 1);
}

/* One end tells many tasks of another segment, each of which then waits for a result that was there
 * when its segment came and was taken back: the list of who is told grows while it is gone through.
 */
static void
test_taken_back_elsewhere (void)
{
  Shadow shadow = begin_shadow ();

  add_segment (&shadow, N_TAKEN_BACK + 1, choose_nothing);
  for (uint32_t i = 1; i <= N_TAKEN_BACK; i++)
    end_one (&shadow, i, WEFT_OUTCOME_OK);
  add_segment (&shadow, N_TAKEN_BACK, choose_first_and_own);
  end_one (&shadow, N_TAKEN_BACK + 1, WEFT_OUTCOME_RETRIED); /* its segment has begun */
  for (uint32_t i = 1; i <= N_TAKEN_BACK; i++)
    end_one (&shadow, i, WEFT_OUTCOME_FAILED);
  end_one (&shadow, 0, WEFT_OUTCOME_OK);
  assert_as_it_has_to_be (&shadow);
  for (uint32_t i = 1; i <= N_TAKEN_BACK; i++)
    {
      end_one (&shadow, i, WEFT_OUTCOME_OK);
      assert_as_it_has_to_be (&shadow);
    }
  clear_shadow (&shadow);
}

/* ---- very many late inputs ------------------------------------------------------------------- */

#define N_LATE 400000u

/* One task needs all others by links, and they end in order: looked at from the first each time,
 * this would take minutes. */
static void
test_many_late (void)
{
  g_autofree uint32_t *distances = g_new0 (uint32_t, N_LATE + 1);
  g_autofree WeftRecord *records = g_new (WeftRecord, N_LATE);
  WeftRecord first = span (WEFT_RECORD_TASK, 0, 0, 2000, 1, 0);
  Maker m;

  begin_run (&m);
  give_segment (&m, 0, 0, distances, N_LATE + 1);
  for (uint32_t i = 0; i < N_LATE; i++)
    weft_record_set_point (&records[i], WEFT_RECORD_LINK, 0, WEFT_LINK_DATA, N_LATE, 0, 1500, i, 0);
  give_records (&m, 0, records, N_LATE);
  g_assert_cmpuint (weft_model_task_state (m.model, N_LATE), ==, WEFT_TASK_WAITING);
  give_one (&m, 1, first);
  for (uint32_t i = 0; i < N_LATE; i++)
    records[i] = span (WEFT_RECORD_TASK, 0, i, 2000 + 2 * i, 1, 0);
  give_records (&m, 1, records + 1, N_LATE - 2);
  g_assert_cmpuint (weft_model_task_state (m.model, N_LATE), ==, WEFT_TASK_WAITING);
  give_records (&m, 1, records + N_LATE - 1, 1);
  g_assert_cmpuint (weft_model_task_state (m.model, N_LATE), ==, WEFT_TASK_QUEUED);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weft/model/ready/as-the-graph-says", test_ready);
  g_test_add_func ("/weft/model/ready/taken-back-elsewhere", test_taken_back_elsewhere);
  g_test_add_func ("/weft/model/ready/many-late", test_many_late);
  return g_test_run ();
}
