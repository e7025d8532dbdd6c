/* find-program.c: the other programs of this one's installation, or build
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "cli/weft-cli-private.h"

#ifndef WEFTLINE_PROGRAMS_DIR
#error "the build says where programs are that others start"
#endif

/* Seen from the folder this program is in: beside it, where an installation has it, where a build
 * has it. */
static const char *const places[] = { ".", WEFTLINE_PROGRAMS_DIR, "../../ui" };

char *
_weft_cli_find_program (const char *name)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : g_strdup (".");

  for (size_t i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *place = g_canonicalize_filename (places[i], folder);
      g_autofree char *path = g_build_filename (place, name, NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  return g_find_program_in_path (name);
}
