/* task-words.h: values of tasks as a table says them
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "canvas/time-scale.h"
#include "table/task-values.h"

/* As in settings and actions: "key". */
const char *weftline_task_column_name (WeftlineTaskColumn column);
/* Returns: whether there is one of that name */
bool weftline_task_column_find (const char *name, WeftlineTaskColumn *column);
/* Translated. */
const char *weftline_task_column_title (WeftlineTaskColumn column);
/* Whether its values are numbers, which stand at the end of their column. */
bool weftline_task_column_is_number (WeftlineTaskColumn column);
/* Characters it is wide, at least and where there is room. */
void weftline_task_column_chars (WeftlineTaskColumn column, unsigned *least, unsigned *natural);

/* "": there is none. (transfer full) */
char *weftline_task_text (const WeftlineTaskSource *source, uint32_t task,
                          WeftlineTaskColumn column, WeftlineTimeForm form);
/* The same, but of a worker without what all their names have in common. (transfer full) */
char *weftline_task_short_text (const WeftlineTaskSource *source, uint32_t task,
                                WeftlineTaskColumn column, WeftlineTimeForm form);
/* “12 of 1 000 tasks”. (transfer full) */
char *weftline_task_count_text (uint32_t n, uint32_t n_tasks);
