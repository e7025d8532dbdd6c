/* test-transfer-layout.c: transfers add up in cells, rows, columns, groups, and have places
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfer-fixture.h"

#include "transfers/transfer-picture.h"
#include "transfers/transfer-words.h"

#include <math.h>

static const WeftlineTransferRoom room = { 120, 60, 56, 90 };

/* ---- tallies --------------------------------------------------------------------------------- */

/* A quantile is in the step of the value that has that rank. */
static void
test_quantiles (void)
{
  for (int round = 0; round < 50; round++)
    {
      WeftlineTally tally = { .items = NULL }, half = { .items = NULL }, both = { .items = NULL };
      double values[200];
      int n = g_test_rand_int_range (1, 200);

      for (int i = 0; i < n; i++)
        {
          double value = exp2 (g_test_rand_double_range (0, 40));
          int k = i;

          for (; k > 0 && values[k - 1] > value; k--)
            values[k] = values[k - 1];
          values[k] = value;
          weftline_tally_add (i % 2 ? &tally : &half, weftline_tally_step (value), 1, 0);
        }
      weftline_tally_merge (&both, &tally);
      weftline_tally_merge (&both, &half);
      for (int i = 1; i < 10; i++)
        {
          double at = weftline_tally_quantile (&both, i / 10.0);
          double exact = values[(int) ceil (i * n / 10.0) - 1];

          g_assert_cmpfloat (fabs (log2 (at / exact)), <=, 1 / 16.0 + 1e-9);
        }
      for (uint32_t i = 1; i < both.n_items; i++)
        g_assert_cmpuint (both.items[i].key, >, both.items[i - 1].key);
      weftline_tally_clear (&tally);
      weftline_tally_clear (&half);
      weftline_tally_clear (&both);
      g_assert_cmpfloat (weftline_tally_quantile (&both, 0.5), <, 0);
    }
}

/* ---- sums ------------------------------------------------------------------------------------ */

static bool
is_in (const MadeTransfer *transfer, int64_t from_ns, int64_t to_ns)
{
  return transfer->end_ns >= from_ns && transfer->end_ns < to_ns;
}

/* Where a worker stands; there are no hosts. */
static uint32_t
place_of (const WeftlineTransferMatrix *matrix, uint32_t worker)
{
  for (uint32_t i = 0; i < matrix->n_places && worker != WEFT_NONE; i++)
    {
      g_autofree char *name =
          g_strdup_printf ("tcp://10.0.0.%u:%u", 1 + worker / 4, 40001 + worker);

      if (matrix->places[i].kind == WEFTLINE_TRANSFER_WORKER
          && g_str_equal (matrix->places[i].name, name))
        return i;
    }
  for (uint32_t i = 0; i < matrix->n_places; i++)
    if (matrix->places[i].kind
        == (worker == WEFT_NONE ? WEFTLINE_TRANSFER_UNKNOWN : WEFTLINE_TRANSFER_OTHERS))
      return i;
  g_assert_not_reached ();
}

/* Each cell has what was written, one by one. */
static void
check_cells (const WeftlineTransferMatrix *matrix, const GArray *truth)
{
  uint32_t n = matrix->n_places;
  g_autofree uint64_t *n_of = g_new0 (uint64_t, n * n);
  g_autofree uint64_t *bytes_of = g_new0 (uint64_t, n * n);
  g_autofree int64_t *ns_of = g_new0 (int64_t, n * n);
  g_autofree int64_t *longest_of = g_new0 (int64_t, n * n);

  for (guint i = 0; i < truth->len; i++)
    {
      const MadeTransfer *made = &g_array_index (truth, MadeTransfer, i);
      uint32_t cell;

      if (!is_in (made, matrix->from_ns, matrix->to_ns))
        continue;
      cell = place_of (matrix, made->from) * n + place_of (matrix, made->to);
      n_of[cell]++;
      bytes_of[cell] += made->bytes;
      ns_of[cell] += made->end_ns - made->start_ns;
      longest_of[cell] = MAX (longest_of[cell], made->end_ns - made->start_ns);
    }
  for (uint32_t i = 0; i < n * n; i++)
    {
      g_assert_cmpuint (matrix->cells[i].n, ==, n_of[i]);
      g_assert_cmpuint (matrix->cells[i].bytes, ==, bytes_of[i]);
      g_assert_cmpint (matrix->cells[i].ns, ==, ns_of[i]);
      g_assert_cmpint (matrix->cells[i].longest_ns, ==, longest_of[i]);
    }
}

