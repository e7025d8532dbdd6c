/* timeline-links.h: the selected task's dependencies and lineage as the task stream shows them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * One thread's.
 */
#pragma once

#include "graph/graph-links.h"
#include "timeline/timeline-paint.h"
#include "timeline/timeline-source.h"

/* Members of a lineage that are looked at in pixels that several tasks share. */
#define WEFTLINE_TIMELINE_MAX_MEMBERS 20000

/**
 * WeftlineTimelineLinks:
 * @arrows: (element-type WeftlineTimelineArrow): at most WEFTLINE_TIMELINE_MAX_ARROWS
 * @n_arrows: dependencies and dependents there are, also those that have not run
 * @lineage: (element-type WeftlineTimelineMark): one a pixel where tasks are narrower
 * @n_members: of the lineage
 * @n_looked_at: of these; where fewer, some narrow ones are not in @lineage
 */
typedef struct
{
  GArray *arrows;
  uint32_t n_arrows;
  GArray *lineage;
  uint32_t n_members, n_looked_at;
} WeftlineTimelineLinks;

void weftline_timeline_links_init (WeftlineTimelineLinks *links);
void weftline_timeline_links_clear (WeftlineTimelineLinks *links);

/* Where a task is in the stream: where it runs, or ran last. Returns: whether it is */
bool weftline_timeline_find_task (const WeftlineTimelineSource *source, const WeftModel *model,
                                  uint32_t task, WeftlineTimelineMark *mark);

/**
 * weftline_timeline_links_find_arrows:
 * @graph: (nullable): nothing is known
 * @task: or WEFT_NONE
 *
 * From the ends of what a task needed to its start, and from its end to the starts of those that
 * need it.
 */
void weftline_timeline_links_find_arrows (WeftlineTimelineLinks *links, const WeftModel *model,
                                          const WeftlineTimelineSource *source,
                                          const WeftlineLinks *graph, uint32_t task);

/**
 * weftline_timeline_links_find_lineage:
 * @layout: of the source as it is
 * @set: (nullable): none
 *
 * O(rectangles of the layout + members, up to the limit).
 */
void weftline_timeline_links_find_lineage (WeftlineTimelineLinks *links, const WeftModel *model,
                                           const WeftlineTimelineSource *source,
                                           const WeftlineTimelineLayout *layout,
                                           const WeftlineTaskSet *set);
