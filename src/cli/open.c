/* open.c: `weftline open`: files in the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The window is a program of its own, so that this one needs no display.
 */
#include "cli/weft-cli-private.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define WINDOW_PROGRAM "weftline-gui"
#define WINDOW_BUILD_PLACE "../../ui"

/* What the window could only say where nobody may be looking. Addresses are left to it. */
static bool
is_there (const char *file)
{
  g_autofree char *scheme = g_uri_parse_scheme (file);
  struct stat info;

  if (scheme != NULL
      || (access (file, R_OK) == 0 && stat (file, &info) == 0 && !S_ISDIR (info.st_mode)))
    return true;
  if (access (file, R_OK) != 0)
    _weft_cli_say ("open: %s: %s", file, g_strerror (errno));
  else
    _weft_cli_say ("open: %s: this is a folder, expected a graph or a run file", file);
  return false;
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
  program = _weft_cli_find_program (WINDOW_PROGRAM, WINDOW_BUILD_PLACE);
  if (program == NULL)
    {
      _weft_cli_say ("open: %s is neither installed nor built; `ninja weftline-programs` in the "
                     "build's folder builds it",
                     WINDOW_PROGRAM);
      return WEFT_EXIT_SYSTEM;
    }
  g_ptr_array_add (arguments, program);
  g_ptr_array_add (arguments, (void *) "--");
  for (int i = 0; i < argc; i++)
    if (ended || strcmp (argv[i], "--") != 0)
      g_ptr_array_add (arguments, argv[i]);
    else
      ended = true; /* left there by the parser; there is one already */
  for (guint i = 2; i < arguments->len; i++)
    if (!is_there (g_ptr_array_index (arguments, i)))
      return WEFT_EXIT_INPUT;
  g_ptr_array_add (arguments, NULL);
  execv (program, (char **) arguments->pdata);
  _weft_cli_say ("open: %s: %s", program, g_strerror (errno));
  return WEFT_EXIT_SYSTEM;
}
