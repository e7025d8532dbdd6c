/* test-eta.c: tests of how long the rest takes, and of its band
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "model-run.h"

#include "model/weft-eta-private.h"

#include <math.h>

#define MS 1e6

/* ---- rests ----------------------------------------------------------------------------------- */

/* Tasks in chains of so many, one after the other in each. */
static void
make_chains (EtaRest *rest, uint32_t n_chains, uint32_t length, uint32_t n_groups)
{
  g_autoptr (GArray) edges = g_array_new (FALSE, FALSE, sizeof (EtaEdge));

  _weft_eta_rest_init (rest, n_chains * length);
  for (uint32_t task = 0; task < rest->n; task++)
    {
      EtaEdge edge = { task, task + n_chains };

      rest->groups[task] = task % n_groups;
      if (edge.to < rest->n)
        g_array_append_val (edges, edge);
    }
  _weft_eta_rest_connect (rest, (const EtaEdge *) (void *) edges->data, edges->len);
}

static void
estimate (const WeftEtaGroup *groups, uint32_t n_groups, uint32_t n_workers, EtaRest *rest,
          WeftEta *eta)
{
  const WeftEtaFacts facts = {
    .groups = groups, .n_groups = n_groups, .n_workers = n_workers, .ns_per_unit = 1
  };

  _weft_eta_of_rest (&facts, rest, eta);
  g_assert_cmpint (eta->low_ns, <=, eta->middle_ns);
  g_assert_cmpint (eta->middle_ns, <=, eta->high_ns);
  g_assert_cmpuint (eta->n_left, ==, rest->n);
}

static void
measure (WeftEtaGroup *group, uint32_t n, double ns)
{
  weft_eta_group_init (group);
  for (uint32_t i = 0; i < n; i++)
    weft_eta_group_add (group, ns, 0);
}

static double
draw_normal (void)
{
  double u = g_test_rand_double_range (1e-12, 1), v = g_test_rand_double ();

  return sqrt (-2 * log (u)) * cos (2 * G_PI * v);
}

static double
width (const WeftEta *eta)
{
  return (double) (eta->high_ns - eta->low_ns);
}

/* ---- tests ----------------------------------------------------------------------------------- */

static void
nothing_measured_says_nothing (void)
{
  WeftEtaGroup groups[2];
  EtaRest rest;
  WeftEta eta;

  make_chains (&rest, 3, 4, 2);
  weft_eta_group_init (&groups[0]);
  weft_eta_group_init (&groups[1]);
  estimate (groups, 2, 2, &rest, &eta);
  g_assert_false (eta.known);
  g_assert_cmpint (eta.high_ns, ==, 0);
  g_assert_cmpuint (eta.n_unknown, ==, 12);
  measure (&groups[1], 1, MS);
  estimate (groups, 2, 2, &rest, &eta);
  g_assert_true (eta.known);
  g_assert_true (eta.at_least);
  g_assert_cmpuint (eta.n_unknown, ==, 6);
  _weft_eta_rest_clear (&rest);
}

static void
what_is_over_takes_no_time (void)
{
  WeftEtaGroup group;
  EtaRest rest;
  WeftEta eta;

  make_chains (&rest, 0, 1, 1);
  weft_eta_group_init (&group);
  estimate (&group, 1, 4, &rest, &eta);
  g_assert_true (eta.known);
  g_assert_false (eta.at_least);
  g_assert_cmpint (eta.high_ns, ==, 0);
  _weft_eta_rest_clear (&rest);
}

/* Neither more workers than chains, nor than what is left, make it shorter. */
static void
the_critical_path_cannot_be_divided (void)
{
  WeftEtaGroup group;
  EtaRest rest;
  WeftEta one, few, many;

  measure (&group, 200, MS);
  make_chains (&rest, 4, 25, 1);
  estimate (&group, 1, 1, &rest, &one);
  estimate (&group, 1, 4, &rest, &few);
  estimate (&group, 1, 64, &rest, &many);
  g_assert_cmpint (one.least_ns, ==, 100 * (int64_t) MS);
  g_assert_cmpint (few.least_ns, ==, 25 * (int64_t) MS);
  g_assert_cmpint (many.least_ns, ==, 25 * (int64_t) MS);
  g_assert_cmpint (one.low_ns, <, one.least_ns);
  g_assert_cmpint (one.high_ns, >, one.least_ns);
  g_assert_cmpfloat (width (&one), <, 0.1 * (double) one.least_ns);
  _weft_eta_rest_clear (&rest);
}

