/* transfer-sums.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Runs without transfers, or with few, may have many millions of spans: what the pyramid over them
 * says has none is stepped over.
 */
#include "config.h"

#include "transfers/transfer-sums.h"

#define NS_PER_S 1e9

/* @end: WEFT_NONE: nobody's; @n_seen: of its spans */
typedef struct
{
  const WeftSpans *spans;
  uint32_t end;
  uint64_t n_seen;
} Lane;

/* ---- cells ----------------------------------------------------------------------------------- */

void
weftline_transfer_cell_clear (WeftlineTransferCell *cell)
{
  weftline_tally_clear (&cell->durations);
  weftline_tally_clear (&cell->groups);
}

double
weftline_transfer_cell_rate (const WeftlineTransferCell *cell)
{
  return cell->rate_ns > 0 ? (double) cell->rate_bytes / (double) cell->rate_ns * NS_PER_S : -1;
}

void
weftline_transfer_cell_merge (WeftlineTransferCell *cell, const WeftlineTransferCell *other)
{
  if (other->n == 0)
    return;
  cell->best = cell->n > 0 ? MAX (cell->best, other->best) : other->best;
  if (cell->n == 0 || other->longest_ns > cell->longest_ns)
    {
      cell->longest_ns = other->longest_ns;
      cell->longest_task = other->longest_task;
    }
  cell->n += other->n;
  cell->bytes += other->bytes;
  cell->ns += other->ns;
  cell->rate_bytes += other->rate_bytes;
  cell->rate_ns += other->rate_ns;
  weftline_tally_merge (&cell->durations, &other->durations);
  weftline_tally_merge (&cell->groups, &other->groups);
}

/* Bytes a second; < 0: not known. What has no size, or took no time, says nothing of it. */
static double
rate_of (const WeftSpan *span)
{
  int64_t ns = span->end_ns - span->start_ns;

  return ns > 0 && span->amount > 0 ? (double) span->amount / (double) ns * NS_PER_S : -1;
}

static void
count (WeftlineTransferCell *cell, const WeftSpan *span, uint32_t step)
{
  int64_t ns = span->end_ns - span->start_ns;
  double rate = rate_of (span);

  if (cell->n == 0 || ns > cell->longest_ns)
    {
      cell->longest_ns = ns;
      cell->longest_task = span->task;
    }
  cell->best = cell->n > 0 ? MAX (cell->best, rate) : rate;
  cell->n++;
  cell->bytes += span->amount;
  cell->ns += ns;
  if (rate >= 0)
    {
      cell->rate_bytes += span->amount;
      cell->rate_ns += ns;
    }
  weftline_tally_add (&cell->durations, step, 1, 0);
  weftline_tally_add (&cell->groups, span->group, 1, span->amount);
}

/* ---- who ------------------------------------------------------------------------------------- */

static bool
is_place (const WeftModelLane *info)
{
  return info->kind == WEFT_LANE_THREAD || info->kind == WEFT_LANE_PROCESS
         || info->kind == WEFT_LANE_UNPLACED;
}

static uint32_t
host_of (const WeftlineTransferSums *sums, uint32_t lane)
{
  WeftModelLane info;

  for (uint32_t i = 0; i < 8; i++) /* a circle is nobody's host */
    {
      weft_model_lane (sums->model, lane, &info);
      if (info.kind == WEFT_LANE_HOST)
        return lane;
      if (info.parent_lane >= lane)
        break;
      lane = info.parent_lane;
    }
  return WEFT_NONE;
}

static uint32_t
add_end (WeftlineTransferSums *sums, uint32_t lane)
{
  WeftlineTransferEnd end = { .lane = lane,
                              .host = lane != WEFT_NONE ? host_of (sums, lane) : WEFT_NONE,
                              .is_unknown = lane == WEFT_NONE };

  g_array_append_val (sums->ends, end);
  return sums->ends->len - 1;
}

/* A worker's lanes have its number; those without one go with the process above them. */
static uint32_t
end_of (WeftlineTransferSums *sums, uint32_t lane, const WeftModelLane *info)
{
  void *key = GUINT_TO_POINTER (info->worker);
  uint32_t known;

  if (!is_place (info))
    return WEFT_NONE;
  if (info->worker == WEFT_NONE)
    {
      if (info->parent_lane < lane
          && g_array_index (sums->lanes, Lane, info->parent_lane).end != WEFT_NONE)
        return g_array_index (sums->lanes, Lane, info->parent_lane).end;
      return add_end (sums, lane);
    }
  known = GPOINTER_TO_UINT (g_hash_table_lookup (sums->end_of, key));
  if (known == 0)
    {
      known = add_end (sums, lane) + 1;
      g_hash_table_insert (sums->end_of, key, GUINT_TO_POINTER (known));
    }
  return known - 1;
}

