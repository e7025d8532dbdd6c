/* host-runs.c: a run that was submitted to `weftline serve`: made, asked, told what to do
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Commands are those of `weftline run --control` (control-commands.c), in other words.
 */
#include "cli/weft-cli-control-private.h"
#include "cli/weft-cli-run-private.h"
#include "cli/weft-cli-serve-private.h"

#include <inttypes.h>
#include <string.h>

#define MAX_WORKERS 1024

/* ---- making it ------------------------------------------------------------------------------- */

static WeftGraph *
read_graph (const WeftServerRequest *request, GError **error)
{
  const char *path = weft_server_request_get_text (request, "path");
  GBytes *bytes = weft_server_request_get_bytes (request);
  int format = _weft_cli_format ("format", weft_server_request_get_text (request, "format"), error);
  const char *content;
  size_t n_bytes;

  if (format < 0)
    return NULL;
  if (bytes != NULL)
    {
      content = g_bytes_get_data (bytes, &n_bytes);
      return weft_graph_read_bytes (content, n_bytes, path != NULL ? path : "submitted graph",
                                    (WeftGraphFormat) format, error);
    }
  if (path != NULL && g_path_is_absolute (path))
    return weft_graph_read_file (path, (WeftGraphFormat) format, error);
  g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
               "path: “%s” is not absolute, and the server stands in another folder",
               path != NULL ? path : "");
  return NULL;
}

static bool
read_arguments (const WeftServerRequest *request, WeftRunArguments *arguments, GError **error)
{
  int64_t n_workers = 0, limit = 0;

  weft_server_request_get_number (request, "memory_limit", &limit);
  if (weft_server_request_get_number (request, "workers", &n_workers)
      && (n_workers < 1 || n_workers > MAX_WORKERS))
    {
      g_set_error (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE,
                   "workers: %" PRId64 " is not from 1 to %d", n_workers, MAX_WORKERS);
      return false;
    }
  *arguments = (WeftRunArguments){ .n_workers = (uint32_t) n_workers,
                                   .memory_limit_bytes = (uint64_t) limit,
                                   .on_error = WEFT_ON_ERROR_CONTINUE,
                                   .replay = WEFT_REPLAY_AS_RECORDED };
  return true;
}

static bool
make_run (WeftHostRun *run, const WeftRunArguments *arguments, WeftPlan *plan, GError **error)
{
  const WeftEngineOptions engine = { .n_workers = arguments->n_workers,
                                     .registry = plan->registry };
  const WeftRunOptions options = {
    .name = run->name,
    .on_error = arguments->on_error,
    .memory_limit_bytes = arguments->memory_limit_bytes,
    .keep_open = run->is_open,
    .records = true,
    .recorder = { .path = run->path,
                  .sample_process = true,
                  .meta_json = "{\"program\": \"weftline serve\"}" },
  };

  run->engine = weft_engine_new (&engine, error);
  if (run->engine == NULL)
    return false;
  run->run = weft_run_new (run->engine, plan->graph, &options, error);
  return run->run != NULL;
}

/* @graph: (transfer full) */
static bool
make (WeftHostRun *run, const WeftServerRequest *request, WeftGraph *graph, const char *folder,
      GError **error)
{
  const char *name = weft_server_request_get_text (request, "name");
  WeftRunArguments arguments;
  WeftPlan plan = { 0 };
  bool good;

  run->name = g_strdup (name != NULL ? name : weft_graph_name (graph));
  if (!read_arguments (request, &arguments, error))
    {
      weft_graph_unref (graph);
      return false;
    }
  good = _weft_cli_plan_graph (&arguments, graph, &plan, error);
  if (good)
    {
      run->graph = weft_graph_ref (plan.graph);
      run->registry = weft_op_registry_ref (plan.registry);
      run->is_open = weft_server_request_get_flag (request, "keep");
      run->path = weft_run_file_make (folder, run->name, error);
      good = run->path != NULL && make_run (run, &arguments, &plan, error);
    }
  _weft_cli_plan_clear (&plan);
  return good;
}

WeftHostRun *
_weft_cli_host_run_new (const WeftServerRequest *request, const char *folder,
                        WeftServerRefusal *code, GError **error)
{
  GError *why = NULL;
  WeftGraph *graph = read_graph (request, &why);
  WeftHostRun *run = g_new0 (WeftHostRun, 1);

  g_atomic_ref_count_init (&run->n_refs);
  g_mutex_init (&run->lock);
  g_rw_lock_init (&run->alive);
  if (graph != NULL && make (run, request, graph, folder, &why))
    return run;
  *code = _weft_cli_status_of (why) == WEFT_EXIT_INPUT ? WEFT_SERVER_REFUSE_REQUEST
                                                       : WEFT_SERVER_REFUSE_FAILED;
  g_propagate_error (error, why);
  _weft_cli_host_run_unref (run);
  return NULL;
}

