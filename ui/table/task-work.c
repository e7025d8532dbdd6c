/* task-work.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "table/task-work.h"

#include <gio/gio.h>
#include <stdatomic.h>

#define LEAST_PAUSE_US (500 * 1000)
#define PAUSE_PER_WORK 20 /* so at most a twentieth of a core goes into it */

typedef struct
{
  WeftModel *model;
  WeftModelSnapshot snapshot;
  const WeftMoment *moment; /* (nullable) */
  WeftlineTaskOwnQuery query;
  _Atomic bool cancelled; /* atomic: relaxed; set by the main thread */
  bool whole;
  WeftlineTaskRows rows;
  gint64 took_us;
  GWeakRef work;
} Job;

struct _WeftlineTaskWork
{
  GObject parent_instance;

  WeftlineTaskOwnQuery query;
  bool answered; /* the query was, for an earlier snapshot at least */
  WeftModel *model;
  WeftModelSnapshot snapshot;
  const WeftMoment *moment; /* (nullable) */
  bool wanted, final;
  Job *job; /* (nullable): what goes on for the query; the task's */
  bool has_rows;
  WeftlineTaskRows rows;
  gint64 ended_us, took_us;
  guint timeout;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineTaskWork, weftline_task_work, G_TYPE_OBJECT)

/* ---- jobs ------------------------------------------------------------------------------------ */

static void
job_free (void *data)
{
  Job *job = data;

  weft_model_unref (job->model);
  weft_moment_unref (job->moment);
  weftline_task_own_query_clear (&job->query);
  weftline_task_rows_clear (&job->rows);
  g_weak_ref_clear (&job->work);
  g_free (job);
}

static void
rows_thread (GTask *task, void *source_object G_GNUC_UNUSED, void *data,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  Job *job = data;
  gint64 start_us = g_get_monotonic_time ();

  job->whole = weftline_task_rows_make_at (job->model, &job->snapshot, job->moment,
                                           &job->query.query, &job->cancelled, &job->rows);
  job->took_us = g_get_monotonic_time () - start_us;
  g_task_return_boolean (task, TRUE);
}

static void consider (WeftlineTaskWork *self);

static void
done_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, void *data)
{
  Job *job = data;
  g_autoptr (WeftlineTaskWork) self = g_weak_ref_get (&job->work);

  if (self == NULL || self->job != job)
    return; /* nobody waits for it any more */
  self->job = NULL;
  self->took_us = job->took_us;
  self->ended_us = g_get_monotonic_time ();
  if (job->whole)
    {
      weftline_task_rows_clear (&self->rows);
      self->rows = job->rows;
      job->rows = (WeftlineTaskRows){ 0 };
      self->has_rows = self->answered = true;
      g_signal_emit (self, changed_signal, 0);
    }
  consider (self);
}

static void
start (WeftlineTaskWork *self)
{
  g_autoptr (GTask) task = NULL;
  Job *job = g_new0 (Job, 1);

  job->model = weft_model_ref (self->model);
  job->snapshot = self->snapshot;
  job->moment = self->moment != NULL ? weft_moment_ref (self->moment) : NULL;
  weftline_task_own_query_set (&job->query, &self->query.query);
  g_weak_ref_init (&job->work, self);
  self->job = job;
  self->wanted = false;
  task = g_task_new (NULL, NULL, done_cb, job);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, rows_thread);
}

/* ---- when ------------------------------------------------------------------------------------ */

static gboolean
timeout_cb (void *data)
{
  WeftlineTaskWork *self = data;

  self->timeout = 0;
  consider (self);
  return G_SOURCE_REMOVE;
}

/* Starts now, or when enough time has gone by. */
static void
consider (WeftlineTaskWork *self)
{
  gint64 pause_us = MAX (PAUSE_PER_WORK * self->took_us, LEAST_PAUSE_US);
  gint64 left_us = self->ended_us + pause_us - g_get_monotonic_time ();

  if (!self->wanted || self->job != NULL)
    return;
  if (self->final || !self->answered || left_us <= 0)
    {
      g_clear_handle_id (&self->timeout, g_source_remove);
      start (self);
    }
  else if (self->timeout == 0)
    self->timeout = g_timeout_add ((guint) (left_us / 1000) + 1, timeout_cb, self);
}

static void
cancel (WeftlineTaskWork *self)
{
  if (self->job != NULL)
    atomic_store_explicit (&self->job->cancelled, true, memory_order_relaxed);
  self->job = NULL;
}

void
weftline_task_work_set_query (WeftlineTaskWork *self, const WeftlineTaskQuery *query)
{
  cancel (self);
  weftline_task_own_query_set (&self->query, query);
  weftline_task_rows_clear (&self->rows);
  self->answered = self->has_rows = false;
}

void
weftline_task_work_want (WeftlineTaskWork *self, WeftModel *model,
                         const WeftModelSnapshot *snapshot, const WeftMoment *moment, bool final)
{
  const WeftMoment *before = self->moment;

  if (self->model != model)
    {
      cancel (self);
      weft_model_unref (self->model);
      self->model = weft_model_ref (model);
    }
  self->snapshot = *snapshot;
  self->moment = moment != NULL ? weft_moment_ref (moment) : NULL;
  weft_moment_unref (before);
  self->wanted = true;
  self->final = final;
  consider (self);
}

void
weftline_task_work_stop (WeftlineTaskWork *self)
{
  cancel (self);
  self->wanted = false;
  g_clear_handle_id (&self->timeout, g_source_remove);
}

bool
weftline_task_work_take (WeftlineTaskWork *self, WeftlineTaskRows *rows)
{
  if (!self->has_rows)
    return false;
  *rows = self->rows;
  self->rows = (WeftlineTaskRows){ 0 };
  self->has_rows = false;
  return true;
}

bool
weftline_task_work_is_new (WeftlineTaskWork *self)
{
  return !self->answered;
}

bool
weftline_task_work_is_busy (WeftlineTaskWork *self)
{
  return self->wanted || self->job != NULL;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_task_work_finalize (GObject *object)
{
  WeftlineTaskWork *self = WEFTLINE_TASK_WORK (object);

  weftline_task_work_stop (self);
  weftline_task_own_query_clear (&self->query);
  weftline_task_rows_clear (&self->rows);
  weft_model_unref (self->model);
  weft_moment_unref (self->moment);
  G_OBJECT_CLASS (weftline_task_work_parent_class)->finalize (object);
}

static void
weftline_task_work_class_init (WeftlineTaskWorkClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weftline_task_work_finalize;
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_TASK_WORK, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_task_work_init (WeftlineTaskWork *self)
{
  self->query.query =
      (WeftlineTaskQuery){ .column = WEFTLINE_TASK_N_COLUMNS, .states = WEFTLINE_TASK_ALL_STATES };
}

WeftlineTaskWork *
weftline_task_work_new (void)
{
  return g_object_new (WEFTLINE_TYPE_TASK_WORK, NULL);
}