static void
take_lanes (WeftlineTransferSums *sums)
{
  WeftModelSnapshot snapshot;

  weft_model_snapshot (sums->model, &snapshot);
  for (uint32_t lane = sums->lanes->len; lane < snapshot.n_lanes; lane++)
    {
      WeftModelLane info;
      Lane entry;

      weft_model_lane (sums->model, lane, &info);
      entry = (Lane){ .spans = info.spans, .end = end_of (sums, lane, &info) };
      g_array_append_val (sums->lanes, entry);
    }
}

static uint32_t
sender_of (WeftlineTransferSums *sums, bool is_known, uint64_t peer)
{
  if (is_known && peer >= sums->lanes->len)
    take_lanes (sums);
  if (is_known && peer < sums->lanes->len
      && g_array_index (sums->lanes, Lane, peer).end != WEFT_NONE)
    return g_array_index (sums->lanes, Lane, peer).end;
  if (sums->unknown == WEFT_NONE)
    sums->unknown = add_end (sums, WEFT_NONE);
  return sums->unknown;
}

/* ---- taking in ------------------------------------------------------------------------------- */

static WeftlineTransferCell *
pair_of (WeftlineTransferSums *sums, uint32_t from, uint32_t to)
{
  void *key = GSIZE_TO_POINTER ((gsize) from << 32 | to);
  guint known = GPOINTER_TO_UINT (g_hash_table_lookup (sums->pair_of, key));
  WeftlineTransferPair *pair;

  if (known > 0)
    return &((WeftlineTransferPair *) sums->pairs->pdata[known - 1])->cell;
  pair = g_new0 (WeftlineTransferPair, 1);
  pair->from = from;
  pair->to = to;
  g_ptr_array_add (sums->pairs, pair);
  g_hash_table_insert (sums->pair_of, key, GUINT_TO_POINTER (sums->pairs->len));
  return &pair->cell;
}

/* Those that came meanwhile stand before the one of no group. */
static WeftlineTransferType *
type_of (WeftlineTransferSums *sums, uint32_t group)
{
  while (group < WEFT_NO_GROUP && group + 1 >= sums->types->len)
    {
      WeftModelGroup info;
      WeftlineTransferType type = { .group = sums->types->len - 1, .best = -1 };

      weft_model_group (sums->model, type.group, &info);
      type.name = info.name;
      type.slot = weftline_group_colors_add (sums->colors, info.name);
      g_array_insert_val (sums->types, sums->types->len - 1, type);
    }
  return &g_array_index (sums->types, WeftlineTransferType,
                         group < WEFT_NO_GROUP ? group : sums->types->len - 1);
}

static void
count_type (WeftlineTransferSums *sums, const WeftSpan *span)
{
  WeftlineTransferType *type = type_of (sums, span->group);
  double rate = rate_of (span);

  type->n++;
  type->bytes += span->amount;
  if (rate < 0)
    return;
  type->rate_bytes += span->amount;
  type->rate_ns += span->end_ns - span->start_ns;
  type->best = MAX (type->best, rate);
  weftline_tally_add (&type->rates, weftline_tally_step (rate), 1, 0);
}

/* Returns: false: not all may have been said of it yet */
static bool
take (WeftlineTransferSums *sums, uint32_t lane, uint64_t index, const WeftSpan *span, bool is_last)
{
  uint32_t to = g_array_index (sums->lanes, Lane, lane).end, step;
  uint64_t peer = 0;
  bool is_known;

  if (span->end_ns < sums->from_ns || span->end_ns >= sums->to_ns
      || (span->flags & WEFT_RECORD_CONTINUED) != 0)
    return true;
  is_known = weft_model_span_detail (sums->model, lane, index, WEFT_RECORD_PEER, &peer);
  if (!is_known && is_last)
    return false;
  step = weftline_tally_step ((double) (span->end_ns - span->start_ns));
  count (pair_of (sums, sender_of (sums, is_known, peer), to), span, step);
  count (&sums->total, span, step);
  count_type (sums, span);
  return true;
}

