/* run.c: `weftline run`: runs a graph, shows its progress, prints its outputs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The main thread waits on five things: the run's end (told by a thread that waits for it), a
 * signal, a crash, commands, and the next moment to show progress. The first signal cancels; the
 * handler itself sees to a second.
 */
#include "cli/weft-cli-control-private.h"
#include "cli/weft-cli-run-private.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct
{
  const WeftRunArguments *arguments;
  WeftPlan plan;
  WeftEngine *engine;
  WeftRun *run;
  WeftControl *control; /* (nullable) */
  WeftTally *tally;
  WeftProgressView view;
  uint32_t n_stored; /* tasks whose results were looked at for keeping */
  bool keep_failed;
} Session;

/* ---- making it ------------------------------------------------------------------------------- */

static bool
make_engine (Session *session, GError **error)
{
  const WeftRunArguments *arguments = session->arguments;
  const WeftEngineOptions options = { .n_workers = arguments->n_workers,
                                      .pin = arguments->pin,
                                      .registry = session->plan.registry };
  GHashTableIter iter;
  void *name, *amount;

  session->engine = weft_engine_new (&options, error);
  if (session->engine == NULL)
    return false;
  g_hash_table_iter_init (&iter, arguments->resources);
  while (g_hash_table_iter_next (&iter, &name, &amount))
    weft_engine_set_resource (session->engine, name, *(const double *) amount);
  return true;
}

static void
append_lines (GString *json, char **lines)
{
  for (char **line = lines; line != NULL && *line != NULL; line++)
    {
      if (json->str[json->len - 1] != '[')
        g_string_append (json, ", ");
      _weft_cli_json_string (json, *line);
    }
}

/* What the run does not have from its graph; run-file.md has the members. */
static void
append_notes (GString *json, const WeftRunArguments *arguments, const WeftPlan *plan)
{
  if (plan->notes[0] != NULL || arguments->notes != NULL)
    {
      g_string_append (json, ", \"notes\": [");
      append_lines (json, plan->notes);
      append_lines (json, arguments->notes);
      g_string_append_c (json, ']');
    }
  if (plan->replay.n_without_time > 0)
    g_string_append_printf (
        json, ", \"replay\": {\"tasks\": %u, \"without_time\": %u, \"stand_in_ns\": %" PRId64 "}",
        plan->replay.n_replayed, plan->replay.n_without_time, arguments->replay.default_ns);
}

static char *
meta_json (const WeftRunArguments *arguments, const WeftPlan *plan)
{
  GString *json = g_string_new ("{\"program\": \"weftline run\", \"graph\": ");

  _weft_cli_json_string (json, arguments->file);
  g_string_append_printf (json, ", \"seed\": %" PRIu64, arguments->seed);
  if (arguments->keep != NULL)
    {
      g_autofree char *path = g_canonicalize_filename (arguments->keep, NULL);

      g_string_append (json, ", \"keep\": ");
      _weft_cli_json_string (json, path);
    }
  if (plan->recipes != NULL)
    {
      g_autofree char *recipes = _weft_cli_recipes_text (
          plan->recipes, weft_graph_arrays (plan->graph)->n_tasks, plan->made);

      g_string_append (json, ", \"makes\": ");
      _weft_cli_json_string (json, recipes);
    }
  append_notes (json, arguments, plan);
  g_string_append_c (json, '}');
  return g_string_free (json, FALSE);
}

static bool
make_run (Session *session, GError **error)
{
  const WeftRunArguments *arguments = session->arguments;
  g_autofree char *meta = meta_json (arguments, &session->plan);
  const WeftRunOptions options = {
    .name = weft_graph_name (session->plan.graph),
    .seed = arguments->seed,
    .on_error = arguments->on_error,
    .memory_limit_bytes = arguments->memory_limit_bytes,
    .records = true,
    .recorder = { .path = arguments->trace,
                  .buffer_bytes = arguments->trace_buffer_bytes,
                  .drop = arguments->trace_drop,
                  .sample_process = arguments->trace != NULL,
                  .discard = arguments->trace == NULL,
                  .meta_json = meta },
    .start_paused = arguments->start_paused,
  };

  session->run = weft_run_new (session->engine, session->plan.graph, &options, error);
  if (session->run == NULL)
    return false;
  session->tally = _weft_cli_tally_new (session->plan.graph, session->plan.registry);
  weft_recorder_add_observer (weft_run_recorder (session->run), _weft_cli_tally_observe,
                              session->tally);
  if (arguments->control < 0)
    return true;
  session->control =
      _weft_cli_control_new (arguments->control, session->engine, session->run, error);
  return session->control != NULL;
}

