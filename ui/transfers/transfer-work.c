/* transfer-work.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "transfers/transfer-work.h"

#include <gio/gio.h>

#define SPANS_A_LOOK 100000 /* between two looks at whether it is still wanted */
#define PAUSE_PER_WORK 20   /* so at most a twentieth of a core goes into it */

/* @sums: (nullable): to go on with; afterwards those it was made with */
typedef struct
{
  WeftModel *model;
  bool is_over;
  uint64_t serial;
  int64_t from_ns, to_ns;
  WeftlineTransferSums *sums;
  WeftlineTransferMatrix *matrix;
  gint64 took_us;
} Job;

struct _WeftlineTransferWork
{
  GObject parent_instance;

  WeftlineTransferMatrix *matrix; /* (nullable) */
  WeftlineTransferSums *all;      /* (nullable): not while a job has them */
  Job *next;                      /* (nullable): wanted once the running one is done */
  GCancellable *running;          /* (nullable) */
  WeftModel *asked;               /* of which model; not to be used otherwise */
  int64_t asked_from_ns, asked_to_ns;
  uint64_t serial; /* of the snapshot that was looked at last */
  gint64 ended_us, took_us;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineTransferWork, weftline_transfer_work, G_TYPE_OBJECT)

/* ---- jobs ------------------------------------------------------------------------------------ */

static void
job_free (void *data)
{
  Job *job = data;

  weftline_transfer_sums_free (job->sums);
  weftline_transfer_matrix_free (job->matrix);
  weft_model_unref (job->model);
  g_free (job);
}

static void
sum_thread (GTask *task, void *source G_GNUC_UNUSED, void *data, GCancellable *cancellable)
{
  Job *job = data;
  gint64 start_us = g_get_monotonic_time ();

  if (job->sums == NULL)
    job->sums = weftline_transfer_sums_new (job->model, job->from_ns, job->to_ns);
  while (!g_cancellable_is_cancelled (cancellable)
         && !weftline_transfer_sums_update (job->sums, job->is_over, SPANS_A_LOOK))
    ;
  job->matrix = weftline_transfer_matrix_new (job->sums, WEFTLINE_TRANSFER_MOST);
  job->took_us = g_get_monotonic_time () - start_us;
  g_task_return_boolean (task, TRUE);
}

static void start (WeftlineTransferWork *self, Job *job);

static bool
is_all (const Job *job)
{
  return job->from_ns == INT64_MIN && job->to_ns == INT64_MAX;
}

static void
take (WeftlineTransferWork *self, Job *job)
{
  weftline_transfer_matrix_free (self->matrix);
  self->matrix = g_steal_pointer (&job->matrix);
  if (is_all (job))
    {
      weftline_transfer_sums_free (self->all);
      self->all = g_steal_pointer (&job->sums);
    }
  self->took_us = job->took_us;
  self->ended_us = g_get_monotonic_time ();
}

static void
done_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineTransferWork) self = g_weak_ref_get (data);
  Job *next;

  g_weak_ref_clear (data);
  g_free (data);
  if (self == NULL)
    return;
  g_clear_object (&self->running);
  take (self, g_task_get_task_data (G_TASK (result)));
  next = g_steal_pointer (&self->next);
  if (next != NULL)
    start (self, next);
  g_signal_emit (self, changed_signal, 0);
}

static void
start (WeftlineTransferWork *self, Job *job)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);
  g_autoptr (GTask) task = NULL;

  if (is_all (job) && self->all != NULL && self->all->model == job->model)
    job->sums = g_steal_pointer (&self->all);
  g_weak_ref_init (weak, self);
  self->running = g_cancellable_new ();
  /* no source object: the thread might be the last to give it back */
  task = g_task_new (NULL, self->running, done_cb, weak);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, sum_thread);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* The same part once more: is there something new, and is it time for that? */
static bool
is_due (WeftlineTransferWork *self, const WeftModelSnapshot *snapshot)
{
  if (self->next != NULL)
    return true; /* what waits takes the newest snapshot */
  if (snapshot->serial == self->serial)
    return false;
  return snapshot->phase >= WEFT_RUN_DONE
         || (self->running == NULL
             && g_get_monotonic_time () >= self->ended_us + PAUSE_PER_WORK * self->took_us);
}

void
weftline_transfer_work_ask (WeftlineTransferWork *self, WeftModel *model,
                            const WeftModelSnapshot *snapshot, int64_t from_ns, int64_t to_ns)
{
  bool is_other =
      self->asked != model || self->asked_from_ns != from_ns || self->asked_to_ns != to_ns;
  Job *job;

  if (!is_other && !is_due (self, snapshot))
    return;
  self->asked = model;
  self->asked_from_ns = from_ns;
  self->asked_to_ns = to_ns;
  self->serial = snapshot->serial;
  job = g_new0 (Job, 1);
  job->model = weft_model_ref (model);
  job->is_over = snapshot->phase >= WEFT_RUN_DONE;
  job->from_ns = from_ns;
  job->to_ns = to_ns;
  if (self->running == NULL)
    {
      start (self, job);
      return;
    }
  g_clear_pointer (&self->next, job_free);
  self->next = job;
}

const WeftlineTransferMatrix *
weftline_transfer_work_matrix (WeftlineTransferWork *self)
{
  return self->matrix;
}

bool
weftline_transfer_work_is_busy (WeftlineTransferWork *self)
{
  return self->running != NULL;
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_transfer_work_finalize (GObject *object)
{
  WeftlineTransferWork *self = WEFTLINE_TRANSFER_WORK (object);

  if (self->running != NULL)
    g_cancellable_cancel (self->running);
  g_clear_object (&self->running);
  g_clear_pointer (&self->next, job_free);
  weftline_transfer_sums_free (self->all);
  weftline_transfer_matrix_free (self->matrix);
  G_OBJECT_CLASS (weftline_transfer_work_parent_class)->finalize (object);
}

static void
weftline_transfer_work_class_init (WeftlineTransferWorkClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weftline_transfer_work_finalize;
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_TRANSFER_WORK, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_transfer_work_init (WeftlineTransferWork *self G_GNUC_UNUSED)
{
}

WeftlineTransferWork *
weftline_transfer_work_new (void)
{
  return g_object_new (WEFTLINE_TYPE_TRANSFER_WORK, NULL);
}
