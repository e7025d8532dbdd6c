/* weftline-eta.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-eta.h"

#include "canvas/number-format.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#define LEAST_PAUSE_US (250 * 1000)
#define PAUSE_PER_WORK 40 /* so at most a fortieth of a core goes into it */

typedef struct
{
  WeftEtaReader *reader;
  WeftModelSnapshot snapshot;
  GWeakRef object;
  WeftEta eta;
  gint64 start_us, took_us;
} Job;

struct _WeftlineEta
{
  GObject parent_instance;

  GWeakRef run;
  WeftEtaReader *reader; /* (nullable): while a job has it, and before the start */
  WeftModel *model;      /* (nullable): that of the reader; not owned */
  WeftEta eta;
  gint64 at_us; /* the moment the estimate counts from; 0: there is none */
  gint64 ended_us, took_us;
  uint64_t serial, n_changes; /* of the snapshot it was made of */
  bool running;               /* a job */
  guint timeout;
};

static guint changed_signal;

G_DEFINE_FINAL_TYPE (WeftlineEta, weftline_eta, G_TYPE_OBJECT)

static void consider (WeftlineEta *self);

/* ---- jobs ------------------------------------------------------------------------------------ */

static void
job_free (void *data)
{
  Job *job = data;

  weft_eta_reader_free (job->reader);
  g_weak_ref_clear (&job->object);
  g_free (job);
}

static void
job_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
            GCancellable *cancellable G_GNUC_UNUSED)
{
  Job *job = data;

  weft_eta_reader_estimate (job->reader, &job->snapshot, &job->eta);
  job->took_us = g_get_monotonic_time () - job->start_us;
  g_task_return_boolean (task, TRUE);
}

static void
job_done_cb (GObject *source G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, void *data)
{
  Job *job = data;
  g_autoptr (WeftlineEta) self = g_weak_ref_get (&job->object);

  if (self == NULL)
    return;
  self->reader = g_steal_pointer (&job->reader);
  self->running = false;
  self->eta = job->eta;
  self->at_us = job->start_us;
  self->took_us = job->took_us;
  self->ended_us = g_get_monotonic_time ();
  self->serial = job->snapshot.serial;
  self->n_changes = job->snapshot.n_changes;
  g_signal_emit (self, changed_signal, 0);
  consider (self);
}

static void
start (WeftlineEta *self, const WeftModelSnapshot *snapshot)
{
  Job *job = g_new0 (Job, 1);
  g_autoptr (GTask) task = g_task_new (NULL, NULL, job_done_cb, job);

  job->reader = g_steal_pointer (&self->reader);
  job->snapshot = *snapshot;
  job->start_us = g_get_monotonic_time ();
  g_weak_ref_init (&job->object, self);
  self->running = true;
  g_task_set_task_data (task, job, job_free);
  g_task_run_in_thread (task, job_thread);
}

/* ---- when ------------------------------------------------------------------------------------ */

static gboolean
timeout_cb (void *data)
{
  WeftlineEta *self = data;

  self->timeout = 0;
  consider (self);
  return G_SOURCE_REMOVE;
}

/* Whether enough time has gone by; if not, it is considered again when it has. */
static bool
is_time (WeftlineEta *self)
{
  gint64 pause_us = MAX (PAUSE_PER_WORK * self->took_us, LEAST_PAUSE_US);
  gint64 left_us = self->ended_us + pause_us - g_get_monotonic_time ();

  if (self->ended_us == 0 || left_us <= 0)
    return true;
  if (self->timeout == 0)
    self->timeout = g_timeout_add ((guint) (left_us / 1000) + 1, timeout_cb, self);
  return false;
}

static void
consider (WeftlineEta *self)
{
  g_autoptr (WeftlineRun) run = g_weak_ref_get (&self->run);
  WeftlineFeed *feed = run != NULL ? weftline_run_feed (run) : NULL;
  WeftModelSnapshot snapshot;

  if (feed == NULL || self->running || !weftline_run_is_active (run)
      || weftline_feed_state (feed) != WEFT_FEED_FOLLOWING)
    return;
  if (self->model != weftline_feed_model (feed))
    {
      weft_eta_reader_free (self->reader);
      self->model = weftline_feed_model (feed);
      self->reader = weft_eta_reader_new (self->model);
    }
  weft_model_snapshot (self->model, &snapshot);
  if (snapshot.serial == self->serial
      || (snapshot.phase == WEFT_RUN_PAUSED && snapshot.n_changes == self->n_changes))
    return;
  if (snapshot.n_tasks > 0 && is_time (self))
    start (self, &snapshot);
}

