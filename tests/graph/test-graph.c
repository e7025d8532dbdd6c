/* test-graph.c: what can be asked of a frozen graph, and graphs made from it
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "graph-support.h"
#include "graph/weft-graph-private.h"
#include "test-support.h"

static void
assert_valid (const WeftGraph *graph)
{
  g_autoptr (GError) error = NULL;

  weft_graph_validate (graph, &error);
  g_assert_no_error (error);
}

/* ---- keys ------------------------------------------------------------------------------------ */

static void
test_find (void)
{
  WeftGraph *graph = random_graph (500, true);

  for (uint32_t t = 0; t < 500; t++)
    {
      g_autofree char *key = weft_graph_dup_key (graph, t);
      g_autofree char *longer = g_strconcat (key, "?", NULL);
      char part[4];

      g_assert_cmpuint (weft_graph_find (graph, key, -1), ==, t);
      g_assert_cmpuint (weft_graph_find (graph, longer, (gssize) strlen (key)), ==, t);
      g_assert_cmpuint (weft_graph_find (graph, longer, -1), ==, WEFT_NONE);
      g_assert_cmpuint (weft_graph_key (graph, t, part, sizeof part), ==, strlen (key));
      g_assert_cmpmem (part, strlen (part), key, MIN (strlen (key), 3));
    }
  g_assert_cmpuint (weft_graph_find (graph, "", -1), ==, WEFT_NONE);
  weft_graph_unref (graph);
}

static gpointer
find_all_cb (gpointer data)
{
  WeftGraph *graph = data;

  for (uint32_t t = 0; t < weft_graph_arrays (graph)->n_tasks; t++)
    {
      g_autofree char *key = weft_graph_dup_key (graph, t);

      g_assert_cmpuint (weft_graph_find (graph, key, -1), ==, t);
    }
  weft_graph_unref (graph);
  return NULL;
}

/* The tables are made by whoever comes first, for graphs that share a content too. */
static void
test_find_from_many_threads (void)
{
  for (int round = 0; round < 20; round++)
    {
      WeftGraph *graph = random_graph (50, false);
      g_autofree uint32_t *order = g_new (uint32_t, 50);
      WeftGraph *permuted;
      GThread *threads[4];

      for (uint32_t t = 0; t < 50; t++)
        order[t] = t;
      permuted = weft_graph_permute (graph, order, NULL);
      for (int i = 0; i < 4; i++)
        threads[i] =
            g_thread_new ("find", find_all_cb, weft_graph_ref (i % 2 != 0 ? graph : permuted));
      weft_graph_unref (graph);
      weft_graph_unref (permuted);
      for (int i = 0; i < 4; i++)
        g_thread_join (threads[i]);
    }
}

static void
test_suggest (void)
{
  static const char *const keys[] = { "total", "inc-1", "inc-12", "('x', 0, 1)", "mean-chunk" };
  static const char *const asked[][2] = { { "totl", "total" },
                                          { "Total", "total" },
                                          { "inc-13", "inc-1" },
                                          { "('x', 0, 2)", "('x', 0, 1)" },
                                          { "mean_chunk", "mean-chunk" },
                                          { "something-else", NULL },
                                          { "", NULL } };
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  WeftGraph *graph;
  uint32_t call;

  weft_graph_builder_begin_call (builder, "f", 0, 1);
  call = weft_graph_builder_end_call (builder);
  for (size_t i = 0; i < G_N_ELEMENTS (keys); i++)
    weft_graph_builder_add_task (builder, keys[i], -1, call, NULL, 0);
  graph = weft_graph_builder_freeze (builder, NULL, &error);
  g_assert_no_error (error);
  for (size_t i = 0; i < G_N_ELEMENTS (asked); i++)
    {
      g_autofree char *suggested = weft_graph_suggest (graph, asked[i][0]);

      g_assert_cmpstr (suggested, ==, asked[i][1]);
    }
  weft_graph_unref (graph);
  weft_graph_builder_free (builder);
}

/* ---- other ids ------------------------------------------------------------------------------- */

/* Any topological order: of the tasks whose dependencies are out, one at random. */
static uint32_t *
draw_order (const WeftGraphArrays *a)
{
  uint32_t *order = g_new (uint32_t, a->n_tasks);
  g_autofree bool *out = g_new0 (bool, a->n_tasks);

  for (uint32_t k = 0; k < a->n_tasks;)
    {
      uint32_t t = (uint32_t) g_test_rand_int_range (0, (gint32) a->n_tasks);
      bool ready = !out[t];

      for (uint32_t e = a->input_offsets[t]; ready && e < a->input_offsets[t + 1]; e++)
        ready = out[a->input_tasks[e]];
      for (uint32_t e = 0;
           ready && a->after_offsets != NULL && e < a->after_offsets[t + 1] - a->after_offsets[t];
           e++)
        ready = out[a->after_tasks[a->after_offsets[t] + e]];
      if (!ready)
        continue;
      out[t] = true;
      order[k++] = t;
    }
  return order;
}