WeftHostRun *
_weft_cli_host_run_ref (WeftHostRun *run)
{
  g_atomic_ref_count_inc (&run->n_refs);
  return run;
}

/* Its run before its engine. */
static void
let_go (WeftHostRun *run)
{
  if (run->run != NULL)
    weft_run_unref (g_steal_pointer (&run->run));
  if (run->engine != NULL)
    weft_engine_free (g_steal_pointer (&run->engine));
}

void
_weft_cli_host_run_unref (WeftHostRun *run)
{
  if (!g_atomic_ref_count_dec (&run->n_refs))
    return;
  let_go (run);
  if (run->graph != NULL)
    weft_graph_unref (run->graph);
  if (run->registry != NULL)
    weft_op_registry_unref (run->registry);
  g_mutex_clear (&run->lock);
  g_rw_lock_clear (&run->alive);
  g_free (run->name);
  g_free (run->path);
  g_free (run);
}

/* ---- how it stands --------------------------------------------------------------------------- */

static uint32_t
what_it_can (const WeftHostRun *run, WeftRunPhase phase)
{
  if (run->run == NULL)
    return 0;
  if (phase >= WEFT_RUN_DONE)
    return WEFT_SERVER_CAN (WEFT_SERVER_RESULT);
  if (!run->started)
    return WEFT_SERVER_CAN (WEFT_SERVER_START) | WEFT_SERVER_CAN (WEFT_SERVER_CANCEL)
           | WEFT_SERVER_CAN (WEFT_SERVER_BREAK) | WEFT_SERVER_CAN (WEFT_SERVER_SET);
  return WEFT_HOST_CONTROLS | WEFT_SERVER_CAN (WEFT_SERVER_RESULT)
         | (run->is_open ? WEFT_SERVER_CAN (WEFT_SERVER_EXTEND) : 0);
}

void
_weft_cli_host_run_describe (WeftHostRun *run, WeftServedRun *served)
{
  *served = (WeftServedRun){ .id = run->id,
                             .name = run->name,
                             .path = run->path,
                             .phase = WEFT_RUN_PREPARED,
                             .n_tasks = weft_graph_arrays (run->graph)->n_tasks };
  g_rw_lock_reader_lock (&run->alive);
  g_mutex_lock (&run->lock);
  if (run->run != NULL)
    {
      weft_run_progress (run->run, &run->progress);
      run->phase = weft_run_phase (run->run);
    }
  served->phase = run->started ? run->phase : WEFT_RUN_PREPARED;
  /* over only once its file is */
  if (served->phase >= WEFT_RUN_DONE && run->ended_wall_ns == 0)
    served->phase = WEFT_RUN_RUNNING;
  served->begun_wall_ns = run->begun_wall_ns;
  served->ended_wall_ns = run->ended_wall_ns;
  served->n_tasks = MAX (served->n_tasks, run->progress.n_tasks);
  served->n_done = run->progress.n_done;
  served->n_running = run->progress.n_running;
  served->n_failed = run->progress.n_erred;
  served->can = what_it_can (run, served->phase);
  g_mutex_unlock (&run->lock);
  g_rw_lock_reader_unlock (&run->alive);
}

bool
_weft_cli_host_run_start (WeftHostRun *run)
{
  bool good;

  g_mutex_lock (&run->lock);
  good = !run->started && run->run != NULL;
  if (good)
    {
      run->started = true;
      run->begun_wall_ns = g_get_real_time () * 1000;
      weft_run_start (run->run);
    }
  g_mutex_unlock (&run->lock);
  return good;
}

void
_weft_cli_host_run_cancel (WeftHostRun *run)
{
  g_rw_lock_reader_lock (&run->alive);
  if (run->run != NULL)
    weft_run_cancel (run->run);
  g_rw_lock_reader_unlock (&run->alive);
}

bool
_weft_cli_host_run_wait (WeftHostRun *run, int64_t ns, GError **error)
{
  if (!weft_run_wait (run->run, ns)) /* it is let go after its end only */
    return false;
  weft_recorder_close (weft_run_recorder (run->run), NULL, error);
  g_mutex_lock (&run->lock);
  run->ended_wall_ns = g_get_real_time () * 1000;
  g_mutex_unlock (&run->lock);
  return true;
}

