/* call-op.h: operations without a scheduler, for tests
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A TestRun binds a graph and runs its tasks one after the other, in order, with the simplest
 * context that does all a context must: inputs are handed on, counted, stolen; what is logged is
 * kept. It is the least that a scheduler has to do, and everything a kernel may see.
 */
#pragma once

#include "test-support.h"

#include "graph/weft-graph-builder.h"
#include "graph/weft-graph-file.h"
#include "kernels/weft-binding-private.h"
#include "kernels/weft-task-private.h"

#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

typedef struct
{
  WeftTask base;
  WeftGraph *graph;
  const WeftGraphArrays *arrays;
  WeftBinding *bindings;
  WeftAccount *account;
  WeftValue *slots;    /* results */
  uint32_t *consumers; /* of each slot, wanted outputs counted */
  WeftValue *inputs;   /* of the running task */
  uint32_t n_inputs;
  uint32_t task;
  uint32_t attempt;
  _Atomic bool cancelled;
  int64_t deadline_ns;
  int cancel_fd;
  bool may_steal;
  uint32_t n_stolen;
  GString *log[3]; /* 1 and 2 */
  int64_t child_cpu_ns, child_rss_bytes;
  char *message; /* of the last failure */
  char *kind;
  char *detail;
} TestRun;

static inline const WeftBinding *
test_run_binding (WeftTask *task)
{
  TestRun *run = (TestRun *) task;

  return &run->bindings[run->arrays->call_of_task[run->task]];
}

static inline WeftValue *
test_run_inputs (WeftTask *task, uint32_t *n_inputs)
{
  *n_inputs = ((TestRun *) task)->n_inputs;
  return ((TestRun *) task)->inputs;
}

static inline uint32_t
test_run_attempt (WeftTask *task)
{
  return ((TestRun *) task)->attempt;
}

static inline size_t
test_run_key (WeftTask *task, char *buffer, size_t size)
{
  return weft_graph_key (((TestRun *) task)->graph, ((TestRun *) task)->task, buffer, size);
}

static inline void
test_run_hint (WeftTask *task, uint32_t output, int64_t *runtime_ns, uint64_t *output_bytes)
{
  TestRun *run = (TestRun *) task;
  const WeftGraphHints *hints = &run->arrays->hints;
  uint32_t slot = weft_graph_output_slot (run->arrays, run->task, output);

  *runtime_ns = hints->runtime_ns != NULL ? hints->runtime_ns[run->task] : -1;
  *output_bytes = hints->output_bytes != NULL ? hints->output_bytes[slot] : UINT64_MAX;
}

static inline bool
test_run_is_cancelled (WeftTask *task)
{
  return atomic_load_explicit (&((TestRun *) task)->cancelled, memory_order_relaxed);
}

static inline int64_t
test_run_deadline_ns (WeftTask *task)
{
  return ((TestRun *) task)->deadline_ns;
}

static inline int
test_run_cancel_fd (WeftTask *task)
{
  return ((TestRun *) task)->cancel_fd;
}

static inline uint32_t
test_run_input_slot (TestRun *run, uint32_t input)
{
  uint32_t edge = run->arrays->input_offsets[run->task] + input;
  uint32_t output = run->arrays->input_outputs != NULL ? run->arrays->input_outputs[edge] : 0;

  return weft_graph_output_slot (run->arrays, run->arrays->input_tasks[edge], output);
}

static inline bool
test_run_steal (WeftTask *task, uint32_t input)
{
  TestRun *run = (TestRun *) task;
  uint32_t slot = test_run_input_slot (run, input);

  if (!run->may_steal || run->consumers[slot] != 1)
    return false;
  run->consumers[slot] = 0;
  run->n_stolen++;
  return true;
}

static inline void
test_run_log (WeftTask *task, int stream, const char *bytes, size_t n_bytes)
{
  g_string_append_len (((TestRun *) task)->log[stream], bytes, (gssize) n_bytes);
}

static inline void
test_run_account_child (WeftTask *task, int64_t cpu_ns, int64_t max_rss_bytes, int64_t read_bytes,
                        int64_t written_bytes)
{
  ((TestRun *) task)->child_cpu_ns += cpu_ns;
  ((TestRun *) task)->child_rss_bytes = max_rss_bytes;
}

