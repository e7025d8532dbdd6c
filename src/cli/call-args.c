/* call-args.c: what a task's arguments say of files
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Operations that touch files are marked so (WEFT_OP_EXTERNAL). Of their arguments every string
 * that names an existing file, or matches some as a pattern, is taken for an input; the files
 * given as `outputs` are what the task makes, as is the `path` of file.write. `cwd` is where
 * relative names begin.
 */
#include "cli/weft-cli-graph-private.h"

#include <glob.h>
#include <string.h>
#include <sys/stat.h>

static void
walk (const WeftGraphArrays *arrays, const WeftArg *first, const WeftArg *end, const char *param,
      WeftCallStringFunc each, void *data)
{
  for (const WeftArg *arg = first; arg < end; arg++)
    if (arg->kind == WEFT_ARG_STRING)
      each (param, arrays->text + arg->u.offset, arg->count, data);
}

/* The name a positional argument goes by. (nullable) */
static const char *
param_name (const WeftOp *op, uint32_t i)
{
  if (op == NULL || op->n_params == 0 || (i >= op->n_params && !op->variadic))
    return NULL;
  return op->params[MIN (i, op->n_params - 1)].name;
}

void
_weft_cli_call_strings (WeftGraph *graph, const WeftOp *op, uint32_t task, WeftCallStringFunc each,
                        void *data)
{
  const WeftGraphArrays *arrays = weft_graph_arrays (graph);
  const WeftCall *call = &arrays->calls[arrays->call_of_task[task]];
  const WeftArg *arg = arrays->args + call->args;

  for (uint32_t i = 0; i < call->n_args; i++, arg += arg->skip)
    walk (arrays, arg, arg + arg->skip, param_name (op, i), each, data);
  arg = arrays->args + call->kwargs;
  for (uint32_t i = 0; i < call->n_kwargs; i++)
    {
      g_autofree char *param = g_strndup (arrays->text + arg->u.offset, arg->count);

      arg++;
      walk (arrays, arg, arg + arg->skip, param, each, data);
      arg += arg->skip;
    }
}

typedef struct
{
  WeftTaskFiles *files;
  const char *made; /* parameter that names what the task makes */
  char *folder;     /* (nullable) */
} Search;

static void
find_folder (const char *param, const char *chars, size_t n_chars, void *data)
{
  Search *search = data;

  if (param == NULL || strcmp (param, "cwd") != 0)
    return;
  g_free (search->folder);
  search->folder = g_strndup (chars, n_chars);
}

static void
add_matches (const char *pattern, GPtrArray *inputs)
{
  glob_t matches;

  if (strpbrk (pattern, "*?[") == NULL || strchr (pattern, '\n') != NULL)
    return;
  if (glob (pattern, 0, NULL, &matches) == 0)
    for (size_t i = 0; i < matches.gl_pathc; i++)
      g_ptr_array_add (inputs, g_strdup (matches.gl_pathv[i]));
  globfree (&matches);
}

static void
add_file (const char *param, const char *chars, size_t n_chars, void *data)
{
  Search *search = data;
  g_autofree char *name = g_strndup (chars, n_chars);
  g_autofree char *folder =
      search->folder != NULL ? g_canonicalize_filename (search->folder, NULL) : NULL;
  g_autofree char *path = NULL;
  struct stat status;

  if (n_chars == 0 || n_chars > 4096 || memchr (chars, 0, n_chars) != NULL)
    return;
  path = g_canonicalize_filename (name, folder);
  if (param != NULL && strcmp (param, search->made) == 0)
    g_ptr_array_add (search->files->outputs, g_steal_pointer (&path));
  else if (stat (path, &status) == 0 && S_ISREG (status.st_mode))
    g_ptr_array_add (search->files->inputs, g_steal_pointer (&path));
  else
    add_matches (path, search->files->inputs);
}

static bool
is_among (const GPtrArray *paths, const char *path)
{
  return g_ptr_array_find_with_equal_func ((GPtrArray *) paths, path, g_str_equal, NULL);
}

WeftTaskFiles *
_weft_cli_task_files (WeftGraph *graph, WeftOpRegistry *registry, uint32_t task)
{
  WeftTaskFiles *files = g_new (WeftTaskFiles, 1);
  const char *name = weft_graph_op_name (graph, task);
  const WeftOp *op = name != NULL ? weft_op_registry_find (registry, name, 0) : NULL;
  Search search = { files, "outputs", NULL };

  files->inputs = g_ptr_array_new_with_free_func (g_free);
  files->outputs = g_ptr_array_new_with_free_func (g_free);
  if (op == NULL || (op->flags & WEFT_OP_EXTERNAL) == 0)
    return files;
  if (strcmp (name, "file.write") == 0)
    search.made = "path";
  _weft_cli_call_strings (graph, op, task, find_folder, &search);
  _weft_cli_call_strings (graph, op, task, add_file, &search);
  g_free (search.folder);
  for (guint i = files->inputs->len; i-- > 0;) /* a file that is made may be named elsewhere too */
    if (is_among (files->outputs, files->inputs->pdata[i]))
      g_ptr_array_remove_index (files->inputs, i);
  return files;
}

void
_weft_cli_task_files_free (WeftTaskFiles *files)
{
  g_ptr_array_unref (files->inputs);
  g_ptr_array_unref (files->outputs);
  g_free (files);
}