void
_weft_cli_host_run_forget (WeftHostRun *run)
{
  g_rw_lock_writer_lock (&run->alive);
  let_go (run);
  g_rw_lock_writer_unlock (&run->alive);
}

/* ---- commands -------------------------------------------------------------------------------- */

static void
refuse (WeftServerRequest *request, WeftServerRefusal code, GError *error)
{
  weft_server_refuse (request, code, error->message, NULL);
  g_error_free (error);
}

/* As `weftline run --control` takes it. (transfer full) (nullable): the request has not what it
 * needs */
static char *
line_of_break (const WeftServerRequest *request)
{
  const char *key = weft_server_request_get_text (request, "key");
  const char *group = weft_server_request_get_text (request, "group");
  bool clear = weft_server_request_get_flag (request, "clear");
  g_autofree char *name = NULL;
  int64_t n_bytes;

  if (group != NULL || key != NULL)
    name = _weft_cli_control_escape (group != NULL ? group : key);
  if (group != NULL)
    return g_strdup_printf ("%s %s", clear ? "clear-break-at-group" : "break-at-group", name);
  if (key != NULL)
    return g_strdup_printf ("%s %s", clear ? "clear-break-at" : "break-at", name);
  if (weft_server_request_get_number (request, "bytes", &n_bytes))
    return g_strdup_printf ("break-above %" PRId64, clear ? 0 : n_bytes);
  if (weft_server_request_get_flag (request, "error"))
    return g_strdup_printf ("break-on-error %s", clear ? "off" : "on");
  return clear ? g_strdup ("clear-breaks") : NULL;
}

static char *
line_of (const WeftServerRequest *request)
{
  const char *group;
  g_autofree char *name = NULL;

  switch ((int) weft_server_request_get_verb (request))
    {
    case WEFT_SERVER_PAUSE:
      return g_strdup ("pause");
    case WEFT_SERVER_RESUME:
      return g_strdup ("resume");
    case WEFT_SERVER_STEP:
      return g_strdup ("step");
    case WEFT_SERVER_STEP_GROUP:
      group = weft_server_request_get_text (request, "group");
      name = group != NULL ? _weft_cli_control_escape (group) : NULL;
      return name != NULL ? g_strdup_printf ("step-group %s", name) : NULL;
    case WEFT_SERVER_BREAK:
      return line_of_break (request);
    default:
      return NULL;
    }
}

static bool
apply (WeftHostRun *run, const char *line, GError **error)
{
  WeftControlTarget target = { run->engine, run->run, false };
  WeftOrder order;
  bool good;

  if (!_weft_cli_control_understand (line, strlen (line), &order, error))
    return false;
  good = _weft_cli_control_apply (&target, &order, error);
  _weft_cli_order_clear (&order);
  return good;
}

/* All that are given; those before one that cannot be stay as they were set. */
static bool
set (WeftHostRun *run, const WeftServerRequest *request, GError **error)
{
  static const struct
  {
    const char *member, *command, *unit;
  } settings[] = {
    { "workers", "workers", "" },
    { "memory_limit", "memory-limit", "" },
    { "delay_ns", "slow-motion", "ns" },
  };
  bool good = true;
  int64_t value;

  for (unsigned i = 0; i < G_N_ELEMENTS (settings) && good; i++)
    if (weft_server_request_get_number (request, settings[i].member, &value))
      {
        g_autofree char *line =
            g_strdup_printf ("%s %" PRId64 "%s", settings[i].command, value, settings[i].unit);

        good = apply (run, line, error);
      }
  return good;
}

static void
command (WeftHostRun *run, WeftServerRequest *request)
{
  g_autofree char *line = line_of (request);
  GError *error = NULL;
  bool good;

  if (weft_server_request_get_verb (request) == WEFT_SERVER_SET)
    good = set (run, request, &error);
  else if (line != NULL)
    good = apply (run, line, &error);
  else
    {
      weft_server_refuse (request, WEFT_SERVER_REFUSE_REQUEST,
                          "one of “key”, “group”, “bytes” and “error” was expected", NULL);
      return;
    }
  if (good)
    weft_server_answer (request, NULL, NULL);
  else
    refuse (request, WEFT_SERVER_REFUSE_STATE, error);
}

/* ---- more of it ------------------------------------------------------------------------------ */

