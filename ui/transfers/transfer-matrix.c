/* transfer-matrix.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfers/transfer-matrix.h"

#include "canvas/lane-text.h"

#include <string.h>

/* While it is made. @place_of: of each end; WEFT_NONE: among the others */
typedef struct
{
  const WeftlineTransferSums *sums;
  GArray *places; /* WeftlineTransferPlace */
  uint32_t *place_of;
  uint64_t *busy; /* of each end: bytes, and a bit for each transfer, so that none is nothing */
  uint32_t n_ends, n_workers;
  uint32_t most;
} Making;

static const WeftlineTransferEnd *
end_at (const Making *making, uint32_t end)
{
  return &g_array_index (making->sums->ends, WeftlineTransferEnd, end);
}

/* ---- places ---------------------------------------------------------------------------------- */

static uint32_t
add_place (Making *making, WeftlineTransferPlaceKind kind, uint32_t lane, uint32_t n_workers)
{
  WeftlineTransferPlace place = { .kind = kind,
                                  .name = lane != WEFT_NONE
                                              ? weftline_lane_text_of (making->sums->model, lane)
                                              : g_strdup (""),
                                  .n_workers = n_workers };

  g_array_append_val (making->places, place);
  return making->places->len - 1;
}

static void
count_busy (Making *making)
{
  for (guint i = 0; i < making->sums->pairs->len; i++)
    {
      const WeftlineTransferPair *pair = making->sums->pairs->pdata[i];

      making->busy[pair->from] += pair->cell.bytes + pair->cell.n;
      making->busy[pair->to] += pair->cell.bytes + pair->cell.n;
    }
}

/* Whether places can be hosts: more than one, fewer than workers, and each worker has one. */
static bool
has_hosts (const Making *making)
{
  g_autoptr (GHashTable) hosts = g_hash_table_new (NULL, NULL);

  for (uint32_t i = 0; i < making->n_ends; i++)
    {
      const WeftlineTransferEnd *end = end_at (making, i);

      if (!end->is_unknown && end->host == WEFT_NONE)
        return false;
      if (!end->is_unknown)
        g_hash_table_add (hosts, GUINT_TO_POINTER (end->host));
    }
  return g_hash_table_size (hosts) > 1 && g_hash_table_size (hosts) < making->n_workers
         && g_hash_table_size (hosts) <= making->most;
}

static void
place_hosts (Making *making)
{
  g_autoptr (GHashTable) places = g_hash_table_new (NULL, NULL);

  for (uint32_t i = 0; i < making->n_ends; i++)
    {
      const WeftlineTransferEnd *end = end_at (making, i);
      void *key = GUINT_TO_POINTER (end->host);
      uint32_t place = GPOINTER_TO_UINT (g_hash_table_lookup (places, key));

      if (end->is_unknown)
        continue;
      if (place == 0)
        {
          place = add_place (making, WEFTLINE_TRANSFER_HOST, end->host, 0) + 1;
          g_hash_table_insert (places, key, GUINT_TO_POINTER (place));
        }
      making->place_of[i] = place - 1;
      g_array_index (making->places, WeftlineTransferPlace, place - 1).n_workers++;
    }
}

static gint
compare_busy (const void *a, const void *b, void *data)
{
  const uint64_t *busy = data;
  uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

  if (busy[x] != busy[y])
    return busy[x] > busy[y] ? -1 : 1;
  return x < y ? -1 : x > y;
}

static gint
compare_numbers (const void *a, const void *b, void *data G_GNUC_UNUSED)
{
  uint32_t x = *(const uint32_t *) a, y = *(const uint32_t *) b;

  return x < y ? -1 : x > y;
}

