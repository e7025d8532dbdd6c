/* transfer-words.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfers/transfer-words.h"

#include "canvas/number-format.h"

#include <glib/gi18n.h>

#define MOST_GROUPS 4 /* that are named */
#define MOST_PAIRS 3

char *
weftline_transfer_rate_text (double rate)
{
  g_autofree char *bytes = NULL;

  if (rate < 0)
    return g_strdup ("–");
  bytes = weftline_format_bytes (weftline_whole (rate), WEFTLINE_BYTES_DECIMAL);
  /* Translators: bytes a second */
  return g_strdup_printf (_ ("%s/s"), bytes);
}

/* What has no size is not nothing. */
static char *
bytes_text (uint64_t n, uint64_t bytes)
{
  return n > 0 && bytes == 0 ? g_strdup ("–")
                             : weftline_format_bytes (bytes, WEFTLINE_BYTES_DECIMAL);
}

char *
weftline_transfer_value_text (const WeftlineTransferValue *value, WeftlineTransferMeasure measure)
{
  if (measure == WEFTLINE_TRANSFER_BY_NUMBER)
    return weftline_format_count (value->n);
  return measure == WEFTLINE_TRANSFER_BY_RATE ? weftline_transfer_rate_text (value->rate)
                                              : bytes_text (value->n, value->bytes);
}

char *
weftline_transfer_count_text (uint64_t n)
{
  g_autofree char *count = weftline_format_count (n);

  return g_strdup_printf (ngettext ("%s transfer", "%s transfers", n), count);
}

/* “1.2 GB in 12 transfers”, or how many, where no bytes are known. */
static char *
amount_text (uint64_t n, uint64_t n_bytes)
{
  g_autofree char *bytes = bytes_text (n, n_bytes);
  g_autofree char *count = weftline_transfer_count_text (n);

  if (n > 0 && n_bytes == 0)
    return g_steal_pointer (&count);
  /* Translators: bytes in so many transfers: “1.2 GB in 12 transfers” */
  return g_strdup_printf (_ ("%s in %s"), bytes, count);
}

/* ---- who ------------------------------------------------------------------------------------- */

static char *
workers_text (uint32_t n)
{
  g_autofree char *count = weftline_format_count (n);

  return g_strdup_printf (ngettext ("%s worker", "%s workers", n), count);
}

static char *
others_text (uint32_t n)
{
  g_autofree char *count = weftline_format_count (n);

  /* Translators: other workers */
  return g_strdup_printf (ngettext ("%s other", "%s others", n), count);
}

char *
weftline_transfer_place_text (const WeftlineTransferPlace *place)
{
  if (place->kind == WEFTLINE_TRANSFER_UNKNOWN)
    /* Translators: the worker that sent something */
    return g_strdup (_ ("not known"));
  return place->kind == WEFTLINE_TRANSFER_OTHERS ? others_text (place->n_workers)
                                                 : g_strdup (place->name);
}

/* Workers in the last row, where that is several places. */
static uint32_t
n_others (const WeftlineTransferMatrix *matrix, const WeftlineTransferLayout *layout)
{
  uint32_t n = 0;

  for (uint32_t i = 0; i < matrix->n_places; i++)
    if (layout->place_of[layout->row_of[i]] == WEFT_NONE)
      n += matrix->places[i].n_workers;
  return n;
}

char *
weftline_transfer_row_text (const WeftlineTransferMatrix *matrix,
                            const WeftlineTransferLayout *layout, uint32_t row)
{
  uint32_t place = layout->place_of[row];

  return place != WEFT_NONE ? weftline_transfer_place_text (&matrix->places[place])
                            : others_text (n_others (matrix, layout));
}

static bool
is_named (const WeftlineTransferPlace *place)
{
  return place->kind < WEFTLINE_TRANSFER_OTHERS;
}

