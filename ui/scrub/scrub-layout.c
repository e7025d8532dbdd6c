/* scrub-layout.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A lane is gone through once. Where the largest node that begins at a span ends in the column in
 * which it begins, its busy time is the column's; a span that does not is divided. Sums do not
 * depend on how spans are cut into nodes.
 */
#include "config.h"

#include "scrub/scrub-layout.h"

void
weftline_scrub_layout_clear (WeftlineScrubLayout *layout)
{
  g_clear_pointer (&layout->running, g_free);
}

/* ---- places ---------------------------------------------------------------------------------- */

int64_t
weftline_scrub_column_ns (const WeftlineScrubLayout *layout, int column)
{
  if (column >= layout->width)
    return layout->end_ns;
  return (int64_t) ((double) layout->end_ns * column / layout->width);
}

static int
column_of (const WeftlineScrubLayout *layout, int64_t at_ns)
{
  double share = (double) at_ns / (double) MAX (layout->end_ns, 1);
  int column = (int) CLAMP (share * layout->width, 0, layout->width - 1);

  while (column > 0 && weftline_scrub_column_ns (layout, column) > at_ns)
    column--;
  while (column + 1 < layout->width && weftline_scrub_column_ns (layout, column + 1) <= at_ns)
    column++;
  return column;
}

double
weftline_scrub_x (const WeftlineScrubLayout *layout, int64_t at_ns)
{
  double share =
      layout->end_ns > 0 ? (double) MIN (at_ns, layout->end_ns) / (double) layout->end_ns : 1;

  if (at_ns == INT64_MAX)
    share = 1;
  return WEFTLINE_SCRUB_MARGIN + MAX (share, 0) * layout->width;
}

int64_t
weftline_scrub_at (const WeftlineScrubLayout *layout, double x)
{
  double along = x - WEFTLINE_SCRUB_MARGIN;

  if (layout->end_ns <= 0 || along > layout->width - WEFTLINE_SCRUB_SNAP)
    return INT64_MAX;
  return (int64_t) (MAX (along, 0) / MAX (layout->width, 1) * (double) layout->end_ns);
}

/* ---- the curve ------------------------------------------------------------------------------- */

/* The column that was found last: what is looked for next is mostly in it. */
typedef struct
{
  WeftlineScrubLayout *layout;
  int column;
  int64_t from_ns, to_ns; /* of it; both 0: none was found */
} Place;

static void
find (Place *place, int64_t at_ns)
{
  if (at_ns >= place->from_ns && at_ns < place->to_ns)
    return;
  place->column = column_of (place->layout, at_ns);
  place->from_ns = weftline_scrub_column_ns (place->layout, place->column);
  place->to_ns = weftline_scrub_column_ns (place->layout, place->column + 1);
}

/* What ran from one moment to another, over the columns it touches. */
static void
add_range (WeftlineScrubLayout *layout, int64_t from_ns, int64_t to_ns)
{
  from_ns = MAX (from_ns, 0);
  to_ns = MIN (to_ns, layout->end_ns);
  for (int column = from_ns < to_ns ? column_of (layout, from_ns) : layout->width;
       column < layout->width && from_ns < to_ns; column++)
    {
      int64_t end_ns = weftline_scrub_column_ns (layout, column + 1);

      layout->running[column] += (double) (MIN (to_ns, end_ns) - from_ns);
      from_ns = MAX (from_ns, end_ns);
    }
}

static void
add_span (WeftlineScrubLayout *layout, const WeftSpan *span)
{
  if (span->kind == WEFT_RECORD_TASK && span->depth == 0)
    add_range (layout, span->start_ns, span->end_ns);
}

/* The largest node from a span on that lies in one column. Returns: how many spans it stands for;
 * 0: none does */
static uint64_t
add_node (Place *place, const WeftSpans *spans, uint64_t n, uint64_t index)
{
  WeftSpanNode found = { 0 };
  uint64_t step = 1, n_spans = 0;

  for (unsigned level = 0; level < WEFT_SPANS_MAX_LEVELS && index % WEFT_SPANS_FAN == 0; level++)
    {
      WeftSpanNode node;

      index /= WEFT_SPANS_FAN;
      step *= WEFT_SPANS_FAN;
      if (index >= weft_spans_n_nodes (n, level))
        break;
      node = weft_spans_node (spans, level, index);
      find (place, node.start_ns);
      if (node.start_ns < 0 || node.end_ns > place->to_ns)
        break;
      found = node;
      n_spans = step;
    }
  if (n_spans > 0)
    {
      find (place, found.start_ns);
      place->layout->running[place->column] += (double) found.busy_ns;
    }
  return n_spans;
}

static void
add_lane (WeftlineScrubLayout *layout, const WeftSpans *spans)
{
  uint64_t n = weft_spans_n (spans);
  Place place = { .layout = layout };

  for (uint64_t i = 0; i < n;)
    {
      uint64_t n_spans = add_node (&place, spans, n, i);

      if (n_spans == 0)
        add_span (layout, weft_spans_get (spans, i));
      i += MAX (n_spans, 1);
    }
}

static void
find_most (WeftlineScrubLayout *layout)
{
  layout->most = 0;
  for (int column = 0; column < layout->width; column++)
    {
      int64_t long_ns =
          weftline_scrub_column_ns (layout, column + 1) - weftline_scrub_column_ns (layout, column);

      layout->running[column] = long_ns > 0 ? layout->running[column] / (double) long_ns : 0;
      layout->most = MAX (layout->most, layout->running[column]);
    }
}

void
weftline_scrub_layout (WeftlineScrubLayout *layout, const WeftModel *model,
                       const WeftModelSnapshot *snapshot, int width)
{
  weftline_scrub_layout_clear (layout);
  layout->width = MAX (width - 2 * WEFTLINE_SCRUB_MARGIN, 1);
  layout->end_ns = model != NULL ? MAX (snapshot->last_ns, 0) : 0;
  layout->running = g_new0 (double, (size_t) layout->width);
  for (uint32_t lane = 0; layout->end_ns > 0 && lane < snapshot->n_lanes; lane++)
    {
      WeftModelLane info;
      WeftModelNow now;

      weft_model_lane (model, lane, &info);
      if (info.kind != WEFT_LANE_THREAD && info.kind != WEFT_LANE_UNPLACED)
        continue;
      add_lane (layout, info.spans);
      if (weft_model_has_nows (snapshot) && weft_model_now (model, lane, &now)
          && now.kind == WEFT_RECORD_TASK)
        add_range (layout, now.start_ns, layout->end_ns);
    }
  find_most (layout);
}
