/* task-sort.h: numbers of tasks by values of 64 bits
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "base/weft-base.h"

typedef struct
{
  uint64_t value;
  uint32_t task;
} WeftlineTaskItem;

/* By value; equal ones stay as they are. @scratch: as many. O(items × bytes that differ) */
void weftline_task_sort (WeftlineTaskItem *items, WeftlineTaskItem *scratch, uint32_t n);