static const WeftTaskOps test_run_ops = {
  .binding = test_run_binding,
  .inputs = test_run_inputs,
  .attempt = test_run_attempt,
  .key = test_run_key,
  .hint = test_run_hint,
  .is_cancelled = test_run_is_cancelled,
  .deadline_ns = test_run_deadline_ns,
  .cancel_fd = test_run_cancel_fd,
  .steal = test_run_steal,
  .log = test_run_log,
  .account_child = test_run_account_child,
};

static inline uint32_t
test_run_slot_of (TestRun *run, uint32_t task, uint32_t output)
{
  return weft_graph_output_slot (run->arrays, task, output);
}

static inline void
test_run_count_consumers (TestRun *run)
{
  const WeftGraphArrays *arrays = run->arrays;

  for (run->task = 0; run->task < arrays->n_tasks; run->task++)
    for (uint32_t i = 0; i < weft_graph_n_inputs (arrays, run->task); i++)
      run->consumers[test_run_input_slot (run, i)]++;
  for (uint32_t i = 0; i < arrays->n_wanted; i++)
    run->consumers[test_run_slot_of (run, arrays->wanted[i].task, arrays->wanted[i].output)]++;
}

/* @graph: (transfer full). NULL with an error when it cannot be bound */
static inline TestRun *
test_run_new (WeftOpRegistry *registry, WeftGraph *graph, GError **error)
{
  WeftBinding *bindings = _weft_bind_graph (registry, graph, error);
  TestRun *run;

  if (bindings == NULL)
    {
      weft_graph_unref (graph);
      return NULL;
    }
  run = g_new0 (TestRun, 1);
  run->graph = graph;
  run->arrays = weft_graph_arrays (graph);
  run->bindings = bindings;
  run->account = weft_account_new (NULL);
  run->slots = g_new0 (WeftValue, weft_graph_n_slots (graph) + 1);
  run->consumers = g_new0 (uint32_t, weft_graph_n_slots (graph) + 1);
  run->attempt = 1;
  run->deadline_ns = INT64_MAX;
  run->cancel_fd = eventfd (0, EFD_CLOEXEC | EFD_NONBLOCK);
  run->may_steal = true;
  run->log[1] = g_string_new (NULL);
  run->log[2] = g_string_new (NULL);
  _weft_task_context_init (&run->base, &test_run_ops, run->account, 42, 0);
  test_run_count_consumers (run);
  return run;
}

/* Raises the cancel flag; any thread. */
static inline void
test_run_cancel (TestRun *run)
{
  uint64_t one = 1;

  atomic_store_explicit (&run->cancelled, true, memory_order_relaxed);
  g_assert_cmpint (write (run->cancel_fd, &one, sizeof one), ==, sizeof one);
}

static inline void
test_run_note_failure (TestRun *run)
{
  WeftTaskFailure *failure = _weft_task_failure (&run->base);

  g_clear_pointer (&run->message, g_free);
  g_clear_pointer (&run->kind, g_free);
  g_clear_pointer (&run->detail, g_free);
  if (failure == NULL)
    return;
  run->message = g_strdup (failure->message);
  run->kind = g_strdup (failure->kind);
  run->detail = g_strdup (failure->detail);
}

static inline void
test_run_release_inputs (TestRun *run)
{
  for (uint32_t i = 0; i < run->n_inputs; i++)
    {
      uint32_t slot = test_run_input_slot (run, i);

      /* 0: it was stolen, and the slot's bytes are stale */
      if (run->consumers[slot] == 0)
        run->slots[slot] = (WeftValue) WEFT_VALUE_INIT;
      else if (--run->consumers[slot] == 0)
        weft_value_clear (&run->slots[slot]);
    }
}

