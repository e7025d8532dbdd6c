/* task-cell.h: a value of a task in a table
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Its text takes the room it is given and asks for none, so another text lays nothing out anew. It
 * is drawn by the cell itself, and laid out when it is seen: a column view has a cell for each
 * column of two hundred rows, seen or not.
 */
#pragma once

#include "canvas/palette.h"
#include "table/task-values.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TASK_CELL (weftline_task_cell_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTaskCell, weftline_task_cell, WEFTLINE, TASK_CELL, GtkWidget)

GtkWidget *weftline_task_cell_new (WeftlineTaskColumn column);
WeftlineTaskColumn weftline_task_cell_column (WeftlineTaskCell *self);
/* Where it is in the list; GTK_INVALID_LIST_POSITION: nowhere */
guint weftline_task_cell_place (WeftlineTaskCell *self);
void weftline_task_cell_set_place (WeftlineTaskCell *self, guint place);
void weftline_task_cell_set_text (WeftlineTaskCell *self, const char *text);
/* Returns: (nullable) */
const char *weftline_task_cell_text (WeftlineTaskCell *self);
/* Where it is drawn, in the cell as it was last given room. */
void weftline_task_cell_text_box (WeftlineTaskCell *self, graphene_rect_t *box);
/* The form of a state is drawn before the text, in that colour. */
void weftline_task_cell_set_state (WeftlineTaskCell *self, const WeftlinePalette *palette,
                                   WeftModelState state, uint32_t color);
/* @veiled: other tasks stand out; @hovered: the pointer is on the task, in whatever view */
void weftline_task_cell_set_look (WeftlineTaskCell *self, gboolean veiled, gboolean hovered);

G_END_DECLS
