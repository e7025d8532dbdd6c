/* weftline-rewind.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The past goes from job to job: a thread has it while it works, and gives it back with the moment.
 */
#include "config.h"

#include "session/weftline-rewind.h"

#include <gio/gio.h>

typedef struct
{
  WeftModel *model;
  WeftModelSnapshot snapshot;
  int64_t at_ns;
  WeftPast *past; /* (nullable) */
  uint64_t past_serial;
  WeftMoment *moment; /* (nullable): not found yet */
} Job;

struct _WeftlineRewind
{
  GObject parent_instance;

  WeftPast *past;       /* (nullable): none was needed yet, or a job has it */
  uint64_t past_serial; /* of the snapshot it was made of */
  WeftMoment *moment;   /* (nullable) */
  Job *next;            /* (nullable): wanted once the running one is done */
  bool running;
  bool unwanted; /* what is being looked for */
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineRewind, weftline_rewind, G_TYPE_OBJECT)

/* ---- jobs ------------------------------------------------------------------------------------ */

static void
job_free (void *data)
{
  Job *job = data;

  if (job == NULL)
    return;
  weft_model_unref (job->model);
  weft_past_free (job->past);
  weft_moment_unref (job->moment);
  g_free (job);
}

/* A past knows nothing of what came after it was made. */
static bool
serves (const Job *job)
{
  return job->past != NULL
         && (job->past_serial == job->snapshot.serial
             || job->at_ns <= weft_past_end_ns (job->past));
}

static void
moment_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
               GCancellable *cancellable G_GNUC_UNUSED)
{
  Job *job = data;

  if (!serves (job))
    {
      weft_past_free (job->past);
      job->past = weft_past_new (job->model, &job->snapshot);
      job->past_serial = job->snapshot.serial;
    }
  job->moment = weft_moment_new (job->past, job->at_ns);
  g_task_return_boolean (task, TRUE);
}

static void start (WeftlineRewind *self, Job *job);

static void
done_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineRewind) self = g_weak_ref_get (data);
  Job *job = g_task_get_task_data (G_TASK (result)), *next;

  g_weak_ref_clear (data);
  g_free (data);
  if (self == NULL)
    return;
  self->running = false;
  next = g_steal_pointer (&self->next);
  if (!self->unwanted)
    {
      self->past = g_steal_pointer (&job->past);
      self->past_serial = job->past_serial;
      weft_moment_unref (self->moment);
      self->moment = g_steal_pointer (&job->moment);
    }
  if (next != NULL)
    start (self, next);
  if (self->moment != NULL)
    g_signal_emit (self, changed_signal, 0);
}

static void
start (WeftlineRewind *self, Job *job)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);
  g_autoptr (GTask) task = NULL;

  g_weak_ref_init (weak, self);
  job->past = g_steal_pointer (&self->past);
  job->past_serial = self->past_serial;
  self->running = true;
  self->unwanted = false;
  /* no source object: the thread might be the last to give it back */
  task = g_task_new (NULL, NULL, done_cb, weak);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, moment_thread);
}

/* ---- asking ---------------------------------------------------------------------------------- */

void
weftline_rewind_ask (WeftlineRewind *self, WeftModel *model, const WeftModelSnapshot *snapshot,
                     int64_t at_ns)
{
  Job *job = g_new0 (Job, 1);

  job->model = weft_model_ref (model);
  job->snapshot = *snapshot;
  job->at_ns = at_ns;
  if (!self->running)
    {
      start (self, job);
      return;
    }
  job_free (self->next);
  self->next = job;
}

void
weftline_rewind_forget (WeftlineRewind *self)
{
  self->unwanted = true;
  g_clear_pointer (&self->next, job_free);
  g_clear_pointer (&self->past, weft_past_free);
  weft_moment_unref (self->moment);
  self->moment = NULL;
}

const WeftMoment *
weftline_rewind_moment (WeftlineRewind *self)
{
  return self->moment;
}

bool
weftline_rewind_is_busy (WeftlineRewind *self)
{
  return self->running && (!self->unwanted || self->next != NULL);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_rewind_finalize (GObject *object)
{
  weftline_rewind_forget (WEFTLINE_REWIND (object));
  G_OBJECT_CLASS (weftline_rewind_parent_class)->finalize (object);
}

static void
weftline_rewind_class_init (WeftlineRewindClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weftline_rewind_finalize;
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_REWIND, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
weftline_rewind_init (WeftlineRewind *self G_GNUC_UNUSED)
{
}

WeftlineRewind *
weftline_rewind_new (void)
{
  return g_object_new (WEFTLINE_TYPE_REWIND, NULL);
}
