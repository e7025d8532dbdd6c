/* task-filter.h: the bar above a table of tasks: what is looked for, which are shown, in what order
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The order is chosen with the actions `table.sort` and `table.descending`, which whoever has the
 * table provides.
 */
#pragma once

#include "table/task-rows.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TASK_FILTER (weftline_task_filter_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTaskFilter, weftline_task_filter, WEFTLINE, TASK_FILTER, GtkWidget)

/* Emits `changed`. */
GtkWidget *weftline_task_filter_new (void);
/* Fills in text and states, good until it changes. */
void weftline_task_filter_get (WeftlineTaskFilter *self, WeftlineTaskQuery *query);
/* Whether only those are wanted that stand out in all views. */
gboolean weftline_task_filter_marked_only (WeftlineTaskFilter *self);
/* @text: (nullable): none; @states: bits, 1 << WeftModelState */
void weftline_task_filter_set (WeftlineTaskFilter *self, const char *text, uint32_t states,
                               gboolean marked_only);
/* How many tasks there are in each state; [WEFT_TASK_N_STATES] */
void weftline_task_filter_set_counts (WeftlineTaskFilter *self, const uint32_t *n_states);

G_END_DECLS
