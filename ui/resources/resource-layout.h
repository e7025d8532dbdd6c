/* resource-layout.h: what was measured of a run's process, as small charts over one time
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Three charts, one over the other: CPU, memory, reading and writing; two lines each. A line has a
 * column for each unit of the width, from the least to the greatest value that it had in that time,
 * so no peak is lost however long the run was. Pure.
 */
#pragma once

#include "model/weft-model.h"

#define WEFTLINE_RESOURCE_N_CHARTS 3
#define WEFTLINE_RESOURCE_N_LINES 2
#define WEFTLINE_RESOURCE_HEAD 20 /* words over each chart */
#define WEFTLINE_RESOURCE_AXIS 18 /* times under all */

typedef enum
{
  WEFTLINE_RESOURCE_CPU,    /* of the process; of its children; in cores */
  WEFTLINE_RESOURCE_MEMORY, /* resident, of the same; bytes */
  WEFTLINE_RESOURCE_IO,     /* read; written; bytes a second */
} WeftlineResource;

/* Below 0: not known. */
typedef struct
{
  double low, high;
} WeftlineResourceColumn;

/**
 * WeftlineResourceChart:
 * @y, @height: of the area, without its words
 * @top: value at its upper edge, a round one
 * @columns: (array): the layout's width each
 * @last: the latest value of each line; < 0: none
 */
typedef struct
{
  int y, height;
  double top;
  WeftlineResourceColumn *columns[WEFTLINE_RESOURCE_N_LINES];
  double last[WEFTLINE_RESOURCE_N_LINES];
} WeftlineResourceChart;

typedef struct
{
  int width, height;
  int64_t end_ns; /* of the time axis, which begins at 0 */
  WeftlineResourceChart charts[WEFTLINE_RESOURCE_N_CHARTS];
} WeftlineResourceLayout;

/* Zero is an empty one. */
void weftline_resource_layout_clear (WeftlineResourceLayout *layout);

/**
 * weftline_resource_layout:
 * @model: (nullable)
 * @end_ns: the latest time of the snapshot
 *
 * O(width + points).
 */
void weftline_resource_layout (WeftlineResourceLayout *layout, const WeftModel *model,
                               int64_t end_ns, int width, int height);

/* The least of 1, 2 and 5 times a power of ten that is no less; 1 for nothing. */
double weftline_resource_round_up (double value);
/* “1.42 cores”, “120 MB”, “3.1 MB/s”; “–” below 0. (transfer full) */
char *weftline_resource_value_text (WeftlineResource resource, double value);
/* What stands over a chart: its name and its latest values. (transfer full) */
char *weftline_resource_text (const WeftlineResourceLayout *layout, WeftlineResource resource);