static uint64_t
count_items (const WeftlineTally *tally)
{
  uint64_t n = 0;

  for (uint32_t i = 0; i < tally->n_items; i++)
    n += tally->items[i].n;
  return n;
}

/* Cells, places and groups are all transfers, each once. */
static void
check_matrix (const WeftlineTransferMatrix *matrix, uint64_t n_transfers)
{
  uint64_t n = 0, bytes = 0, n_typed = 0, typed_bytes = 0, moved = 0;
  uint32_t n_workers = 0;

  g_assert_cmpuint (matrix->total.n, ==, n_transfers);
  for (uint32_t i = 0; i < matrix->n_places * matrix->n_places; i++)
    {
      const WeftlineTransferCell *cell = &matrix->cells[i];

      n += cell->n;
      bytes += cell->bytes;
      g_assert_cmpuint (count_items (&cell->durations), ==, cell->n);
      g_assert_cmpuint (count_items (&cell->groups), ==, cell->n);
      if (cell->rate_ns > 0)
        g_assert_cmpfloat (weftline_transfer_cell_rate (cell), <=, cell->best * (1 + 1e-9));
    }
  for (uint32_t i = 0; i < matrix->n_types; i++)
    {
      n_typed += matrix->types[i].n;
      typed_bytes += matrix->types[i].bytes;
      g_assert_true (i == 0 || matrix->types[i].bytes <= matrix->types[i - 1].bytes);
    }
  for (uint32_t i = 0; i < matrix->n_places; i++)
    {
      n_workers += matrix->places[i].n_workers;
      moved += matrix->places[i].bytes;
      g_assert_true (i == 0 || matrix->places[i].kind >= matrix->places[i - 1].kind);
    }
  g_assert_cmpuint (n, ==, n_transfers);
  g_assert_cmpuint (n_typed, ==, n_transfers);
  g_assert_cmpuint (bytes, ==, matrix->total.bytes);
  g_assert_cmpuint (typed_bytes, ==, matrix->total.bytes);
  g_assert_cmpuint (moved, ==, 2 * matrix->total.bytes);
  g_assert_cmpuint (n_workers, ==, matrix->n_workers);
}

static WeftlineTransferMatrix *
matrix_of (WeftModel *model, int64_t from_ns, int64_t to_ns, uint32_t most)
{
  WeftlineTransferSums *sums = weftline_transfer_sums_new (model, from_ns, to_ns);
  WeftlineTransferMatrix *matrix;

  weftline_transfer_sums_update (sums, true, UINT64_MAX);
  matrix = weftline_transfer_matrix_new (sums, most);
  weftline_transfer_sums_free (sums);
  return matrix;
}

static void
test_sums (void)
{
  static const MadeRun runs[] = { { 1, 0, 20, 0, 1 },
                                  { 3, 0, 500, 9, 2 },
                                  { 4, 0, 1, 1, 3 },
                                  { 40, 0, 3000, 0, 4 },
                                  { 60, 0, 4000, 5, 5 } };

  for (unsigned i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      g_autoptr (GArray) truth = g_array_new (FALSE, FALSE, sizeof (MadeTransfer));
      WeftModel *model = made_run_model (&runs[i], truth);
      WeftlineTransferMatrix *matrix = matrix_of (model, INT64_MIN, INT64_MAX, 40);

      check_matrix (matrix, runs[i].n_transfers);
      check_cells (matrix, truth);
      g_assert_cmpuint (matrix->n_workers, ==, runs[i].n_workers);
      g_assert_cmpuint (matrix->n_places, ==,
                        MIN (runs[i].n_workers, 40) + (runs[i].n_workers > 40)
                            + (runs[i].n_unknown > 0));
      weftline_transfer_matrix_free (matrix);
      weft_model_unref (model);
    }
}

