/* weftline-run-planned.c: what runs that are made of a plan have in common
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-run-planned.h"
#include "session/weftline-recorded.h"

#include <glib/gi18n.h>
#include <glib/gstdio.h>

static void iface_init (WeftlineRunInterface *iface);

G_DEFINE_ABSTRACT_TYPE_WITH_CODE (WeftlineRunPlanned, weftline_run_planned, G_TYPE_OBJECT,
                                  G_IMPLEMENT_INTERFACE (WEFTLINE_TYPE_RUN, iface_init))

/* ---- facts ----------------------------------------------------------------------------------- */

static const char *
get_name (WeftlineRun *run)
{
  return weftline_plan_name (WEFTLINE_RUN_PLANNED (run)->plan);
}

static const char *
get_about (WeftlineRun *run)
{
  return weftline_plan_about (WEFTLINE_RUN_PLANNED (run)->plan);
}

static const char *
get_path (WeftlineRun *run)
{
  return WEFTLINE_RUN_PLANNED (run)->path;
}

static const char *
get_message (WeftlineRun *run)
{
  return WEFTLINE_RUN_PLANNED (run)->message;
}

static WeftlinePlan *
get_plan (WeftlineRun *run)
{
  return WEFTLINE_RUN_PLANNED (run)->plan;
}

/* What was recorded since may have used one up. */
static const WeftlineBreaks *
get_breaks (WeftlineRun *run)
{
  WeftlineRunPlanned *self = WEFTLINE_RUN_PLANNED (run);
  WeftlineFeed *feed = weftline_run_feed (run);

  if (feed != NULL)
    weftline_breaks_look (self->breaks, weftline_feed_model (feed));
  return self->breaks;
}

/* ---- repeating it ---------------------------------------------------------------------------- */

/* Of the same kind, with the same settings, and stops where this one would. */
static WeftlineRun *
new_run (WeftlineRunPlanned *self, WeftlinePlan *plan)
{
  const WeftlineBreaks *breaks = weftline_run_breaks (WEFTLINE_RUN (self));
  WeftlineRunSettings settings = self->settings;
  WeftlineRun *run;

  settings.folder = self->folder;
  run = weftline_run_planned_new (G_OBJECT_TYPE (self), plan, &settings);
  for (unsigned i = 0; i < weftline_breaks_n (breaks); i++)
    weftline_run_set_break (run, weftline_breaks_get (breaks, i), true);
  return run;
}

static WeftlineRun *
command_again (WeftlineRun *run, GError **error G_GNUC_UNUSED)
{
  WeftlineRunPlanned *self = WEFTLINE_RUN_PLANNED (run);

  return new_run (self, self->plan);
}

static WeftlineRun *
command_rerun_task (WeftlineRun *run, const char *key, GError **error)
{
  WeftlineRunPlanned *self = WEFTLINE_RUN_PLANNED (run);
  g_autoptr (WeftlinePlan) plan = weftline_plan_new_for_task (self->plan, key, error);

  return plan != NULL ? new_run (self, plan) : NULL;
}

static void
iface_init (WeftlineRunInterface *iface)
{
  iface->name = get_name;
  iface->about = get_about;
  iface->path = get_path;
  iface->message = get_message;
  iface->plan = get_plan;
  iface->again = command_again;
  iface->rerun_task = command_rerun_task;
  iface->breaks = get_breaks;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_run_planned_finalize (GObject *object)
{
  WeftlineRunPlanned *self = WEFTLINE_RUN_PLANNED (object);

  weftline_plan_unref (self->plan);
  if (self->path != NULL)
    g_unlink (self->path);
  g_free (self->path);
  g_free (self->folder);
  g_free (self->message);
  weftline_breaks_free (self->breaks);
  G_OBJECT_CLASS (weftline_run_planned_parent_class)->finalize (object);
}

static void
weftline_run_planned_class_init (WeftlineRunPlannedClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = weftline_run_planned_finalize;
}

static void
weftline_run_planned_init (WeftlineRunPlanned *self)
{
  self->breaks = weftline_breaks_new ();
}

WeftlineRun *
weftline_run_planned_new (GType type, WeftlinePlan *plan, const WeftlineRunSettings *settings)
{
  WeftlineRunPlanned *self = g_object_new (type, NULL);

  self->plan = weftline_plan_ref (plan);
  if (settings != NULL)
    self->settings = *settings;
  if (self->settings.n_workers == 0)
    self->settings.n_workers = weft_usable_cores ();
  self->folder = g_strdup (self->settings.folder);
  self->settings.folder = NULL;
  return WEFTLINE_RUN (self);
}

bool
weftline_run_planned_make_path (WeftlineRunPlanned *self, GError **error)
{
  g_autofree char *folder =
      self->folder != NULL ? g_strdup (self->folder) : weft_run_file_default_folder ();

  self->path = weft_run_file_make (folder, weftline_plan_name (self->plan), error);
  return self->path != NULL;
}

/* ---- refusals -------------------------------------------------------------------------------- */

/* Processes speak English; what they mostly say can be said otherwise. */
static const char *
in_words (const char *problem)
{
  static const char *const known[] = { N_ ("no task is ready"), N_ ("the run has ended"),
                                       N_ ("the run is not paused") };

  for (unsigned i = 0; i < G_N_ELEMENTS (known); i++)
    if (g_str_equal (known[i], problem))
      return _ (known[i]);
  return problem;
}

void
weftline_run_planned_refuse (WeftlineRunPlanned *self, const char *what, const char *problem)
{
  /* Translators: what was asked for and did not happen, and why */
  g_autofree char *reason = g_strdup_printf (_ ("%s: %s"), what, in_words (problem));

  weftline_run_refuse (WEFTLINE_RUN (self), reason);
}

bool
weftline_run_planned_refuses_task (WeftlineRunPlanned *self, WeftlineFeed *feed, const char *key)
{
  g_autofree char *problem = NULL;

  if (!weftline_recorded_has_begun (feed, key))
    return false;
  /* Translators: a task's key */
  problem = g_strdup_printf (_ ("“%s” has begun already"), key);
  weftline_run_planned_refuse (self, _ ("The run does not go on"), problem);
  return true;
}