/* How many spans from there on, in nodes that are whole, are no transfers. */
static uint64_t
n_others (const WeftSpans *spans, uint64_t index, uint64_t n)
{
  uint64_t n_found = 0;

  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS; level++)
    {
      uint64_t covered = weft_spans_covered (level), node = index / covered;

      if (index % covered != 0 || node >= weft_spans_n_nodes (n, level)
          || (weft_spans_node (spans, level, node).content & WEFT_SPANS_HAS_TRANSFER) != 0)
        break;
      n_found = covered;
    }
  return n_found;
}

/* Returns: how many steps it took */
static uint64_t
update_lane (WeftlineTransferSums *sums, uint32_t lane, bool is_over, uint64_t most)
{
  const WeftSpans *spans = g_array_index (sums->lanes, Lane, lane).spans;
  uint64_t i = g_array_index (sums->lanes, Lane, lane).n_seen, n = weft_spans_n (spans);
  uint64_t n_steps = 0;

  if (g_array_index (sums->lanes, Lane, lane).end == WEFT_NONE)
    i = n;
  for (; i < n && n_steps < most; n_steps++)
    {
      uint64_t skip = n_others (spans, i, n);
      const WeftSpan *span = weft_spans_get (spans, i);

      if (skip == 0 && span->kind == WEFT_RECORD_TRANSFER
          && !take (sums, lane, i, span, i + 1 == n && !is_over))
        break;
      i += MAX (skip, 1);
    }
  g_array_index (sums->lanes, Lane, lane).n_seen = i;
  return n_steps;
}

bool
weftline_transfer_sums_update (WeftlineTransferSums *sums, bool is_over, uint64_t most)
{
  uint64_t n_steps = 0;

  take_lanes (sums);
  for (uint32_t lane = 0; lane < sums->lanes->len && n_steps < most; lane++)
    n_steps += update_lane (sums, lane, is_over, most - n_steps);
  return n_steps < most;
}

/* ---- their life ------------------------------------------------------------------------------ */

/* GLib's own takes the lower half only. */
static guint
hash_pair (const void *key)
{
  gsize pair = (gsize) key;

  return (guint) (pair >> 32) * 2654435761u ^ (guint) pair;
}

static void
pair_free (void *data)
{
  WeftlineTransferPair *pair = data;

  weftline_transfer_cell_clear (&pair->cell);
  g_free (pair);
}

static void
type_clear (void *data)
{
  weftline_tally_clear (&((WeftlineTransferType *) data)->rates);
}

WeftlineTransferSums *
weftline_transfer_sums_new (WeftModel *model, int64_t from_ns, int64_t to_ns)
{
  WeftlineTransferSums *sums = g_new0 (WeftlineTransferSums, 1);
  WeftlineTransferType none = {
    .group = WEFT_NO_GROUP, .name = "", .slot = WEFTLINE_SLOT_OTHER, .best = -1
  };

  sums->model = weft_model_ref (model);
  sums->from_ns = from_ns;
  sums->to_ns = to_ns;
  sums->ends = g_array_new (FALSE, FALSE, sizeof (WeftlineTransferEnd));
  sums->pairs = g_ptr_array_new_with_free_func (pair_free);
  sums->types = g_array_new (FALSE, FALSE, sizeof (WeftlineTransferType));
  g_array_set_clear_func (sums->types, type_clear);
  g_array_append_val (sums->types, none);
  sums->lanes = g_array_new (FALSE, FALSE, sizeof (Lane));
  sums->pair_of = g_hash_table_new (hash_pair, NULL);
  sums->end_of = g_hash_table_new (NULL, NULL);
  sums->colors = weftline_group_colors_new ();
  sums->unknown = WEFT_NONE;
  return sums;
}

void
weftline_transfer_sums_free (WeftlineTransferSums *sums)
{
  if (sums == NULL)
    return;
  weftline_transfer_cell_clear (&sums->total);
  g_array_unref (sums->ends);
  g_ptr_array_unref (sums->pairs);
  g_array_unref (sums->types);
  g_array_unref (sums->lanes);
  g_hash_table_unref (sums->pair_of);
  g_hash_table_unref (sums->end_of);
  weftline_group_colors_free (sums->colors);
  weft_model_unref (sums->model);
  g_free (sums);
}
