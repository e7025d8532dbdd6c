/* bench.c: `weftline bench`: what a task costs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A table for people, or (--driver) lines for tests/perf/peers/table.py, which puts this scheduler
 * beside others. Rounds are interleaved: in each round every variant runs once, so that what else
 * the machine does falls on all of them. Cold runs are the first of a fresh process.
 */
#include "cli/weft-cli-bench-private.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define N_VALUES 2
#define MAX_ROUNDS 1001
#define MEMORY_STEPS 20000

static const char *const records_words[] = { "off", "memory", "file", NULL };
static const char *const values_words[] = { "int", "heap", NULL };

typedef struct
{
  WeftBench *bench;
  const char *shape;
  uint32_t size;
  uint32_t n_rounds;
  int records, values; /* -1: all */
} Table;

typedef struct
{
  int64_t run_ns[MAX_ROUNDS], prepare_ns[MAX_ROUNDS], cold_ns[MAX_ROUNDS];
  uint32_t n_cold;
} Samples;

static int
compare_ns (const void *a, const void *b)
{
  int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

  return (x > y) - (x < y);
}

/* "minimum/median" in ns a task. (transfer full) */
static char *
spread (int64_t *ns, uint32_t n, uint32_t n_tasks)
{
  if (n == 0)
    return g_strdup ("-");
  qsort (ns, n, sizeof *ns, compare_ns);
  return g_strdup_printf ("%.1f/%.1f", (double) ns[0] / n_tasks, (double) ns[n / 2] / n_tasks);
}

/* ---- the table ------------------------------------------------------------------------------- */

/* The first run of a fresh process, or -1. */
static int64_t
cold_run_ns (const Table *table, int records, int values)
{
  g_autofree char *workers = g_strdup_printf ("%u", table->bench->n_workers);
  g_autofree char *size = g_strdup_printf ("%u", table->size);
  char *argv[] = { (char *) "/proc/self/exe",
                   (char *) "bench",
                   (char *) "--workers",
                   workers,
                   (char *) "--values",
                   (char *) values_words[values],
                   (char *) "--driver",
                   (char *) records_words[records],
                   (char *) table->shape,
                   size,
                   (char *) "1",
                   NULL };
  g_autofree char *output = NULL;
  g_auto (GStrv) fields = NULL;

  if (!g_spawn_sync (NULL, argv, NULL, G_SPAWN_STDERR_TO_DEV_NULL, NULL, NULL, &output, NULL, NULL,
                     NULL))
    return -1;
  fields = g_strsplit (output, "\t", -1);
  return g_strv_length (fields) == 5 ? g_ascii_strtoll (fields[2], NULL, 10) : -1;
}

static bool
is_chosen (const Table *table, int records, int values)
{
  return (table->records < 0 || table->records == records)
         && (table->values < 0 || table->values == values);
}

static bool
measure_round (const Table *table, WeftGraph *const graphs[N_VALUES], uint32_t round,
               Samples samples[][N_VALUES], GError **error)
{
  for (int records = 0; records < WEFT_BENCH_N_RECORDS; records++)
    for (int values = 0; values < N_VALUES; values++)
      {
        Samples *taken = &samples[records][values];
        WeftBenchTimes times;
        int64_t cold_ns;

        if (!is_chosen (table, records, values))
          continue;
        if (!_weft_cli_bench_once (table->bench, graphs[values], (WeftBenchRecords) records, &times,
                                   error))
          return false;
        taken->run_ns[round] = times.run_ns;
        taken->prepare_ns[round] = times.prepare_ns;
        cold_ns = values == WEFT_BENCH_INT ? cold_run_ns (table, records, values) : -1;
        if (cold_ns >= 0)
          taken->cold_ns[taken->n_cold++] = cold_ns;
      }
  return true;
}

static void
print_row (const Table *table, int records, uint32_t n_tasks, Samples samples[N_VALUES])
{
  g_autofree char *tasks = _weft_cli_count_text (n_tasks);
  char *columns[4];
  uint32_t n = table->n_rounds;

  for (int values = 0; values < N_VALUES; values++)
    columns[values] = is_chosen (table, records, values)
                          ? spread (samples[values].run_ns, n, n_tasks)
                          : g_strdup ("-");
  columns[2] = spread (samples[0].cold_ns, samples[0].n_cold, n_tasks);
  columns[3] =
      is_chosen (table, records, 0) ? spread (samples[0].prepare_ns, n, n_tasks) : g_strdup ("-");
  printf ("%-12s %10s  %-7s", table->shape, tasks, records_words[records]);
  for (int i = 0; i < 4; i++)
    {
      printf (" %13s", columns[i]);
      g_free (columns[i]);
    }
  putchar ('\n');
  fflush (stdout);
}

