/* weftline-command.c: see the header
 *
 * SPDX-License-Identifier: BSD-3-Clause
 */
#include "config.h"

#include "session/weftline-command.h"

#include <glib/gi18n.h>
#include <signal.h>
#include <sys/prctl.h>

/* Seen from this program's folder: installed, and in the build. */
static const char *const places[] = { "weftline", "../src/cli/weftline", "../../src/cli/weftline" };

char *
weftline_command_find (GError **error)
{
  g_autofree char *self = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = g_path_get_dirname (self != NULL ? self : ".");
  char *found;

  for (unsigned i = 0; i < G_N_ELEMENTS (places); i++)
    {
      g_autofree char *path = g_build_filename (folder, places[i], NULL);

      if (g_file_test (path, G_FILE_TEST_IS_EXECUTABLE))
        return g_steal_pointer (&path);
    }
  found = g_find_program_in_path ("weftline");
  if (found == NULL)
    g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOENT, _ ("%s is not installed"), "weftline");
  return found;
}

/* In the child, before it is another program. */
static void
set_up_cb (void *data G_GNUC_UNUSED)
{
  prctl (PR_SET_PDEATHSIG, SIGTERM);
}

void
weftline_command_bind (GSubprocessLauncher *launcher)
{
  g_subprocess_launcher_set_child_setup (launcher, set_up_cb, NULL, NULL);
}