static void
the_same_facts_give_the_same_answer (void)
{
  WeftEtaGroup groups[3];
  EtaRest rest;
  WeftEta one, other;

  make_chains (&rest, 5, 6, 3);
  for (int i = 0; i < 3; i++)
    {
      weft_eta_group_init (&groups[i]);
      for (int k = g_test_rand_int_range (0, 9) + (i == 0); k-- > 0;)
        weft_eta_group_add (&groups[i], g_test_rand_double_range (1, 1e9), 0);
    }
  estimate (groups, 3, 3, &rest, &one);
  estimate (groups, 3, 3, &rest, &other);
  g_assert_cmpint (one.low_ns, ==, other.low_ns);
  g_assert_cmpint (one.middle_ns, ==, other.middle_ns);
  g_assert_cmpint (one.high_ns, ==, other.high_ns);
  _weft_eta_rest_clear (&rest);
}

/* Few that differ say less than many; groups of which nothing is known less than others. */
static void
what_is_not_known_widens (void)
{
  WeftEtaGroup few[2], many[2], half[2];
  EtaRest rest;
  WeftEta of_few, of_many, of_half;

  make_chains (&rest, 40, 1, 2);
  for (int i = 0; i < 2; i++)
    {
      weft_eta_group_init (&few[i]);
      weft_eta_group_init (&many[i]);
      for (int k = 0; k < 400; k++)
        {
          if (k < 2)
            weft_eta_group_add (&few[i], k % 2 == 0 ? MS : 2 * MS, 0);
          weft_eta_group_add (&many[i], k % 2 == 0 ? MS : 2 * MS, 0);
        }
    }
  half[0] = many[0];
  weft_eta_group_init (&half[1]);
  estimate (few, 2, 2, &rest, &of_few);
  estimate (many, 2, 2, &rest, &of_many);
  estimate (half, 2, 2, &rest, &of_half);
  g_assert_cmpfloat (width (&of_few), >, 2 * width (&of_many));
  g_assert_cmpfloat (width (&of_half), >, 4 * width (&of_many));
  _weft_eta_rest_clear (&rest);
}

/* One that has run longer than any so far may run for as long again. */
static void
long_ones_that_run_are_heeded (void)
{
  WeftEtaGroup group;
  EtaRest rest;
  WeftEta fresh, old;

  measure (&group, 6, MS);
  make_chains (&rest, 8, 1, 1);
  rest.n_running = 4;
  for (int i = 0; i < 4; i++)
    rest.ages[i] = 0;
  estimate (&group, 1, 4, &rest, &fresh);
  for (int i = 0; i < 4; i++)
    rest.ages[i] = 50 * (float) MS;
  estimate (&group, 1, 4, &rest, &old);
  g_assert_cmpint (old.high_ns, >, 10 * fresh.high_ns);
  for (int i = 0; i < 4; i++)
    rest.ages[i] = 0.9f * (float) MS;
  estimate (&group, 1, 4, &rest, &old);
  g_assert_cmpint (old.middle_ns, <, fresh.middle_ns);
  _weft_eta_rest_clear (&rest);
}

static void
hints_foretell_where_they_are_right (void)
{
  WeftEtaGroup right, wrong;
  EtaRest rest;
  WeftEta by_hints, by_mean;

  weft_eta_group_init (&right);
  weft_eta_group_init (&wrong);
  for (int i = 0; i < 30; i++)
    {
      double hint = exp (2 * draw_normal ()) * MS;

      weft_eta_group_add (&right, 3 * hint, hint); /* three times as long as was told */
      weft_eta_group_add (&wrong, 5 * MS, hint);   /* has nothing to do with it */
    }
  make_chains (&rest, 3, 1, 1);
  for (int i = 0; i < 3; i++)
    rest.hints[i] = 100 * (float) MS;
  estimate (&right, 1, 1, &rest, &by_hints);
  estimate (&wrong, 1, 1, &rest, &by_mean);
  g_assert_cmpfloat_with_epsilon ((double) by_hints.least_ns, 900 * MS, 9 * MS);
  g_assert_cmpfloat (width (&by_hints), <, 90 * MS);
  g_assert_cmpfloat_with_epsilon ((double) by_mean.least_ns, 15 * MS, MS);
  _weft_eta_rest_clear (&rest);
}