static void
assert_permuted (const WeftGraph *graph, const WeftGraph *permuted, const uint32_t *order)
{
  const WeftGraphArrays *a = weft_graph_arrays (graph);
  const WeftGraphArrays *b = weft_graph_arrays (permuted);

  for (uint32_t k = 0; k < a->n_tasks; k++)
    {
      uint32_t t = order[k];
      g_autofree char *key = weft_graph_dup_key (permuted, k);

      g_assert_cmpuint (weft_graph_find (graph, key, -1), ==, t);
      g_assert_cmpuint (a->call_of_task[t], ==, b->call_of_task[k]);
      g_assert_cmpuint (a->group_of_task[t], ==, b->group_of_task[k]);
      g_assert_cmpuint (weft_graph_n_inputs (a, t), ==, weft_graph_n_inputs (b, k));
      for (uint32_t i = 0; i < weft_graph_n_inputs (a, t); i++)
        g_assert_cmpuint (order[b->input_tasks[b->input_offsets[k] + i]], ==,
                          a->input_tasks[a->input_offsets[t] + i]);
      if (a->hints.output_bytes != NULL)
        g_assert_cmpuint (a->hints.output_bytes[weft_graph_output_slot (a, t, 0)], ==,
                          b->hints.output_bytes[weft_graph_output_slot (b, k, 0)]);
      if (a->hints.runtime_ns != NULL)
        g_assert_cmpint (a->hints.runtime_ns[t], ==, b->hints.runtime_ns[k]);
    }
  for (uint32_t i = 0; i < a->n_wanted; i++)
    {
      g_assert_cmpuint (order[b->wanted[i].task], ==, a->wanted[i].task);
      g_assert_cmpuint (b->wanted[i].output, ==, a->wanted[i].output);
    }
}

static void
test_permute (void)
{
  for (int i = 0; i < 50; i++)
    {
      WeftGraph *graph = random_graph ((uint32_t) g_test_rand_int_range (1, 60), false);
      const WeftGraphArrays *a = weft_graph_arrays (graph);
      g_autofree uint32_t *order = draw_order (a);
      g_autofree uint32_t *inverse = g_new (uint32_t, a->n_tasks);
      WeftGraph *permuted = weft_graph_permute (graph, order, NULL);
      WeftGraph *back;

      assert_valid (permuted);
      assert_permuted (graph, permuted, order);
      for (uint32_t k = 0; k < a->n_tasks; k++)
        inverse[order[k]] = k;
      back = weft_graph_permute (permuted, inverse, NULL);
      assert_same_graph (graph, back);
      weft_graph_unref (back);
      weft_graph_unref (permuted);
      weft_graph_unref (graph);
    }
}

/* What is left after tasks that nothing needs were left out, and those before were kept. */
static void
test_select (void)
{
  for (int i = 0; i < 50; i++)
    {
      WeftGraph *graph = random_graph ((uint32_t) g_test_rand_int_range (2, 60), false);
      const WeftGraphArrays *a = weft_graph_arrays (graph);
      g_autofree uint32_t *order = g_new (uint32_t, a->n_tasks);
      uint32_t n = (a->n_tasks + 1) / 2;
      uint32_t n_wanted = 0;
      WeftGraph *part;

      for (uint32_t t = 0; t < n; t++)
        order[t] = t;
      part = _weft_graph_select (graph, order, n, NULL);
      assert_valid (part);
      g_assert_cmpuint (weft_graph_arrays (part)->n_tasks, ==, n);
      for (uint32_t t = 0; t < n; t++)
        assert_same_task (graph, part, t);
      for (uint32_t w = 0; w < a->n_wanted; w++)
        n_wanted += a->wanted[w].task < n;
      g_assert_cmpuint (weft_graph_arrays (part)->n_wanted, ==, n_wanted);
      weft_graph_unref (graph);
      weft_graph_unref (part);
    }
}

/* Entries to notify, counted the slow way: pairs (task, leader). */
static void
assert_notify (const WeftGraphArrays *a)
{
  g_autofree uint32_t *leaders = g_new (uint32_t, a->n_tasks);

  for (uint32_t t = 0; t < a->n_tasks; t++)
    leaders[t] = (a->unit_flags[t] & WEFT_UNIT_CONTINUES) != 0 ? leaders[t - 1] : t;
  for (uint32_t from = 0; from < a->n_tasks; from++)
    {
      uint32_t at = a->notify_offsets[from];

      for (uint32_t e = a->dependent_offsets[from]; e < a->dependent_offsets[from + 1]; e++)
        {
          uint32_t leader = leaders[a->dependents[e]];

          if (leader == leaders[from])
            continue;
          g_assert_cmpuint (at, <, a->notify_offsets[from + 1]);
          g_assert_cmpuint (a->notify[at++], ==, leader);
        }
      g_assert_cmpuint (at, ==, a->notify_offsets[from + 1]);
    }
}

