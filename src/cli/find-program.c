/* find-program.c: the other programs of this one's installation, or build
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#ifndef WEFTLINE_PROGRAMS_DIR
#error "the build says where programs are that others start"
#endif

/* Seen from the folder this program is in: beside it, and where an installation has it. */
static const char *const places[] = { ".", WEFTLINE_PROGRAMS_DIR };

/* (transfer full) (nullable) */
static char *
find_at (const char *folder, const char *place, const char *name)
{
  g_autofree char *there = g_canonicalize_filename (place, folder);
  g_autofree char *path = g_build_filename (there, name, NULL);

  return g_file_test (path, G_FILE_TEST_IS_EXECUTABLE) ? g_steal_pointer (&path) : NULL;
}

char *
_weft_cli_program_folder (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);

  return self != NULL ? g_path_get_dirname (self) : g_strdup (".");
}

char *
_weft_cli_find_program (const char *name, const char *build_place)
{
  g_autofree char *folder = _weft_cli_program_folder ();
  char *found = NULL;

  for (size_t i = 0; i < G_N_ELEMENTS (places) && found == NULL; i++)
    found = find_at (folder, places[i], name);
  if (found == NULL)
    found = g_find_program_in_path (name);
  if (found == NULL && build_place != NULL)
    found = find_at (folder, build_place, name);
  return found;
}
