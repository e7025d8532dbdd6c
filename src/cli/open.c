/* open.c: `weftline open`: files in the window
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * The window is a program of its own, so that this one needs no display.
 */
#include "cli/weft-cli-private.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define WINDOW_PROGRAM "weftline-gui"

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
  program = _weft_cli_find_program (WINDOW_PROGRAM, NULL);
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