size_t
weftline_transfer_common_prefix (const WeftlineTransferMatrix *matrix)
{
  const char *first = NULL;
  size_t n = 0;

  for (uint32_t i = 0; i < matrix->n_places; i++)
    {
      const char *name = matrix->places[i].name;
      size_t same = 0;

      if (!is_named (&matrix->places[i]))
        continue;
      if (first == NULL)
        {
          first = name;
          n = strlen (name);
          continue;
        }
      while (same < n && name[same] == first[same])
        same++;
      n = same;
    }
  while (n > 0 && (g_ascii_isalnum (first[n - 1]) || (first[n - 1] & 0x80) != 0))
    n--;
  return first != NULL && first[n] != '\0' ? n : 0;
}

static uint32_t
count_rows (const WeftlineTransferMatrix *matrix, const WeftlineTransferLayout *layout,
            WeftlineTransferPlaceKind kind)
{
  uint32_t n = 0;

  for (uint32_t row = 0; row < layout->n_rows; row++)
    n += layout->place_of[row] != WEFT_NONE && matrix->places[layout->place_of[row]].kind == kind;
  return n;
}

char *
weftline_transfer_caption (const WeftlineTransferMatrix *matrix,
                           const WeftlineTransferLayout *layout)
{
  uint32_t n_hosts = count_rows (matrix, layout, WEFTLINE_TRANSFER_HOST);
  uint32_t n_shown = count_rows (matrix, layout, WEFTLINE_TRANSFER_WORKER);
  g_autofree char *all = weftline_format_count (matrix->n_workers);
  g_autofree char *workers = workers_text (matrix->n_workers);
  g_autofree char *shown = weftline_format_count (n_hosts > 0 ? n_hosts : n_shown);

  if (n_hosts > 0)
    /* Translators: “12 hosts of 300 workers” */
    return g_strdup_printf (ngettext ("%s host of %s", "%s hosts of %s", n_hosts), shown, workers);
  if (n_shown == matrix->n_workers || layout->n_rows == 0)
    return g_steal_pointer (&workers);
  /* Translators: so many of so many workers have rows of their own */
  return g_strdup_printf (_ ("the busiest %s of %s workers"), shown, all);
}

/* ---- groups ---------------------------------------------------------------------------------- */

char *
weftline_transfer_type_name (const WeftlineTransferType *type)
{
  /* Translators: a task's group is not known */
  return g_strdup (type->name[0] != '\0' ? type->name : _ ("no group"));
}

char *
weftline_transfer_types_caption (const WeftlineTransferMatrix *matrix,
                                 const WeftlineTransferLayout *layout)
{
  g_autofree char *shown = weftline_format_count (layout->lines->len);
  g_autofree char *all = weftline_format_count (matrix->n_types);

  if (layout->lines->len >= matrix->n_types)
    return g_strdup (matrix->n_told > 0 ? _ ("Bandwidth by group, and by type")
                                        : _ ("Bandwidth by group"));
  /* Translators: so many of so many groups are seen */
  return g_strdup_printf (_ ("Bandwidth by group: %s of %s"), shown, all);
}

static void
add_rates (GString *text, const WeftlineTally *rates, double best)
{
  g_autofree char *half = weftline_transfer_rate_text (weftline_tally_quantile (rates, 0.5));
  g_autofree char *low = weftline_transfer_rate_text (weftline_tally_quantile (rates, 0.05));
  g_autofree char *high = weftline_transfer_rate_text (weftline_tally_quantile (rates, 0.95));
  g_autofree char *most = weftline_transfer_rate_text (best);

  g_string_append_c (text, '\n');
  /* Translators: bandwidths: of nine in ten transfers, half of them slower; the fastest */
  g_string_append_printf (text, _ ("median %s, nine in ten from %s to %s, best %s"), half, low,
                          high, most);
}

static char *
explain_type (const WeftlineTransferType *type)
{
  g_autofree char *name = weftline_transfer_type_name (type);
  g_autofree char *amount = amount_text (type->n, type->bytes);
  GString *text = g_string_new (NULL);

  g_string_append_printf (text, "%s\n", name);
  if (type->n == 0)
    {
      g_autofree char *rate = weftline_transfer_rate_text (type->best);

      /* Translators: a bandwidth */
      g_string_append_printf (text, _ ("%s, as the program measures values of this type"), rate);
      return g_string_free (text, FALSE);
    }
  g_string_append (text, amount);
  if (type->rates.n_items > 0)
    add_rates (text, &type->rates, type->best);
  return g_string_free (text, FALSE);
}