/* The busiest; those that are left are others. */
static void
place_workers (Making *making)
{
  g_autoptr (GArray) ends = g_array_new (FALSE, FALSE, sizeof (uint32_t));
  uint32_t n;

  for (uint32_t i = 0; i < making->n_ends; i++)
    if (!end_at (making, i)->is_unknown)
      g_array_append_val (ends, i);
  n = MIN (ends->len, making->most);
  g_array_sort_with_data (ends, compare_busy, making->busy);
  g_array_set_size (ends, n);
  g_array_sort_with_data (ends, compare_numbers, NULL);
  for (uint32_t i = 0; i < n; i++)
    {
      uint32_t end = g_array_index (ends, uint32_t, i);

      making->place_of[end] =
          add_place (making, WEFTLINE_TRANSFER_WORKER, end_at (making, end)->lane, 1);
    }
  if (making->n_workers > n)
    add_place (making, WEFTLINE_TRANSFER_OTHERS, WEFT_NONE, making->n_workers - n);
}

static void
place_all (Making *making)
{
  uint32_t others;

  count_busy (making);
  if (making->n_workers > making->most && has_hosts (making))
    place_hosts (making);
  else
    place_workers (making);
  others = making->places->len - 1;
  for (uint32_t i = 0; i < making->n_ends; i++)
    if (end_at (making, i)->is_unknown)
      making->place_of[i] = add_place (making, WEFTLINE_TRANSFER_UNKNOWN, WEFT_NONE, 0);
    else if (making->place_of[i] == WEFT_NONE)
      making->place_of[i] = others;
}

/* ---- cells and types ------------------------------------------------------------------------- */

static void
take_cells (WeftlineTransferMatrix *matrix, const Making *making)
{
  for (guint i = 0; i < making->sums->pairs->len; i++)
    {
      const WeftlineTransferPair *pair = making->sums->pairs->pdata[i];
      uint32_t from = making->place_of[pair->from], to = making->place_of[pair->to];

      weftline_transfer_cell_merge (&matrix->cells[from * matrix->n_places + to], &pair->cell);
      matrix->places[from].bytes += pair->cell.bytes;
      matrix->places[to].bytes += pair->cell.bytes;
    }
  weftline_transfer_cell_merge (&matrix->total, &making->sums->total);
}

#define TYPE_COUNTER "bandwidth-of "

/* What was measured last, as far as the sums go; < 0: nothing was. O(log points) */
static double
told_rate (const WeftlineTransferSums *sums, uint32_t counter)
{
  uint64_t low = 0, high = weft_model_counter_n (sums->model, counter);

  while (low < high)
    {
      uint64_t middle = low + (high - low) / 2;

      if (weft_model_counter_get (sums->model, counter, middle).at_ns < sums->to_ns)
        low = middle + 1;
      else
        high = middle;
    }
  return low > 0 ? weft_model_counter_get (sums->model, counter, low - 1).value : -1;
}

static bool
take_told_type (const WeftlineTransferSums *sums, uint32_t counter, WeftlineTransferType *type)
{
  WeftModelCounter info;
  double rate;

  weft_model_counter (sums->model, counter, &info);
  if (info.lane != WEFT_NONE || !g_str_has_prefix (info.name, TYPE_COUNTER))
    return false;
  rate = told_rate (sums, counter);
  if (rate <= 0)
    return false;
  *type = (WeftlineTransferType){ .group = WEFT_NO_GROUP,
                                  .name = info.name + strlen (TYPE_COUNTER),
                                  .slot = WEFTLINE_SLOT_OTHER,
                                  .rate_bytes = (uint64_t) rate,
                                  .rate_ns = G_USEC_PER_SEC * INT64_C (1000),
                                  .best = rate };
  weftline_tally_add (&type->rates, weftline_tally_step (rate), 1, 0);
  return true;
}

static gint
compare_types (const void *a, const void *b)
{
  const WeftlineTransferType *x = a, *y = b;

  if ((x->n == 0) != (y->n == 0))
    return x->n == 0 ? 1 : -1;
  if (x->bytes != y->bytes)
    return x->bytes > y->bytes ? -1 : 1;
  if (x->n == 0 && x->best != y->best)
    return x->best > y->best ? -1 : 1;
  return x->group < y->group ? -1 : x->group > y->group;
}

