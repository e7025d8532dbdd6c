/* fingerprint.c: whether a task would do again what it did before
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * A task's fingerprint is a hash (XXH3, 128 bits) of its operation's name and version, its
 * arguments, and the fingerprints of what it reads or comes after: so it stands for everything
 * upstream. Two things arguments do not say go in as well: the size and time of files that are
 * read (but not of files that a task of the same graph makes: there the maker's fingerprint
 * counts), and, where an operation is not pure, the key and the seed, on which its random numbers
 * depend.
 */
#include "cli/weft-cli-graph-private.h"

#include <string.h>
#include <sys/stat.h>
#include <xxhash.h>

#define FORM "weft-keep-1"

typedef struct
{
  WeftGraph *graph;
  const WeftGraphArrays *arrays;
  WeftOpRegistry *registry;
  uint64_t seed;
  bool with_files;
  GHashTable *made; /* paths that some task makes */
  XXH3_state_t *state;
  WeftFingerprint *prints;
} Prints;

static void
put (Prints *prints, const void *bytes, size_t n_bytes)
{
  XXH3_128bits_update (prints->state, bytes, n_bytes);
}

static void
put_word (Prints *prints, uint64_t word)
{
  put (prints, &word, sizeof word);
}

/* With its length, so that no two sequences of strings look alike. */
static void
put_text (Prints *prints, const char *chars, size_t n_chars)
{
  put_word (prints, n_chars);
  put (prints, chars, n_chars);
}

static void
put_args (Prints *prints, const WeftArg *arg, const WeftArg *end)
{
  for (; arg < end; arg++)
    {
      put_word (prints, (uint64_t) arg->kind << 32 | arg->count);
      switch ((WeftArgKind) arg->kind)
        {
        case WEFT_ARG_STRING:
        case WEFT_ARG_BYTES:
        case WEFT_ARG_ENCODED:
          put_text (prints, prints->arrays->text + arg->u.offset, arg->count);
          break;
        case WEFT_ARG_BOOL:
          put_word (prints, arg->u.b);
          break;
        case WEFT_ARG_INT64:
        case WEFT_ARG_FLOAT64:
          put_word (prints, (uint64_t) arg->u.i);
          break;
        case WEFT_ARG_SLOT:
        case WEFT_ARG_SLOTS:
          put_word (prints, arg->u.slot.first);
          break;
        default:
          break;
        }
    }
}

static const WeftArg *
end_of (const WeftArg *arg, uint32_t n_trees)
{
  for (uint32_t i = 0; i < n_trees; i++)
    arg += arg->skip;
  return arg;
}

static void
put_call (Prints *prints, const WeftCall *call)
{
  const WeftArg *args = prints->arrays->args + call->args;
  const WeftArg *kwargs = prints->arrays->args + call->kwargs;

  put_word (prints, (uint64_t) call->n_args << 32 | call->n_kwargs);
  put_word (prints, call->n_outputs);
  put_args (prints, args, end_of (args, call->n_args));
  if (call->n_kwargs > 0)
    put_args (prints, kwargs, end_of (kwargs, 2 * call->n_kwargs));
}

static void
put_dependencies (Prints *prints, uint32_t task)
{
  const WeftGraphArrays *arrays = prints->arrays;

  for (uint32_t i = arrays->input_offsets[task]; i < arrays->input_offsets[task + 1]; i++)
    {
      put (prints, &prints->prints[arrays->input_tasks[i]], sizeof (WeftFingerprint));
      put_word (prints, arrays->input_outputs != NULL ? arrays->input_outputs[i] : 0);
    }
  if (arrays->after_offsets == NULL)
    return;
  for (uint32_t i = arrays->after_offsets[task]; i < arrays->after_offsets[task + 1]; i++)
    put (prints, &prints->prints[arrays->after_tasks[i]], sizeof (WeftFingerprint));
}

static void
put_files (Prints *prints, uint32_t task)
{
  WeftTaskFiles *files = _weft_cli_task_files (prints->graph, prints->registry, task);
  struct stat status;

  for (guint i = 0; i < files->inputs->len; i++)
    {
      const char *path = files->inputs->pdata[i];

      if (g_hash_table_contains (prints->made, path) || stat (path, &status) != 0)
        continue;
      put_text (prints, path, strlen (path));
      put_word (prints, (uint64_t) status.st_size);
      put_word (prints, (uint64_t) status.st_mtim.tv_sec);
      put_word (prints, (uint64_t) status.st_mtim.tv_nsec);
    }
  _weft_cli_task_files_free (files);
}

