/* inspect-search.c: the spans of a task among those of a lane
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Through the pyramid: only nodes in which something of the kind occurs are opened, and the spans
 * behind the last whole node are looked at one by one.
 */
#include "config.h"

#include "inspect/inspect-facts-private.h"

#include "timeline/timeline-forest.h"

typedef struct
{
  WeftlineInspection *in;
  uint32_t lane;
  const WeftSpans *spans;
  uint16_t content;
  WeftlineSpanFunc each;
} Search;

static void
look_at (const Search *search, uint64_t index)
{
  const WeftSpan *span = weft_spans_get (search->spans, index);

  if (span->task == search->in->task && (weft_spans_content (span) & search->content) != 0)
    search->each (search->in, search->lane, index, span);
}

static void
search_node (const Search *search, unsigned level, uint64_t index)
{
  if ((weft_spans_node (search->spans, level, index).content & search->content) == 0)
    return;
  for (uint64_t i = index * WEFT_SPANS_FAN; i < (index + 1) * WEFT_SPANS_FAN; i++)
    if (level == 0)
      look_at (search, i);
    else
      search_node (search, level - 1, i);
}

void
_weftline_each_span (WeftlineInspection *in, uint32_t lane, uint16_t content, WeftlineSpanFunc each)
{
  WeftlineForest forest;
  WeftModelLane info;
  Search search;

  weft_model_lane (in->model, lane, &info);
  search = (Search){ in, lane, info.spans, content, each };
  weftline_forest_begin (&forest, weft_spans_n (info.spans));
  while (weftline_forest_next (&forest))
    for (uint64_t i = forest.first; i < forest.first + forest.n; i++)
      if (forest.is_spans)
        look_at (&search, i);
      else
        search_node (&search, forest.level, i);
}