/* Parts of the time, whatever they are cut at, add up to all. */
static void
test_parts (void)
{
  static const MadeRun run = { 5, 0, 800, 3, 7 };
  g_autoptr (GArray) truth = g_array_new (FALSE, FALSE, sizeof (MadeTransfer));
  WeftModel *model = made_run_model (&run, truth);
  int64_t end_ns = 0;

  for (guint i = 0; i < truth->len; i++)
    end_ns = MAX (end_ns, g_array_index (truth, MadeTransfer, i).end_ns);
  for (int round = 0; round < 20; round++)
    {
      int64_t cut_ns = g_array_index (truth, MadeTransfer, g_test_rand_int_range (0, 800)).end_ns;
      int64_t edges[] = { INT64_MIN, cut_ns, end_ns / 2, INT64_MAX };
      uint64_t n = 0;

      if (edges[1] > edges[2])
        edges[2] = edges[1];
      for (unsigned i = 0; i + 1 < G_N_ELEMENTS (edges); i++)
        {
          WeftlineTransferMatrix *matrix = matrix_of (model, edges[i], edges[i + 1], 40);

          check_cells (matrix, truth);
          check_matrix (matrix, matrix->total.n);
          n += matrix->total.n;
          weftline_transfer_matrix_free (matrix);
        }
      g_assert_cmpuint (n, ==, run.n_transfers);
    }
  weft_model_unref (model);
}

/* As it comes, frame by frame, each is counted once, with who sent it; so many spans at a time. */
static void
test_while_it_comes (void)
{
  static const MadeRun run = { 4, 0, 6000, 2, 8 };
  g_autoptr (TestDir) dir = test_dir_new ();
  g_autofree char *path = g_build_filename (dir, "made.weft", NULL);
  g_autoptr (GArray) truth = g_array_new (FALSE, FALSE, sizeof (MadeTransfer));
  g_autoptr (GPtrArray) frames = NULL;
  WeftModel *model = weft_model_new ();
  WeftlineTransferSums *sums = weftline_transfer_sums_new (model, INT64_MIN, INT64_MAX);
  WeftlineTransferMatrix *matrix;

  made_run_write (path, &run, truth);
  frames = read_frames (path);
  for (guint i = 0; i < frames->len; i++)
    {
      add_frames (model, frames, i, i + 1);
      while (
          !weftline_transfer_sums_update (sums, false, (uint64_t) g_test_rand_int_range (1, 400)))
        ;
    }
  weft_model_finish (model, false);
  weftline_transfer_sums_update (sums, true, UINT64_MAX);
  matrix = weftline_transfer_matrix_new (sums, 40);
  check_matrix (matrix, run.n_transfers);
  check_cells (matrix, truth);
  weftline_transfer_matrix_free (matrix);
  weftline_transfer_sums_free (sums);
  weft_model_unref (model);
}

/* Of many workers the hosts are seen, where all are known. */
static void
test_hosts (void)
{
  static const MadeRun run = { 300, 12, 5000, 4, 9 };
  WeftModel *model = made_run_model (&run, NULL);
  WeftlineTransferMatrix *matrix = matrix_of (model, INT64_MIN, INT64_MAX, 40);

  check_matrix (matrix, run.n_transfers);
  g_assert_cmpuint (matrix->n_places, ==, 13);
  for (uint32_t i = 0; i < 12; i++)
    {
      g_assert_cmpuint (matrix->places[i].kind, ==, WEFTLINE_TRANSFER_HOST);
      g_assert_cmpuint (matrix->places[i].n_workers, ==, 25);
    }
  weftline_transfer_matrix_free (matrix);
  weft_model_unref (model);
}

/* ---- places ---------------------------------------------------------------------------------- */