static void
slow_motion_is_waited_for (void)
{
  WeftEtaGroup group;
  WeftEtaFacts facts = { .groups = &group, .n_groups = 1, .n_workers = 4, .ns_per_unit = 1 };
  EtaRest rest;
  WeftEta fast, slow;

  measure (&group, 40, MS);
  make_chains (&rest, 20, 1, 1);
  _weft_eta_of_rest (&facts, &rest, &fast);
  facts.delay_ns = 10 * (int64_t) MS;
  _weft_eta_of_rest (&facts, &rest, &slow);
  g_assert_cmpint (fast.least_ns, ==, 5 * (int64_t) MS);
  g_assert_cmpint (slow.least_ns, >=, 190 * (int64_t) MS);
  g_assert_cmpint (slow.least_ns, <=, 400 * (int64_t) MS);
  _weft_eta_rest_clear (&rest);
}

/* A graph too large to be played often has nearly the same band as one that is. */
static void
large_graphs_have_a_band_too (void)
{
  WeftEtaGroup groups[2];
  EtaRest small, large;
  WeftEta one, other;

  for (int i = 0; i < 2; i++)
    {
      weft_eta_group_init (&groups[i]);
      for (int k = 0; k < 20; k++)
        weft_eta_group_add (&groups[i], exp (draw_normal ()) * MS, 0);
    }
  make_chains (&small, 200, 100, 2);
  make_chains (&large, 200, 300, 2);
  estimate (groups, 2, 8, &small, &one);
  estimate (groups, 2, 8, &large, &other);
  g_assert_cmpfloat (width (&other) / (double) other.middle_ns, >,
                     0.5 * width (&one) / (double) one.middle_ns);
  g_assert_cmpfloat (width (&other) / (double) other.middle_ns, <,
                     2 * width (&one) / (double) one.middle_ns);
  g_assert_cmpfloat_with_epsilon ((double) other.middle_ns / (double) one.middle_ns, 3, 0.6);
  _weft_eta_rest_clear (&small);
  _weft_eta_rest_clear (&large);
}

/* What was to come was drawn as what was seen: then the band must hold it about four times in
 * five. With 400 trials chance alone moves that by less than 9 % but once in ten thousand runs. */
static void
the_band_holds_the_truth (void)
{
  unsigned n_held = 0, n = 400;
  EtaRest rest;

  make_chains (&rest, 12, 2, 2);
  for (unsigned trial = 0; trial < n; trial++)
    {
      float truth_ns[24];
      double means[2], end_ns;
      WeftEtaGroup groups[2];
      EtaPlay *play = _weft_eta_play_new (&rest, 4, 0);
      WeftEta eta;

      for (int i = 0; i < 2; i++)
        {
          means[i] = exp (draw_normal ()) * MS;
          weft_eta_group_init (&groups[i]);
          for (int k = g_test_rand_int_range (2, 20); k-- > 0;)
            weft_eta_group_add (&groups[i], means[i] * exp (0.6 * draw_normal ()), 0);
        }
      for (int i = 0; i < 24; i++)
        truth_ns[i] = (float) (means[i % 2] * exp (0.6 * draw_normal ()));
      end_ns = _weft_eta_play_run (play, truth_ns);
      estimate (groups, 2, 4, &rest, &eta);
      n_held += (double) eta.low_ns <= end_ns && end_ns <= (double) eta.high_ns;
      _weft_eta_play_free (play);
    }
  g_test_message ("%u of %u", n_held, n);
  g_assert_cmpuint (n_held * 100, >=, n * 68);
  g_assert_cmpuint (n_held * 100, <=, n * 92);
  _weft_eta_rest_clear (&rest);
}

