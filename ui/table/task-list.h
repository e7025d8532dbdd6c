/* task-list.h: rows of tasks as a list model, and which is selected
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Items are places in the list, not tasks: they are made when they are asked for, and which task is
 * there is asked of the list. So another order changes no item, and a view keeps its widgets, its
 * focus and where it is scrolled to; it is told by `reordered` to look again. The list only grows
 * and shrinks at its end.
 *
 * It is its own selection model: the selected task is one number, so neither a new order nor a
 * selection goes through all items.
 */
#pragma once

#include "table/task-rows.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TASK_PLACE (weftline_task_place_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTaskPlace, weftline_task_place, WEFTLINE, TASK_PLACE, GObject)

guint weftline_task_place_get (WeftlineTaskPlace *self);

#define WEFTLINE_TYPE_TASK_LIST (weftline_task_list_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTaskList, weftline_task_list, WEFTLINE, TASK_LIST, GObject)

/* Signals: `reordered`; `chosen`: whoever uses a view of it has selected a task, or nothing. Empty.
 * (transfer full) */
WeftlineTaskList *weftline_task_list_new (void);
/* @rows: (transfer full): what is in it is the list's afterwards */
void weftline_task_list_take_rows (WeftlineTaskList *self, WeftlineTaskRows *rows);
/* Whether the first rows are items only: no view makes widgets for others then. Else all are, but
 * for a moment. */
void weftline_task_list_set_few (WeftlineTaskList *self, bool few);
/* How many rows there are. The list's items may be fewer. */
guint weftline_task_list_n_rows (WeftlineTaskList *self);
/* The task in that place; WEFT_NONE: there is no such place */
uint32_t weftline_task_list_task (WeftlineTaskList *self, guint place);
/* O(rows). Returns: WEFT_NONE: it is not there */
guint weftline_task_list_find (WeftlineTaskList *self, uint32_t task);

/* WEFT_NONE: none */
uint32_t weftline_task_list_selected (WeftlineTaskList *self);
/* It need not be in the list. */
void weftline_task_list_select (WeftlineTaskList *self, uint32_t task);

G_END_DECLS
