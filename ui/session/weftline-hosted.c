/* weftline-hosted.c: runs of the window, as others ask for them through the socket
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Whoever closes a run in the window takes it away from those who ask, too: it is known here by a
 * weak reference.
 */
#include "config.h"

#include "session/weftline-hosted.h"

#include "session/weftline-json.h"
#include "session/weftline-run-child.h"
#include "session/weftline-run-embedded.h"

#include <gio/gio.h>
#include <glib/gi18n.h>

#define MAX_WORKERS 1024

struct _WeftlineHosted
{
  WeftServer *server;
  WeftlineHostedFunc appeared;
  void *data;
  GHashTable *runs; /* by id: HostedRun */
  uint32_t n_workers;
  GCancellable *gone; /* of graphs that are being read */
};

typedef struct
{
  uint64_t id;
  WeftlineHosted *host;
  WeftlineRun *run; /* weak */
  gulong handler;
  int64_t begun_wall_ns, ended_wall_ns;
} HostedRun;

/* ---- how runs stand -------------------------------------------------------------------------- */

static bool
is_held_for_review (WeftlineRun *run)
{
  return weftline_run_plan (run) != NULL && weftline_plan_needs_review (weftline_run_plan (run));
}

/* What its kind can, as it stands now. */
static uint32_t
verbs_of (WeftlineRun *run, WeftRunPhase phase)
{
  uint32_t can = weftline_run_has_result (run) ? WEFT_SERVER_CAN (WEFT_SERVER_RESULT) : 0;

  if (phase == WEFT_RUN_PREPARED)
    return is_held_for_review (run) ? 0 : WEFT_SERVER_CAN (WEFT_SERVER_START);
  if (phase >= WEFT_RUN_DONE)
    return can;
  if (weftline_run_can (run, WEFTLINE_CAN_PAUSE))
    can |= WEFT_SERVER_CAN (WEFT_SERVER_PAUSE) | WEFT_SERVER_CAN (WEFT_SERVER_RESUME);
  if (weftline_run_can (run, WEFTLINE_CAN_STEP))
    can |= WEFT_SERVER_CAN (WEFT_SERVER_STEP);
  if (weftline_run_can (run, WEFTLINE_CAN_CANCEL))
    can |= WEFT_SERVER_CAN (WEFT_SERVER_CANCEL);
  if (weftline_run_can (run, WEFTLINE_CAN_SET_WORKERS))
    can |= WEFT_SERVER_CAN (WEFT_SERVER_SET);
  return can;
}

static void
describe (HostedRun *hosted, WeftServedRun *served)
{
  WeftlineRunStatus status;

  weftline_run_status (hosted->run, &status);
  if (status.phase != WEFT_RUN_PREPARED && hosted->begun_wall_ns == 0)
    hosted->begun_wall_ns = g_get_real_time () * 1000 - status.elapsed_ns;
  if (status.phase >= WEFT_RUN_DONE && hosted->ended_wall_ns == 0)
    hosted->ended_wall_ns = hosted->begun_wall_ns + status.elapsed_ns;
  *served = (WeftServedRun){ .id = hosted->id,
                             .name = weftline_run_name (hosted->run),
                             .path = weftline_run_path (hosted->run),
                             .phase = status.phase,
                             .begun_wall_ns = hosted->begun_wall_ns,
                             .ended_wall_ns = hosted->ended_wall_ns,
                             .n_tasks = status.n_tasks,
                             .n_done = status.n_ended - status.n_erred,
                             .n_running = status.n_running,
                             .n_failed = status.n_erred,
                             .can = verbs_of (hosted->run, status.phase) };
}

static void
changed_cb (HostedRun *hosted)
{
  WeftServedRun served;

  describe (hosted, &served);
  weft_server_update_run (hosted->host->server, &served);
}

static void
gone_cb (void *data, GObject *where_it_was G_GNUC_UNUSED)
{
  HostedRun *hosted = data;

  hosted->run = NULL;
  weft_server_remove_run (hosted->host->server, hosted->id);
  g_hash_table_remove (hosted->host->runs, &hosted->id);
}

static void
hosted_free (void *data)
{
  HostedRun *hosted = data;

  if (hosted->run != NULL)
    {
      g_signal_handler_disconnect (hosted->run, hosted->handler);
      g_object_weak_unref (G_OBJECT (hosted->run), gone_cb, hosted);
    }
  g_free (hosted);
}

/* @name: (nullable) */
static HostedRun *
add (WeftlineHosted *self, WeftlineRun *run)
{
  HostedRun *hosted = g_new0 (HostedRun, 1);
  WeftServedRun served;

  hosted->host = self;
  hosted->run = run;
  describe (hosted, &served);
  hosted->id = weft_server_add_run (self->server, &served);
  hosted->handler = g_signal_connect_swapped (run, "changed", G_CALLBACK (changed_cb), hosted);
  g_object_weak_ref (G_OBJECT (run), gone_cb, hosted);
  g_hash_table_insert (self->runs, &hosted->id, hosted);
  return hosted;
}

/* ---- submitted graphs ------------------------------------------------------------------------ */