static void
print_task (Prints *prints, uint32_t task)
{
  const char *name = weft_graph_op_name (prints->graph, task);
  const WeftOp *op = name != NULL ? weft_op_registry_find (prints->registry, name, 0) : NULL;
  XXH128_hash_t hash;

  XXH3_128bits_reset (prints->state);
  put_text (prints, FORM, strlen (FORM));
  put_text (prints, name != NULL ? name : "", name != NULL ? strlen (name) : 0);
  put_word (prints, op != NULL ? op->version : 0);
  put_call (prints, &prints->arrays->calls[prints->arrays->call_of_task[task]]);
  put_dependencies (prints, task);
  if (op == NULL || (op->flags & WEFT_OP_PURE) == 0)
    {
      g_autofree char *key = weft_graph_dup_key (prints->graph, task);

      put_text (prints, key, strlen (key));
      put_word (prints, prints->seed);
    }
  if (prints->with_files && op != NULL && (op->flags & WEFT_OP_EXTERNAL) != 0)
    put_files (prints, task);
  hash = XXH3_128bits_digest (prints->state);
  prints->prints[task] = (WeftFingerprint){ { hash.high64, hash.low64 } };
}

/* Also says which tasks make files. (transfer full) (array) */
static uint8_t *
find_made (Prints *prints)
{
  uint8_t *makes = g_malloc0 (MAX (prints->arrays->n_tasks, 1));

  for (uint32_t task = 0; task < prints->arrays->n_tasks; task++)
    {
      WeftTaskFiles *files = _weft_cli_task_files (prints->graph, prints->registry, task);

      makes[task] = files->outputs->len > 0;
      for (guint i = 0; i < files->outputs->len; i++)
        g_hash_table_add (prints->made, g_strdup (files->outputs->pdata[i]));
      _weft_cli_task_files_free (files);
    }
  return makes;
}

static void
print_all (Prints *prints)
{
  prints->state = XXH3_createState ();
  prints->prints = g_new0 (WeftFingerprint, MAX (prints->arrays->n_tasks, 1));
  for (uint32_t task = 0; task < prints->arrays->n_tasks; task++)
    print_task (prints, task);
  XXH3_freeState (prints->state);
}

WeftFingerprint *
_weft_cli_fingerprints (WeftGraph *graph, WeftOpRegistry *registry, uint64_t seed)
{
  Prints prints = { .graph = graph, .registry = registry, .seed = seed, .with_files = true };

  prints.arrays = weft_graph_arrays (graph);
  prints.made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  g_free (find_made (&prints));
  print_all (&prints);
  g_hash_table_unref (prints.made);
  return prints.prints;
}

WeftFingerprint *
_weft_cli_recipes (WeftGraph *graph, WeftOpRegistry *registry, uint64_t seed)
{
  Prints prints = { .graph = graph, .registry = registry, .seed = seed };
  g_autofree uint8_t *makes = NULL;

  prints.arrays = weft_graph_arrays (graph);
  prints.made = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
  makes = find_made (&prints);
  if (g_hash_table_size (prints.made) > 0)
    print_all (&prints);
  for (uint32_t task = 0; prints.prints != NULL && task < prints.arrays->n_tasks; task++)
    if (!makes[task])
      prints.prints[task] = (WeftFingerprint){ { 0, 0 } };
  g_hash_table_unref (prints.made);
  return prints.prints;
}

bool
_weft_cli_fingerprint_is_empty (WeftFingerprint print)
{
  return (print.words[0] | print.words[1]) == 0;
}

void
_weft_cli_fingerprint_text (WeftFingerprint print, char text[WEFT_FINGERPRINT_TEXT_BYTES])
{
  g_snprintf (text, WEFT_FINGERPRINT_TEXT_BYTES,
              "%016" G_GINT64_MODIFIER "x%016" G_GINT64_MODIFIER "x", print.words[0],
              print.words[1]);
}
