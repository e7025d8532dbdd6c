/* progress-layout.h: a bar for every group of tasks: where, how long, and what it says
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Pure: numbers in, rectangles in the view's units out. The first row is that of all tasks and
 * stays where it is while the others scroll, row by row. Only rows that can be seen in whole are
 * laid out; none is dropped: how far one can scroll is told. Any thread.
 */
#pragma once

#include "model/weft-model.h"

#define WEFTLINE_PROGRESS_ROW 36
#define WEFTLINE_PROGRESS_HEAD 54 /* of all tasks: with a line for the time left */
#define WEFTLINE_PROGRESS_BAR 8
#define WEFTLINE_PROGRESS_FOOT 16 /* at the bottom, if not all groups are in view: says so */

/* In the order in which they stand in a bar, left to right. */
typedef enum
{
  WEFTLINE_PROGRESS_RELEASED,
  WEFTLINE_PROGRESS_MEMORY,
  WEFTLINE_PROGRESS_RUNNING,
  WEFTLINE_PROGRESS_QUEUED,
  WEFTLINE_PROGRESS_WAITING,
  WEFTLINE_PROGRESS_CANCELLED,
  WEFTLINE_PROGRESS_ERRED,
  WEFTLINE_PROGRESS_N_PARTS,
} WeftlineProgressPart;

typedef enum
{
  WEFTLINE_PROGRESS_AS_IN_GRAPH, /* in the order the groups came */
  WEFTLINE_PROGRESS_BY_NAME,
  WEFTLINE_PROGRESS_BY_REST, /* most unfinished tasks first */
  WEFTLINE_PROGRESS_BY_TIME, /* most time in all first */
  WEFTLINE_PROGRESS_BY_ERRORS,
} WeftlineProgressSort;

/**
 * WeftlineProgressGroup:
 * @number: the model's
 * @n_states: tasks by WeftModelState
 * @busy_ns: of ended attempts, of which @n_ended ended well
 */
typedef struct
{
  const char *name;
  uint32_t number;
  uint32_t n_tasks;
  uint32_t n_states[WEFT_TASK_N_STATES];
  int64_t busy_ns;
  uint64_t n_ended;
} WeftlineProgressGroup;

typedef struct
{
  int x, width; /* width 0: not there */
} WeftlineProgressPiece;

/**
 * WeftlineProgressRow:
 * @group: index into the groups given; WEFT_NONE: all tasks
 * @y: of the row's upper edge
 * @pieces: of the bar; together they are as wide as it is
 */
typedef struct
{
  uint32_t group;
  uint32_t n_tasks;
  uint32_t n_finished;
  uint32_t n_parts[WEFTLINE_PROGRESS_N_PARTS];
  int y;
  WeftlineProgressPiece pieces[WEFTLINE_PROGRESS_N_PARTS];
} WeftlineProgressRow;

/**
 * WeftlineProgressLayout:
 * @rows: (element-type WeftlineProgressRow): those that can be seen, that of all tasks first
 * @content_height: what @height would have to be to see all
 * @n_groups: how many there are
 * @n_shown: how many of them have a row that can be seen
 * @has_foot: not all of them do
 * @most_scroll: until then it can be scrolled
 */
typedef struct
{
  GArray *rows;
  int width, height;
  int content_height;
  uint32_t n_groups, n_shown;
  bool has_foot;
  int most_scroll;
} WeftlineProgressLayout;

void weftline_progress_layout_init (WeftlineProgressLayout *layout);
void weftline_progress_layout_clear (WeftlineProgressLayout *layout);

/* @order: (out) (array length=n_groups): indices in the order in which they are to be shown. Groups
 * without tasks stand last. Stable. */
void weftline_progress_sort (const WeftlineProgressGroup *groups, uint32_t n_groups,
                             WeftlineProgressSort sort, uint32_t *order);

/**
 * weftline_progress_layout:
 * @order: (array length=n_groups): as weftline_progress_sort() gave it
 * @scroll: units the groups are moved up; brought into what is possible, and to the next row
 *
 * Cost: the groups once, and the rows that can be seen.
 */
void weftline_progress_layout (WeftlineProgressLayout *layout, const WeftlineProgressGroup *groups,
                               uint32_t n_groups, const uint32_t *order, int width, int height,
                               int scroll);

/* As few units away from @scroll as can be, so that the row of a group, the index-th that is shown,
 * is in view. @layout: of the same groups and height */
int weftline_progress_reveal (const WeftlineProgressLayout *layout, uint32_t index, int scroll);

/* How wide the parts of a bar are: in proportion, by largest remainders, but none that is there is
 * less than a unit, and errors no less than two, while there is room. They add up to @width. */
void weftline_progress_divide (const uint32_t *n_parts, int width, WeftlineProgressPiece *pieces);

/* The row at a place; -1: none. */
int weftline_progress_hit (const WeftlineProgressLayout *layout, int x, int y);