/* ---- cells ----------------------------------------------------------------------------------- */

static void
add_durations (GString *text, const WeftlineTransferCell *cell, const WeftModel *model)
{
  double median_ns = weftline_tally_quantile (&cell->durations, 0.5);
  double high_ns = weftline_tally_quantile (&cell->durations, 0.9);
  /* steps are wider than what is known exactly */
  g_autofree char *median = weftline_format_duration (MIN ((int64_t) median_ns, cell->longest_ns));
  g_autofree char *high = weftline_format_duration (MIN ((int64_t) high_ns, cell->longest_ns));
  g_autofree char *longest = weftline_format_duration (cell->longest_ns);
  g_autofree char *key =
      cell->longest_task != WEFT_NONE ? weft_model_task_dup_key (model, cell->longest_task) : NULL;

  g_string_append_c (text, '\n');
  /* Translators: how long transfers took */
  g_string_append_printf (text, _ ("took %s (median), nine in ten at most %s, all at most %s"),
                          median, high, longest);
  if (key != NULL)
    g_string_append_printf (text, " (%s)", key);
}

static gint
compare_amounts (const void *a, const void *b)
{
  const WeftlineTallyItem *x = a, *y = b;

  if (x->amount != y->amount)
    return x->amount > y->amount ? -1 : 1;
  return x->key < y->key ? -1 : x->key > y->key;
}

/* A line each, the most first. */
static void
add_groups (GString *text, const WeftlineTransferCell *cell, const WeftModel *model)
{
  uint32_t n = cell->groups.n_items;
  g_autofree WeftlineTallyItem *items = g_memdup2 (cell->groups.items, n * sizeof *items);

  qsort (items, n, sizeof *items, compare_amounts);
  for (uint32_t i = 0; i < MIN (n, MOST_GROUPS); i++)
    {
      WeftModelGroup group = { .name = _ ("no group") };
      g_autofree char *amount = amount_text (items[i].n, items[i].amount);

      if (items[i].key != WEFT_NO_GROUP)
        weft_model_group (model, items[i].key, &group);
      g_string_append_printf (text, "\n%s: %s", group.name, amount);
    }
  if (n > MOST_GROUPS)
    {
      g_autofree char *rest = weftline_format_count (n - MOST_GROUPS);

      g_string_append_c (text, '\n');
      g_string_append_printf (text, ngettext ("%s more group", "%s more groups", n - MOST_GROUPS),
                              rest);
    }
}

static char *
cell_title (const WeftlineTransferMatrix *matrix, const WeftlineTransferLayout *layout,
            const WeftlineTransferHit *hit)
{
  g_autofree char *from = hit->row != WEFTLINE_TRANSFER_ALL
                              ? weftline_transfer_row_text (matrix, layout, hit->row)
                              : NULL;
  g_autofree char *to = hit->column != WEFTLINE_TRANSFER_ALL
                            ? weftline_transfer_row_text (matrix, layout, hit->column)
                            : NULL;

  if (from != NULL && to != NULL)
    /* Translators: what one worker sent to another */
    return g_strdup_printf (_ ("from %s to %s"), from, to);
  if (from != NULL)
    /* Translators: what a worker sent to all others */
    return g_strdup_printf (_ ("from %s to all"), from);
  if (to != NULL)
    /* Translators: what a worker got from all others */
    return g_strdup_printf (_ ("from all to %s"), to);
  return g_strdup (_ ("all transfers"));
}

static void
add_cell (GString *text, const WeftlineTransferCell *cell)
{
  g_autofree char *amount = amount_text (cell->n, cell->bytes);
  g_autofree char *mean = weftline_transfer_rate_text (weftline_transfer_cell_rate (cell));
  g_autofree char *best = weftline_transfer_rate_text (cell->best);

  g_string_append (text, amount);
  if (cell->bytes == 0)
    return;
  g_string_append_c (text, '\n');
  /* Translators: bandwidths: mean, and of the fastest transfer */
  g_string_append_printf (text, _ ("mean %s, best %s"), mean, best);
}

