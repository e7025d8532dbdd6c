/* weftline-examples.c: graphs to begin with, made to measure
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Each is written as a graph file, as a user would, and read as one. Numbers are written with a
 * point whatever the locale.
 */
#include "config.h"

#include "app/weftline-examples.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <glib/gstdio.h>

typedef gboolean (*WriteFunc) (GString *json, unsigned size, const char *seconds, GError **error);

typedef struct
{
  WeftlineExample about;
  WriteFunc write;
  const char *file; /* instead: one of data/examples */
} Entry;

const char *
weftline_examples_folder (void)
{
  static char *folder;

  if (g_once_init_enter (&folder))
    {
      const char *given = g_getenv ("WEFTLINE_EXAMPLES");

      g_once_init_leave (&folder, g_strdup (given != NULL ? given : WEFTLINE_EXAMPLES_DIR));
    }
  return folder;
}

/* ---- pieces ---------------------------------------------------------------------------------- */

static void
append_string (GString *json, const char *text)
{
  g_string_append_c (json, '"');
  for (; *text != '\0'; text++)
    if (*text == '"' || *text == '\\')
      g_string_append_printf (json, "\\%c", *text);
    else if (*text == '\n')
      g_string_append (json, "\\n");
    else
      g_string_append_c (json, *text);
  g_string_append_c (json, '"');
}

/* {"ref": "name-0"}, … n of them from first on */
static void
append_refs (GString *json, const char *name, unsigned first, unsigned n)
{
  for (unsigned i = first; i < first + n; i++)
    g_string_append_printf (json, "%s{\"ref\": \"%s-%u\"}", i > first ? ", " : "", name, i);
}

static void
append_end (GString *json, const char *output)
{
  if (g_str_has_suffix (json->str, ",\n"))
    g_string_truncate (json, json->len - 2);
  g_string_append_printf (json, "},\n\"outputs\": [\"%s\"]}\n", output);
}

/* ---- graphs ---------------------------------------------------------------------------------- */

static gboolean
write_increments (GString *json, unsigned size G_GNUC_UNUSED, const char *seconds,
                  GError **error G_GNUC_UNUSED)
{
  for (unsigned i = 1; i <= 2; i++)
    g_string_append_printf (json, "\"inc-%u\": {\"op\": \"slow.inc\", \"args\": [%u, %s]},\n", i, i,
                            seconds);
  g_string_append_printf (json,
                          "\"add\": {\"op\": \"slow.add\", \"args\": "
                          "[{\"ref\": \"inc-1\"}, {\"ref\": \"inc-2\"}, %s]},\n",
                          seconds);
  append_end (json, "add");
  return TRUE;
}

static gboolean
write_loop (GString *json, unsigned size, const char *seconds, GError **error G_GNUC_UNUSED)
{
  for (unsigned i = 0; i < size; i++)
    g_string_append_printf (json, "\"work-%u\": {\"op\": \"busy\", \"args\": [%s, %u]},\n", i,
                            seconds, i);
  g_string_append (json, "\"total\": {\"op\": \"sum\", \"args\": [[");
  append_refs (json, "work", 0, size);
  g_string_append (json, "]]},\n");
  append_end (json, "total");
  return TRUE;
}

/* Collatz: halve, or triple and add one, as the number is even or odd. Both ways are gone. */
static gboolean
write_control_flow (GString *json, unsigned size, const char *seconds, GError **error G_GNUC_UNUSED)
{
  g_autofree char *output = g_strdup_printf ("step-%u", size);

  g_string_append (json, "\"step-0\": {\"op\": \"const\", \"args\": [27]},\n");
  for (unsigned i = 0; i < size; i++)
    g_string_append_printf (
        json,
        "\"is-odd-%u\": {\"op\": \"mod\", \"args\": [{\"ref\": \"step-%u\"}, 2]},\n"
        "\"halve-%u\": {\"op\": \"floordiv\", \"args\": [{\"ref\": \"step-%u\"}, 2]},\n"
        "\"times-three-%u\": {\"op\": \"mul\", \"args\": [{\"ref\": \"step-%u\"}, 3]},\n"
        "\"plus-one-%u\": {\"op\": \"busy\", \"args\": [%s, {\"ref\": \"times-three-%u\"}]},\n"
        "\"triple-%u\": {\"op\": \"add\", \"args\": [{\"ref\": \"plus-one-%u\"}, 1]},\n"
        "\"step-%u\": {\"op\": \"getitem\", \"args\": [[{\"ref\": \"halve-%u\"}, "
        "{\"ref\": \"triple-%u\"}], {\"ref\": \"is-odd-%u\"}]},\n",
        i, i, i, i, i, i, i, seconds, i, i, i, i + 1, i, i, i);
  append_end (json, output);
  return TRUE;
}