/* ---- the object ------------------------------------------------------------------------------ */

static void
weftline_eta_finalize (GObject *object)
{
  WeftlineEta *self = WEFTLINE_ETA (object);

  g_clear_handle_id (&self->timeout, g_source_remove);
  weft_eta_reader_free (self->reader);
  g_weak_ref_clear (&self->run);
  G_OBJECT_CLASS (weftline_eta_parent_class)->finalize (object);
}

static void
weftline_eta_class_init (WeftlineEtaClass *class)
{
  G_OBJECT_CLASS (class)->finalize = weftline_eta_finalize;
  changed_signal = g_signal_new ("changed", WEFTLINE_TYPE_ETA, G_SIGNAL_RUN_LAST, 0, NULL, NULL,
                                 NULL, G_TYPE_NONE, 0);
}

static void
weftline_eta_init (WeftlineEta *self)
{
  g_weak_ref_init (&self->run, NULL);
}

WeftlineEta *
weftline_eta_of_run (WeftlineRun *run)
{
  static const char name[] = "weftline-eta";
  WeftlineEta *self = g_object_get_data (G_OBJECT (run), name);

  if (self != NULL)
    return self;
  self = g_object_new (WEFTLINE_TYPE_ETA, NULL);
  g_weak_ref_set (&self->run, run);
  g_signal_connect_object (run, "changed", G_CALLBACK (consider), self, G_CONNECT_SWAPPED);
  g_object_set_data_full (G_OBJECT (run), name, self, g_object_unref);
  consider (self);
  return self;
}

/* ---- what it says ---------------------------------------------------------------------------- */

bool
weftline_eta_now (WeftlineEta *self, WeftEta *eta)
{
  g_autoptr (WeftlineRun) run = g_weak_ref_get (&self->run);
  WeftlineRunStatus status;
  int64_t since_ns;

  if (run == NULL || self->at_us == 0 || !self->eta.known)
    return false;
  weftline_run_status (run, &status);
  if (status.phase != WEFT_RUN_RUNNING && status.phase != WEFT_RUN_PAUSED)
    return false;
  since_ns = status.phase == WEFT_RUN_RUNNING ? (g_get_monotonic_time () - self->at_us) * 1000 : 0;
  *eta = self->eta;
  eta->least_ns = MAX (eta->least_ns - since_ns, 0);
  eta->middle_ns = MAX (eta->middle_ns - since_ns, 0);
  eta->low_ns = MAX (eta->low_ns - since_ns, 0);
  eta->high_ns = MAX (eta->high_ns - since_ns, 0);
  return true;
}

char *
weftline_eta_text (const WeftEta *eta, bool band)
{
  g_autofree char *middle = weftline_format_rough_duration (eta->middle_ns);
  g_autofree char *low = weftline_format_rough_duration (eta->low_ns);
  g_autofree char *high = weftline_format_rough_duration (eta->high_ns);

  if (!eta->known)
    return NULL;
  if (eta->at_least && !band)
    /* Translators: so much time left, or more */
    return g_strdup_printf (_ ("> %s left"), low);
  if (eta->at_least)
    /* Translators: time left, from the one to the other, of a run of which not all is known */
    return g_strdup_printf (_ ("%s – %s left"), low, high);
  if (!band || g_str_equal (low, high))
    /* Translators: so much time left */
    return g_strdup_printf (_ ("%s left"), middle);
  /* Translators: so much time left (from the one to the other) */
  return g_strdup_printf (_ ("%s left (%s – %s)"), middle, low, high);
}

char *
weftline_eta_dup_text (WeftlineEta *self, bool band)
{
  WeftEta eta;

  return weftline_eta_now (self, &eta) ? weftline_eta_text (&eta, band) : NULL;
}