char *
weftline_transfer_explain (const WeftlineTransferMatrix *matrix,
                           const WeftlineTransferLayout *layout, const WeftlineTransferHit *hit)
{
  g_autofree char *title = NULL;
  WeftlineTransferCell cell;
  GString *text;

  if (hit->kind == WEFTLINE_TRANSFER_TYPE)
    return explain_type (&matrix->types[hit->type]);
  if (hit->kind == WEFTLINE_TRANSFER_NOTHING)
    return NULL;
  title = cell_title (matrix, layout, hit);
  text = g_string_new (title);
  g_string_append_c (text, '\n');
  weftline_transfer_matrix_sum (matrix, layout->row_of, hit->row, hit->column, &cell);
  if (cell.n == 0)
    g_string_append (text, _ ("nothing was sent"));
  else
    {
      add_cell (text, &cell);
      add_durations (text, &cell, matrix->model);
      add_groups (text, &cell, matrix->model);
    }
  weftline_transfer_cell_clear (&cell);
  return g_string_free (text, FALSE);
}

/* ---- all ------------------------------------------------------------------------------------- */

char *
weftline_transfer_figures (const WeftlineTransferMatrix *matrix)
{
  return matrix != NULL && matrix->total.n > 0 ? amount_text (matrix->total.n, matrix->total.bytes)
                                               : NULL;
}

/* The cell with the most bytes that is not in @told; n: there is none. */
static size_t
next_cell (const WeftlineTransferMatrix *matrix, const size_t *told, unsigned n_told)
{
  size_t n = (size_t) matrix->n_places * matrix->n_places, best = n;

  for (size_t i = 0; i < n; i++)
    {
      bool is_told = matrix->cells[i].n == 0;

      for (unsigned k = 0; k < n_told; k++)
        is_told = is_told || told[k] == i;
      if (!is_told && (best == n || matrix->cells[i].bytes > matrix->cells[best].bytes))
        best = i;
    }
  return best;
}

static void
add_pairs (GString *text, const WeftlineTransferMatrix *matrix)
{
  size_t told[MOST_PAIRS], n = (size_t) matrix->n_places * matrix->n_places;

  for (unsigned i = 0; i < MOST_PAIRS; i++)
    {
      g_autofree char *from = NULL;
      g_autofree char *to = NULL;
      g_autofree char *bytes = NULL;

      told[i] = next_cell (matrix, told, i);
      if (told[i] == n)
        return;
      from = weftline_transfer_place_text (&matrix->places[told[i] / matrix->n_places]);
      to = weftline_transfer_place_text (&matrix->places[told[i] % matrix->n_places]);
      bytes = matrix->total.bytes > 0
                  ? bytes_text (matrix->cells[told[i]].n, matrix->cells[told[i]].bytes)
                  : weftline_transfer_count_text (matrix->cells[told[i]].n);
      g_string_append (text, "; ");
      g_string_append_printf (text, _ ("from %s to %s"), from, to);
      g_string_append_printf (text, " %s", bytes);
    }
}

static void
add_types (GString *text, const WeftlineTransferMatrix *matrix)
{
  for (uint32_t i = 0; i < MIN (matrix->n_types, MOST_GROUPS); i++)
    {
      const WeftlineTransferType *type = &matrix->types[i];
      g_autofree char *name = weftline_transfer_type_name (type);
      g_autofree char *median =
          weftline_transfer_rate_text (weftline_tally_quantile (&type->rates, 0.5));

      g_string_append_printf (text, "; %s %s", name, median);
    }
}

char *
weftline_transfer_summary (const WeftlineTransferMatrix *matrix)
{
  g_autofree char *figures = weftline_transfer_figures (matrix);
  g_autofree char *workers = NULL;
  GString *text;

  if (figures == NULL)
    return g_strdup (_ ("No transfers"));
  workers = workers_text (matrix->n_workers);
  text = g_string_new (NULL);
  g_string_append_printf (text, "%s; %s", workers, figures);
  add_pairs (text, matrix);
  add_types (text, matrix);
  return g_string_free (text, FALSE);
}