static bool
print_shape (const Table *table, GError **error)
{
  WeftGraph *graphs[N_VALUES];
  Samples (*samples)[N_VALUES] = g_malloc0 (sizeof (Samples[WEFT_BENCH_N_RECORDS][N_VALUES]));
  bool good = true;

  for (int values = 0; values < N_VALUES; values++)
    graphs[values] = _weft_cli_bench_graph (table->shape, table->size, (WeftBenchValues) values);
  for (uint32_t round = 0; round <= table->n_rounds && good; round++) /* the first one warms up */
    {
      if (round == 1)
        memset (samples, 0, sizeof (Samples[WEFT_BENCH_N_RECORDS][N_VALUES]));
      good = measure_round (table, graphs, round == 0 ? 0 : round - 1, samples, error);
    }
  for (int records = 0; records < WEFT_BENCH_N_RECORDS && good; records++)
    if (table->records < 0 || table->records == records)
      print_row (table, records, weft_graph_arrays (graphs[0])->n_tasks, samples[records]);
  for (int values = 0; values < N_VALUES; values++)
    weft_graph_unref (graphs[values]);
  g_free (samples);
  return good;
}

static bool
print_metg (WeftBench *bench, GError **error)
{
  double ns = _weft_cli_bench_metg (bench, WEFT_BENCH_FILE, error);

  if (ns < 0)
    return false;
  printf ("\nMETG(50 %%), stencil 64 wide, records in a file: %.0f ns\n", ns);
  return true;
}

/* Bytes a task of the graph, keys included, and of the state of a prepared run. Measured first, as
 * memory that was used before is used again without being counted. */
static void
measure_memory (WeftBench *bench, double *graph_bytes, double *state_bytes)
{
  WeftGraph *graph = _weft_cli_bench_graph ("stencil", MEMORY_STEPS, WEFT_BENCH_INT);
  uint64_t before = _weft_cli_status_bytes ("VmRSS");
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
  WeftRun *run = weft_run_new (bench->engine, graph, NULL, NULL);

  *graph_bytes = (double) weft_graph_memory_bytes (graph) / n_tasks;
  *state_bytes = (double) (_weft_cli_status_bytes ("VmRSS") - before) / n_tasks;
  weft_run_unref (run);
  weft_graph_unref (graph);
}

static bool
print_table (Table *table, const char *shape, GError **error)
{
  g_autofree char *machine = _weft_cli_machine ();
  const char *const *shapes = _weft_cli_bench_shapes ();
  double graph_bytes, state_bytes;

  measure_memory (table->bench, &graph_bytes, &state_bytes);
  printf ("%s\n%u workers; ns a task, minimum/median of %u interleaved rounds; each task adds one "
          "integer; passes off\nfrom the start of a prepared run until all values are stored and "
          "freed and the run file is closed\n\n",
          machine, table->bench->n_workers, table->n_rounds);
  printf ("%-12s %10s  %-7s %13s %13s %13s %13s\n", "shape", "tasks", "records", "int64",
          "64-byte heap", "int64, cold", "(preparing)");
  for (uint32_t i = 0; shapes[i] != NULL; i++)
    {
      if (shape != NULL && strcmp (shape, shapes[i]) != 0)
        continue;
      table->shape = shapes[i];
      if (!print_shape (table, error))
        return false;
    }
  if (shape == NULL)
    printf ("\nmemory, stencil: graph and keys %.1f bytes a task, scheduling state %.1f\n",
            graph_bytes, state_bytes);
  return shape != NULL || print_metg (table->bench, error);
}

/* ---- the driver of table.py ------------------------------------------------------------------ */

/* One line per round: tasks, then ns to build, to run, to free, then bytes taken. */
static bool
drive_round (WeftBench *bench, const char *shape, uint32_t size, int values, int records,
             GError **error)
{
  uint64_t before = _weft_cli_status_bytes ("VmRSS");
  int64_t start_ns = weft_clock_mono_ns (), build_ns, free_ns;
  WeftGraph *graph = _weft_cli_bench_graph (shape, size, (WeftBenchValues) values);
  uint32_t n_tasks = weft_graph_arrays (graph)->n_tasks;
  WeftBenchTimes times;
  uint64_t peak;
  bool good;

  build_ns = weft_clock_mono_ns () - start_ns;
  good = _weft_cli_bench_once (bench, graph, (WeftBenchRecords) records, &times, error);
  peak = _weft_cli_status_bytes ("VmHWM");
  start_ns = weft_clock_mono_ns ();
  weft_graph_unref (graph);
  free_ns = weft_clock_mono_ns () - start_ns;
  if (good)
    printf ("%u\t%" PRId64 "\t%" PRId64 "\t%" PRId64 "\t%" PRIu64 "\n", n_tasks,
            build_ns + times.prepare_ns, times.run_ns, free_ns + times.free_ns,
            peak > before ? peak - before : 0);
  fflush (stdout);
  return good;
}

