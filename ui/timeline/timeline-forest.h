/* timeline-forest.h: the pyramid over a lane's first n spans as a row of trees
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Only whole nodes may be looked at: the largest from the left, then ever smaller ones, then the
 * spans behind the last node. They come in runs of neighbours, in the order of the spans; a run
 * lies in one piece (see WeftSpans).
 */
#pragma once

#include "timeline/timeline-layout.h"

typedef struct
{
  uint64_t n_spans;
  uint64_t first; /* number of the run's first node or span */
  unsigned n;
  unsigned level;  /* of the nodes */
  bool is_spans;   /* spans, not nodes */
  int next_level;  /* −1: the spans; −2: the end */
  uint64_t before; /* nodes of next_level, or spans, that are in runs already */
} WeftlineForest;

static inline void
weftline_forest_begin (WeftlineForest *forest, uint64_t n_spans)
{
  *forest = (WeftlineForest){ .n_spans = n_spans, .next_level = WEFT_SPANS_MAX_LEVELS - 1 };
}

/* Goes to the next run. Returns: false: there is none */
static inline bool
weftline_forest_next (WeftlineForest *forest)
{
  while (forest->next_level >= -1)
    {
      int level = forest->next_level--;
      uint64_t whole =
          level < 0 ? forest->n_spans : weft_spans_n_nodes (forest->n_spans, (unsigned) level);
      uint64_t before = forest->before;

      forest->before = whole * WEFT_SPANS_FAN;
      if (whole == before)
        continue;
      forest->is_spans = level < 0;
      forest->level = level < 0 ? 0 : (unsigned) level;
      forest->first = before;
      forest->n = (unsigned) (whole - before);
      return true;
    }
  return false;
}

/* Whether what a lane is in now has to be shown besides its spans. */
static inline bool
weftline_timeline_has_now (const WeftlineTimelineLane *lane, int64_t now_ns)
{
  if (lane->now_kind == 0 || now_ns <= lane->now_start_ns)
    return false;
  return lane->spans == NULL || lane->n == 0
         || weft_spans_get (lane->spans, lane->n - 1)->start_ns < lane->now_start_ns;
}
