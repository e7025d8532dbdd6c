/* test-joined.c: a run that was reported bit by bit is one graph
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "model/model-fixture.h"

#include "graph/graph-links.h"
#include "graph/graph-placing.h"
#include "server/weft-report-private.h"

#define N_TASKS 300u
#define N_CHAIN 12u

typedef struct
{
  TestDir *dir;
  char *path;
  WeftReport *report;
  GArray *edges; /* uint64_t: input << 32 | task, by the numbers they were told in */
} Teller;

static void
begin (Teller *t)
{
  g_autoptr (GError) error = NULL;

  t->dir = test_dir_new ();
  t->path = g_build_filename (t->dir, "told.weft", NULL);
  t->edges = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  t->report = _weft_report_new (&(WeftReportOptions){ .path = t->path }, &error);
  g_assert_no_error (error);
}

static void
flush (Teller *t)
{
  g_autoptr (GError) error = NULL;

  _weft_report_flush (t->report, &error);
  g_assert_no_error (error);
}

static uint32_t
tell (Teller *t, uint32_t number)
{
  g_autofree char *key = g_strdup_printf ("step-%u", number);

  return _weft_report_task (t->report, key, strlen (key));
}

static void
tell_input (Teller *t, uint32_t task, uint32_t input)
{
  uint64_t edge = (uint64_t) input << 32 | task;

  _weft_report_input (t->report, tell (t, task), tell (t, input), 0);
  g_array_append_val (t->edges, edge);
}

/* (transfer full) */
static WeftModel *
end (Teller *t)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GPtrArray) frames = NULL;
  WeftModel *model = weft_model_new ();

  _weft_report_finish (t->report, WEFT_RUN_DONE, NULL, &error);
  g_assert_no_error (error);
  frames = read_frames (t->path);
  add_frames (model, frames, 0, frames->len);
  weft_model_finish (model, false);
  return model;
}

static void
clear (Teller *t)
{
  _weft_report_free (t->report);
  g_array_unref (t->edges);
  g_free (t->path);
  test_dir_free (t->dir);
}

static int
compare_edges (const void *a, const void *b)
{
  const uint64_t *x = a, *y = b;

  return (*x > *y) - (*x < *y);
}

/* By the model's numbers. */
static void
number_as_the_model (const WeftModel *model, GArray *edges)
{
  for (guint i = 0; i < edges->len; i++)
    {
      uint64_t *edge = &g_array_index (edges, uint64_t, i);
      g_autofree char *input = g_strdup_printf ("step-%u", (uint32_t) (*edge >> 32));
      g_autofree char *task = g_strdup_printf ("step-%u", (uint32_t) *edge);

      *edge =
          (uint64_t) weft_model_find_key (model, input) << 32 | weft_model_find_key (model, task);
    }
  g_array_sort (edges, compare_edges);
}

/* What is in both is told twice at most. */
static void
leave_out_doubles (GArray *edges)
{
  guint n = 0;

  for (guint i = 0; i < edges->len; i++)
    if (i == 0
        || compare_edges (&((uint64_t *) (void *) edges->data)[i],
                          &((uint64_t *) (void *) edges->data)[n - 1]))
      ((uint64_t *) (void *) edges->data)[n++] = ((uint64_t *) (void *) edges->data)[i];
  g_array_set_size (edges, n);
}

/* Of tasks that are written: from any of them to any other, some of which was told already. */
static void
tell_late (Teller *t, uint32_t n_told)
{
  for (uint32_t i = 0; i < 6 && n_told > 1; i++)
    {
      uint32_t task = (uint32_t) g_test_rand_int_range (0, (int) n_told);
      uint32_t input = (uint32_t) g_test_rand_int_range (0, (int) n_told);

      if (task != input)
        tell_input (t, task, input);
      if (t->edges->len > 0)
        {
          uint64_t again = g_array_index (t->edges, uint64_t,
                                          (guint) g_test_rand_int_range (0, (int) t->edges->len));

          tell_input (t, (uint32_t) again, (uint32_t) (again >> 32));
        }
    }
}