static gboolean
write_tree (GString *json, unsigned size, const char *seconds, GError **error G_GNUC_UNUSED)
{
  unsigned level = 0, n = 1;
  g_autofree char *output = NULL;

  while (n * 2 <= size)
    n *= 2;
  for (unsigned i = 0; i < n; i++)
    g_string_append_printf (json, "\"level0-%u\": {\"op\": \"busy\", \"args\": [%s, %u]},\n", i,
                            seconds, i + 1);
  for (n /= 2; n > 0; n /= 2, level++)
    for (unsigned i = 0; i < n; i++)
      g_string_append_printf (json,
                              "\"level%u-%u\": {\"op\": \"sum\", \"args\": [[{\"ref\": "
                              "\"level%u-%u\"}, {\"ref\": \"level%u-%u\"}, {\"ref\": "
                              "\"pause%u-%u\"}]]},\n\"pause%u-%u\": {\"op\": \"busy\", \"args\": "
                              "[%s, 0], \"after\": [\"level%u-%u\", \"level%u-%u\"]},\n",
                              level + 1, i, level, 2 * i, level, 2 * i + 1, level + 1, i, level + 1,
                              i, seconds, level, 2 * i, level, 2 * i + 1);
  output = g_strdup_printf ("level%u-0", level);
  append_end (json, output);
  return TRUE;
}

static int
compare_paths (const void *a, const void *b)
{
  return g_strcmp0 (*(char *const *) a, *(char *const *) b);
}

static GPtrArray *
text_files (const char *folder, GError **error)
{
  GPtrArray *paths = g_ptr_array_new_with_free_func (g_free);
  GDir *dir = g_dir_open (folder, 0, error);
  const char *name;

  if (dir == NULL)
    {
      g_ptr_array_unref (paths);
      return NULL;
    }
  while ((name = g_dir_read_name (dir)) != NULL)
    if (g_str_has_suffix (name, ".txt"))
      g_ptr_array_add (paths, g_build_filename (folder, name, NULL));
  g_dir_close (dir);
  g_ptr_array_sort (paths, compare_paths);
  return paths;
}

static gboolean
write_words (GString *json, unsigned size G_GNUC_UNUSED, const char *seconds G_GNUC_UNUSED,
             GError **error)
{
  g_autofree char *folder = g_build_filename (weftline_examples_folder (), "text", NULL);
  g_autoptr (GPtrArray) paths = text_files (folder, error);

  if (paths == NULL)
    return FALSE;
  for (unsigned i = 0; i < paths->len; i++)
    {
      g_string_append_printf (json, "\"read-%u\": {\"op\": \"file.read\", \"args\": [", i);
      append_string (json, paths->pdata[i]);
      g_string_append_printf (
          json,
          "]},\n\"count-%u\": {\"op\": \"str.count_words\", \"args\": [{\"ref\": \"read-%u\"}]},\n",
          i, i);
    }
  g_string_append (json, "\"all\": {\"op\": \"record.merge_add\", \"args\": [");
  append_refs (json, "count", 0, paths->len);
  g_string_append (json, "]},\n\"commonest\": {\"op\": \"record.top\", \"args\": [{\"ref\": "
                         "\"all\"}, 10]},\n");
  append_end (json, "commonest");
  return TRUE;
}

/* A square array in size × size blocks, cut by rows, then by columns, then reduced. */
static gboolean
write_rechunk (GString *json, unsigned size, const char *seconds, GError **error G_GNUC_UNUSED)
{
  for (unsigned row = 0; row < size; row++)
    for (unsigned column = 0; column < size; column++)
      g_string_append_printf (
          json,
          "\"block%u-%u\": {\"op\": \"alloc\", \"args\": [2000000, %u], \"group\": \"block\"},\n",
          row, column, (row + column) % 256);
  for (unsigned column = 0; column < size; column++)
    {
      g_string_append_printf (json, "\"rechunk-%u\": {\"op\": \"alloc\", \"args\": [%u, 0", column,
                              2000000 * size);
      for (unsigned row = 0; row < size; row++)
        g_string_append_printf (json, ", {\"ref\": \"block%u-%u\"}", row, column);
      g_string_append_printf (json,
                              "]},\n\"partial-%u\": {\"op\": \"busy\", \"args\": [%s, {\"ref\": "
                              "\"rechunk-%u\"}]},\n\"size-%u\": {\"op\": \"len\", \"args\": "
                              "[{\"ref\": \"partial-%u\"}]},\n",
                              column, seconds, column, column, column);
    }
  g_string_append (json, "\"mean\": {\"op\": \"mean\", \"args\": [[");
  append_refs (json, "size", 0, size);
  g_string_append (json, "]]},\n");
  append_end (json, "mean");
  return TRUE;
}