/* After each frame of a real run it tells how many are left, and at the end that nothing is. */
static void
a_run_is_followed_to_its_end (void)
{
  static const char *const specs[] = { "stencil:20,20", "tree:64,2", "independent:300" };
  Run f;

  begin (&f, 2, shape_graph (specs[g_test_rand_int_range (0, 3)], "t.sum"), (WeftRunOptions){ 0 });
  finish (&f);
  {
    g_autoptr (GPtrArray) frames = read_frames (f.path);
    WeftModel *model = weft_model_new ();
    WeftEtaReader *reader = weft_eta_reader_new (model);
    WeftModelSnapshot snapshot;
    WeftEta eta;

    for (guint i = 0; i < frames->len; i++)
      {
        add_frames (model, frames, i, i + 1);
        weft_model_snapshot (model, &snapshot);
        weft_eta_reader_estimate (reader, &snapshot, &eta);
        g_assert_cmpuint (eta.n_left, ==,
                          snapshot.n_states[WEFT_TASK_WAITING] + snapshot.n_states[WEFT_TASK_QUEUED]
                              + snapshot.n_states[WEFT_TASK_RUNNING]);
      }
    weft_model_finish (model, false);
    weft_model_snapshot (model, &snapshot);
    weft_eta_reader_estimate (reader, &snapshot, &eta);
    g_assert_cmpuint (eta.n_left, ==, 0);
    g_assert_true (eta.known);
    g_assert_cmpint (eta.high_ns, ==, 0);
    weft_eta_reader_free (reader);
    weft_model_unref (model);
  }
  clear (&f);
}

/* Of a graph, with what has ended: the rest is played through as the engine would run it. */
static void
test_rest_of_a_graph (void)
{
  WeftGraph *graph = shape_graph ("chains:2,10", "t.sum");
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  g_autofree uint8_t *ended = g_malloc0 (arrays->n_tasks);
  WeftEtaGroup group;
  WeftEtaFacts facts = { .groups = &group, .n_groups = 1, .n_workers = 1, .ns_per_unit = 2 };
  WeftEta eta;

  weft_eta_group_init (&group);
  weft_eta_estimate (&facts, arrays, ended, &eta);
  g_assert_false (eta.known);
  g_assert_cmpuint (eta.n_left, ==, 20);
  measure (&group, 5, 100);
  weft_eta_estimate (&facts, arrays, ended, &eta);
  g_assert_true (eta.known && !eta.at_least);
  g_assert_cmpint (eta.least_ns, ==, 20 * 200);
  facts.n_workers = 2;
  weft_eta_estimate (&facts, arrays, ended, &eta);
  g_assert_cmpint (eta.least_ns, ==, 10 * 200);
  memset (ended, 1, arrays->n_tasks);
  weft_eta_estimate (&facts, arrays, ended, &eta);
  g_assert_cmpuint (eta.n_left, ==, 0);
  g_assert_cmpint (eta.least_ns, ==, 0);
  weft_graph_unref (graph);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("model", "eta", "nothing-measured-says-nothing", nothing_measured_says_nothing);
  test_add ("model", "eta", "what-is-over-takes-no-time", what_is_over_takes_no_time);
  test_add ("model", "eta", "the-critical-path-cannot-be-divided",
            the_critical_path_cannot_be_divided);
  test_add ("model", "eta", "the-same-facts-give-the-same-answer",
            the_same_facts_give_the_same_answer);
  test_add ("model", "eta", "what-is-not-known-widens", what_is_not_known_widens);
  test_add ("model", "eta", "long-ones-that-run-are-heeded", long_ones_that_run_are_heeded);
  test_add ("model", "eta", "hints-foretell-where-they-are-right",
            hints_foretell_where_they_are_right);
  test_add ("model", "eta", "slow-motion-is-waited-for", slow_motion_is_waited_for);
  test_add ("model", "eta", "large-graphs-have-a-band-too", large_graphs_have_a_band_too);
  test_add ("model", "eta", "the-band-holds-the-truth", the_band_holds_the_truth);
  test_add ("model", "eta", "a-run-is-followed-to-its-end", a_run_is_followed_to_its_end);
  test_add ("model", "eta", "rest-of-a-graph", test_rest_of_a_graph);
  return g_test_run ();
}