/* One task. On failure its inputs stay, so it can be tried again. */
static inline WeftStatus
test_run_task (TestRun *run, uint32_t task)
{
  const WeftBinding *binding;
  const WeftValue *args;
  uint32_t first_slot = test_run_slot_of (run, task, 0);
  WeftStatus status = WEFT_OK;
  uint32_t n_args;

  run->task = task;
  run->n_inputs = weft_graph_n_inputs (run->arrays, task);
  run->inputs = g_new0 (WeftValue, run->n_inputs + 1);
  for (uint32_t i = 0; i < run->n_inputs; i++)
    run->inputs[i] = run->slots[test_run_input_slot (run, i)];
  binding = test_run_binding (&run->base);
  args = _weft_binding_args (binding, run->inputs, &run->base, &n_args, &status);
  if (args != NULL || status == WEFT_OK)
    status = binding->op->kernel (&run->base, args, n_args, &run->slots[first_slot]);
  test_run_note_failure (run);
  if (args != NULL)
    _weft_binding_done (binding, args, &run->base);
  for (uint32_t k = 0; k < binding->n_outputs; k++)
    if (status == WEFT_OK)
      g_assert_cmpuint (run->slots[first_slot + k].type, !=, WEFT_TYPE_EMPTY);
    else
      weft_value_clear (&run->slots[first_slot + k]);
  if (status == WEFT_OK)
    test_run_release_inputs (run);
  _weft_task_context_reset (&run->base);
  g_clear_pointer (&run->inputs, g_free);
  return status;
}

/* All tasks, until one fails. */
static inline WeftStatus
test_run_all (TestRun *run)
{
  WeftStatus status = WEFT_OK;

  for (uint32_t task = 0; task < run->arrays->n_tasks && status == WEFT_OK; task++)
    status = test_run_task (run, task);
  return status;
}

/* The k-th wanted output; borrowed. */
static inline const WeftValue *
test_run_wanted (TestRun *run, uint32_t k)
{
  WeftTaskOutput wanted = run->arrays->wanted[k];

  return &run->slots[test_run_slot_of (run, wanted.task, wanted.output)];
}

/* Afterwards nothing is held any more. */
static inline void
test_run_free (TestRun *run)
{
  if (run == NULL)
    return;
  for (uint32_t i = 0; i < weft_graph_n_slots (run->graph); i++)
    weft_value_clear (&run->slots[i]);
  _weft_task_context_clear (&run->base);
  _weft_bindings_free (run->bindings, run->arrays->n_calls);
  weft_graph_unref (run->graph);
  g_assert_cmpint (weft_account_held_bytes (run->account), ==, 0);
  weft_account_unref (run->account);
  close (run->cancel_fd);
  g_string_free (run->log[1], TRUE);
  g_string_free (run->log[2], TRUE);
  g_free (run->message);
  g_free (run->kind);
  g_free (run->detail);
  g_free (run->slots);
  g_free (run->consumers);
  g_free (run);
}

/* A graph from the members of "tasks" in the native format. (transfer full) */
static inline WeftGraph *
test_graph (const char *tasks)
{
  g_autofree char *text = g_strdup_printf ("{\"weftline\": 1, \"tasks\": {%s}}", tasks);
  g_autoptr (GError) error = NULL;
  WeftGraph *graph =
      weft_graph_read_bytes (text, strlen (text), "test.json", WEFT_GRAPH_FORMAT_NATIVE, &error);

  g_assert_no_error (error);
  return graph;
}

/* Binds and runs tasks; fails the test unless they can be bound. (transfer full) */
static inline TestRun *
test_eval (const char *tasks, WeftStatus *status)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  g_autoptr (GError) error = NULL;
  TestRun *run = test_run_new (registry, test_graph (tasks), &error);

  g_assert_no_error (error);
  weft_op_registry_unref (registry);
  *status = test_run_all (run);
  return run;
}

/* The only wanted output of tasks, as JSON, or "! message" when one fails. (transfer full) */
static inline char *
test_eval_text (const char *tasks)
{
  WeftStatus status;
  TestRun *run = test_eval (tasks, &status);
  char *text = status == WEFT_OK ? weft_value_to_text (test_run_wanted (run, 0), true, 0)
                                 : g_strdup_printf ("! %s", run->message);

  test_run_free (run);
  return text;
}

/* One call without inputs: op ("add", "[1, 2]"). */
#define test_assert_op(op, args, expected)                                       \
  G_STMT_START                                                                   \
  {                                                                              \
    g_autofree char *tasks_ =                                                    \
        g_strdup_printf ("\"t\": {\"op\": \"%s\", \"args\": %s}", (op), (args)); \
    g_autofree char *text_ = test_eval_text (tasks_);                            \
    g_assert_cmpstr (text_, ==, (expected));                                     \
  }                                                                              \
  G_STMT_END

#define test_assert_tasks(tasks, expected)           \
  G_STMT_START                                       \
  {                                                  \
    g_autofree char *text_ = test_eval_text (tasks); \
    g_assert_cmpstr (text_, ==, (expected));         \
  }                                                  \
  G_STMT_END
