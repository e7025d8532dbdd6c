/* test-workers-layout.c: rows of workers: what they add up to, where they stand, how it was
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "test-support.h"
#include "workers-fixture.h"
#include "workers/workers-layout.h"
#include "workers/workers-words.h"

static const WeftlineClock since_start = { WEFTLINE_TIME_SINCE_START, 0 };

static void
draw_room (WeftlineWorkersRoom *room)
{
  for (unsigned i = 0; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    {
      room->least[i] = g_test_rand_int_range (10, 90);
      room->natural[i] = room->least[i] + g_test_rand_int_range (0, 60);
    }
}

/* ---- places ---------------------------------------------------------------------------------- */

/* From the first to the last without overlap, all inside, and names are always there. */
static void
check_columns (const WeftlineWorkersLayout *layout, const WeftlineWorkersSource *source,
               const WeftlineWorkersRoom *room)
{
  int end = 0;

  g_assert_cmpuint (layout->n_columns, >=, 1);
  g_assert_cmpuint (layout->n_columns, <=, layout->n_known);
  g_assert_cmpint (layout->places[0].column, ==, WEFTLINE_WORKERS_NAME);
  for (unsigned i = 0; i < layout->n_columns; i++)
    {
      const WeftlineWorkersPlace *place = &layout->places[i];

      g_assert_true (source->has[place->column]);
      g_assert_true (i == 0 || place->column > place[-1].column);
      g_assert_cmpint (place->x, >=, end);
      g_assert_cmpint (place->x + place->width, <=, layout->width);
      if (layout->n_columns > 1)
        g_assert_cmpint (place->width - place->picture, >=, room->least[place->column]);
      if (!weftline_workers_has_line (place->column) && place->column != WEFTLINE_WORKERS_MEMORY)
        g_assert_cmpint (place->picture, ==, 0);
      end = place->x + place->width;
    }
}

/* In whole, the ones behind the first in their order, and no more room is left than for one. */
static void
check_rows (const WeftlineWorkersLayout *layout, const WeftlineWorkersSource *source)
{
  int end = layout->rows_y + (int) layout->n_shown * WEFTLINE_WORKERS_ROW;

  g_assert_cmpuint (layout->n_rows, ==, source->workers->len);
  g_assert_cmpuint (layout->first + layout->n_shown, <=, layout->n_rows);
  if (layout->n_shown > 0)
    g_assert_cmpint (end, <=, layout->height);
  if (layout->n_shown < layout->n_rows)
    g_assert_cmpint (layout->height - end, <, WEFTLINE_WORKERS_ROW);
  for (uint32_t i = 0; i < layout->n_shown && layout->width > 0; i++)
    {
      WeftlineWorkersHit hit = weftline_workers_hit (
          layout, source, layout->width - 1, layout->rows_y + (int) i * WEFTLINE_WORKERS_ROW + 1);

      g_assert_cmpuint (hit.worker, ==, g_array_index (source->order, uint32_t, layout->first + i));
      g_assert_false (hit.in_head || hit.in_total);
    }
  for (unsigned i = 0; i < layout->n_columns && layout->height > 0; i++)
    {
      WeftlineWorkersHit hit = weftline_workers_hit (layout, source, layout->places[i].x, 0);

      if (layout->n_rows == 0 || layout->places[i].x >= layout->width)
        continue;
      g_assert_true (hit.in_head);
      g_assert_cmpint (hit.column, ==, layout->places[i].column);
    }
}

static void
test_places (void)
{
  WeftlineWorkersSource source;
  WeftlineWorkersLayout layout = { 0 };
  Maker m;

  make_cluster (&m, &(Cluster){ .n_workers = 60, .gone = 3, .n_seconds = 2 });
  weftline_workers_source_init (&source);
  take_at (&source, &m, INT64_MAX);
  for (int i = 0; i < 500; i++)
    {
      WeftlineWorkersRoom room;

      draw_room (&room);
      for (unsigned k = WEFTLINE_WORKERS_THREADS; k < WEFTLINE_WORKERS_N_COLUMNS; k++)
        source.has[k] = g_test_rand_int_range (0, 4) > 0;
      weftline_workers_layout (&layout, &source, &room, g_test_rand_int_range (0, 2200),
                               g_test_rand_int_range (0, 900),
                               (uint32_t) g_test_rand_int_range (0, 90));
      check_columns (&layout, &source, &room);
      check_rows (&layout, &source);
    }
  weftline_workers_layout_clear (&layout);
  weftline_workers_source_clear (&source);
  clear (&m);
}

/* Before there is a run. */
static void
test_nothing_yet (void)
{
  WeftlineWorkersSource source;
  WeftlineWorkersLayout layout = { 0 };
  WeftlineWorkersRoom room = { 0 };

  weftline_workers_source_init (&source);
  weftline_workers_layout (&layout, &source, &room, 900, 300, 0);
  g_assert_cmpuint (layout.n_columns, ==, 0);
  g_assert_cmpuint (layout.n_shown, ==, 0);
  weftline_workers_layout_clear (&layout);
  weftline_workers_source_clear (&source);
}