static void
take_types (WeftlineTransferMatrix *matrix, const WeftlineTransferSums *sums)
{
  uint32_t n_counters = sums->total.n > 0 ? weft_model_n_counters (sums->model) : 0;

  matrix->types = g_new0 (WeftlineTransferType, sums->types->len + n_counters);
  for (guint i = 0; i < sums->types->len; i++)
    {
      const WeftlineTransferType *type = &g_array_index (sums->types, WeftlineTransferType, i);
      WeftlineTransferType *copy = &matrix->types[matrix->n_types];

      if (type->n == 0)
        continue;
      *copy = *type;
      copy->rates = (WeftlineTally){ .items = NULL };
      weftline_tally_merge (&copy->rates, &type->rates);
      matrix->n_types++;
    }
  for (uint32_t i = 0; i < n_counters; i++)
    matrix->n_told += take_told_type (sums, i, &matrix->types[matrix->n_types + matrix->n_told]);
  matrix->n_types += matrix->n_told;
  qsort (matrix->types, matrix->n_types, sizeof *matrix->types, compare_types);
}

WeftlineTransferMatrix *
weftline_transfer_matrix_new (const WeftlineTransferSums *sums, uint32_t most)
{
  WeftlineTransferMatrix *matrix = g_new0 (WeftlineTransferMatrix, 1);
  Making making = { .sums = sums, .n_ends = sums->ends->len, .most = MAX (most, 1) };

  making.places = g_array_new (FALSE, TRUE, sizeof (WeftlineTransferPlace));
  making.place_of = g_new (uint32_t, making.n_ends);
  making.busy = g_new0 (uint64_t, making.n_ends);
  for (uint32_t i = 0; i < making.n_ends; i++)
    {
      making.place_of[i] = WEFT_NONE;
      making.n_workers += !end_at (&making, i)->is_unknown;
    }
  place_all (&making);
  matrix->model = weft_model_ref (sums->model);
  matrix->from_ns = sums->from_ns;
  matrix->to_ns = sums->to_ns;
  matrix->n_workers = making.n_workers;
  matrix->n_places = making.places->len;
  matrix->places = (WeftlineTransferPlace *) (void *) g_array_free (making.places, FALSE);
  matrix->cells = g_new0 (WeftlineTransferCell, (size_t) matrix->n_places * matrix->n_places);
  take_cells (matrix, &making);
  take_types (matrix, sums);
  g_free (making.place_of);
  g_free (making.busy);
  return matrix;
}

void
weftline_transfer_matrix_free (WeftlineTransferMatrix *matrix)
{
  if (matrix == NULL)
    return;
  for (size_t i = 0; i < (size_t) matrix->n_places * matrix->n_places; i++)
    weftline_transfer_cell_clear (&matrix->cells[i]);
  for (uint32_t i = 0; i < matrix->n_places; i++)
    g_free (matrix->places[i].name);
  for (uint32_t i = 0; i < matrix->n_types; i++)
    weftline_tally_clear (&matrix->types[i].rates);
  weftline_transfer_cell_clear (&matrix->total);
  g_free (matrix->places);
  g_free (matrix->cells);
  g_free (matrix->types);
  weft_model_unref (matrix->model);
  g_free (matrix);
}

void
weftline_transfer_matrix_sum (const WeftlineTransferMatrix *matrix, const uint32_t *row_of,
                              uint32_t from, uint32_t to, WeftlineTransferCell *cell)
{
  *cell = (WeftlineTransferCell){ .best = -1, .longest_task = WEFT_NONE };
  for (uint32_t i = 0; i < matrix->n_places; i++)
    for (uint32_t k = 0; k < matrix->n_places; k++)
      if ((from == WEFTLINE_TRANSFER_ALL || row_of[i] == from)
          && (to == WEFTLINE_TRANSFER_ALL || row_of[k] == to))
        weftline_transfer_cell_merge (cell, &matrix->cells[i * matrix->n_places + k]);
}
