/* main.c: `weftline-eventstream ADDRESS`: shows what a Dask cluster computes, without Python
 *
 * SPDX-License-Identifier: BSD-3-Clause
 *
 * `weftline attach http://…` starts it. It is a program of its own, so that the command need not
 * load what speaks HTTP whenever it starts.
 */
#include "config.h"

#include "attach/weft-attach-private.h"

#include <glib.h>
#include <locale.h>
#include <stdarg.h>
#include <stdio.h>

void
_weft_attach_say (const char *format, ...)
{
  g_autofree char *text = NULL;
  va_list args;

  va_start (args, format);
  text = g_strdup_vprintf (format, args);
  va_end (args);
  fprintf (stderr, "weftline: %s\n", text);
}

int
main (int argc, char **argv)
{
  setlocale (LC_ALL, "");
  setlocale (LC_NUMERIC, "C");
  g_set_prgname ("weftline-eventstream");
  if (argc == 2 && argv[1][0] != '-')
    return _weft_attach_watch (argv[1]);
  fputs ("Usage: weftline-eventstream http://HOST:PORT\n"
         "Started by weftline attach, whose help says more.\n",
         stderr);
  return WEFT_ATTACH_INPUT;
}