/* Only rows that are seen are read, and a line is never above its upper edge. */
static void
test_lines (void)
{
  WeftlineWorkersSource source;
  WeftlineWorkersLayout layout = { 0 };
  WeftlineWorkersRoom room = { 0 };
  size_t per_row = 0;
  Maker m;

  make_cluster (&m, &(Cluster){ .n_workers = 300, .gone = 0, .n_seconds = 3 });
  weftline_workers_source_init (&source);
  take_at (&source, &m, INT64_MAX);
  weftline_workers_layout (&layout, &source, &room, 1400, 300, 0);
  weftline_workers_layout_lines (&layout, &source, 3 * (int64_t) SECOND);
  g_assert_cmpuint (layout.n_shown, <, 15);
  for (unsigned i = 0; i < layout.n_columns; i++)
    {
      const WeftlineWorkersPlace *place = &layout.places[i];

      if (!weftline_workers_has_line (place->column))
        continue;
      g_assert_cmpint (place->picture, >, 0);
      per_row += (size_t) place->picture;
      for (uint32_t row = 0; row < layout.n_shown; row++)
        for (int x = 0; x < place->picture; x++)
          g_assert_cmpfloat ((double) weftline_workers_layout_line (&layout, row, i)[x], <=,
                             layout.tops[place->column] * 1.000001);
    }
  g_assert_cmpuint (layout.n_lines, ==, per_row * layout.n_shown);
  weftline_workers_layout_clear (&layout);
  weftline_workers_source_clear (&source);
  clear (&m);
}

/* ---- figures --------------------------------------------------------------------------------- */

/* Of all workers, whatever is known of each; and what is known of nobody is not known of all. */
static void
test_sums (void)
{
  WeftlineWorkersSource source;
  uint32_t n_states = 0;
  Maker m;

  make_cluster (&m, &(Cluster){ .n_workers = 17, .gone = 5, .n_seconds = 2 });
  weftline_workers_source_init (&source);
  for (int64_t at_ns = 0; at_ns < 3 * (int64_t) SECOND; at_ns += 50 * (int64_t) MS)
    {
      take_at (&source, &m, at_ns);
      for (unsigned k = WEFTLINE_WORKERS_THREADS; k < WEFTLINE_WORKERS_N_COLUMNS; k++)
        {
          double sum = 0;
          bool any = false;

          for (uint32_t i = 0; i < source.workers->len; i++)
            {
              double value = weftline_workers_source_get (&source, i)->values[k];

              any |= value >= 0;
              sum += MAX (value, 0);
            }
          g_assert_cmpfloat_with_epsilon (source.total.values[k], any ? sum : -1, 1e-3);
        }
    }
  for (unsigned i = 0; i < WEFTLINE_WORKER_N_STATES; i++)
    n_states += source.n_states[i];
  g_assert_cmpuint (n_states, ==, 17);
  g_assert_cmpuint (source.n_states[WEFTLINE_WORKER_GONE], ==, 1);
  g_assert_cmpfloat (source.total.values[WEFTLINE_WORKERS_THREADS], ==, 16 * 4);
  weftline_workers_source_clear (&source);
  clear (&m);
}

