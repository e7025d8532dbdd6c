/* weftline-run-planned.h: what runs that are made of a plan have in common
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * For those who implement such a run, whose parent class it is: it knows the plan and the settings,
 * tells name, file and message, and makes the run that repeats it. A kind implements WeftlineRun
 * once more, and sets what it serves itself.
 */
#pragma once

#include "session/weftline-run.h"

G_BEGIN_DECLS

#define WEFTLINE_TYPE_RUN_PLANNED (weftline_run_planned_get_type ())
#define WEFTLINE_RUN_PLANNED(object) \
  G_TYPE_CHECK_INSTANCE_CAST (object, WEFTLINE_TYPE_RUN_PLANNED, WeftlineRunPlanned)

/* The run file lives in the cache folder as long as this object: whoever wants to keep it saves it.
 */
typedef struct
{
  GObject parent_instance;

  WeftlinePlan *plan;
  WeftlineRunSettings settings; /* without a folder: */
  char *folder;                 /* (nullable) */
  char *path;                   /* (nullable): of its run file, from the start on */
  char *message;                /* (nullable): why it failed */
  WeftlineBreaks *breaks;
} WeftlineRunPlanned;

typedef struct
{
  GObjectClass parent_class;
} WeftlineRunPlannedClass;

GType weftline_run_planned_get_type (void);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (WeftlineRunPlanned, g_object_unref)

/* @type: a kind of WEFTLINE_TYPE_RUN_PLANNED. @plan: a reference is taken. @settings: (nullable):
 * copied. (transfer full) */
WeftlineRun *weftline_run_planned_new (GType type, WeftlinePlan *plan,
                                       const WeftlineRunSettings *settings);
/* Names the run file, once. FALSE with @error. */
bool weftline_run_planned_make_path (WeftlineRunPlanned *self, GError **error);

/* A command was not carried out. @what: did not happen, in a few words. @problem: why, as engine or
 * process say it. */
void weftline_run_planned_refuse (WeftlineRunPlanned *self, const char *what, const char *problem);
/* Says why a run cannot go on to a task that has begun already. Returns: whether it has */
bool weftline_run_planned_refuses_task (WeftlineRunPlanned *self, WeftlineFeed *feed,
                                        const char *key);

G_END_DECLS