static gboolean
write_fork_join (GString *json, unsigned size, const char *seconds, GError **error G_GNUC_UNUSED)
{
  const unsigned n_stages = 4;

  g_string_append (json, "\"join-0\": {\"op\": \"const\", \"args\": [1]},\n");
  for (unsigned stage = 1; stage <= n_stages; stage++)
    {
      g_autofree char *name = g_strdup_printf ("stage%u", stage);

      for (unsigned i = 0; i < size; i++)
        g_string_append_printf (
            json, "\"%s-%u\": {\"op\": \"busy\", \"args\": [%s, {\"ref\": \"join-%u\"}]},\n", name,
            i, seconds, stage - 1);
      g_string_append_printf (json, "\"join-%u\": {\"op\": \"sum\", \"args\": [[", stage);
      append_refs (json, name, 0, size);
      g_string_append (json, "]]},\n");
    }
  append_end (json, "join-4");
  return TRUE;
}

/* The program's sources lie in data/examples/build; what is made goes to the cache folder. */
static gboolean
write_build (GString *json, unsigned size G_GNUC_UNUSED, const char *seconds G_GNUC_UNUSED,
             GError **error)
{
  static const char *const units[] = { "main", "shed", "warp" };
  g_autofree char *sources = g_build_filename (weftline_examples_folder (), "build", NULL);
  g_autofree char *made = g_build_filename (g_get_user_cache_dir (), "weftline", "build", NULL);

  if (g_mkdir_with_parents (made, 0700) != 0)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_ACCES, _ ("%s cannot be made"), made);
      return FALSE;
    }
  for (unsigned i = 0; i < G_N_ELEMENTS (units); i++)
    {
      g_autofree char *source = g_strdup_printf ("%s/%s.c", sources, units[i]);

      g_string_append_printf (json,
                              "\"compile-%s\": {\"op\": \"exec\", \"args\": [[\"cc\", \"-O2\", "
                              "\"-c\", ",
                              units[i]);
      append_string (json, source);
      g_string_append_printf (json, ", \"-o\", \"%s.o\"]], \"kwargs\": {\"cwd\": ", units[i]);
      append_string (json, made);
      g_string_append_printf (json, ", \"outputs\": [\"%s.o\"]}},\n", units[i]);
    }
  g_string_append (json, "\"link\": {\"op\": \"exec\", \"args\": [[\"cc\", \"main.o\", \"shed.o\", "
                         "\"warp.o\", \"-o\", \"weave\"]], \"kwargs\": {\"cwd\": ");
  append_string (json, made);
  g_string_append (json, ", \"outputs\": [\"weave\"]}, \"after\": [\"compile-main\", "
                         "\"compile-shed\", \"compile-warp\"]},\n"
                         "\"run\": {\"op\": \"exec\", \"args\": [[\"./weave\"]], \"kwargs\": "
                         "{\"cwd\": ");
  append_string (json, made);
  g_string_append (json, ", \"as\": \"text\"}, \"after\": [\"link\"]},\n");
  append_end (json, "run");
  return TRUE;
}

/* ---- the list -------------------------------------------------------------------------------- */