static void
test_units (void)
{
  for (int i = 0; i < 50; i++)
    {
      WeftGraph *graph = random_graph ((uint32_t) g_test_rand_int_range (1, 60), false);
      const WeftGraphArrays *a = weft_graph_arrays (graph);
      g_autofree uint8_t *flags = g_new0 (uint8_t, a->n_tasks);
      g_autofree uint32_t *order = draw_order (a);
      WeftGraph *fused;

      for (uint32_t t = 1; t < a->n_tasks; t++)
        flags[t] = random_chance (40) ? WEFT_UNIT_CONTINUES : 0;
      fused = weft_graph_permute (graph, order, flags);
      assert_valid (fused);
      assert_notify (weft_graph_arrays (fused));
      weft_graph_unref (fused);
      weft_graph_unref (graph);
    }
}

static void
test_continues_holds_for_neighbours (void)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  g_autoptr (GError) error = NULL;
  uint32_t new_ids[4];
  const WeftGraphArrays *a;
  WeftGraph *graph;
  uint32_t call;

  weft_graph_builder_begin_call (builder, "f", 0, 1);
  call = weft_graph_builder_end_call (builder);
  for (uint32_t i = 0; i < 4; i++)
    {
      g_autofree char *key = g_strdup_printf ("k-%u", i);

      weft_graph_builder_add_task (builder, key, -1, call, NULL, 0);
      weft_graph_builder_set_continues (builder, i);
    }
  weft_graph_builder_add_after (builder, 1, 3); /* 0 2 3 1 */
  graph = weft_graph_builder_freeze (builder, new_ids, &error);
  g_assert_no_error (error);
  a = weft_graph_arrays (graph);
  g_assert_cmpuint (new_ids[1], ==, 3);
  for (uint32_t t = 0; t < 4; t++)
    g_assert_cmpuint (a->unit_flags[t], ==, t == 2 ? WEFT_UNIT_CONTINUES : 0);
  weft_graph_unref (graph);
  weft_graph_builder_free (builder);
}

/* ---- shape ----------------------------------------------------------------------------------- */

static void
test_shape (void)
{
  static const char text[] =
      "{\"weftline\": 1, \"tasks\": {\"a\": {}, \"b-1\": {\"after\": [\"a\"]},"
      "\"b-2\": {\"args\": [{\"ref\": \"a\"}]}, \"b-3\": {\"args\": [{\"ref\": \"a\"}]},"
      "\"c\": {\"args\": [{\"ref\": \"b-2\"}, {\"ref\": \"a\"}]}, \"d\": {}}}";
  g_autoptr (GError) error = NULL;
  WeftGraph *graph =
      weft_graph_read_bytes (text, strlen (text), NULL, WEFT_GRAPH_FORMAT_AUTO, &error);
  WeftGraphShape shape;

  g_assert_no_error (error);
  weft_graph_shape (graph, &shape);
  g_assert_cmpuint (shape.n_tasks, ==, 6);
  g_assert_cmpuint (shape.n_edges, ==, 5);
  g_assert_cmpuint (shape.n_groups, ==, 4);
  g_assert_cmpuint (shape.n_sources, ==, 2);
  g_assert_cmpuint (shape.n_sinks, ==, 4);
  g_assert_cmpuint (shape.depth, ==, 3);
  g_assert_cmpuint (shape.width, ==, 3);
  weft_graph_unref (graph);
}

/* ---- validation ------------------------------------------------------------------------------ */

/* Other numbers in the arrays that others rely on: each is noticed, none is followed astray. */
static void
test_validate_sees_damage (void)
{
  for (int i = 0; i < 400; i++)
    {
      WeftGraph *graph = random_graph (30, false);
      const WeftGraphArrays *a = weft_graph_arrays (graph);
      uint32_t *const arrays[] = { (uint32_t *) a->input_tasks,       (uint32_t *) a->dependents,
                                   (uint32_t *) a->dependent_offsets, (uint32_t *) a->call_of_task,
                                   (uint32_t *) a->group_of_task,     graph->keys.patterns };
      const uint32_t lengths[] = { a->input_offsets[30], (uint32_t) a->n_edges, 31, 30, 30, 30 };
      int which = i % (int) G_N_ELEMENTS (arrays);
      g_autoptr (GError) error = NULL;
      uint32_t *entry;
      uint32_t before;

      if (lengths[which] == 0)
        {
          weft_graph_unref (graph);
          continue;
        }
      entry = arrays[which] + g_test_rand_int_range (0, (gint32) lengths[which]);
      before = *entry;
      *entry = which == 5 ? graph->content->patterns.n : 1000000;
      g_assert_false (weft_graph_validate (graph, &error));
      g_assert_nonnull (error);
      *entry = before;
      weft_graph_unref (graph);
    }
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  test_add ("graph", "graph", "find", test_find);
  test_add ("graph", "graph", "find-from-many-threads", test_find_from_many_threads);
  test_add ("graph", "graph", "suggest", test_suggest);
  test_add ("graph", "graph", "permute", test_permute);
  test_add ("graph", "graph", "select", test_select);
  test_add ("graph", "graph", "units", test_units);
  test_add ("graph", "graph", "continues-holds-for-neighbours",
            test_continues_holds_for_neighbours);
  test_add ("graph", "graph", "shape", test_shape);
  test_add ("graph", "graph", "validate-sees-damage", test_validate_sees_damage);
  return g_test_run ();
}