/* At any moment what spans tell, one by one, however many and in whatever order they came. */
static void
test_moments (void)
{
  enum
  {
    N = 3000
  };
  WeftlineWorkersSource source;
  g_autofree int64_t *starts = g_new (int64_t, N), *ends = g_new (int64_t, N);
  g_autofree uint8_t *outcomes = g_new (uint8_t, N);
  Maker m;

  begin (&m);
  give_clock (&m, 0, 1000000000, 0, 0);
  give_lane (&m, 0, WEFT_LANE_CONTROL, 0);
  give_worker (&m, 1, 0, "one", 0, 0);
  give_thread (&m, 2, 1, 0);
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
  for (int i = 0; i < N; i++)
    {
      starts[i] = g_test_rand_int_range (0, 1000000);
      ends[i] = starts[i] + g_test_rand_int_range (1, 20000);
      outcomes[i] = (uint8_t) g_test_rand_int_range (0, WEFT_OUTCOME_CANCELLED);
      give_task (&m, 2, outcomes[i], WEFT_NONE, (uint64_t) starts[i],
                 (uint64_t) (ends[i] - starts[i]));
    }
  weftline_workers_source_init (&source);
  for (int round = 0; round < 200; round++)
    {
      int64_t at_ns = g_test_rand_int_range (0, 1100000);
      uint64_t n_done = 0, n_failed = 0, n_retried = 0, n_running = 0;
      const WeftlineWorker *worker;
      bool began = false;

      for (int i = 0; i < N; i++)
        {
          bool ended = ends[i] <= at_ns;

          began |= starts[i] <= at_ns;
          n_running += starts[i] <= at_ns && !ended;
          n_done += ended && outcomes[i] == WEFT_OUTCOME_OK;
          n_retried += ended && outcomes[i] == WEFT_OUTCOME_RETRIED;
          n_failed +=
              ended
              && (outcomes[i] == WEFT_OUTCOME_FAILED || outcomes[i] == WEFT_OUTCOME_TIMED_OUT);
        }
      take_at (&source, &m, at_ns);
      worker = weftline_workers_source_get (&source, 0);
      if (!began)
        continue;
      g_assert_cmpfloat (worker->values[WEFTLINE_WORKERS_RUNNING], ==, (double) n_running);
      g_assert_cmpfloat (worker->values[WEFTLINE_WORKERS_DONE], ==, (double) n_done);
      g_assert_cmpfloat (worker->values[WEFTLINE_WORKERS_FAILED], ==, (double) n_failed);
      g_assert_cmpuint (worker->n_retried, ==, n_retried);
      g_assert_cmpint (worker->state, ==,
                       n_running > 0 ? WEFTLINE_WORKER_RUNNING : WEFTLINE_WORKER_IDLE);
    }
  weftline_workers_source_clear (&source);
  clear (&m);
}

/* Not there yet, there, gone, and back when it does something again. Its row stays. */
static void
test_comes_and_goes (void)
{
  WeftlineWorkersSource source;
  g_autofree char *text = NULL;
  Maker m;
  static const struct
  {
    uint64_t at;
    WeftlineWorkerState state;
  } told[] = {
    { 50, WEFTLINE_WORKER_AWAITED },  { 100, WEFTLINE_WORKER_IDLE },
    { 250, WEFTLINE_WORKER_RUNNING }, { 300, WEFTLINE_WORKER_IDLE },
    { 450, WEFTLINE_WORKER_WAITING }, { 500, WEFTLINE_WORKER_GONE },
    { 690, WEFTLINE_WORKER_GONE },    { 700, WEFTLINE_WORKER_RUNNING },
  };

  begin (&m);
  give_clock (&m, 0, 1000000000, 0, 0);
  give_lane (&m, 0, WEFT_LANE_CONTROL, 0);
  give_worker (&m, 1, 0, "one", 2, 0);
  give_thread (&m, 2, 1, 0);
  give_counter (&m, 0, 1, 1, "processing", "tasks");
  give_one (&m, 0, span (WEFT_RECORD_RUN_STATE, WEFT_RUN_RUNNING, WEFT_NONE, 0, 0, 0));
  give_memory (&m, 1, WEFT_MEMORY_RESIDENT, 100 * MS, GB);
  give_task (&m, 2, WEFT_OUTCOME_OK, WEFT_NONE, 200 * MS, 100 * MS);
  give_count (&m, 1, 0, 400 * MS, 2);
  give_gone (&m, 1, 500 * MS);
  give_task (&m, 2, WEFT_OUTCOME_OK, WEFT_NONE, 700 * MS, 100 * MS);
  weftline_workers_source_init (&source);
  for (unsigned i = 0; i < G_N_ELEMENTS (told); i++)
    {
      take_at (&source, &m, (int64_t) (told[i].at * MS));
      g_assert_cmpuint (source.workers->len, ==, 1);
      g_assert_cmpint (weftline_workers_source_get (&source, 0)->state, ==, told[i].state);
    }
  take_at (&source, &m, 600 * (int64_t) MS);
  text = weftline_workers_text (weftline_workers_source_get (&source, 0), WEFTLINE_WORKERS_STATE,
                                &since_start);
  g_assert_cmpstr (text, ==, "gone since 500\u00a0ms");
  g_assert_cmpfloat (weftline_workers_source_get (&source, 0)->values[WEFTLINE_WORKERS_MEMORY], <,
                     0);
  g_assert_cmpfloat (weftline_workers_source_get (&source, 0)->values[WEFTLINE_WORKERS_DONE], ==,
                     1);
  weftline_workers_source_clear (&source);
  clear (&m);
}

/* ---- order ----------------------------------------------------------------------------------- */

