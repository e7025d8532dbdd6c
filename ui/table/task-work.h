/* task-work.h: rows of a table, made beside the main thread
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Another query cancels what goes on for the one before, and is worked on at once. While a run goes
 * on its rows are made again by and by: how often follows from how long it takes.
 */
#pragma once

#include "table/task-rows.h"

#include <glib-object.h>

G_BEGIN_DECLS

#define WEFTLINE_TYPE_TASK_WORK (weftline_task_work_get_type ())
G_DECLARE_FINAL_TYPE (WeftlineTaskWork, weftline_task_work, WEFTLINE, TASK_WORK, GObject)

/* Emits `changed` in the main loop when there are other rows. (transfer full) */
WeftlineTaskWork *weftline_task_work_new (void);

/* What is asked for from now on; nothing happens before weftline_task_work_want(). @query: is
 * copied */
void weftline_task_work_set_query (WeftlineTaskWork *self, const WeftlineTaskQuery *query);
/* There is more in the model, or it is to be as of another moment. @moment: (nullable): a reference
 * is taken; @final: at once */
void weftline_task_work_want (WeftlineTaskWork *self, WeftModel *model,
                              const WeftModelSnapshot *snapshot, const WeftMoment *moment,
                              bool final);
/* What goes on is cancelled, and nothing is wanted any more. */
void weftline_task_work_stop (WeftlineTaskWork *self);

/* Of the query set last, once; then the caller's, to be cleared. Returns: false: there are none */
bool weftline_task_work_take (WeftlineTaskWork *self, WeftlineTaskRows *rows);
/* Whether the query set last has not been answered yet. */
bool weftline_task_work_is_new (WeftlineTaskWork *self);
/* Whether anything is wanted that is not there yet. */
bool weftline_task_work_is_busy (WeftlineTaskWork *self);

G_END_DECLS