static void
check_values (const WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix)
{
  uint32_t n = layout->n_rows;

  g_assert_cmpuint (weftline_transfer_value (layout, n, n)->n, ==, matrix->total.n);
  g_assert_cmpuint (weftline_transfer_value (layout, n, n)->bytes, ==, matrix->total.bytes);
  for (uint32_t row = 0; row < n; row++)
    {
      uint64_t sent = 0, got = 0;

      for (uint32_t column = 0; column < n; column++)
        {
          WeftlineTransferCell cell;

          sent += weftline_transfer_value (layout, row, column)->bytes;
          got += weftline_transfer_value (layout, column, row)->bytes;
          if (g_test_rand_int_range (0, (gint32) (n * n)) >= 4)
            continue; /* each sum looks at all cells */
          weftline_transfer_matrix_sum (matrix, layout->row_of, row, column, &cell);
          g_assert_cmpuint (cell.n, ==, weftline_transfer_value (layout, row, column)->n);
          g_assert_cmpfloat (weftline_transfer_cell_rate (&cell), ==,
                             weftline_transfer_value (layout, row, column)->rate);
          weftline_transfer_cell_clear (&cell);
        }
      g_assert_cmpuint (weftline_transfer_value (layout, row, n)->bytes, ==, sent);
      g_assert_cmpuint (weftline_transfer_value (layout, n, row)->bytes, ==, got);
    }
}

/* Nothing lies over something else or outside; rows are in the order of places. */
static void
check_places (const WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix)
{
  int end = layout->y + (int) layout->n_rows * layout->cell_height + WEFTLINE_TRANSFER_FOOT;

  if (layout->n_rows > 0)
    {
      g_assert_cmpint (layout->cell_width, >=, WEFTLINE_TRANSFER_LEAST_CELL);
      g_assert_cmpint (layout->cell_height, >=, WEFTLINE_TRANSFER_LEAST_CELL);
      g_assert_cmpint (layout->y, >=, WEFTLINE_TRANSFER_LINE);
      g_assert_cmpint (end, <=, layout->height);
      g_assert_cmpint (layout->x + (int) layout->n_rows * layout->cell_width, <=,
                       layout->sum_width > 0 ? layout->sum_x : layout->width);
      if (layout->sum_width > 0)
        g_assert_cmpint (layout->sum_x + layout->sum_width - WEFTLINE_TRANSFER_GAP, <=,
                         layout->width);
    }
  for (uint32_t row = 1; row < layout->n_rows; row++)
    g_assert_true (layout->place_of[row] == WEFT_NONE
                   || layout->place_of[row] > layout->place_of[row - 1]);
  for (guint i = 0; layout->has_types && i < layout->lines->len; i++)
    {
      const WeftlineTransferLine *line = &g_array_index (layout->lines, WeftlineTransferLine, i);

      g_assert_cmpint (line->y, ==, layout->types_y + (int) (i + 1) * WEFTLINE_TRANSFER_LINE);
      g_assert_true (layout->n_rows == 0 || line->y >= end);
      g_assert_cmpint (line->y + WEFTLINE_TRANSFER_LINE + WEFTLINE_TRANSFER_AXIS, <=,
                       layout->height);
      g_assert_cmpuint (line->type, <, matrix->n_types);
    }
}

/* Whatever can be pointed at is there, and cells and bars are where they are drawn. */
static void
check_hits (const WeftlineTransferLayout *layout, const WeftlineTransferMatrix *matrix)
{
  for (int i = 0; i < 200; i++)
    {
      WeftlineTransferHit hit =
          weftline_transfer_hit (layout, g_test_rand_int_range (-5, layout->width + 5),
                                 g_test_rand_int_range (-5, layout->height + 5));

      if (hit.kind == WEFTLINE_TRANSFER_TYPE)
        g_assert_cmpuint (hit.type, <, matrix->n_types);
      if (hit.kind != WEFTLINE_TRANSFER_CELL)
        continue;
      g_assert_true (hit.row == WEFTLINE_TRANSFER_ALL || hit.row < layout->n_rows);
      g_assert_true (hit.column == WEFTLINE_TRANSFER_ALL || hit.column < layout->n_rows);
    }
  for (uint32_t row = 0; row < layout->n_rows; row++)
    {
      WeftlineTransferHit hit = weftline_transfer_hit (layout, layout->x + layout->cell_width / 2,
                                                       layout->y + (int) row * layout->cell_height
                                                           + layout->cell_height / 2);

      g_assert_cmpuint (hit.kind, ==, WEFTLINE_TRANSFER_CELL);
      g_assert_cmpuint (hit.row, ==, row);
      g_assert_cmpuint (hit.column, ==, 0);
    }
}

