/* weftline-find.h: tasks by a part of their key
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "model/weft-model.h"

G_BEGIN_DECLS

/**
 * WeftlineFound:
 * @task: or WEFT_NONE
 * @position: which of the matches it is, from 1
 * @n_matches: how many tasks match
 */
typedef struct
{
  uint32_t task;
  uint32_t position, n_matches;
} WeftlineFound;

/* Keys that contain @text, in the order of tasks; the first after @after (WEFT_NONE: from the
 * start, a key that is @text exactly before all others), beginning again behind the last. O(tasks).
 */
void weftline_find (const WeftModel *model, uint32_t n_tasks, const char *text, uint32_t after,
                    bool backwards, WeftlineFound *found);

G_END_DECLS
