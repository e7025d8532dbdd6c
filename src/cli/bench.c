/* bench.c: `weftline bench`: what a task costs
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A table for people, or (--driver) lines for tests/perf/peers/table.py, which puts this scheduler
 * beside others. Rounds are interleaved: in each round every variant runs once, so that what else
 * the machine does falls on all of them. Cold runs are the first of a fresh process.
 */
#include "cli/weft-cli-bench-private.h"

#include <stdlib.h>
#include <string.h>

#define N_VALUES 2
#define N_RECORDS WEFT_BENCH_N_RECORDS

static const char *const records_words[] = { "off", "memory", "file", NULL };
static const char *const values_words[] = { "int", "heap", NULL };
static const char *const values_titles[] = { "int64", "64-byte heap" };

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
  int64_t warm_ns[WEFT_BENCH_MAX_ROUNDS], cold_ns[WEFT_BENCH_MAX_ROUNDS];
  int64_t prepare_ns[WEFT_BENCH_MAX_ROUNDS];
  uint32_t n, n_cold;
} Samples;

/* For qsort(): of int64_t, ascending. */
static int
compare_ns (const void *a, const void *b)
{
  int64_t x = *(const int64_t *) a, y = *(const int64_t *) b;

  return (x > y) - (x < y);
}

/* Prints "minimum/median" in ns a task, or a dash, in a column. */
static void
print_spread (int64_t *ns, uint32_t n, uint32_t n_tasks)
{
  g_autofree char *text = NULL;

  if (n > 0)
    {
      qsort (ns, n, sizeof *ns, compare_ns);
      double median_ns = (double) (ns[(n - 1) / 2] + ns[n / 2]) / 2;
      text = g_strdup_printf ("%.1f/%.1f", (double) ns[0] / n_tasks, median_ns / n_tasks);
    }
  printf (" %13s", text != NULL ? text : "-");
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
measure_round (const Table *table, WeftGraph *const graphs[N_VALUES], Samples samples[][N_VALUES],
               GError **error)
{
  for (int records = 0; records < N_RECORDS; records++)
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
        taken->warm_ns[taken->n] = times.run_ns;
        taken->prepare_ns[taken->n++] = times.prepare_ns;
        cold_ns = cold_run_ns (table, records, values);
        if (cold_ns >= 0)
          taken->cold_ns[taken->n_cold++] = cold_ns;
      }
  return true;
}

/* Two rows, warm and cold, one column for each way to keep records. */
static void
print_rows (const Table *table, int values, uint32_t n_tasks, Samples samples[][N_VALUES])
{
  g_autofree char *tasks = _weft_cli_count_text (n_tasks);
  Samples *last = NULL;

  printf ("%-12s %10s  %-13s warm ", table->shape, tasks, values_titles[values]);
  for (int records = 0; records < N_RECORDS; records++)
    {
      Samples *taken = &samples[records][values];

      print_spread (taken->warm_ns, taken->n, n_tasks);
      last = taken->n > 0 ? taken : last;
    }
  if (last != NULL)
    print_spread (last->prepare_ns, last->n, n_tasks);
  printf ("\n%-12s %10s  %-13s cold ", "", "", "");
  for (int records = 0; records < N_RECORDS; records++)
    print_spread (samples[records][values].cold_ns, samples[records][values].n_cold, n_tasks);
  putchar ('\n');
  fflush (stdout);
}

static bool
print_shape (const Table *table, GError **error)
{
  WeftGraph *graphs[N_VALUES];
  const size_t n_bytes = sizeof (Samples[N_RECORDS][N_VALUES]);
  Samples (*samples)[N_VALUES] = g_malloc0 (n_bytes);
  bool good;

  for (int values = 0; values < N_VALUES; values++)
    graphs[values] = _weft_cli_bench_graph (table->shape, table->size, (WeftBenchValues) values);
  good = measure_round (table, graphs, samples, error);
  memset (samples, 0, n_bytes); /* the first round warms up */
  for (uint32_t round = 0; round < table->n_rounds && good; round++)
    good = measure_round (table, graphs, samples, error);
  for (int values = 0; values < N_VALUES && good; values++)
    if (table->values < 0 || table->values == values)
      print_rows (table, values, weft_graph_arrays (graphs[0])->n_tasks, samples);
  for (int values = 0; values < N_VALUES; values++)
    weft_graph_unref (graphs[values]);
  g_free (samples);
  return good;
}

static bool
print_metg (WeftBench *bench, GError **error)
{
  WeftBenchPoint points[WEFT_BENCH_MAX_POINTS];
  uint32_t n = _weft_cli_bench_sweep (bench, 0, WEFT_BENCH_FILE, points, error);
  double task_ns, granularity_ns;

  if (n == 0)
    return false;
  if (!_weft_cli_bench_metg (points, n, &task_ns, &granularity_ns))
    printf ("\nMETG(50 %%): half the peak rate is not reached; is the machine busy?\n");
  else
    printf ("\nMETG(50 %%), stencil 64 wide, records in a file: tasks of %.0f ns (%.0f ns with "
            "their scheduling)\n",
            task_ns, granularity_ns);
  return true;
}

static bool
print_bytes (WeftBench *bench, GError **error)
{
  double graph_bytes, state_bytes;

  if (!_weft_cli_bench_bytes (bench, "stencil", &graph_bytes, &state_bytes, error))
    return false;
  printf ("\nmemory, stencil: %.1f bytes a task: graph and keys %.1f, scheduling state %.1f\n",
          graph_bytes + state_bytes, graph_bytes, state_bytes);
  return true;
}

static bool
print_table (Table *table, const char *shape, GError **error)
{
  g_autofree char *machine = _weft_cli_machine ();
  const char *const *shapes = _weft_cli_bench_shapes ();

  printf ("%s\n%u workers; ns a task, minimum/median of %u interleaved rounds; each task adds one "
          "integer; passes off;\nfrom the start of a prepared run until all values are stored and "
          "freed and the run file is closed\n\n",
          machine, table->bench->n_workers, table->n_rounds);
  printf ("%-12s %10s  %-13s      %13s %13s %13s %13s\n", "", "", "", "", "records", "records",
          "before that,");
  printf ("%-12s %10s  %-13s      %13s %13s %13s %13s\n", "shape", "tasks", "results", "no records",
          "in memory", "in a file", "preparing");
  for (uint32_t i = 0; shapes[i] != NULL; i++)
    {
      if (shape != NULL && strcmp (shape, shapes[i]) != 0)
        continue;
      table->shape = shapes[i];
      if (!print_shape (table, error))
        return false;
    }
  return shape != NULL || (print_bytes (table->bench, error) && print_metg (table->bench, error));
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
          && !_weft_cli_number ("--rounds", a->rounds, 1, WEFT_BENCH_MAX_ROUNDS, &a->n_rounds,
                                error)))
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

  return _weft_cli_parse (
      "bench", "[SHAPE [SIZE [ROUNDS]]]", "Measures the scheduler.",
      "Arguments are for --driver, which also takes “shapes”, “metg”, “bytes” and “pair”.", entries,
      argc, argv, status);
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
    good = _weft_cli_bench_drive (&made, (WeftBenchRecords) a->n_records,
                                  (WeftBenchValues) MAX (a->n_values, 0), argc, argv, &error);
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
