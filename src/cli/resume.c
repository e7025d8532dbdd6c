/* resume.c: what need not be run again
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A task is not run when its result is kept under its fingerprint. One that declares files needs
 * these to be there, made last by the same task (by its recipe) and no older than those it reads,
 * and nothing before it to run; then it is left out even if its result is not kept, unless somebody
 * reads that. As in make times decide: a file that was touched since then counts as made, and who
 * reads it runs again, also a task that makes no files itself: its kept result is what has to be
 * newer. When files have to be made again, everything after it runs as well. What stands in is a
 * constant without dependencies; culling then drops what only it needed.
 */
#include "cli/weft-cli-graph-private.h"

#include <string.h>
#include <sys/stat.h>

typedef struct
{
  WeftGraph *graph;
  const WeftGraphArrays *arrays;
  WeftOpRegistry *registry;
  const WeftFingerprint *prints;
  const WeftFingerprint *recipes; /* (nullable) */
  WeftKeep *keep;
  uint8_t *reused;
  uint8_t *made_again; /* by task: files are made again by it, or before it, or are newer than what
                          was kept of it */
  GHashTable *made;    /* paths that some task makes */
  GBytes **values;     /* by task (nullable): encoded */
} Resume;

static int64_t
modified_ns (const char *path)
{
  struct stat status;

  if (stat (path, &status) != 0)
    return -1;
  return (int64_t) status.st_mtim.tv_sec * 1000000000 + status.st_mtim.tv_nsec;
}

/* Whether all the files it makes are there, none older than what it reads. */
static bool
files_are_new (const WeftTaskFiles *files)
{
  int64_t oldest = INT64_MAX, newest = -1;

  for (guint i = 0; i < files->outputs->len; i++)
    oldest = MIN (oldest, modified_ns (files->outputs->pdata[i]));
  for (guint i = 0; i < files->inputs->len; i++)
    newest = MAX (newest, modified_ns (files->inputs->pdata[i]));
  return oldest >= 0 && oldest >= newest;
}

/* Whether a file that a task of the graph makes and this one reads was changed after its result was
 * kept. Of other files the fingerprint knows the time. */
static bool
has_newer_input (const Resume *resume, uint32_t task, const WeftTaskFiles *files)
{
  int64_t newest = -1, stored = _weft_cli_keep_stored_ns (resume->keep, resume->prints[task]);

  for (guint i = 0; i < files->inputs->len; i++)
    if (g_hash_table_contains (resume->made, files->inputs->pdata[i]))
      newest = MAX (newest, modified_ns (files->inputs->pdata[i]));
  return stored >= 0 && newest > stored;
}

/* Whether some task that this one reads or comes after has this mark. */
static bool
any_before (const Resume *resume, uint32_t task, const uint8_t *marks, uint8_t mark)
{
  const WeftGraphArrays *arrays = resume->arrays;

  for (uint32_t i = arrays->input_offsets[task]; i < arrays->input_offsets[task + 1]; i++)
    if (marks[arrays->input_tasks[i]] == mark)
      return true;
  if (arrays->after_offsets != NULL)
    for (uint32_t i = arrays->after_offsets[task]; i < arrays->after_offsets[task + 1]; i++)
      if (marks[arrays->after_tasks[i]] == mark)
        return true;
  return false;
}

/* Dependents through data, not only through order. */
static bool
somebody_reads (const Resume *resume, uint32_t task)
{
  const WeftGraphArrays *arrays = resume->arrays;

  for (uint32_t i = arrays->dependent_offsets[task]; i < arrays->dependent_offsets[task + 1]; i++)
    {
      uint32_t reader = arrays->dependents[i];

      for (uint32_t k = arrays->input_offsets[reader]; k < arrays->input_offsets[reader + 1]; k++)
        if (arrays->input_tasks[k] == task)
          return true;
    }
  return false;
}

static GBytes *
empty_string (void)
{
  WeftValue value = WEFT_VALUE_INIT;
  WeftBuffer *encoded;
  GBytes *bytes = NULL;

  if (weft_value_init_string (&value, NULL, "", 0) != WEFT_OK)
    return NULL;
  if (weft_value_encode (&value, WEFT_COMPRESSION_NONE, &encoded, NULL))
    {
      bytes = g_bytes_new (encoded->bytes, encoded->n_bytes);
      weft_buffer_unref (encoded);
    }
  weft_value_clear (&value);
  return bytes;
}

