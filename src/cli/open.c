/* open.c: `weftline open`: files in the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The window is a program of its own, so that this one needs no display. The one beside this
 * program is taken before any other.
 */
#include "cli/weft-cli-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WINDOW_PROGRAM "weftline-gui"

/* (transfer full) (nullable) */
static char *
find_window (void)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = self != NULL ? g_path_get_dirname (self) : g_strdup (".");
  g_autofree char *beside = g_build_filename (folder, WINDOW_PROGRAM, NULL);

  if (g_file_test (beside, G_FILE_TEST_IS_EXECUTABLE))
    return g_steal_pointer (&beside);
  return g_find_program_in_path (WINDOW_PROGRAM);
}

int
_weft_cli_open (int argc, char **argv)
{
  const GOptionEntry entries[] = { { NULL } };
  g_autofree char *program = NULL;
  g_autoptr (GPtrArray) arguments = g_ptr_array_new ();
  bool ended = false;
  int status;

  if (!_weft_cli_parse ("open", "[FILE…]",
                        "Opens graphs and runs in the window. Nothing runs by being opened.", NULL,
                        entries, &argc, &argv, &status))
    return status;
  program = find_window ();
  if (program == NULL)
    {
      _weft_cli_say ("open: %s is not installed", WINDOW_PROGRAM);
      return WEFT_EXIT_SYSTEM;
    }
  g_ptr_array_add (arguments, program);
  g_ptr_array_add (arguments, (void *) "--");
  for (int i = 0; i < argc; i++)
    if (ended || strcmp (argv[i], "--") != 0)
      g_ptr_array_add (arguments, argv[i]);
    else
      ended = true; /* left there by the parser; there is one already */
  g_ptr_array_add (arguments, NULL);
  execv (program, (char **) arguments->pdata);
  _weft_cli_say ("open: %s: %s", program, g_strerror (errno));
  return WEFT_EXIT_SYSTEM;
}