static WeftGraph *
read_segment (WeftHostRun *run, const WeftServerRequest *request, GError **error)
{
  WeftGraph *graph = read_graph (request, error), *better;
  WeftPassOps ops;
  const WeftPassOptions options = { .ops = &ops, .fuse_width = 1 };

  if (graph == NULL)
    return NULL;
  _weft_cli_pass_ops (run->registry, &ops);
  better = weft_optimize (graph, NULL, &options, NULL, NULL, error);
  weft_graph_unref (graph);
  return better;
}

static bool
has_graph (const WeftServerRequest *request)
{
  return weft_server_request_get_bytes (request) != NULL
         || weft_server_request_get_text (request, "path") != NULL;
}

static void
extend (WeftHostRun *run, WeftServerRequest *request)
{
  uint32_t segment = WEFT_NONE;
  g_autofree char *json = NULL;
  GError *error = NULL;

  if (has_graph (request))
    {
      WeftGraph *graph = read_segment (run, request, &error);

      if (graph != NULL)
        {
          segment = weft_run_extend (run->run, graph, NULL, &error);
          weft_graph_unref (graph);
        }
      if (segment == WEFT_NONE)
        {
          refuse (request, WEFT_SERVER_REFUSE_REQUEST, error);
          return;
        }
      json = g_strdup_printf ("{\"segment\": %u}", segment);
    }
  if (!weft_server_request_get_flag (request, "keep"))
    weft_run_close (run->run);
  weft_server_answer (request, json, NULL);
}

/* ---- results --------------------------------------------------------------------------------- */

static void
refuse_result (WeftHostRun *run, WeftServerRequest *request, uint32_t task, const char *key)
{
  g_autofree char *near = weft_graph_suggest (run->graph, key);
  g_autofree char *message = NULL, *mend = NULL;

  if (task == WEFT_NONE)
    {
      message = g_strdup_printf ("there is no task “%s” in “%s”", key, run->name);
      mend = near != NULL ? g_strdup_printf ("did you mean “%s”?", near) : NULL;
      weft_server_refuse (request, WEFT_SERVER_REFUSE_NO_SUCH_KEY, message, mend);
      return;
    }
  message = g_strdup_printf (weft_run_phase (run->run) < WEFT_RUN_DONE
                                 ? "“%s” has no result that is kept yet"
                                 : "the result of “%s” is not there any more",
                             key);
  weft_server_refuse (request, WEFT_SERVER_REFUSE_STATE, message,
                      "only the graph’s “outputs” are kept once their readers are done");
}

/* Of the newest segment that has such a task. */
static uint32_t
find_task (WeftHostRun *run, const char *key, uint32_t *segment)
{
  uint32_t task = WEFT_NONE;

  for (uint32_t i = weft_run_n_segments (run->run); i > 0 && task == WEFT_NONE; i--)
    {
      WeftGraph *graph = weft_run_segment (run->run, i - 1);

      *segment = i - 1;
      task = weft_graph_find (graph, key, -1);
      weft_graph_unref (graph);
    }
  return task;
}

static void
result (WeftHostRun *run, WeftServerRequest *request)
{
  const char *key = weft_server_request_get_text (request, "key");
  WeftValue value = WEFT_VALUE_INIT;
  uint32_t segment = 0, task = find_task (run, key, &segment);

  if (task == WEFT_NONE || !weft_run_result (run->run, segment, task, 0, &value))
    {
      refuse_result (run, request, task, key);
      return;
    }
  weft_server_answer_value (request, &value);
  weft_value_clear (&value);
}

/* Breakpoints and settings can be made while the run is held. */
static bool
wants_it_started (const WeftServerRequest *request)
{
  WeftServerVerb verb = weft_server_request_get_verb (request);

  return verb != WEFT_SERVER_BREAK && verb != WEFT_SERVER_SET;
}

void
_weft_cli_host_run_do (WeftHostRun *run, WeftServerRequest *request)
{
  bool started;

  g_mutex_lock (&run->lock);
  started = run->started;
  g_mutex_unlock (&run->lock);
  g_rw_lock_reader_lock (&run->alive);
  if (run->run == NULL)
    weft_server_refuse (request, WEFT_SERVER_REFUSE_STATE,
                        "the run is over, and what it made is not kept any more", NULL);
  else if (!started && wants_it_started (request))
    weft_server_refuse (request, WEFT_SERVER_REFUSE_STATE, "the run was not started yet",
                        "“start” starts it");
  else if (weft_server_request_get_verb (request) == WEFT_SERVER_RESULT)
    result (run, request);
  else if (weft_server_request_get_verb (request) == WEFT_SERVER_EXTEND)
    extend (run, request);
  else
    command (run, request);
  g_rw_lock_reader_unlock (&run->alive);
}