/* What the inspector and lineages go by is the same. */
static void
check_links (const WeftModel *model, const WeftModelSnapshot *snapshot, const GArray *edges)
{
  g_autoptr (WeftlineLinks) links = weftline_links_new (model, snapshot);
  g_autoptr (GArray) one = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  g_autoptr (GArray) other = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  g_autoptr (GArray) tasks = g_array_new (FALSE, FALSE, sizeof (uint32_t));

  for (uint32_t task = 0; task < snapshot->n_tasks; task++)
    for (int way = 0; way < 2; way++)
      {
        g_array_set_size (tasks, 0);
        g_assert_true (way == 0 ? weftline_links_inputs (links, task, tasks)
                                : weftline_links_dependents (links, task, tasks));
        for (guint i = 0; i < tasks->len; i++)
          {
            uint64_t near = g_array_index (tasks, uint32_t, i);
            uint64_t edge = way == 0 ? near << 32 | task : (uint64_t) task << 32 | near;

            g_array_append_val (way == 0 ? one : other, edge);
          }
      }
  g_array_sort (one, compare_edges);
  g_array_sort (other, compare_edges);
  g_assert_cmpmem (one->data, one->len * sizeof (uint64_t), edges->data,
                   edges->len * sizeof (uint64_t));
  g_assert_cmpmem (other->data, other->len * sizeof (uint64_t), edges->data,
                   edges->len * sizeof (uint64_t));
  g_assert_true (weftline_links_is_current (links, snapshot));
}

/* Whatever was told together, and whenever: all that was told is an edge, and nothing else is. */
static void
test_edges (void)
{
  g_autoptr (GArray) found = g_array_new (FALSE, FALSE, sizeof (uint64_t));
  WeftlineGraphJoint joint = { 0 };
  WeftlineGraphJoined *joined;
  WeftModelSnapshot snapshot;
  WeftModel *model;
  Teller t;

  begin (&t);
  for (uint32_t task = 0; task < N_TASKS; task++)
    {
      uint32_t n_inputs = (uint32_t) g_test_rand_int_range (0, 4), input = task;

      tell (&t, task);
      for (uint32_t i = 0; i < n_inputs && input > 0; i++)
        {
          input = (uint32_t) g_test_rand_int_range (0, (int) input);
          tell_input (&t, task, input);
        }
      if (g_test_rand_int_range (0, 6) != 0)
        continue;
      flush (&t);
      tell_late (&t, task + 1);
    }
  model = end (&t);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_segments, >, 10);
  weftline_graph_joint_grow (&joint, model, snapshot.n_segments / 2);
  weftline_graph_joint_grow (&joint, model, snapshot.n_segments);
  g_assert_cmpuint (joint.n_segments, ==, snapshot.n_segments);
  g_assert_cmpuint (joint.n_tasks, ==, N_TASKS);
  joined = weftline_graph_joined_new (model, &joint);
  for (uint32_t v = 0; v < joined->n_nodes; v++)
    for (uint32_t e = joined->offsets[v]; e < joined->offsets[v + 1]; e++)
      {
        uint64_t edge = (uint64_t) v << 32 | joined->targets[e];

        g_array_append_val (found, edge);
      }
  g_array_sort (found, compare_edges);
  number_as_the_model (model, t.edges);
  leave_out_doubles (t.edges);
  g_assert_cmpmem (found->data, found->len * sizeof (uint64_t), t.edges->data,
                   t.edges->len * sizeof (uint64_t));
  check_links (model, &snapshot, t.edges);
  weftline_graph_joined_free (joined);
  weft_model_unref (model);
  clear (&t);
}

/* A chain, each task of which was told by itself, stands in a row; laid out again when it has
 * grown, all of it is there once. */