static void
make_view (Session *session)
{
  WeftClockMap map;

  weft_clock_calibrate (&map);
  session->view = (WeftProgressView){
    .style = session->arguments->progress,
    .run = session->run,
    .tally = session->tally,
    .n_workers = weft_engine_n_workers (session->engine),
    .hint_scale = 1 / session->arguments->replay.speed,
    .ns_per_tick = 1e9 / (double) map.ticks_per_second,
    .colour = g_getenv ("NO_COLOR") == NULL,
  };
}

/* ---- kept results ---------------------------------------------------------------------------- */

static bool
store_value (const WeftPlan *plan, uint32_t task, const WeftValue *value, GError **error)
{
  bool ran = plan->reused == NULL || plan->reused[task] == WEFT_REUSED_NOT;
  bool made = ran && plan->recipes != NULL && !_weft_cli_fingerprint_is_empty (plan->recipes[task]);

  if (weft_value_type (value) == WEFT_TYPE_ERROR)
    return true;
  if (made)
    {
      WeftTaskFiles *files = _weft_cli_task_files (plan->graph, plan->registry, task);
      bool noted = _weft_cli_keep_note_made (plan->keep, plan->recipes[task], files, error);

      _weft_cli_task_files_free (files);
      if (!noted)
        return false;
    }
  /* of files that were there already it is known that they are, but not what was returned */
  if (plan->reused != NULL && plan->reused[task] == WEFT_REUSED_FILES)
    return true;
  return _weft_cli_keep_store (plan->keep, plan->prints[task], value,
                               ran || plan->reused[task] == WEFT_REUSED_RENEWED, error);
}

static void
store_one (Session *session, uint32_t task)
{
  g_autoptr (GError) error = NULL;
  WeftValue value = WEFT_VALUE_INIT;
  const WeftGraphArrays *arrays = weft_graph_arrays (session->plan.graph);

  if (arrays->calls[arrays->call_of_task[task]].n_outputs != 1
      || !weft_run_result (session->run, 0, task, 0, &value))
    return;
  if (!store_value (&session->plan, task, &value, &error) && !session->keep_failed)
    {
      session->keep_failed = true;
      _weft_cli_say ("a result could not be kept: %s", error->message);
    }
  weft_value_clear (&value);
}

/* Stores what has ended, in the order of ids, up to the first task that has not; at the end
 * everything. */
static void
store_results (Session *session, bool last)
{
  uint32_t n_tasks = weft_graph_arrays (session->plan.graph)->n_tasks;

  if (session->plan.keep == NULL)
    return;
  for (; session->n_stored < n_tasks; session->n_stored++)
    {
      bool ended;

      pthread_mutex_lock (&session->tally->lock);
      ended = session->tally->ended[session->n_stored] != 0;
      pthread_mutex_unlock (&session->tally->lock);
      if (!ended && !last)
        return;
      if (ended)
        store_one (session, session->n_stored);
    }
}

/* ---- while it runs --------------------------------------------------------------------------- */

typedef struct
{
  WeftRun *run;
  int fd;
} Waiter;

static void *
wait_thread (void *data)
{
  const Waiter *waiter = data;
  uint64_t one = 1;
  ssize_t n;

  weft_run_wait (waiter->run, -1);
  do
    n = write (waiter->fd, &one, sizeof one);
  while (n < 0 && errno == EINTR);
  return NULL;
}

static void
heed_signal (Session *session)
{
  weft_run_cancel (session->run);
  if (session->view.style != WEFT_PROGRESS_NONE)
    _weft_cli_say ("cancelling; once more ends at once");
  session->view.n_lines = 0;
}