static bool
drive (WeftBench *bench, int records, int values, int argc, char **argv, GError **error)
{
  const char *const *shapes = _weft_cli_bench_shapes ();
  int64_t size = 0, n_rounds = 1;

  if (strcmp (argv[0], "shapes") == 0)
    {
      g_autofree char *list = g_strjoinv (" ", (char **) shapes);

      printf ("Weftline\t%s\n", list);
      return true;
    }
  if (strcmp (argv[0], "metg") == 0)
    {
      double ns = _weft_cli_bench_metg (bench, (WeftBenchRecords) records, error);

      if (ns >= 0)
        printf ("%.0f\n", ns);
      return ns >= 0;
    }
  if (_weft_cli_choice ("shape", argv[0], shapes, error) < 0
      || (argc > 1 && !_weft_cli_number ("size", argv[1], 0, 100000000, &size, error))
      || (argc > 2 && !_weft_cli_number ("rounds", argv[2], 1, MAX_ROUNDS, &n_rounds, error)))
    return false;
  for (int64_t round = 0; round < n_rounds; round++)
    if (!drive_round (bench, argv[0], (uint32_t) size, MAX (values, 0), records, error))
      return false;
  return true;
}

/* ---- arguments ------------------------------------------------------------------------------- */

typedef struct
{
  char *workers, *shape, *size, *rounds, *values, *records, *driver;
  int64_t n_workers, n_size, n_rounds;
  int n_values, n_records; /* numbers of the words; -1: all */
} Arguments;

static bool
understand (Arguments *a, GError **error)
{
  const char *records = a->driver != NULL ? a->driver : a->records;

  a->n_workers = 2;
  a->n_rounds = 9;
  a->n_values = a->n_records = -1;
  if (records != NULL && strcmp (records, "none") == 0)
    records = "off";
  if ((a->workers != NULL
       && !_weft_cli_number ("--workers", a->workers, 1, 1024, &a->n_workers, error))
      || (a->size != NULL && !_weft_cli_number ("--size", a->size, 2, 100000000, &a->n_size, error))
      || (a->rounds != NULL
          && !_weft_cli_number ("--rounds", a->rounds, 1, MAX_ROUNDS - 1, &a->n_rounds, error)))
    return false;
  if (a->shape != NULL
      && _weft_cli_choice ("--shape", a->shape, _weft_cli_bench_shapes (), error) < 0)
    return false;
  if (a->values != NULL
      && (a->n_values = _weft_cli_choice ("--values", a->values, values_words, error)) < 0)
    return false;
  return records == NULL
         || (a->n_records = _weft_cli_choice ("--records", records, records_words, error)) >= 0;
}

static bool
parse (Arguments *a, int *argc, char ***argv, int *status)
{
  const GOptionEntry entries[] = {
    { "workers", 'w', 0, G_OPTION_ARG_STRING, &a->workers, "Worker threads (2)", "N" },
    { "shape", 0, 0, G_OPTION_ARG_STRING, &a->shape,
      "Only independent, chain, tree, stencil or fan", "SHAPE" },
    { "size", 0, 0, G_OPTION_ARG_STRING, &a->size, "Tasks, leaves or steps", "N" },
    { "rounds", 0, 0, G_OPTION_ARG_STRING, &a->rounds, "Rounds (9)", "N" },
    { "values", 0, 0, G_OPTION_ARG_STRING, &a->values, "Only int or heap", "KIND" },
    { "records", 0, 0, G_OPTION_ARG_STRING, &a->records, "Only off, memory or file", "WHERE" },
    { "driver", 0, 0, G_OPTION_ARG_STRING, &a->driver,
      "Lines for tests/perf/peers/table.py: none, memory or file", "RECORDS" },
    { NULL },
  };

  return _weft_cli_parse ("bench", "[SHAPE [SIZE [ROUNDS]]]", "Measures the scheduler.",
                          "Arguments are for --driver, which also takes “shapes” and “metg”.",
                          entries, argc, argv, status);
}

static int
bench (Arguments *a, int argc, char **argv)
{
  WeftBench made;
  Table table = { .bench = &made };
  GError *error = NULL;
  bool good = understand (a, &error);

  if (!good)
    return _weft_cli_report (error);
  if (!_weft_cli_operands ("bench", argc, argv, a->driver != NULL, a->driver != NULL ? 3 : 0))
    return WEFT_EXIT_INPUT;
  good = _weft_cli_bench_open (&made, (uint32_t) a->n_workers, &error);
  table.size = (uint32_t) a->n_size;
  table.n_rounds = (uint32_t) a->n_rounds;
  table.records = a->n_records;
  table.values = a->n_values;
  if (good && a->driver != NULL)
    good = drive (&made, a->n_records, a->n_values, argc, argv, &error);
  else if (good)
    good = print_table (&table, a->shape, &error);
  _weft_cli_bench_close (&made);
  return good ? WEFT_EXIT_DONE : _weft_cli_report (error);
}

int
_weft_cli_bench (int argc, char **argv)
{
  Arguments a = { 0 };
  int status;

  if (parse (&a, &argc, &argv, &status))
    status = bench (&a, argc, argv);
  g_free (a.workers);
  g_free (a.shape);
  g_free (a.size);
  g_free (a.rounds);
  g_free (a.values);
  g_free (a.records);
  g_free (a.driver);
  return status;
}