static void
test_places (void)
{
  g_autoptr (WeftlineGraphScene) scene = weftline_graph_scene_new ();
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  WeftModelSnapshot snapshot;
  WeftModel *model;
  Teller t;

  begin (&t);
  for (uint32_t task = 0; task < N_CHAIN; task++)
    {
      tell (&t, task);
      if (task > 0)
        tell_input (&t, task, task - 1);
      flush (&t);
    }
  model = end (&t);
  weft_model_snapshot (model, &snapshot);
  for (uint32_t n = N_CHAIN / 2; n <= N_CHAIN; n += N_CHAIN / 2)
    {
      WeftlineGraphJoint joint = { 0 };
      WeftlineGraphPlacing *placing;
      float x, before = -1, y;

      weftline_graph_joint_grow (&joint, model, n);
      placing = weftline_graph_placing_new_joined (model, &joint);
      g_assert_true (weftline_graph_placing_run (placing));
      g_assert_cmpuint (weftline_graph_placing_joint (placing)->n_segments, ==, n);
      g_assert_true (weftline_graph_placing_append (placing, scene, kept));
      weftline_graph_placing_free (placing);
      g_assert_cmpuint (weftline_graph_scene_n_tasks (scene), ==, n);
      for (uint32_t task = 0; task < n; task++, before = x)
        {
          weftline_graph_scene_place (scene, task, &x, &y);
          g_assert_cmpfloat (x, >, before);
        }
    }
  g_clear_pointer (&scene, weftline_graph_scene_free);
  weft_model_unref (model);
  clear (&t);
}

/* A run of one segment, told task by task, and only then what reads what: laid out when the tasks
 * are there, and again with what was told since. */
static void
test_told_late (void)
{
  g_autoptr (WeftlineGraphScene) scene = weftline_graph_scene_new ();
  g_autoptr (GPtrArray) kept = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) frames = NULL;
  g_autoptr (WeftlineLinks) links = NULL;
  WeftModelSnapshot snapshot;
  WeftModel *model = weft_model_new ();
  guint n_before = 0;
  Teller t;

  begin (&t);
  for (uint32_t task = 0; task < N_CHAIN; task++)
    tell (&t, task);
  flush (&t);
  frames = read_frames (t.path);
  add_frames (model, frames, 0, n_before = frames->len);
  weft_model_snapshot (model, &snapshot);
  links = weftline_links_new (model, &snapshot);
  for (uint32_t task = N_CHAIN; task-- > 1;)
    tell_input (&t, task - 1, task); /* against the order of their numbers */
  flush (&t);
  g_ptr_array_unref (frames);
  frames = read_frames (t.path);
  add_frames (model, frames, n_before, frames->len);
  weft_model_snapshot (model, &snapshot);
  g_assert_cmpuint (snapshot.n_segments, ==, 1);
  g_assert_false (weftline_links_is_current (links, &snapshot));
  for (uint32_t n = 0; n < 2; n++)
    {
      WeftlineGraphJoint joint = { 0 };
      WeftlineGraphPlacing *placing;
      float x, before = 1e9f, y;

      weftline_graph_joint_grow (&joint, model, 1);
      g_assert_cmpuint (joint.n_links, ==, N_CHAIN - 1);
      joint.n_links *= n;
      placing = weftline_graph_placing_new_joined (model, &joint);
      g_assert_true (weftline_graph_placing_run (placing));
      g_assert_true (weftline_graph_placing_append (placing, scene, kept));
      weftline_graph_placing_free (placing);
      for (uint32_t task = 0; task < N_CHAIN && n > 0; task++, before = x)
        {
          g_autofree char *key = g_strdup_printf ("step-%u", task);

          weftline_graph_scene_place (scene, weft_model_find_key (model, key), &x, &y);
          g_assert_cmpfloat (x, <, before);
        }
    }
  g_clear_pointer (&scene, weftline_graph_scene_free);
  g_clear_pointer (&links, weftline_links_free);
  weft_model_unref (model);
  clear (&t);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/weft/ui-graph/joined/edges", test_edges);
  g_test_add_func ("/weft/ui-graph/joined/places", test_places);
  g_test_add_func ("/weft/ui-graph/joined/told-late", test_told_late);
  return g_test_run ();
}
