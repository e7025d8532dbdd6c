/* blocks.c: an example program that runs a graph of its own C functions
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Build and run it:
 *
 *   cc blocks.c -o blocks $(pkg-config --cflags --libs weftline-1)
 *   ./blocks 1000000
 *
 * It counts the primes below a bound, block by block, and adds the counts up as a tree: two
 * functions of this program become operations, the graph names them, and the engine runs it on all
 * cores.
 */
#include <weft.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define BLOCK 4096

/* ---- the program's own operations ------------------------------------------------------------ */

static bool
is_prime (int64_t n)
{
  for (int64_t d = 2; d * d <= n; d++)
    if (n % d == 0)
      return false;
  return n >= 2;
}

/* count_primes (from, to) */
static WeftStatus
count_primes (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t n = 0;

  for (int64_t i = args[0].u.i; i < args[1].u.i; i++)
    n += is_prime (i);
  weft_value_set_int64 (results, n);
  return weft_task_is_cancelled (task) ? WEFT_CANCELLED : WEFT_OK;
}

/* add_counts (*counts) */
static WeftStatus
add_counts (WeftTask *task, const WeftValue *args, uint32_t n_args, WeftValue *results)
{
  int64_t n = 0;

  for (uint32_t i = 0; i < n_args; i++)
    n += args[i].u.i;
  weft_value_set_int64 (results, n);
  return WEFT_OK;
}

#define INTEGER WEFT_ACCEPT (WEFT_TYPE_INT64)

static const WeftOpParam range_params[] = {
  { .name = "from", .accepts = INTEGER, .required = true, .doc = "first number" },
  { .name = "to", .accepts = INTEGER, .required = true, .doc = "one behind the last" },
};
static const WeftOpParam count_params[] = {
  { .name = "counts", .accepts = INTEGER, .doc = "what to add" },
};

static const WeftOp ops[] = {
  { .name = "blocks.count_primes",
    .version = 1,
    .doc = "how many primes there are in a range",
    .params = range_params,
    .n_params = 2,
    .n_outputs = 1,
    .flags = WEFT_OP_PURE,
    .kernel = count_primes },
  { .name = "blocks.add",
    .version = 1,
    .doc = "the sum of counts",
    .params = count_params,
    .n_params = 1,
    .variadic = true,
    .n_outputs = 1,
    .flags = WEFT_OP_PURE,
    .kernel = add_counts },
};

/* ---- the graph ------------------------------------------------------------------------------- */

/* One task for the numbers from … to, keyed by its block. */
static WeftTaskOutput
add_block (WeftGraphBuilder *builder, uint32_t block, int64_t from, int64_t to)
{
  g_autofree char *key = g_strdup_printf ("count-%u", block);
  uint32_t call;

  weft_graph_builder_begin_call (builder, "blocks.count_primes", 0, 1);
  weft_graph_builder_arg_int64 (builder, from);
  weft_graph_builder_arg_int64 (builder, to);
  call = weft_graph_builder_end_call (builder);
  return (WeftTaskOutput){ weft_graph_builder_add_task (builder, key, -1, call, NULL, 0), 0 };
}

/* One task that adds up to eight results. Equal calls are one, however many tasks use them. */
static WeftTaskOutput
add_sum (WeftGraphBuilder *builder, uint32_t level, uint32_t number, const WeftTaskOutput *inputs,
         uint32_t n_inputs)
{
  g_autofree char *key = g_strdup_printf ("sum-%u-%u", level, number);
  uint32_t call;

  weft_graph_builder_begin_call (builder, "blocks.add", 0, 1);
  weft_graph_builder_arg_slots (builder, 0, n_inputs);
  call = weft_graph_builder_end_call (builder);
  return (WeftTaskOutput){ weft_graph_builder_add_task (builder, key, -1, call, inputs, n_inputs),
                           0 };
}

static WeftGraph *
build (int64_t bound, GError **error)
{
  WeftGraphBuilder *builder = weft_graph_builder_new ();
  uint32_t n = (uint32_t) MAX (1, (bound + BLOCK - 1) / BLOCK);
  g_autofree WeftTaskOutput *level = g_new (WeftTaskOutput, n);
  WeftGraph *graph;

  weft_graph_builder_set_name (builder, "primes, block by block");
  for (uint32_t i = 0; i < n; i++)
    level[i] = add_block (builder, i, (int64_t) i * BLOCK, MIN (bound, (int64_t) (i + 1) * BLOCK));
  for (uint32_t depth = 0; n > 1; depth++, n = (n + 7) / 8)
    for (uint32_t i = 0; i < (n + 7) / 8; i++)
      level[i] = add_sum (builder, depth, i, &level[i * 8], MIN (8, n - i * 8));
  weft_graph_builder_want (builder, level[0].task, level[0].output);
  graph = weft_graph_builder_freeze (builder, NULL, error);
  weft_graph_builder_free (builder);
  return graph;
}

/* ---- running it ------------------------------------------------------------------------------ */

static bool
run_graph (WeftEngine *engine, WeftGraph *graph, int64_t *n_primes, GError **error)
{
  const WeftTaskOutput *wanted = weft_graph_arrays (graph)->wanted;
  WeftRunOptions options = { .name = "primes" };
  WeftRun *run = weft_run_new (engine, graph, &options, error);
  WeftValue result;
  bool ok;

  if (run == NULL)
    return false;
  weft_run_start (run);
  weft_run_wait (run, -1);
  ok = !weft_run_error (run, error)
       && weft_run_result (run, 0, wanted->task, wanted->output, &result);
  if (ok)
    {
      *n_primes = result.u.i;
      weft_value_unref (&result);
    }
  weft_run_unref (run);
  return ok;
}

static bool
count (int64_t bound, int64_t *n_primes, GError **error)
{
  WeftOpRegistry *registry = weft_op_registry_new ();
  WeftEngineOptions options = { .registry = registry };
  WeftEngine *engine = NULL;
  WeftGraph *graph = NULL;
  bool ok;

  ok = weft_op_registry_add (registry, ops, G_N_ELEMENTS (ops), error)
       && (engine = weft_engine_new (&options, error)) != NULL
       && (graph = build (bound, error)) != NULL && run_graph (engine, graph, n_primes, error);
  if (graph != NULL)
    weft_graph_unref (graph);
  if (engine != NULL)
    weft_engine_free (engine);
  weft_op_registry_unref (registry);
  return ok;
}

int
main (int argc, char **argv)
{
  int64_t bound = argc > 1 ? g_ascii_strtoll (argv[1], NULL, 10) : 1000000;
  int64_t n_primes;
  GError *error = NULL;

  if (!count (bound, &n_primes, &error))
    {
      fprintf (stderr, "blocks: %s\n", error != NULL ? error->message : "no result");
      g_clear_error (&error);
      return 1;
    }
  printf ("%" PRId64 " primes below %" PRId64 "\n", n_primes, bound);
  return 0;
}
