/* task-table.h: all tasks of a run as a table
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#pragma once

#include "session/weftline-session.h"
#include "table/task-filter.h"
#include "table/task-list.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TASK_TABLE (weftline_task_table_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTaskTable, weftline_task_table, WEFTLINE, TASK_TABLE, GtkWidget)

/* Its property `figures` says how many of how many tasks are listed, and whether they are being
 * sorted. */
GtkWidget *weftline_task_table_new (WeftlineSession *session);
/* @column: WEFTLINE_TASK_N_COLUMNS: as in the graph */
void weftline_task_table_sort (WeftlineTaskTable *self, WeftlineTaskColumn column,
                               gboolean descending);
void weftline_task_table_get_sort (WeftlineTaskTable *self, WeftlineTaskColumn *column,
                                   gboolean *descending);
/* What is asked for; what it refers to is the table's, good until it changes. */
void weftline_task_table_get_query (WeftlineTaskTable *self, WeftlineTaskQuery *query);
/* (transfer none) */
WeftlineTaskFilter *weftline_task_table_filter (WeftlineTaskTable *self);
WeftlineTaskList *weftline_task_table_list (WeftlineTaskTable *self);
/* (transfer none): what scrolls */
GtkScrolledWindow *weftline_task_table_scrolled (WeftlineTaskTable *self);
/* The first row that is seen; 0: none is yet. */
guint weftline_task_table_top (WeftlineTaskTable *self);
/* Whether rows are being made that are not shown yet. */
gboolean weftline_task_table_is_busy (WeftlineTaskTable *self);

G_END_DECLS