static void
attend (Session *session, int ended_fd, int signal_fd, int crash_fd)
{
  struct pollfd fds[3 + WEFT_CONTROL_N_FDS] = { { .fd = ended_fd, .events = POLLIN },
                                                { .fd = signal_fd, .events = POLLIN },
                                                { .fd = crash_fd, .events = POLLIN } };
  int interval_ms = _weft_cli_progress_interval_ms (&session->view);

  if (session->plan.keep != NULL && interval_ms < 0)
    interval_ms = 500;
  while (true)
    {
      _weft_cli_control_poll (session->control, fds + 3);
      if (poll (fds, G_N_ELEMENTS (fds), interval_ms) <= 0)
        for (size_t i = 0; i < G_N_ELEMENTS (fds); i++)
          fds[i].revents = 0;
      if ((fds[0].revents & POLLIN) != 0)
        return;
      if ((fds[2].revents & POLLIN) != 0)
        _weft_cli_note_crash (session->run, session->plan.graph);
      if ((fds[1].revents & POLLIN) != 0)
        {
          heed_signal (session);
          fds[1].fd = -1;
        }
      _weft_cli_control_serve (session->control, fds + 3);
      session->view.n_workers = weft_engine_n_workers (session->engine);
      _weft_cli_progress_update (&session->view, false);
      store_results (session, false);
    }
}

static bool
run_to_the_end (Session *session, GError **error)
{
  Waiter waiter = { session->run, eventfd (0, EFD_CLOEXEC) };
  int signal_fd = _weft_cli_catch_signals (), crash_fd = _weft_cli_catch_crashes ();
  pthread_t thread;
  int code = waiter.fd < 0 || signal_fd < 0 || crash_fd < 0 ? errno : 0;

  if (code == 0)
    code = pthread_create (&thread, NULL, wait_thread, &waiter);
  if (code == 0)
    {
      _weft_cli_control_prepare (session->control);
      weft_run_start (session->run);
      _weft_cli_control_begin (session->control);
      attend (session, waiter.fd, signal_fd, crash_fd);
      pthread_join (thread, NULL);
    }
  else
    g_set_error (error, WEFT_ENGINE_ERROR, WEFT_ENGINE_ERROR_SYSTEM, "cannot run: %s",
                 g_strerror (code));
  _weft_cli_control_end (g_steal_pointer (&session->control));
  if (waiter.fd >= 0)
    close (waiter.fd);
  return code == 0;
}

/* ---- before and after ------------------------------------------------------------------------ */

static void
note_reused (const Session *session)
{
  const uint8_t *reused = session->plan.reused;
  WeftRecord record;

  for (uint32_t i = 0; reused != NULL && i < weft_graph_arrays (session->plan.graph)->n_tasks; i++)
    if (reused[i])
      {
        weft_record_set (&record, WEFT_RECORD_REUSED, 0, 0, i, 0,
                         weft_clock_ticks (weft_clock_source ()), 0, 0);
        weft_recorder_note (weft_run_recorder (session->run), &record);
      }
}

/* Reused tasks that others need are still there, as constants. */
static uint32_t
n_to_run (const WeftPlan *plan)
{
  uint32_t n_tasks = weft_graph_arrays (plan->graph)->n_tasks, n = 0;

  for (uint32_t i = 0; i < n_tasks; i++)
    n += plan->reused == NULL || !plan->reused[i];
  return n;
}

static void
say_plan (const Session *session)
{
  const WeftPlan *plan = &session->plan;
  g_autofree char *stand_in = _weft_cli_time_text (session->arguments->replay.default_ns);

  if (plan->replay.n_without_time > 0)
    _weft_cli_say ("times: %u of %u tasks had no recorded runtime; %s each stand in "
                   "(--replay-default)",
                   plan->replay.n_without_time, plan->replay.n_replayed, stand_in);
  if (session->arguments->resume != NULL && session->arguments->progress != WEFT_PROGRESS_NONE)
    _weft_cli_say ("resume: %u tasks reused (%u of them by their files), %u to run",
                   plan->resume.n_reused, plan->resume.n_by_files, n_to_run (plan));
}

