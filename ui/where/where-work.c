/* where-work.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "where/where-work.h"

#include <gio/gio.h>

#define SPANS_A_LOOK 100000 /* between two looks at whether it is still wanted */
#define PAUSE_PER_WORK 20   /* so at most a twentieth of a core goes into it */
#define LEAST_PAUSE_US (100 * 1000)

typedef struct
{
  WeftModel *model;
  WeftModelSnapshot snapshot;
  int64_t from_ns, to_ns;
  WeftTimeAccount *account; /* (nullable): not made yet */
  gint64 took_us;
} Job;

struct _WeftlineWhereWork
{
  GObject parent_instance;

  WeftTimeAccount *account; /* (nullable) */
  int64_t from_ns, to_ns;   /* of it */
  uint64_t serial;          /* of the snapshot it was made of, or is being made of */
  Job *next;                /* (nullable): wanted once the running one is done */
  GCancellable *running;    /* (nullable) */
  bool wanted;              /* a part is: */
  int64_t asked_from_ns, asked_to_ns;
  gint64 ended_us, took_us;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineWhereWork, weftline_where_work, G_TYPE_OBJECT)

/* ---- jobs ------------------------------------------------------------------------------------ */

static void
job_free (void *data)
{
  Job *job = data;

  weft_time_account_free (job->account);
  weft_model_unref (job->model);
  g_free (job);
}

static void
account_thread (GTask *task, void *source G_GNUC_UNUSED, void *data, GCancellable *cancellable)
{
  Job *job = data;
  gint64 start_us = g_get_monotonic_time ();

  job->account = weft_time_account_new_between (job->model, job->from_ns, job->to_ns);
  while (!g_cancellable_is_cancelled (cancellable)
         && !weft_time_account_update (job->account, &job->snapshot, SPANS_A_LOOK))
    ;
  job->took_us = g_get_monotonic_time () - start_us;
  g_task_return_boolean (task, TRUE);
}

static void start (WeftlineWhereWork *self, Job *job);

static void
take (WeftlineWhereWork *self, Job *job)
{
  weft_time_account_free (self->account);
  self->account = g_steal_pointer (&job->account);
  self->from_ns = job->from_ns;
  self->to_ns = job->to_ns;
  self->took_us = job->took_us;
  self->ended_us = g_get_monotonic_time ();
}

static void
done_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result, void *data)
{
  g_autoptr (WeftlineWhereWork) self = g_weak_ref_get (data);
  GCancellable *cancellable = g_task_get_cancellable (G_TASK (result));
  Job *next;

  g_weak_ref_clear (data);
  g_free (data);
  /* another may be running by now */
  if (self == NULL || g_cancellable_is_cancelled (cancellable))
    return;
  g_clear_object (&self->running);
  take (self, g_task_get_task_data (G_TASK (result)));
  next = g_steal_pointer (&self->next);
  if (next != NULL)
    start (self, next);
  g_signal_emit (self, changed_signal, 0);
}

static void
start (WeftlineWhereWork *self, Job *job)
{
  GWeakRef *weak = g_new0 (GWeakRef, 1);
  g_autoptr (GTask) task = NULL;

  g_weak_ref_init (weak, self);
  self->running = g_cancellable_new ();
  self->serial = job->snapshot.serial;
  /* no source object: the thread might be the last to give it back */
  task = g_task_new (NULL, self->running, done_cb, weak);
  g_task_set_check_cancellable (task, FALSE);
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, account_thread);
}

/* ---- asking ---------------------------------------------------------------------------------- */

/* The same part once more: is it time for that? */
static bool
is_due (WeftlineWhereWork *self, const WeftModelSnapshot *snapshot)
{
  gint64 pause_us = MAX (PAUSE_PER_WORK * self->took_us, LEAST_PAUSE_US);

  if (self->next != NULL)
    return true; /* what waits takes the newest snapshot */
  if (snapshot->serial == self->serial)
    return false;
  return snapshot->phase >= WEFT_RUN_DONE
         || (self->running == NULL && g_get_monotonic_time () >= self->ended_us + pause_us);
}

void
weftline_where_work_ask (WeftlineWhereWork *self, WeftModel *model,
                         const WeftModelSnapshot *snapshot, int64_t from_ns, int64_t to_ns)
{
  bool is_other = !self->wanted || self->asked_from_ns != from_ns || self->asked_to_ns != to_ns;
  Job *job;

  if (!is_other && !is_due (self, snapshot))
    return;
  self->wanted = true;
  self->asked_from_ns = from_ns;
  self->asked_to_ns = to_ns;
  job = g_new0 (Job, 1);
  job->model = weft_model_ref (model);
  job->snapshot = *snapshot;
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

void
weftline_where_work_forget (WeftlineWhereWork *self)
{
  if (self->running != NULL)
    g_cancellable_cancel (self->running);
  g_clear_object (&self->running);
  g_clear_pointer (&self->next, job_free);
  g_clear_pointer (&self->account, weft_time_account_free);
  self->wanted = false;
}

const WeftTimeAccount *
weftline_where_work_account (WeftlineWhereWork *self)
{
  return self->account;
}

bool
weftline_where_work_is_behind (WeftlineWhereWork *self)
{
  return self->wanted
         && (self->account == NULL || self->from_ns != self->asked_from_ns
             || self->to_ns != self->asked_to_ns);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_where_work_finalize (GObject *object)
{
  weftline_where_work_forget (WEFTLINE_WHERE_WORK (object));
  G_OBJECT_CLASS (weftline_where_work_parent_class)->finalize (object);
}

static void
weftline_where_work_class_init (WeftlineWhereWorkClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weftline_where_work_finalize;
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_WHERE_WORK, G_SIGNAL_RUN_LAST, 0, NULL,
                                 NULL, NULL, G_TYPE_NONE, 0);
}

static void
weftline_where_work_init (WeftlineWhereWork *self G_GNUC_UNUSED)
{
}

WeftlineWhereWork *
weftline_where_work_new (void)
{
  return g_object_new (WEFTLINE_TYPE_WHERE_WORK, NULL);
}
