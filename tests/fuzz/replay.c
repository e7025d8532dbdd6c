/* replay.c: runs a fuzz target over the files of its corpus, with any compiler
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * Usage: replay-TARGET FOLDER. Prints TAP, a test for each file, after one with no bytes at all.
 */
#include "config.h"

#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput (const guint8 *data, gsize n_bytes);

static void
replay (guint number, const char *name, const guint8 *data, gsize n_bytes)
{
  LLVMFuzzerTestOneInput (data, n_bytes);
  printf ("ok %u %s\n", number, name);
  fflush (stdout);
}

/* Copied to an allocation of its exact size, so that the address sanitizer sees reads past it. */
static void
replay_file (guint number, const char *folder, const char *name)
{
  g_autofree char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GError) error = NULL;
  g_autofree char *content = NULL;
  g_autofree guint8 *exact = NULL;
  gsize n_bytes;

  if (!g_file_get_contents (path, &content, &n_bytes, &error))
    g_error ("%s", error->message);
  exact = g_memdup2 (content, n_bytes);
  replay (number, name, exact, n_bytes);
}

static gint
compare_names (gconstpointer a, gconstpointer b)
{
  return g_strcmp0 (*(const char *const *) a, *(const char *const *) b);
}

int
main (int argc, char *argv[])
{
  g_autoptr (GPtrArray) names = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GDir) dir = NULL;
  const guint8 nothing = 0;
  const char *name;

  if (argc != 2)
    return EXIT_FAILURE;
  dir = g_dir_open (argv[1], 0, NULL);
  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    g_ptr_array_add (names, g_strdup (name));
  g_ptr_array_sort (names, compare_names);

  printf ("1..%u\n", names->len + 1);
  replay (1, "(nothing)", &nothing, 0);
  for (guint i = 0; i < names->len; i++)
    replay_file (i + 2, argv[1], g_ptr_array_index (names, i));
  return EXIT_SUCCESS;
}
