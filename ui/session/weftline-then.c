/* weftline-then.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-then.h"

#include <gio/gio.h>

/* ---- estimates ------------------------------------------------------------------------------- */

typedef struct
{
  WeftModel *model;
  WeftModelSnapshot snapshot;
  const WeftMoment *moment;
  WeftEta eta;
  GWeakRef object;
} Job;

struct _WeftlineEtaThen
{
  GObject parent_instance;

  Job *running; /* (nullable): the task's */
  Job *next;    /* (nullable): wanted once that is done */
  bool wanted;  /* what is running */
  bool has_eta;
  WeftEta eta;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineEtaThen, weftline_eta_then, G_TYPE_OBJECT)

static void
job_free (void *data)
{
  Job *job = data;

  if (job == NULL)
    return;
  weft_model_unref (job->model);
  weft_moment_unref (job->moment);
  g_weak_ref_clear (&job->object);
  g_free (job);
}

static void
job_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
            GCancellable *cancellable G_GNUC_UNUSED)
{
  Job *job = data;

  weft_eta_estimate_then (job->model, &job->snapshot, job->moment, &job->eta);
  g_task_return_boolean (task, TRUE);
}

static void start (WeftlineEtaThen *self, Job *job);

static void
done_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, void *data)
{
  Job *job = data, *next;
  g_autoptr (WeftlineEtaThen) self = g_weak_ref_get (&job->object);

  if (self == NULL)
    return;
  self->running = NULL;
  next = g_steal_pointer (&self->next);
  if (next != NULL)
    start (self, next);
  else if (self->wanted)
    {
      self->eta = job->eta;
      self->has_eta = true;
      g_signal_emit (self, changed_signal, 0);
    }
}

static void
start (WeftlineEtaThen *self, Job *job)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, done_cb, job);

  self->running = job;
  self->wanted = true;
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, job_thread);
}

void
weftline_eta_then_ask (WeftlineEtaThen *self, WeftModel *model, const WeftModelSnapshot *snapshot,
                       const WeftMoment *moment)
{
  Job *job = g_new0 (Job, 1);

  job->model = weft_model_ref (model);
  job->snapshot = *snapshot;
  job->moment = weft_moment_ref (moment);
  g_weak_ref_init (&job->object, self);
  self->has_eta = false;
  job_free (g_steal_pointer (&self->next));
  if (self->running != NULL)
    self->next = job;
  else
    start (self, job);
}

void
weftline_eta_then_forget (WeftlineEtaThen *self)
{
  g_clear_pointer (&self->next, job_free);
  self->wanted = self->has_eta = false;
}

bool
weftline_eta_then_get (WeftlineEtaThen *self, WeftEta *eta)
{
  if (!self->has_eta || !self->eta.known)
    return false;
  *eta = self->eta;
  return true;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_eta_then_finalize (GObject *object)
{
  weftline_eta_then_forget (WEFTLINE_ETA_THEN (object));
  G_OBJECT_CLASS (weftline_eta_then_parent_class)->finalize (object);
}

static void
weftline_eta_then_class_init (WeftlineEtaThenClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weftline_eta_then_finalize;
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_ETA_THEN, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_eta_then_init (WeftlineEtaThen *self G_GNUC_UNUSED)
{
}

WeftlineEtaThen *
weftline_eta_then_new (void)
{
  return g_object_new (WEFTLINE_TYPE_ETA_THEN, NULL);
}