typedef struct
{
  WeftlineHosted *host; /* main thread, unless it was cancelled */
  WeftServerRequest *request;
  WeftlineRunSettings settings;
} Submission;

static void
submission_free (void *data)
{
  Submission *submission = data;

  if (submission->request != NULL)
    weft_server_refuse (submission->request, WEFT_SERVER_REFUSE_STATE,
                        _ ("the window does not listen any more"), NULL);
  g_free (submission);
}

static WeftlinePlan *
plan_of_bytes (GBytes *bytes, GError **error)
{
  gsize n_bytes;
  const char *content = g_bytes_get_data (bytes, &n_bytes);
  WeftGraph *graph = weft_graph_read_bytes (content, n_bytes, _ ("submitted graph"),
                                            WEFT_GRAPH_FORMAT_AUTO, error);
  WeftlinePlan *plan = graph != NULL ? weftline_plan_new_for_graph (graph, error) : NULL;

  if (graph != NULL)
    weft_graph_unref (graph);
  return plan;
}

static void
read_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
             GCancellable *cancellable G_GNUC_UNUSED)
{
  const Submission *submission = data;
  const char *path = weft_server_request_get_text (submission->request, "path");
  const char *name = weft_server_request_get_text (submission->request, "name");
  GBytes *bytes = weft_server_request_get_bytes (submission->request);
  GError *error = NULL;
  WeftlinePlan *plan = NULL;

  if (bytes != NULL)
    plan = plan_of_bytes (bytes, &error);
  else if (path != NULL && g_path_is_absolute (path))
    plan = weftline_plan_new_for_file (path, &error);
  else
    error = g_error_new (G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
                         _ ("path: “%s” is not absolute, and the window stands in another folder"),
                         path != NULL ? path : "");
  if (plan != NULL && name != NULL && *name != '\0')
    weftline_plan_set_name (plan, name);
  if (plan != NULL)
    g_task_return_pointer (task, plan, (GDestroyNotify) weftline_plan_unref);
  else
    g_task_return_error (task, error);
}

static void
answer_submitted (Submission *submission, HostedRun *hosted, bool held)
{
  const char *path = weftline_run_path (hosted->run);
  GString *json = g_string_new (NULL);

  g_string_printf (json, "{\"run\": %" G_GUINT64_FORMAT, hosted->id);
  if (path != NULL)
    {
      g_string_append (json, ", \"path\": ");
      weftline_json_append (json, path);
    }
  if (held)
    g_string_append (json, ", \"held\": true");
  g_string_append_c (json, '}');
  weft_server_answer (g_steal_pointer (&submission->request), json->str, NULL);
  g_string_free (json, TRUE);
}

static void
read_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result, void *data G_GNUC_UNUSED)
{
  Submission *submission = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;
  g_autoptr (WeftlinePlan) plan = g_task_propagate_pointer (G_TASK (result), &error);
  g_autoptr (WeftlineRun) run = NULL;
  HostedRun *hosted;
  bool held;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;
  if (plan == NULL)
    {
      weft_server_refuse (g_steal_pointer (&submission->request), WEFT_SERVER_REFUSE_REQUEST,
                          error->message, NULL);
      return;
    }
  run = weftline_plan_wants_own_process (plan)
            ? weftline_run_child_new (plan, &submission->settings)
            : weftline_run_embedded_new (plan, &submission->settings);
  held = weftline_plan_needs_review (plan)
         || weft_server_request_get_flag (submission->request, "hold");
  hosted = add (submission->host, run);
  submission->host->appeared (run, submission->host->data);
  if (!held)
    weftline_run_start (run);
  answer_submitted (submission, hosted, held);
}

static void
submit (WeftlineHosted *self, WeftServerRequest *request)
{
  g_autoptr (GTask) task = g_task_new (NULL, self->gone, read_cb, NULL);
  Submission *submission = g_new0 (Submission, 1);
  int64_t n_workers = self->n_workers, limit = 0;

  if (weft_server_request_get_number (request, "workers", &n_workers)
      && (n_workers < 1 || n_workers > MAX_WORKERS))
    {
      weft_server_refuse (request, WEFT_SERVER_REFUSE_REQUEST,
                          _ ("workers: a whole number from 1 to 1024 was expected"), NULL);
      g_free (submission);
      return;
    }
  weft_server_request_get_number (request, "memory_limit", &limit);
  *submission = (Submission){ self, request, { (uint32_t) n_workers, (uint64_t) limit, 0, NULL } };
  g_task_set_task_data (task, submission, submission_free);
  g_task_run_in_thread (task, read_thread);
}

/* ---- commands -------------------------------------------------------------------------------- */

static void
set (WeftlineRun *run, const WeftServerRequest *request)
{
  int64_t value;

  if (weft_server_request_get_number (request, "workers", &value) && value >= 1
      && value <= MAX_WORKERS)
    weftline_run_set_workers (run, (uint32_t) value);
  if (weft_server_request_get_number (request, "memory_limit", &value))
    weftline_run_set_memory_limit (run, (uint64_t) value);
  if (weft_server_request_get_number (request, "delay_ns", &value))
    weftline_run_set_delay (run, value);
}