static void
test_layout (void)
{
  static const MadeRun runs[] = { { 1, 0, 20, 0, 1 }, { 4, 0, 300, 2, 2 }, { 60, 0, 4000, 5, 5 } };

  for (unsigned i = 0; i < G_N_ELEMENTS (runs); i++)
    {
      WeftModel *model = made_run_model (&runs[i], NULL);
      WeftlineTransferMatrix *matrix = matrix_of (model, INT64_MIN, INT64_MAX, 40);
      WeftlineTransferLayout layout;

      weftline_transfer_layout_init (&layout);
      for (int round = 0; round < 60; round++)
        {
          weftline_transfer_layout (&layout, matrix, g_test_rand_int_range (0, 1400),
                                    g_test_rand_int_range (0, 1000), &room,
                                    g_test_rand_int_range (0, 9));
          check_values (&layout, matrix);
          check_places (&layout, matrix);
          if (layout.width > 0 && layout.height > 0)
            check_hits (&layout, matrix);
        }
      weftline_transfer_layout (&layout, matrix, 1000, layout.content_height, &room, 0);
      weftline_transfer_layout (&layout, matrix, 1000, layout.content_height, &room, 0);
      g_assert_cmpuint (layout.lines->len, ==, matrix->n_types);
      g_assert_cmpuint (layout.n_rows, ==, matrix->n_places);
      weftline_transfer_layout_clear (&layout);
      weftline_transfer_matrix_free (matrix);
      weft_model_unref (model);
    }
}

/* ---- words ----------------------------------------------------------------------------------- */

/* It is said of how many so many are seen, and what a cell has. */
static void
test_words (void)
{
  static const MadeRun run = { 60, 0, 4000, 0, 5 };
  WeftModel *model = made_run_model (&run, NULL);
  WeftlineTransferMatrix *matrix = matrix_of (model, INT64_MIN, INT64_MAX, 40);
  WeftlineTransferHit all = { .kind = WEFTLINE_TRANSFER_CELL,
                              .row = WEFTLINE_TRANSFER_ALL,
                              .column = WEFTLINE_TRANSFER_ALL };
  WeftlineTransferLayout layout;
  g_autofree char *caption = NULL;
  g_autofree char *fewer = NULL;
  g_autofree char *explained = NULL;
  g_autofree char *summary = weftline_transfer_summary (matrix);
  g_autofree char *none = weftline_transfer_summary (NULL);

  weftline_transfer_layout_init (&layout);
  weftline_transfer_layout (&layout, matrix, 1400, 1000, &room, 0);
  caption = weftline_transfer_caption (matrix, &layout);
  g_assert_cmpstr (caption, ==, "the busiest 40 of 60 workers");
  explained = weftline_transfer_explain (matrix, &layout, &all);
  g_assert_nonnull (strstr (explained, "4000 transfers"));
  g_assert_nonnull (strstr (explained, "rechunk-merge"));
  weftline_transfer_layout (&layout, matrix, 400, 500, &room, 0);
  fewer = weftline_transfer_caption (matrix, &layout);
  g_assert_true (g_str_has_prefix (fewer, "the busiest "));
  g_assert_cmpint (atoi (fewer + strlen ("the busiest ")), <, 40);
  g_assert_true (g_str_has_prefix (summary, "60 workers; "));
  g_assert_cmpstr (none, ==, "No transfers");
  g_assert_cmpuint (weftline_transfer_common_prefix (matrix), ==, strlen ("tcp://10.0.0."));
  weftline_transfer_layout_clear (&layout);
  weftline_transfer_matrix_free (matrix);
  weft_model_unref (model);
}

/* ---- where there is little room -------------------------------------------------------------- */

static const WeftlineTransferRoom usual = { 110, 40, 66, 80 };

