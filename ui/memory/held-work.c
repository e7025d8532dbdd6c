/* held-work.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "memory/held-work.h"

#include <gio/gio.h>

#define N_STEPS 600
#define N_BANDS 10
#define LEAST_PAUSE_US (250 * 1000)
#define PAUSE_PER_WORK 20 /* so at most a twentieth of a core goes into it */

typedef struct
{
  WeftModel *model;
  WeftModelSnapshot snapshot;
  GWeakRef object;
  gint64 took_us;
  WeftHeldHistory *history;
  /* of lists */
  WeftlineHeldFunc func;
  int64_t at_ns;
  WeftHeld *held;
  uint32_t n;
  WeftHeldSum sum;
} Job;

struct _WeftlineHeldWork
{
  GObject parent_instance;

  WeftHeldHistory *history; /* (nullable) */
  WeftModel *model;         /* (nullable): that of what is wanted */
  WeftModelSnapshot snapshot;
  bool wanted, final, running;
  gint64 ended_us, took_us;
  guint timeout;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineHeldWork, weftline_held_work, G_TYPE_OBJECT)

/* ---- jobs ------------------------------------------------------------------------------------ */

static Job *
job_new (void *object, WeftModel *model, const WeftModelSnapshot *snapshot)
{
  Job *job = g_new0 (Job, 1);

  job->model = weft_model_ref (model);
  job->snapshot = *snapshot;
  g_weak_ref_init (&job->object, object);
  return job;
}

static void
job_free (void *data)
{
  Job *job = data;

  weft_model_unref (job->model);
  weft_held_history_free (job->history);
  g_weak_ref_clear (&job->object);
  g_free (job->held);
  g_free (job);
}

static void
history_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
                GCancellable *cancellable G_GNUC_UNUSED)
{
  Job *job = data;
  gint64 start_us = g_get_monotonic_time ();

  job->history = weft_held_history_new (job->model, &job->snapshot, N_STEPS, N_BANDS);
  job->took_us = g_get_monotonic_time () - start_us;
  g_task_return_boolean (task, TRUE);
}

static void
list_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  Job *job = data;

  job->n = weft_held_at (job->model, &job->snapshot, job->at_ns, job->held, job->n, &job->sum);
  g_task_return_boolean (task, TRUE);
}

static void
run_job (Job *job, GTaskThreadFunc thread, GAsyncReadyCallback done)
{
  g_autoptr (GTask) task = g_task_new (NULL, NULL, done, job);

  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, thread);
}

/* ---- lists ----------------------------------------------------------------------------------- */

static void
list_done_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, void *data)
{
  Job *job = data;
  g_autoptr (GObject) object = g_weak_ref_get (&job->object);

  if (object != NULL)
    job->func (object, job->at_ns, job->held, job->n, &job->sum);
}

void
weftline_held_list (GObject *object, WeftModel *model, const WeftModelSnapshot *snapshot,
                    int64_t at_ns, uint32_t n, WeftlineHeldFunc func)
{
  Job *job = job_new (object, model, snapshot);

  job->at_ns = at_ns;
  job->n = n;
  job->held = g_new0 (WeftHeld, MAX (n, 1));
  job->func = func;
  run_job (job, list_thread, list_done_cb);
}

/* ---- histories ------------------------------------------------------------------------------- */

static void consider (WeftlineHeldWork *self);

static void
history_done_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, void *data)
{
  Job *job = data;
  g_autoptr (WeftlineHeldWork) self = g_weak_ref_get (&job->object);

  if (self == NULL)
    return;
  weft_held_history_free (self->history);
  self->history = g_steal_pointer (&job->history);
  self->running = false;
  self->took_us = job->took_us;
  self->ended_us = g_get_monotonic_time ();
  g_signal_emit (self, changed_signal, 0);
  consider (self);
}

static void
start (WeftlineHeldWork *self)
{
  self->wanted = false;
  self->running = true;
  run_job (job_new (self, self->model, &self->snapshot), history_thread, history_done_cb);
}

static gboolean
timeout_cb (void *data)
{
  WeftlineHeldWork *self = data;

  self->timeout = 0;
  consider (self);
  return G_SOURCE_REMOVE;
}

/* Starts now, or when enough time has gone by. */
static void
consider (WeftlineHeldWork *self)
{
  gint64 pause_us = MAX (PAUSE_PER_WORK * self->took_us, LEAST_PAUSE_US);
  gint64 left_us = self->ended_us + pause_us - g_get_monotonic_time ();

  if (!self->wanted || self->running)
    return;
  if (self->final || self->ended_us == 0 || left_us <= 0)
    {
      g_clear_handle_id (&self->timeout, g_source_remove);
      start (self);
    }
  else if (self->timeout == 0)
    self->timeout = g_timeout_add ((guint) (left_us / 1000) + 1, timeout_cb, self);
}

void
weftline_held_work_want (WeftlineHeldWork *self, WeftModel *model,
                         const WeftModelSnapshot *snapshot, bool final)
{
  if (self->model != model)
    {
      g_clear_pointer (&self->model, weft_model_unref);
      self->model = weft_model_ref (model);
    }
  self->snapshot = *snapshot;
  self->wanted = true;
  self->final = final;
  consider (self);
}

WeftHeldHistory *
weftline_held_work_take (WeftlineHeldWork *self)
{
  return g_steal_pointer (&self->history);
}

bool
weftline_held_work_is_busy (WeftlineHeldWork *self)
{
  return self->wanted || self->running;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_held_work_finalize (GObject *object)
{
  WeftlineHeldWork *self = WEFTLINE_HELD_WORK (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  weft_held_history_free (self->history);
  if (self->model != NULL)
    weft_model_unref (self->model);
  G_OBJECT_CLASS (weftline_held_work_parent_class)->finalize (object);
}

static void
weftline_held_work_class_init (WeftlineHeldWorkClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weftline_held_work_finalize;
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_HELD_WORK, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_held_work_init (WeftlineHeldWork *self G_GNUC_UNUSED)
{
}

WeftlineHeldWork *
weftline_held_work_new (void)
{
  return g_object_new (WEFTLINE_TYPE_HELD_WORK, NULL);
}
