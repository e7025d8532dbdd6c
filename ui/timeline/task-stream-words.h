/* task-stream-words.h: what the task stream says of what is under the pointer
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/time-scale.h"
#include "model/weft-model.h"
#include "timeline/timeline-gap.h"
#include "timeline/timeline-layout.h"
#include "timeline/timeline-links.h"

/* Lines for the hover box, %NULL-terminated: the first is the title. @links: (nullable).
 * (transfer full) */
char **weftline_task_stream_span_words (const WeftModel *model, const WeftModelSnapshot *snapshot,
                                        const WeftlineLinks *links, uint32_t lane, uint64_t index,
                                        WeftlineTimeForm form);
/* Of what a lane is in now. (transfer full) */
char **weftline_task_stream_now_words (const WeftModel *model, uint32_t lane,
                                       const WeftModelNow *now, const WeftModelSnapshot *snapshot,
                                       WeftlineTimeForm form);
/* Of a moment when a lane ran no task. (transfer full) */
char **weftline_task_stream_gap_words (const WeftModel *model, uint32_t lane,
                                       const WeftlineGap *gap, WeftlineTimeForm form);
/* “ · 12 ancestors · 500 of 1,204 arrows”, as it goes on from the status; "": nothing to say.
 * (transfer full) */
char *weftline_task_stream_links_words (const WeftlineTimelineLinks *links,
                                        WeftlineLineage lineage);
/* “ · 8 of 20 lanes”, likewise; "": all are in sight. @layout: was run. (transfer full) */
char *weftline_task_stream_lanes_words (const WeftlineTimelineLayout *layout);
/* “412 of 619 tasks · 3 erred · 0 dropped”; "": no task is known. (transfer full) */
char *weftline_task_stream_status (const WeftModelSnapshot *snapshot, bool following);