/* What bars by group find no room in is for cells; names may stand beside each other. */
static void
test_small_card (void)
{
  static const MadeRun few = { 5, 0, 400, 0, 7 }, many = { 38, 0, 4000, 0, 8 };
  static const WeftlineTransferRoom long_names = { 300, 200, 66, 80 };
  g_autoptr (GArray) truth = g_array_new (FALSE, FALSE, sizeof (MadeTransfer));
  WeftModel *models[] = { made_run_model (&few, truth), made_run_model (&many, truth) };
  WeftlineTransferMatrix *matrices[] = { matrix_of (models[0], INT64_MIN, INT64_MAX, 40),
                                         matrix_of (models[1], INT64_MIN, INT64_MAX, 40) };
  WeftlineTransferLayout layout;

  weftline_transfer_layout_init (&layout);
  g_assert_cmpuint (matrices[0]->n_types, >, 0);
  weftline_transfer_layout (&layout, matrices[0], 430, 140, &usual, 0);
  g_assert_cmpuint (layout.n_rows, ==, 5);
  g_assert_false (layout.is_upright);
  weftline_transfer_layout (&layout, matrices[1], 430, 140, &long_names, 0);
  g_assert_cmpuint (layout.n_rows, >=, 2);
  g_assert_false (layout.is_upright);
  weftline_transfer_layout (&layout, matrices[1], 900, 700, &long_names, 0);
  g_assert_cmpuint (layout.n_rows, >, 20);
  g_assert_true (layout.is_upright);
  weftline_transfer_layout_clear (&layout);
  for (unsigned i = 0; i < G_N_ELEMENTS (models); i++)
    {
      weftline_transfer_matrix_free (matrices[i]);
      weft_model_unref (models[i]);
    }
}

/* A source that tells of transfers, not how large they are: then it is how many. */
static void
test_without_bytes (void)
{
  static const MadeRun run = { 4, 0, 100, 0, 9 };
  g_autoptr (GArray) truth = g_array_new (FALSE, FALSE, sizeof (MadeTransfer));
  WeftModel *model = made_run_model (&run, truth);
  WeftlineTransferMatrix *matrix = matrix_of (model, INT64_MIN, INT64_MAX, 40);
  g_autofree char *with = weftline_transfer_figures (matrix);
  g_autofree char *without = NULL;
  WeftlineTransferLayout layout;
  WeftlineTransferMeasure measure;
  double least, most;

  g_assert_cmpint (weftline_transfer_measure_of (matrix, WEFTLINE_TRANSFER_BY_RATE), ==,
                   WEFTLINE_TRANSFER_BY_RATE);
  g_assert_nonnull (strstr (with, " in 100 transfers"));
  matrix->total.bytes = 0;
  for (uint32_t i = 0; i < matrix->n_places * matrix->n_places; i++)
    matrix->cells[i].bytes = 0;
  without = weftline_transfer_figures (matrix);
  g_assert_cmpstr (without, ==, "100 transfers");
  measure = weftline_transfer_measure_of (matrix, WEFTLINE_TRANSFER_BY_RATE);
  weftline_transfer_layout_init (&layout);
  weftline_transfer_layout (&layout, matrix, 600, 400, &usual, 0);
  g_assert_false (layout.has_types);
  g_assert_true (weftline_transfer_range (&layout, measure, &least, &most));
  g_assert_cmpfloat (least, >=, 1);
  g_assert_cmpfloat (weftline_transfer_measured (weftline_transfer_value (&layout, 4, 4), measure),
                     ==, 100);
  weftline_transfer_layout_clear (&layout);
  weftline_transfer_matrix_free (matrix);
  weft_model_unref (model);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("ui-transfers", "transfer-layout", "quantiles", test_quantiles);
  test_add ("ui-transfers", "transfer-layout", "sums", test_sums);
  test_add ("ui-transfers", "transfer-layout", "parts", test_parts);
  test_add ("ui-transfers", "transfer-layout", "while-it-comes", test_while_it_comes);
  test_add ("ui-transfers", "transfer-layout", "hosts", test_hosts);
  test_add ("ui-transfers", "transfer-layout", "layout", test_layout);
  test_add ("ui-transfers", "transfer-layout", "words", test_words);
  test_add ("ui-transfers", "transfer-layout", "small-card", test_small_card);
  test_add ("ui-transfers", "transfer-layout", "without-bytes", test_without_bytes);
  return g_test_run ();
}
