/* task-graph.h: the task graph as a widget
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Segments are laid out on a thread, one after the other, and appear when they are placed. The
 * wheel zooms at the pointer, dragging moves, and so do W, S, A, D and the page keys; arrows go to
 * the task on that side, F shows the selected task or everything, a click selects, Q shows the
 * selected task's ancestors, E its descendants, Escape selects nothing. Before the run the same
 * keys select in the graph alone.
 */
#pragma once

#include "graph/graph-lineage.h"
#include "graph/graph-scene.h"
#include "session/weftline-session.h"

#include <gtk/gtk.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TASK_GRAPH (weftline_task_graph_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTaskGraph, weftline_task_graph, WEFTLINE, TASK_GRAPH, GtkWidget)

GtkWidget *weftline_task_graph_new (WeftlineSession *session);
/* What the tasks' colours tell: a value's name (weftline_graph_value_name()), or “state”. Returns:
 * whether there is such a thing */
gboolean weftline_task_graph_set_color (WeftlineTaskGraph *self, const char *name);
/* Returns: whether it is a value: @value (out): untouched when it is the state */
gboolean weftline_task_graph_get_value (WeftlineTaskGraph *self, WeftlineGraphValue *value);
/* Whether small graphs are laid out by Graphviz; another layout is made at once. */
void weftline_task_graph_set_dot (WeftlineTaskGraph *self, bool dot);
bool weftline_task_graph_get_dot (WeftlineTaskGraph *self);
/* Whether it would: the run's graphs are not too large, as far as they are known. */
bool weftline_task_graph_can_dot (WeftlineTaskGraph *self);
/* Lets go of the places of a large run's tasks, which are laid out again when somebody comes near
 * or looks for one; so it does by itself when they were not seen for a minute. */
void weftline_task_graph_forget_tasks (WeftlineTaskGraph *self);
/* Whether tasks have places; false also where groups are all that was laid out. */
bool weftline_task_graph_has_tasks (WeftlineTaskGraph *self);
/* Shows everything. */
void weftline_task_graph_fit (WeftlineTaskGraph *self);

/* What it shows; (nullable) (transfer none): NULL: everything. */
const WeftlineViewport *weftline_task_graph_get_viewport (WeftlineTaskGraph *self);

G_END_DECLS