/* A value on its way out. */
typedef struct
{
  WeftServerRequest *request;
  WeftValue value;
} Result;

static void
answer_thread (GTask *task, void *source G_GNUC_UNUSED, void *data,
               GCancellable *cancellable G_GNUC_UNUSED)
{
  Result *result = data;

  weft_server_answer_value (result->request, &result->value);
  weft_value_clear (&result->value);
  g_task_return_boolean (task, TRUE);
}

static void
answered_cb (GObject *object G_GNUC_UNUSED, GAsyncResult *result G_GNUC_UNUSED, void *data)
{
  g_object_unref (data);
}

/* Before its end a run in the window has no results for others. */
static bool
refuse_early (WeftlineRun *run, WeftServerRequest *request)
{
  if (weftline_run_is_over (run))
    return false;
  weft_server_refuse (request, WEFT_SERVER_REFUSE_STATE,
                      _ ("the run still goes on, its results are there once it is over"),
                      _ ("“weftline watch” waits for its end"));
  return true;
}

/* On a thread, as it may be large; the run, whose memory it may be, stays until then. */
static void
answer_result (WeftlineRun *run, WeftServerRequest *request)
{
  const char *key = weft_server_request_get_text (request, "key");
  g_autoptr (GError) error = NULL;
  g_autoptr (GTask) task = NULL;
  WeftValue value = WEFT_VALUE_INIT;
  Result *result;

  if (refuse_early (run, request))
    return;
  if (!weftline_run_result (run, key, &value, &error))
    {
      weft_server_refuse (request, WEFT_SERVER_REFUSE_NO_SUCH_KEY, error->message,
                          _ ("only the graph’s “outputs” are kept once their readers are done"));
      return;
    }
  result = g_new (Result, 1);
  *result = (Result){ request, value };
  task = g_task_new (NULL, NULL, answered_cb, g_object_ref (run));
  g_task_set_task_data (task, result, g_free);
  g_task_run_in_thread (task, answer_thread);
}

/* What a run cannot was refused by the server. */
static void
carry_out (WeftlineRun *run, WeftServerRequest *request)
{
  switch ((int) weft_server_request_get_verb (request))
    {
    case WEFT_SERVER_RESULT:
      answer_result (run, request);
      return;
    case WEFT_SERVER_START:
      weftline_run_start (run);
      break;
    case WEFT_SERVER_PAUSE:
      weftline_run_pause (run);
      break;
    case WEFT_SERVER_RESUME:
      weftline_run_resume (run);
      break;
    case WEFT_SERVER_STEP:
      weftline_run_step (run);
      break;
    case WEFT_SERVER_CANCEL:
      weftline_run_cancel (run);
      break;
    case WEFT_SERVER_SET:
    default:
      set (run, request);
      break;
    }
  weft_server_answer (request, NULL, NULL);
}

void
weftline_hosted_take (WeftlineHosted *self, WeftServerRequest *request)
{
  uint64_t id = weft_server_request_get_run (request);
  HostedRun *hosted;

  if (weft_server_request_get_verb (request) == WEFT_SERVER_SUBMIT)
    {
      submit (self, request);
      return;
    }
  hosted = g_hash_table_lookup (self->runs, &id);
  if (hosted == NULL)
    weft_server_refuse (request, WEFT_SERVER_REFUSE_NO_SUCH_RUN,
                        _ ("the run was closed in the window"), NULL);
  else
    carry_out (hosted->run, request);
}

/* ---- life ------------------------------------------------------------------------------------ */

uint32_t
weftline_hosted_verbs (void)
{
  return WEFT_SERVER_CAN (WEFT_SERVER_SUBMIT) | WEFT_SERVER_CAN (WEFT_SERVER_START)
         | WEFT_SERVER_CAN (WEFT_SERVER_PAUSE) | WEFT_SERVER_CAN (WEFT_SERVER_RESUME)
         | WEFT_SERVER_CAN (WEFT_SERVER_STEP) | WEFT_SERVER_CAN (WEFT_SERVER_CANCEL)
         | WEFT_SERVER_CAN (WEFT_SERVER_SET) | WEFT_SERVER_CAN (WEFT_SERVER_RESULT);
}

WeftlineHosted *
weftline_hosted_new (WeftServer *server, WeftlineHostedFunc appeared, void *data)
{
  WeftlineHosted *self = g_new0 (WeftlineHosted, 1);

  self->server = server;
  self->appeared = appeared;
  self->data = data;
  self->runs = g_hash_table_new_full (g_int64_hash, g_int64_equal, NULL, hosted_free);
  self->gone = g_cancellable_new ();
  return self;
}

void
weftline_hosted_free (WeftlineHosted *self)
{
  if (self == NULL)
    return;
  g_cancellable_cancel (self->gone);
  g_object_unref (self->gone);
  g_hash_table_unref (self->runs);
  g_free (self);
}

void
weftline_hosted_set_workers (WeftlineHosted *self, uint32_t n_workers)
{
  self->n_workers = n_workers;
}