/* Whether it may be left out as far as files go. */
static bool
may_be_reused (const Resume *resume, uint32_t task, const WeftTaskFiles *files)
{
  if (resume->arrays->calls[resume->arrays->call_of_task[task]].n_outputs != 1
      || any_before (resume, task, resume->made_again, 1))
    return false;
  if (files->outputs->len == 0)
    return true;
  return files_are_new (files)
         && _weft_cli_keep_was_made (resume->keep, resume->recipes[task], files)
         && !any_before (resume, task, resume->reused, WEFT_REUSED_NOT);
}

static void
consider (Resume *resume, uint32_t task, WeftResumeCounts *counts)
{
  WeftTaskFiles *files = _weft_cli_task_files (resume->graph, resume->registry, task);
  bool declares = files->outputs->len > 0;
  bool outdated = !declares && has_newer_input (resume, task, files);
  bool possible = !outdated && may_be_reused (resume, task, files);
  bool by_files = false, renewed = false;

  if (possible)
    resume->values[task] =
        _weft_cli_keep_load (resume->keep, resume->prints[task], files, &renewed);
  if (possible && resume->values[task] == NULL && declares && !somebody_reads (resume, task))
    {
      resume->values[task] = empty_string ();
      by_files = resume->values[task] != NULL;
    }
  _weft_cli_task_files_free (files);
  resume->reused[task] = resume->values[task] == NULL ? WEFT_REUSED_NOT
                         : by_files                   ? WEFT_REUSED_FILES
                         : renewed                    ? WEFT_REUSED_RENEWED
                                                      : WEFT_REUSED_KEPT;
  counts->n_by_files += by_files;
  resume->made_again[task] =
      renewed
      || (!resume->reused[task]
          && (declares || outdated || any_before (resume, task, resume->made_again, 1)));
  counts->n_reused += resume->reused[task] != WEFT_REUSED_NOT;
}

static uint32_t
replace (WeftGraphBuilder *builder, uint32_t task, bool *drop_inputs, void *data)
{
  const Resume *resume = data;

  if (resume->values[task] == NULL)
    return WEFT_NONE;
  *drop_inputs = true;
  weft_graph_builder_begin_call (builder, "const", 0, 1);
  weft_graph_builder_arg_encoded (builder, g_bytes_get_data (resume->values[task], NULL),
                                  g_bytes_get_size (resume->values[task]));
  return weft_graph_builder_end_call (builder);
}

static void
find_made (Resume *resume)
{
  resume->made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  for (uint32_t task = 0; task < resume->arrays->n_tasks; task++)
    {
      WeftTaskFiles *files = _weft_cli_task_files (resume->graph, resume->registry, task);

      for (guint i = 0; i < files->outputs->len; i++)
        g_hash_table_add (resume->made, g_strdup (files->outputs->pdata[i]));
      _weft_cli_task_files_free (files);
    }
}

WeftGraph *
_weft_cli_resume (WeftGraph *graph, WeftOpRegistry *registry, const WeftFingerprint *prints,
                  const WeftFingerprint *recipes, WeftKeep *keep, uint8_t *reused,
                  WeftResumeCounts *counts, GError **error)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  Resume resume = { .graph = graph,
                    .arrays = arrays,
                    .registry = registry,
                    .prints = prints,
                    .recipes = recipes,
                    .keep = keep,
                    .reused = reused };
  const WeftRebuild how = { .replace = replace, .data = &resume };
  WeftGraph *made;

  *counts = (WeftResumeCounts){ 0 };
  resume.values = g_new0 (GBytes *, MAX (arrays->n_tasks, 1));
  resume.made_again = g_malloc0 (MAX (arrays->n_tasks, 1));
  find_made (&resume);
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    consider (&resume, task, counts);
  made = counts->n_reused > 0 ? weft_graph_rebuild (graph, &how, error) : weft_graph_ref (graph);
  for (uint32_t task = 0; task < arrays->n_tasks; task++)
    g_clear_pointer (&resume.values[task], g_bytes_unref);
  g_free (resume.values);
  g_free (resume.made_again);
  g_hash_table_unref (resume.made);
  return made;
}