/* By each column, either way: in order, equals as they came, unknown ones last. */
static void
test_order (void)
{
  WeftlineWorkersSource source;
  Maker m;

  make_cluster (&m, &(Cluster){ .n_workers = 90, .gone = 40, .n_seconds = 2 });
  weftline_workers_source_init (&source);
  take_at (&source, &m, INT64_MAX);
  for (unsigned column = WEFTLINE_WORKERS_THREADS; column < WEFTLINE_WORKERS_N_COLUMNS; column++)
    for (int descending = 0; descending < 2; descending++)
      {
        weftline_workers_source_sort (&source, (WeftlineWorkersColumn) column, descending);
        g_assert_cmpuint (source.order->len, ==, 90);
        for (guint i = 1; i < source.order->len; i++)
          {
            uint32_t a = g_array_index (source.order, uint32_t, i - 1);
            uint32_t b = g_array_index (source.order, uint32_t, i);
            double x = weftline_workers_source_get (&source, a)->values[column];
            double y = weftline_workers_source_get (&source, b)->values[column];

            g_assert_true (x >= 0 || y < 0);
            if (x == y || (x < 0 && y < 0))
              g_assert_cmpuint (a, <, b);
            else if (y >= 0)
              g_assert_true (descending ? x > y : x < y);
          }
      }
  weftline_workers_source_clear (&source);
  clear (&m);
}

/* Numbers in names count as numbers. */
static void
test_order_of_names (void)
{
  WeftlineWorkersSource source;
  Maker m;

  make_cluster (&m,
                &(Cluster){ .n_workers = 120, .name = "node", .gone = WEFT_NONE, .bare = true });
  weftline_workers_source_init (&source);
  take_at (&source, &m, INT64_MAX);
  weftline_workers_source_sort (&source, WEFTLINE_WORKERS_CPU, true);
  weftline_workers_source_sort (&source, WEFTLINE_WORKERS_NAME, true);
  for (guint i = 0; i < source.order->len; i++)
    g_assert_cmpuint (g_array_index (source.order, uint32_t, i), ==, 119 - i);
  weftline_workers_source_clear (&source);
  clear (&m);
}

/* ---- words ----------------------------------------------------------------------------------- */

/* Of what nobody measures, and of failures where there are none, there is no column; nothing is
 * made up: not every source tells of failures. */
static void
test_nothing_measured (void)
{
  WeftlineWorkersSource source;
  g_autofree char *text = NULL;
  Maker m;

  make_cluster (&m, &(Cluster){ .n_workers = 3, .gone = WEFT_NONE, .n_seconds = 1, .bare = true });
  weftline_workers_source_init (&source);
  take_at (&source, &m, INT64_MAX);
  for (unsigned i = 0; i < WEFTLINE_WORKERS_N_COLUMNS; i++)
    g_assert_cmpint (source.has[i], ==,
                     i <= WEFTLINE_WORKERS_RUNNING || i == WEFTLINE_WORKERS_DONE);
  text = weftline_workers_text (weftline_workers_source_get (&source, 0), WEFTLINE_WORKERS_CPU,
                                &since_start);
  g_assert_cmpstr (text, ==, "–");
  weftline_workers_source_clear (&source);
  clear (&m);
}

/* All figures of one, and counters of which only the name is known. */
static void
test_explained (void)
{
  WeftlineWorkersSource source;
  g_autofree char *text = NULL;
  g_autofree char *past = NULL;
  Maker m;

  make_cluster (&m, &(Cluster){ .n_workers = 2, .gone = WEFT_NONE, .n_seconds = 2 });
  weftline_workers_source_init (&source);
  take_at (&source, &m, INT64_MAX);
  text = weftline_workers_explain (&source, 1, &since_start);
  g_assert_nonnull (strstr (text, "tcp://10.0.0.2:40007 · waiting"));
  g_assert_nonnull (strstr (text, "\nProcessing: 4"));
  g_assert_nonnull (strstr (text, "\nDone: 10"));
  g_assert_nonnull (strstr (text, "limit 4.00\u00a0GB"));
  g_assert_nonnull (strstr (text, "unmanaged"));
  g_assert_nonnull (strstr (text, "\ntemperature: 41.5\u00a0°C"));
  take_at (&source, &m, 300 * (int64_t) MS);
  past = weftline_workers_explain (&source, 1, &since_start);
  g_assert_nonnull (strstr (past, "\nDone: 1\n"));
  g_assert_nonnull (strstr (past, "\nRunning: 1\n"));
  weftline_workers_source_clear (&source);
  clear (&m);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-workers", "workers-layout", "places", test_places);
  test_add ("ui-workers", "workers-layout", "nothing-yet", test_nothing_yet);
  test_add ("ui-workers", "workers-layout", "lines", test_lines);
  test_add ("ui-workers", "workers-layout", "sums", test_sums);
  test_add ("ui-workers", "workers-layout", "moments", test_moments);
  test_add ("ui-workers", "workers-layout", "comes-and-goes", test_comes_and_goes);
  test_add ("ui-workers", "workers-layout", "order", test_order);
  test_add ("ui-workers", "workers-layout", "order-of-names", test_order_of_names);
  test_add ("ui-workers", "workers-layout", "nothing-measured", test_nothing_measured);
  test_add ("ui-workers", "workers-layout", "explained", test_explained);
  return g_test_run ();
}
