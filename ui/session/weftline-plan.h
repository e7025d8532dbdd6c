/* weftline-plan.h: from a graph file to what a run is made of
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Making a plan reads, checks and orders the graph and says what it would do to the world outside;
 * it runs nothing. Plans are immutable; any thread.
 */
#pragma once

#include "weft.h"

G_BEGIN_DECLS

typedef struct _WeftlinePlan WeftlinePlan;

/* Most commands that are listed; how many there are is told beside. */
#define WEFTLINE_PLAN_MAX_COMMANDS 200

/* O(file). (transfer full) (nullable) */
WeftlinePlan *weftline_plan_new_for_file (const char *path, GError **error);
/* @graph: a reference is taken. (transfer full) (nullable) */
WeftlinePlan *weftline_plan_new_for_graph (WeftGraph *graph, GError **error);
/* A task of @whole, whose outputs are then what is asked for, and all it needs; named by its key.
 * (transfer full) (nullable) */
WeftlinePlan *weftline_plan_new_for_task (WeftlinePlan *whole, const char *key, GError **error);
WeftlinePlan *weftline_plan_ref (WeftlinePlan *plan);
void weftline_plan_unref (WeftlinePlan *plan);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlinePlan, weftline_plan_unref)

/* As it will run. (transfer none) */
WeftGraph *weftline_plan_graph (WeftlinePlan *plan);
/* As it was read, before any pass. (transfer none) */
WeftGraph *weftline_plan_source (WeftlinePlan *plan);
/* Shared objects that its metadata name under “plugins”, by absolute paths. They are loaded by
 * nobody but the process of a run. (transfer none) (array zero-terminated=1) */
const char *const *weftline_plan_plugins (WeftlinePlan *plan);
/* Whether it is to run in a process of its own: it names plug-ins, or its metadata say
 * “own_process”. */
bool weftline_plan_wants_own_process (WeftlinePlan *plan);
/* Whether it is to be shown what it does before it runs: it loads plug-ins, starts programs or
 * touches files. */
bool weftline_plan_needs_review (WeftlinePlan *plan);
WeftOpRegistry *weftline_plan_registry (WeftlinePlan *plan);
/* That which was set, or the graph's, or the file's. (transfer none) */
const char *weftline_plan_name (WeftlinePlan *plan);
/* Before anybody else has the plan. */
void weftline_plan_set_name (WeftlinePlan *plan, const char *name);
/* The sentence in the graph's metadata. (transfer none) (nullable) */
const char *weftline_plan_about (WeftlinePlan *plan);
/* The file. (transfer none) (nullable) */
const char *weftline_plan_file (WeftlinePlan *plan);
/* What was left out or assumed when the graph was read; of a task of another plan, what was then.
 * (transfer none) */
const WeftModelNotes *weftline_plan_notes (WeftlinePlan *plan);
/* How many tasks start programs or touch files. */
uint32_t weftline_plan_n_external (WeftlinePlan *plan);
/* What the first of these would do, a line each. (transfer none) (array zero-terminated=1) */
const char *const *weftline_plan_commands (WeftlinePlan *plan);

G_END_DECLS