static int
exit_status (Session *session)
{
  switch ((int) weft_run_phase (session->run))
    {
    case WEFT_RUN_DONE:
      return WEFT_EXIT_DONE;
    case WEFT_RUN_CANCELLED:
      return WEFT_EXIT_CANCELLED;
    default:
      return WEFT_EXIT_FAILED;
    }
}

/* Buffers that stand in for recorded results say nothing, unless asked for; of tasks whose files
 * are there it is not known what they returned. (transfer full) (array) */
static uint8_t *
silent_tasks (const Session *session)
{
  const WeftPlan *plan = &session->plan;
  const WeftGraphArrays *arrays = weft_graph_arrays (plan->graph);
  bool replay = plan->replay.n_replayed > 0 && session->arguments->outputs == NULL;
  uint8_t *silent = g_malloc0 (MAX (arrays->n_tasks, 1));

  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    silent[task] = (replay && g_strcmp0 (weft_graph_op_name (plan->graph, task), "replay") == 0)
                   || (plan->reused != NULL && plan->reused[task] == WEFT_REUSED_FILES);
  return silent;
}

static void
print_outputs (Session *session)
{
  const WeftPlan *plan = &session->plan;
  g_autofree uint8_t *silent = silent_tasks (session);

  _weft_cli_print_outputs (session->run, plan->graph, plan->outputs, plan->n_outputs, silent,
                           session->arguments->json);
}

static int
conclude (Session *session)
{
  const WeftRunArguments *arguments = session->arguments;
  const WeftSummary summary = { .run = session->run,
                                .graph = session->plan.graph,
                                .tally = session->tally,
                                .ns_per_tick = session->view.ns_per_tick,
                                .n_workers = session->view.n_workers,
                                .n_reused = session->plan.resume.n_reused,
                                .reused = session->plan.reused,
                                .trace = arguments->trace };
  GError *error = NULL;
  int status = exit_status (session);

  store_results (session, true);
  _weft_cli_progress_update (&session->view, true);
  _weft_cli_say_failures (&summary);
  if (session->view.style != WEFT_PROGRESS_NONE)
    _weft_cli_print_summary (&summary);
  if (status != WEFT_EXIT_CANCELLED)
    print_outputs (session);
  if (!weft_recorder_close (weft_run_recorder (session->run), NULL, &error))
    {
      int recording = _weft_cli_report (error);

      return status == WEFT_EXIT_DONE ? recording : status;
    }
  return status == WEFT_EXIT_DONE && session->keep_failed ? WEFT_EXIT_SYSTEM : status;
}

/* What the run writes does not take the place of what it reads. */
static bool
spare_graph (const WeftRunArguments *arguments, GError **error)
{
  return _weft_cli_spare (arguments->file, "graph", "--trace", arguments->trace, error)
         && _weft_cli_spare (arguments->file, "graph", "--keep", arguments->keep, error);
}

static int
run_session (Session *session)
{
  GError *error = NULL;

  if (!spare_graph (session->arguments, &error)
      || (session->arguments->control >= 0
          && !_weft_cli_control_check (session->arguments->control, &error))
      || !_weft_cli_plan (session->arguments, &session->plan, &error)
      || !make_engine (session, &error) || !make_run (session, &error))
    return _weft_cli_report (error);
  make_view (session);
  say_plan (session);
  note_reused (session);
  if (!run_to_the_end (session, &error))
    return _weft_cli_report (error);
  return conclude (session);
}

int
_weft_cli_run (int argc, char **argv)
{
  WeftRunArguments arguments;
  Session session = { .arguments = &arguments };
  int status;

  if (!_weft_cli_run_arguments (argc, argv, &arguments, &status))
    return status;
  status = run_session (&session);
  if (session.run != NULL)
    weft_run_unref (session.run);
  if (session.engine != NULL)
    weft_engine_free (session.engine);
  _weft_cli_progress_clear (&session.view);
  _weft_cli_tally_free (session.tally);
  _weft_cli_plan_clear (&session.plan);
  _weft_cli_run_arguments_clear (&arguments);
  return status;
}