static const Entry entries[] = {
  { { "increments", N_ ("Two increments and a sum"),
      N_ ("Both increments start at once; the sum waits for the slower one."), NULL, 1, 1, 1, TRUE,
      1 },
    write_increments,
    NULL },
  { { "loop", N_ ("A parallel loop"),
      N_ ("Tasks that know nothing of each other fill all workers; look for idle ends."),
      N_ ("Tasks"), 2, 100000, 64, TRUE, 0.05 },
    write_loop,
    NULL },
  { { "control-flow", N_ ("A loop with control flow"),
      N_ ("Each step needs the one before: one worker is busy, whatever their number."),
      N_ ("Steps"), 1, 10000, 40, TRUE, 0.02 },
    write_control_flow,
    NULL },
  { { "tree", N_ ("A tree reduction"),
      N_ ("Sums are taken in pairs as soon as both halves are there, so few stay in memory."),
      N_ ("Leaves"), 2, 65536, 64, TRUE, 0.03 },
    write_tree,
    NULL },
  { { "words", N_ ("Word count over text files"),
      N_ ("Each file is read and counted by itself; the counts meet in one task."), NULL, 1, 1, 1,
      FALSE, 0 },
    write_words,
    NULL },
  { { "rechunk", N_ ("The mean of an array, cut anew"),
      N_ ("Every column needs a block of each row: memory grows until the first is complete."),
      N_ ("Blocks a side"), 2, 40, 8, TRUE, 0.05 },
    write_rechunk,
    NULL },
  { { "fork-join", N_ ("Fork and join"),
      N_ ("At each join all workers wait for the slowest task of the stage."), N_ ("Tasks a stage"),
      1, 10000, 12, TRUE, 0.08 },
    write_fork_join,
    NULL },
  { { "build", N_ ("A build of a small C program"),
      N_ ("Programs are started: compilers side by side, then the linker, then what they made."),
      NULL, 1, 1, 1, FALSE, 0 },
    write_build,
    NULL },
  { { "workflow", N_ ("A recorded workflow"),
      N_ ("Tasks take the time and the memory that was recorded of the real programs."), NULL, 1, 1,
      1, FALSE, 0 },
    NULL,
    "workflows/mosaic.json" },
};

unsigned
weftline_examples_n (void)
{
  return G_N_ELEMENTS (entries);
}

void
weftline_examples_get (unsigned index, WeftlineExample *example)
{
  *example = entries[index].about;
  example->title = _ (example->title);
  example->watch = _ (example->watch);
  if (example->size_label != NULL)
    example->size_label = _ (example->size_label);
}

static const Entry *
find_entry (const char *id)
{
  for (unsigned i = 0; i < G_N_ELEMENTS (entries); i++)
    if (g_str_equal (entries[i].about.id, id))
      return &entries[i];
  return NULL;
}

gboolean
weftline_examples_find (const char *id, WeftlineExample *example)
{
  const Entry *entry = find_entry (id);

  if (entry != NULL)
    weftline_examples_get ((unsigned) (entry - entries), example);
  return entry != NULL;
}

static WeftlinePlan *
plan_of_text (const Entry *entry, const GString *json, GError **error)
{
  WeftGraph *graph = weft_graph_read_bytes (json->str, json->len, entry->about.id,
                                            WEFT_GRAPH_FORMAT_NATIVE, error);
  WeftlinePlan *plan;

  if (graph == NULL)
    return NULL;
  plan = weftline_plan_new_for_graph (graph, error);
  weft_graph_unref (graph);
  return plan;
}

char *
weftline_examples_dup_missing_text (const char *id)
{
  GString *names = g_string_new (NULL);
  char *text;

  for (unsigned i = 0; i < G_N_ELEMENTS (entries); i++)
    g_string_append_printf (names, "%s%s", i > 0 ? ", " : "", entries[i].about.id);
  /* Translators: a name that was given, and all those that can be */
  text = g_strdup_printf (_ ("There is no example “%s”; there are %s"), id, names->str);
  g_string_free (names, TRUE);
  return text;
}

WeftlinePlan *
weftline_examples_make (const char *id, unsigned size, double duration, GError **error)
{
  const Entry *entry = find_entry (id);
  g_autoptr (GString) json = g_string_new ("{\"weftline\": 1, \"name\": ");
  char seconds[G_ASCII_DTOSTR_BUF_SIZE];

  if (entry == NULL)
    {
      g_autofree char *text = weftline_examples_dup_missing_text (id);

      g_set_error_literal (error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, text);
      return NULL;
    }
  if (entry->file != NULL)
    {
      g_autofree char *path = g_build_filename (weftline_examples_folder (), entry->file, NULL);

      return weftline_plan_new_for_file (path, error);
    }
  size = size == 0 ? entry->about.size : CLAMP (size, entry->about.min_size, entry->about.max_size);
  g_ascii_formatd (seconds, sizeof seconds, "%.6f",
                   duration < 0 ? entry->about.duration : MIN (duration, 60));
  append_string (json, _ (entry->about.title));
  g_string_append (json, ", \"metadata\": {\"about\": ");
  append_string (json, _ (entry->about.watch));
  g_string_append (json, "},\n\"tasks\": {\n");
  return entry->write (json, size, seconds, error) ? plan_of_text (entry, json, error) : NULL;
}
